"""edition.yaml: the facts of one year."""

from datetime import time
from typing import Any, Literal

from django.conf import settings
from pydantic import Field, ValidationInfo, field_validator

from apps.imports.folders.values import (
    Clock,
    Day,
    Entry,
    Line,
    Lines,
    MailAddress,
    RequiredLine,
    Slug,
    Text,
    WebAddress,
    WholeNumber,
    YesNo,
)


class DeadlineEntry(Entry):
    """A promise with a moment."""

    title: RequiredLine = Field(description="What is due; each deadline has its own title.")
    due_on: Day = Field(description="The day.")
    due_time: Clock = Field(default=time(23, 59), description="The clock time on that day.")
    is_anywhere_on_earth: YesNo = Field(
        default=False, description="Whether the day lasts until it is over everywhere (UTC−12)."
    )
    extended_from_on: Day | None = Field(
        default=None, description="The earlier day it was extended from, shown struck through."
    )

    def values(self) -> dict[str, Any]:
        """All but the title, which is its key."""
        return self.model_dump(exclude={"title"})


class CallEntry(Entry):
    """What is asked of students, and from when to when."""

    text: Text = Field(
        default="", description="Who may apply, what is offered, what happens next, in Markdown."
    )
    opens_on: Day | None = Field(default=None, description="The day the form opens.")
    opens_time: Clock = Field(default=time(9, 0), description="The clock time on that day.")
    closes_on: Day | None = Field(default=None, description="The day the form closes.")
    closes_time: Clock = Field(default=time(23, 59), description="The clock time on that day.")
    is_anywhere_on_earth: YesNo = Field(
        default=False, description="Whether it stays open until that is past everywhere (UTC−12)."
    )
    edits_close_on: Day | None = Field(
        default=None, description="The last day for corrections; that of closing if left out."
    )
    decisions_on: Day | None = Field(
        default=None, description="The day by which students are told."
    )
    offers_talks: YesNo = Field(default=True, description="Whether lightning talks are offered.")
    offers_posters: YesNo = Field(default=True, description="Whether posters are offered.")
    talk_minutes: WholeNumber = Field(default=3, description="The minutes of a lightning talk.")
    poster_size: Line = Field(default="", description="The size of a poster, such as A0 portrait.")
    abstract_words: WholeNumber = Field(default=250, description="The most words of an abstract.")
    asks_career_stage: YesNo = Field(
        default=True, description="Whether the form asks for the career stage."
    )
    asks_supervisor: YesNo = Field(
        default=False, description="Whether the form asks for the supervisor."
    )
    asks_school: YesNo = Field(
        default=False, description="Whether the form asks for the school or lab."
    )
    asks_link: YesNo = Field(default=False, description="Whether the form asks for a link.")
    notice: Literal["each", "daily", "none"] = Field(
        default="each",
        description="What organisers are sent: each (a letter for each), daily, or none.",
    )
    sends_receipt: YesNo = Field(default=True, description="Whether students are sent a receipt.")
    reply_days: WholeNumber = Field(
        default=10, description="The days a student has to reply to an offer."
    )
    sends_reminders: YesNo = Field(
        default=True, description="Whether those who do not reply to an offer are reminded."
    )
    remind_days: WholeNumber = Field(
        default=3, description="How many days before the reply is due they are reminded."
    )
    talk_places: WholeNumber | None = Field(
        default=None, description="How many lightning talks there is room for."
    )
    poster_places: WholeNumber | None = Field(
        default=None, description="How many posters there is room for."
    )
    is_review_anonymous: YesNo = Field(
        default=False, description="Whether reviewers see neither names nor universities."
    )


class QuestionEntry(Entry):
    """One of the organisers' own questions."""

    words: RequiredLine = Field(description="The question; each has its own words.")
    help_words: Line = Field(default="", description="A hint below the question.")
    kind: Literal["text", "long_text", "choice", "yes_no"] = Field(
        default="text",
        description="text (a line), long_text (several lines), choice (one of several answers) "
        "or yes_no.",
    )
    choices: Lines = Field(
        default=[],
        validate_default=True,
        description="The answers to choose from, just when kind says choice.",
    )
    is_required: YesNo = Field(default=False, description="Whether it must be answered.")
    asked_at: Literal["submission", "acceptance"] = Field(
        default="submission",
        description="submission (with the form) or acceptance (when an offer is confirmed).",
    )

    @field_validator("choices")
    @classmethod
    def _goes_with_kind(cls, value: list[str], info: ValidationInfo) -> list[str]:
        kind = info.data.get("kind")
        if kind == "choice" and not value:
            raise ValueError("the answers to choose from are missing")
        if value and kind is not None and kind != "choice":
            raise ValueError("there are answers to choose from, so “kind” must say choice")
        return value

    def values(self) -> dict[str, Any]:
        """All but the words, which are its key; the answers one a line, as the row keeps them."""
        return self.model_dump(exclude={"words"}) | {"choices": "\n".join(self.choices)}


class EditionEntry(Entry):
    """One year of the workshop. What is not known is left out."""

    slug: Slug = Field(description="The address, usually the year; never changed afterwards.")
    year: WholeNumber = Field(description="The year, which orders the editions.")
    title: RequiredLine = Field(description="The large words at the top of the home page.")
    short_name: Line = Field(default="", description="What the header says; the title if left out.")
    summary: Line = Field(default="", description="One sentence for search engines.")
    state: Literal["draft", "published", "archived"] = Field(
        default="draft",
        description="draft (only organisers see it), published, or archived (a past edition).",
    )
    is_current: YesNo = Field(
        default=False, description="Whether it is the site's home page; one edition is."
    )
    is_cancelled: YesNo = Field(
        default=False, description="Whether every page says that it is cancelled."
    )
    hue: WholeNumber = Field(
        default=205, description="The year's colour: an angle from 0 to 355 in steps of 5."
    )
    starts_on: Day | None = Field(default=None, description="The first day.")
    ends_on: Day | None = Field(default=None, description="The last day, if there are several.")
    date_note: Line = Field(
        default="", description="What is known of the date while it is not settled."
    )
    time_zone: Line = Field(
        default_factory=lambda: settings.TIME_ZONE,
        description="Where its clocks run, such as Europe/London; the site's own if left out.",
    )
    venue: Line = Field(default="", description="Building and city.")
    venue_address: Text = Field(default="", description="The street address.")
    venue_map_url: WebAddress = Field(default="", description="A link to a map.")
    venue_access: Text = Field(default="", description="Getting there and access, in Markdown.")
    contact_email: MailAddress = Field(default="", description="The address in every footer.")
    registration_url: WebAddress = Field(default="", description="A link to registration.")
    registration_closes_on: Day | None = Field(
        default=None, description="The last day of registration."
    )
    parent_event_name: Line = Field(
        default="", description="The conference it belongs to, if there is one."
    )
    parent_event_url: WebAddress = Field(default="", description="A link to that conference.")
    code_of_conduct: Text = Field(
        default="", description="The code of conduct in Markdown; it gets its own page."
    )
    deadlines: list[DeadlineEntry] = Field(default=[], description="What is due when; see below.")
    call: CallEntry | None = Field(
        default=None, description="The call for expressions of interest; see below."
    )
    questions: list[QuestionEntry] = Field(
        default=[], description="The organisers' own questions to students; see below."
    )

    def values(self) -> dict[str, Any]:
        """Without the deadlines, the call and the questions, which are rows of their own."""
        return self.model_dump(exclude={"slug", "deadlines", "call", "questions"})
