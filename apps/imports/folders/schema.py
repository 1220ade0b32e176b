"""The format of a content folder: every entry of every file, with the row that it becomes.

docs/content-folder.md is tested against these fields and their descriptions.
"""

from datetime import time
from typing import Any, ClassVar, Literal, Self

from django.conf import settings
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from apps.imports.folders.values import (
    Clock,
    Day,
    Focus,
    Line,
    Lines,
    MailAddress,
    PdfName,
    PictureName,
    RequiredLine,
    RequiredText,
    Slug,
    Text,
    WebAddress,
    WholeNumber,
    YesNo,
    clipped,
)
from apps.pages.models import Section


def needed(description: str) -> Any:
    """A field that every entry must have."""
    return Field(description=description)


def optional(description: str, default: Any = None, *, is_checked: bool = False) -> Any:
    """A field that may be left out; `is_checked` runs its validators on the default, too."""
    return Field(default=default, description=description, validate_default=is_checked or None)


class Entry(BaseModel):
    """An entry of a file. Unknown keys are refused, and nothing changes once read.

    `not_columns` are fields that the entry's own row does not hold: its key, and rows of other
    tables. `columns` maps a field to its column where the names differ, and `files` a field that
    names a file to the folder of that file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_columns: ClassVar[frozenset[str]] = frozenset({"slug"})
    columns: ClassVar[dict[str, str]] = {}
    files: ClassVar[dict[str, str]] = {}

    def row_values(self) -> dict[str, Any]:
        """Return the row's values by column; lists are one item a line."""
        names = [
            name
            for name in type(self).model_fields
            if name not in self.not_columns and name not in self.files
        ]
        values = {self.columns.get(name, name): getattr(self, name) for name in names}
        return {
            column: "\n".join(value) if isinstance(value, list) else value
            for column, value in values.items()
        }

    def file_names(self) -> dict[str, str]:
        """Return the path within the folder of each file, by the field that names it."""
        names = {field: getattr(self, field) for field in self.files}
        return {field: f"{self.files[field]}/{name}" for field, name in names.items() if name}


# edition.yaml


class DeadlineEntry(Entry):
    """A promise with a moment."""

    not_columns = frozenset({"title"})

    title: RequiredLine = needed("What is due; each deadline has its own title.")
    due_on: Day = needed("The day.")
    due_time: Clock = optional("The clock time on that day.", time(23, 59))
    is_anywhere_on_earth: YesNo = optional(
        "Whether the day lasts until it is over everywhere (UTC−12).", False
    )
    extended_from_on: Day | None = optional(
        "The earlier day it was extended from, shown struck through."
    )


class CallEntry(Entry):
    """The call for expressions of interest: its dates, and what its form asks."""

    text: Text = optional("Who may apply, what is offered, what happens next, in Markdown.", "")
    opens_on: Day | None = optional("The day the form opens.")
    opens_time: Clock = optional("The clock time on that day.", time(9, 0))
    closes_on: Day | None = optional("The day the form closes.")
    closes_time: Clock = optional("The clock time on that day.", time(23, 59))
    is_anywhere_on_earth: YesNo = optional(
        "Whether it stays open until that is past everywhere (UTC−12).", False
    )
    edits_close_on: Day | None = optional(
        "The last day for corrections; that of closing if left out."
    )
    decisions_on: Day | None = optional("The day by which students are told.")
    offers_talks: YesNo = optional("Whether lightning talks are offered.", True)
    offers_posters: YesNo = optional("Whether posters are offered.", True)
    talk_minutes: WholeNumber = optional("The minutes of a lightning talk.", 3)
    poster_size: Line = optional("The size of a poster, such as A0 portrait.", "")
    abstract_words: WholeNumber = optional("The most words of an abstract.", 250)
    asks_career_stage: YesNo = optional("Whether the form asks for the career stage.", True)
    asks_supervisor: YesNo = optional("Whether the form asks for the supervisor.", False)
    asks_school: YesNo = optional("Whether the form asks for the school or lab.", False)
    asks_link: YesNo = optional("Whether the form asks for a link.", False)
    notice: Literal["each", "daily", "none"] = optional(
        "What organisers are sent: each (a letter for each), daily, or none.", "each"
    )
    sends_receipt: YesNo = optional("Whether students are sent a receipt.", True)
    reply_days: WholeNumber = optional("The days a student has to reply to an offer.", 10)
    sends_reminders: YesNo = optional(
        "Whether those who do not reply to an offer are reminded.", True
    )
    remind_days: WholeNumber = optional(
        "How many days before the reply is due they are reminded.", 3
    )
    talk_places: WholeNumber | None = optional("How many lightning talks there is room for.")
    poster_places: WholeNumber | None = optional("How many posters there is room for.")
    is_review_anonymous: YesNo = optional(
        "Whether reviewers see neither names nor universities.", False
    )


class QuestionEntry(Entry):
    """One of the organisers' own questions."""

    not_columns = frozenset({"words"})

    words: RequiredLine = needed("The question; each has its own words.")
    help_words: Line = optional("A hint below the question.", "")
    kind: Literal["text", "long_text", "choice", "yes_no"] = optional(
        "text (a line), long_text (several lines), choice (one of several answers) or yes_no.",
        "text",
    )
    choices: Lines = optional(
        "The answers to choose from, just when kind says choice.", [], is_checked=True
    )
    is_required: YesNo = optional("Whether it must be answered.", False)
    asked_at: Literal["submission", "acceptance"] = optional(
        "submission (with the form) or acceptance (when an offer is confirmed).", "submission"
    )

    @field_validator("choices")
    @classmethod
    def _check_kind(cls, value: list[str], info: ValidationInfo) -> list[str]:
        kind = info.data.get("kind")
        if kind == "choice" and not value:
            raise ValueError("the answers to choose from are missing")
        if value and kind is not None and kind != "choice":
            raise ValueError("there are answers to choose from, so “kind” must say choice")
        return value


class EditionEntry(Entry):
    """One year of the workshop."""

    not_columns = frozenset({"slug", "deadlines", "call", "questions"})

    slug: Slug = needed("The address, usually the year; never changed afterwards.")
    year: WholeNumber = needed("The year, which orders the editions.")
    title: RequiredLine = needed("The large words at the top of the home page.")
    short_name: Line = optional("What the header says; the title if left out.", "")
    summary: Line = optional("One sentence for search engines.", "")
    state: Literal["draft", "published", "archived"] = optional(
        "draft (only organisers see it), published, or archived (a past edition).", "draft"
    )
    is_current: YesNo = optional("Whether it is the site's home page; one edition is.", False)
    is_cancelled: YesNo = optional("Whether every page says that it is cancelled.", False)
    hue: WholeNumber = optional("The year's colour: an angle from 0 to 355 in steps of 5.", 205)
    starts_on: Day | None = optional("The first day.")
    ends_on: Day | None = optional("The last day, if there are several.")
    date_note: Line = optional("What is known of the date while it is not settled.", "")
    time_zone: Line = Field(
        default_factory=lambda: settings.TIME_ZONE,
        description="Where its clocks run, such as Europe/London; the site's own if left out.",
    )
    venue: Line = optional("Building and city.", "")
    venue_address: Text = optional("The street address.", "")
    venue_map_url: WebAddress = optional("A link to a map.", "")
    venue_access: Text = optional("Getting there and access, in Markdown.", "")
    contact_email: MailAddress = optional("The address in every footer.", "")
    registration_url: WebAddress = optional("A link to registration.", "")
    registration_closes_on: Day | None = optional("The last day of registration.")
    parent_event_name: Line = optional("The conference it belongs to, if there is one.", "")
    parent_event_url: WebAddress = optional("A link to that conference.", "")
    code_of_conduct: Text = optional("The code of conduct in Markdown; it gets its own page.", "")
    deadlines: list[DeadlineEntry] = optional("What is due when; see below.", [])
    call: CallEntry | None = optional("The call for expressions of interest; see below.")
    questions: list[QuestionEntry] = optional(
        "The organisers' own questions to students; see below.", []
    )


# people.yaml, groups.yaml


class PersonEntry(Entry):
    """A human, shared by all editions: fields that are left out keep their values."""

    not_columns = frozenset()
    columns = {"focus": "photo_focus"}
    files = {"photo": "photos"}

    name: RequiredLine = needed("The name as they write it themselves.")
    link: WebAddress = optional("Their own page.", "")
    affiliation: Lines = optional("Where they work: a text, or a list with one line each.", [])
    bio: Text = optional("A biography in Markdown.", "")
    photo: PictureName | None = optional("The name of a JPEG, PNG or WebP file in photos/.")
    focus: Focus = optional(
        "The middle of the face: how far across and down, from 0 to 1, as in 0.5x0.4.",
        "0.5x0.5",
    )

    def row_values(self) -> dict[str, Any]:
        given = {self.columns.get(name, name) for name in self.model_fields_set}
        return {name: value for name, value in super().row_values().items() if name in given}


class MemberEntry(Entry):
    """A person's place in a group."""

    not_columns = frozenset({"person"})

    person: Slug = needed("The person's slug in people.yaml.")
    affiliation: Lines = optional(
        "Where they worked that year, if it differs from people.yaml.", []
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_slug(cls, value: Any) -> Any:
        return {"person": value} if isinstance(value, str) else value


class GroupEntry(Entry):
    """People under one heading."""

    not_columns = frozenset({"slug", "members"})

    slug: Slug = needed("The anchor on the people page; never changed afterwards.")
    heading: RequiredLine = needed("What stands above them.")
    members: list[MemberEntry] = optional(
        "Who is in it, in order: a person's slug, or a person with an affiliation.", []
    )


# topics.yaml, sections/*.md, pages/*.md, news.yaml


class TopicEntry(Entry):
    """A topic of the workshop."""

    slug: Slug = needed("The anchor on the topics page; never changed afterwards.")
    heading: RequiredLine = needed("What it is called.")
    description: Text = optional("What is meant by it, in Markdown.", "")


class SectionEntry(Entry):
    """The front matter of a part of the home page; its text follows below."""

    slug: Slug = needed("The anchor on the home page; never changed afterwards.")
    heading: Line = optional("What stands above it; a group's own heading if left out.", "")
    shows: Line = optional(
        "The list below the text: topics, group, programme, speakers, posters, deadlines, venue, "
        "awards, sponsors, news or past_editions.",
        "",
    )
    group: Slug | None = optional(
        "The slug of the group in groups.yaml, just when shows says group.", is_checked=True
    )
    is_shown: YesNo = optional("Whether visitors see it.", True)

    @field_validator("shows")
    @classmethod
    def _check_list(cls, value: str) -> str:
        choices = [choice for choice in Section.Shows.values if choice]
        if value and value not in choices:
            raise ValueError(f"“{clipped(value)}” is not one of {', '.join(choices)}")
        return value

    @field_validator("group")
    @classmethod
    def _check_shows(cls, value: str | None, info: ValidationInfo) -> str | None:
        shows = info.data.get("shows")
        if shows == "group" and not value:
            raise ValueError("the section shows a group, so it must say which")
        if value and shows is not None and shows != "group":
            raise ValueError("a group is named, so there must be a line “shows: group”")
        return value


class PageEntry(Entry):
    """The front matter of a free page; its text follows below."""

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    title: RequiredLine = needed("What stands above it.")
    is_in_navigation: YesNo = optional(
        "Whether the header links to it; otherwise the footer does.", False
    )
    is_published: YesNo = optional("Whether visitors see it.", False)


class NewsEntry(Entry):
    """An announcement. Its moment is by the edition's clock."""

    not_columns = frozenset({"slug", "date", "time"})

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    title: Line = optional("Its headline, if it has one.", "")
    body: RequiredText = needed("What it says, in Markdown.")
    date: Day | None = optional(
        "The day it was announced, if known; one to come hides it until then."
    )
    time: Clock = optional("The clock time on that day.", time(0))
    is_published: YesNo = optional("Whether visitors see it.", True)


# programme.yaml


class NamedEntry(Entry):
    """A person of people.yaml, or a bare name."""

    not_columns = frozenset({"person", "name"})

    person: Slug | None = optional("The person's slug in people.yaml.")
    name: Line = optional("A bare name, for someone not in people.yaml.", "")

    @model_validator(mode="after")
    def _check_one_of_two(self) -> Self:
        if bool(self.person) == bool(self.name):
            raise ValueError("write either “person” (a slug of people.yaml) or “name”")
        return self


class ChairEntry(NamedEntry):
    """A chair of a session."""

    affiliation: Lines = optional("Where they work; that of people.yaml if left out.", [])


class ContributorEntry(ChairEntry):
    """A speaker or author of a contribution."""

    role: Literal["speaker", "panellist", "moderator", "author"] = optional(
        "speaker, panellist, moderator or author.", "speaker"
    )
    is_equal_contribution: YesNo = optional(
        "Whether a mark says that they contributed equally.", False
    )
    is_corresponding: YesNo = optional("Whether a mark says that they answer letters.", False)


class TimedEntry(Entry):
    """An entry with an address, and with a beginning and an end as far as these are known."""

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    starts_at: Clock | None = optional("The clock time it begins.")
    ends_at: Clock | None = optional("The clock time it ends.")
    minutes: WholeNumber | None = optional(
        "How long it lasts, instead of its end; it may pass midnight."
    )

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError(
                f"this must end after it begins: {self.ends_at:%H:%M} is not after "
                f"{self.starts_at:%H:%M}. If it passes midnight, write “minutes” instead"
            )
        if self.ends_at and self.minutes is not None:
            raise ValueError("write either “ends_at” or “minutes”")
        if self.ends_at and not self.starts_at:
            raise ValueError("there is an end, so there must be a line “starts_at”")
        return self

    @property
    def clock_minutes(self) -> int | None:
        """How long it lasts by the clock."""
        if self.starts_at and self.ends_at:
            return _minute_of_day(self.ends_at) - _minute_of_day(self.starts_at)
        return self.minutes


class ContributionEntry(TimedEntry):
    """A contribution to a session."""

    not_columns = frozenset(
        {"slug", "starts_at", "ends_at", "minutes", "board", "contributors", "topics"}
    )
    columns = {
        name: f"{name}_url"
        for name in ("slides", "video", "paper", "arxiv", "code", "poster", "more")
    }
    files = {"slides_file": "slides"}

    kind: Literal[
        "keynote",
        "invited",
        "contributed",
        "lightning",
        "poster",
        "paper",
        "panel",
        "demo",
        "tutorial",
    ] = optional(
        "keynote, invited, contributed, lightning, poster, paper, panel, demo or tutorial.",
        "invited",
    )
    title: Line = optional("Its title, once it is known.", "")
    abstract: Text = optional("What it is about, in Markdown.", "")
    is_remote: YesNo = optional("Whether it is given remotely.", False)
    is_published: YesNo = optional("Whether visitors see it.", True)
    board: Line = optional("The number of its poster board.", "")
    contributors: list[ContributorEntry] = optional("Who gives it, in order.", [])
    topics: list[Slug] = optional("The slugs of its topics in topics.yaml.", [])
    slides_file: PdfName | None = optional("The name of a PDF file in slides/, of at most 50 MB.")
    slides: WebAddress = optional("A link to the slides.", "")
    video: WebAddress = optional("A link to the recording.", "")
    paper: WebAddress = optional("A link to the paper.", "")
    arxiv: WebAddress = optional("A link to arXiv.", "")
    code: WebAddress = optional("A link to the code.", "")
    poster: WebAddress = optional("A link to the poster.", "")
    more: WebAddress = optional("A link to more, such as its authors' page.", "")


class SessionEntry(TimedEntry):
    """A stretch of the day."""

    not_columns = frozenset({"slug", "ends_at", "chairs", "contributions", "repeats"})

    kind: Literal[
        "keynote", "talks", "panel", "lightning", "posters", "break", "lunch", "social", "other"
    ] = needed("keynote, talks, panel, lightning, posters, break, lunch, social or other.")
    title: Line = optional("What it is called.", "")
    day: WholeNumber = optional("The day; 1 is the edition's first.", 1)
    room: Line = optional("The name of the room it is in.", "")
    description: Text = optional("What it is about, in Markdown.", "")
    has_shifts: YesNo = optional(
        "Whether posters on odd boards are attended in the first half, even ones in the second.",
        False,
    )
    chairs: list[ChairEntry] = optional("Who leads it, in order.", [])
    contributions: list[ContributionEntry] = optional("What is said or shown, in order.", [])
    repeats: list[Slug] = optional(
        "The slugs of other sessions' contributions that are in this one, too, after its own.", []
    )

    @model_validator(mode="after")
    def _check_contributions_lie_within(self) -> Self:
        for entry in self.contributions:
            is_early = entry.starts_at and self.starts_at and entry.starts_at < self.starts_at
            is_late = entry.ends_at and self.ends_at and entry.ends_at > self.ends_at
            if is_early or is_late:
                raise ValueError(f"“{entry.slug}” lies outside the hours of its session")
        return self

    @model_validator(mode="after")
    def _check_no_gaps(self) -> Self:
        """A session stores order and minutes, from which start times follow: gaps are lost."""
        if self.starts_at is None or self.kind == "posters":
            return self
        now: int | None = _minute_of_day(self.starts_at)
        for entry in self.contributions:
            if entry.starts_at and (now is None or _minute_of_day(entry.starts_at) != now):
                before = "it is not known when" if now is None else f"at {now // 60}:{now % 60:02}"
                raise ValueError(
                    f"“{entry.slug}” begins at {entry.starts_at:%H:%M}, but {before} what is before "
                    "it is over. Make two sessions of it, or change the times"
                )
            minutes = entry.clock_minutes
            now = None if now is None or minutes is None else now + minutes
        return self


class ProgrammeEntry(Entry):
    """The whole programme."""

    is_published: YesNo = optional(
        "Whether visitors see days, times and rooms; later releases are the desk's.", False
    )
    sessions: list[SessionEntry] = optional("The sessions, in order.", [])


# awards.yaml, sponsors.yaml


class AuthorEntry(NamedEntry):
    """An author of a paper that is not on the programme."""

    @model_validator(mode="before")
    @classmethod
    def _accept_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class RecipientEntry(Entry):
    """The recipient of an award: a contribution of the programme, a person, or a paper."""

    not_columns = frozenset({"slug", "authors"})

    slug: Slug = needed("Its anchor on the awards page; never changed afterwards.")
    contribution: Slug | None = optional("The slug of a contribution in programme.yaml.")
    person: Slug | None = optional("Or a person's slug in people.yaml.")
    title: Line = optional("Or the title of a paper elsewhere.", "")
    link: WebAddress = optional("Where that paper can be read.", "")
    authors: list[AuthorEntry] = optional(
        "Who wrote it, in order: names, or people of people.yaml.", []
    )

    @model_validator(mode="after")
    def _check_one_of_three(self) -> Self:
        if sum(map(bool, (self.contribution, self.person, self.title))) != 1:
            raise ValueError("write one of “contribution”, “person” and “title”")
        if not self.title and (self.link or self.authors):
            raise ValueError("“link” and “authors” belong to a “title”")
        return self


class AwardEntry(Entry):
    """An award."""

    not_columns = frozenset({"slug", "given_to"})

    slug: Slug = needed("Its anchor on the awards page; never changed afterwards.")
    heading: RequiredLine = needed("What the award is called.")
    kind: Literal["award", "honourable_mention"] = optional(
        "award, or honourable_mention, which is set smaller.", "award"
    )
    description: Text = optional("What it is given for, in Markdown.", "")
    is_published: YesNo = optional("Whether visitors see it.", True)
    given_to: list[RecipientEntry] = optional("What or who got it, in order.", [])


class SponsorEntry(Entry):
    """A supporter of the workshop."""

    files = {"logo": "logos", "logo_dark": "logos"}

    slug: Slug = needed("Its permanent name.")
    name: RequiredLine = needed("What it is called.")
    link: WebAddress = optional("Its own page.", "")
    words: Line = optional("A few words below the name.", "")
    logo: PictureName | None = optional("The name of a JPEG, PNG or WebP file in logos/.")
    logo_dark: PictureName | None = optional("Another one there, for dark screens.")
    logo_alt: Line = optional("What the logo shows, if it says more than the name.", "")
    is_shown: YesNo = optional("Whether visitors see it.", True)

    @model_validator(mode="after")
    def _check_logos(self) -> Self:
        if self.logo_dark and not self.logo:
            raise ValueError("a logo for dark screens needs another one for light screens")
        return self


class LevelEntry(Entry):
    """A level of sponsors."""

    not_columns = frozenset({"slug", "sponsors"})

    slug: Slug = needed("Its permanent name.")
    heading: Line = optional("What the level is called, if there are several.", "")
    sponsors: list[SponsorEntry] = optional("The sponsors, in order.", [])


class SponsorsEntry(Entry):
    """All sponsors of an edition."""

    levels: list[LevelEntry] = optional("The levels, highest first.", [])


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute
