"""edition.yaml: the facts of one year."""

from datetime import time
from typing import Any, Literal

from django.conf import settings
from pydantic import Field

from apps.archive.folder.fields import (
    Clock,
    Day,
    Entry,
    Line,
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

    def values(self) -> dict[str, Any]:
        """Without the deadlines, which are rows of their own."""
        return self.model_dump(exclude={"slug", "deadlines"})
