"""The format of a content folder: the entries of every file, and the tables that they fill.

docs/content-folder.md describes every field; a test compares both.
"""

from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar, Literal, Self

from django.conf import settings
from django.db import models
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from apps.awards.models import Award, Recipient
from apps.editions.models import Call, Deadline, Edition
from apps.imports.folders.values import (
    ClockTime,
    Focus,
    IsoDate,
    MailAddress,
    PdfName,
    PictureName,
    RequiredText,
    RequiredTextLine,
    Slug,
    Text,
    TextLine,
    TextLines,
    WebAddress,
    WholeNumber,
    YesNo,
    clipped,
)
from apps.interest.models import Question
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.programme.models import Contribution, Contributor, Room, Session, SessionChair, Slot
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic


@dataclass(frozen=True, eq=False)
class TableImport:
    """The table that a kind of entry fills.

    `key` are the columns that identify a row, within the row of the foreign key `parent`, within
    the edition. Rows of other tables go by their slugs. `label` names a row in messages, by the
    values of its key; `name` names the kind of row.
    """

    model: type[models.Model]
    name: str
    key: tuple[str, ...] = ("slug",)
    parent: str = "edition"
    label: str = ""
    is_ordered: bool = True

    @property
    def full_key(self) -> tuple[str, ...]:
        """The columns that identify a row within the edition."""
        return self.key if self.parent in {"", "edition"} else (self.parent, *self.key)

    @property
    def edition_lookup(self) -> str:
        """The lookup of the edition; tables without one are shared by all editions."""
        return self.parent if self.parent in {"", "edition"} else f"{self.parent}__edition"


class Entry(BaseModel):
    """An entry of a file. Unknown keys are refused, and nothing changes once read.

    `columns` maps a field to its column where the names differ, and `files` a field that names a
    file to the folder of that file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: ClassVar[TableImport | None] = None
    columns: ClassVar[dict[str, str]] = {}
    files: ClassVar[dict[str, str]] = {}

    def row_values(self) -> dict[str, Any]:
        """Return the values of the table's columns, without key and files; lists are lines."""
        table = self.table
        if table is None:
            return {}
        columns = {field.name for field in table.model._meta.fields} - {*table.full_key}
        values: dict[str, Any] = {}
        for name in type(self).model_fields:
            column, value = self.columns.get(name, name), getattr(self, name)
            if column in columns and name not in self.files:
                is_lines = isinstance(value, list) and all(isinstance(item, str) for item in value)
                values[column] = "\n".join(value) if is_lines else value
        return values

    def file_names(self) -> dict[str, str]:
        """Return the path within the folder of each file, by the field that names it."""
        names = {field: getattr(self, field) for field in self.files}
        return {field: f"{self.files[field]}/{name}" for field, name in names.items() if name}


def needed(description: str) -> Any:
    """A field that every entry must have; the description is shown where it is missing."""
    return Field(description=description)


# edition.yaml


class DeadlineEntry(Entry):
    """A deadline of the edition."""

    table = TableImport(Deadline, "deadline", ("title",), is_ordered=False)

    title: RequiredTextLine = needed("What is due; each deadline has its own title.")
    due_on: IsoDate = needed("The day.")
    due_time: ClockTime = time(23, 59)
    is_anywhere_on_earth: YesNo = False
    extended_from_on: IsoDate | None = None


class CallEntry(Entry):
    """The call for expressions of interest: its dates, and what its form asks."""

    table = TableImport(Call, "call", (), is_ordered=False)

    text: Text = ""
    opens_on: IsoDate | None = None
    opens_time: ClockTime = time(9, 0)
    closes_on: IsoDate | None = None
    closes_time: ClockTime = time(23, 59)
    is_anywhere_on_earth: YesNo = False
    edits_close_on: IsoDate | None = None
    decisions_on: IsoDate | None = None
    offers_talks: YesNo = True
    offers_posters: YesNo = True
    talk_minutes: WholeNumber = 3
    poster_size: TextLine = ""
    abstract_words: WholeNumber = 250
    asks_career_stage: YesNo = True
    asks_supervisor: YesNo = False
    asks_school: YesNo = False
    asks_link: YesNo = False
    notice: Literal["each", "daily", "none"] = "each"
    sends_receipt: YesNo = True
    reply_days: WholeNumber = 10
    sends_reminders: YesNo = True
    remind_days: WholeNumber = 3
    talk_places: WholeNumber | None = None
    poster_places: WholeNumber | None = None
    is_review_anonymous: YesNo = False


class QuestionEntry(Entry):
    """One of the organisers' own questions."""

    table = TableImport(Question, "question", ("label",))

    # The second name is that of version 0.2.0.
    label: RequiredTextLine = Field(
        validation_alias=AliasChoices("label", "words"),
        description="The question; each has its own words.",
    )
    help_text: TextLine = Field("", validation_alias=AliasChoices("help_text", "help_words"))
    kind: Literal["text", "long_text", "choice", "yes_no"] = "text"
    choices: TextLines = Field(default=[], validate_default=True)
    is_required: YesNo = False
    asked_at: Literal["submission", "acceptance"] = "submission"

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

    table = TableImport(Edition, "edition", parent="", is_ordered=False)

    slug: Slug = needed("The address, usually the year; never changed afterwards.")
    year: WholeNumber = needed("The year, which orders the editions.")
    title: RequiredTextLine = needed("The large words at the top of the home page.")
    short_name: TextLine = ""
    summary: TextLine = ""
    state: Literal["draft", "published", "archived"] = "draft"
    is_current: YesNo = False
    is_cancelled: YesNo = False
    hue: WholeNumber = 205
    starts_on: IsoDate | None = None
    ends_on: IsoDate | None = None
    date_note: TextLine = ""
    time_zone: TextLine = Field(
        default_factory=lambda: settings.TIME_ZONE,
        description="Where its clocks run, such as Europe/London; the site's own if left out.",
    )
    venue: TextLine = ""
    venue_address: Text = ""
    venue_map_url: WebAddress = ""
    venue_access: Text = ""
    contact_email: MailAddress = ""
    registration_url: WebAddress = ""
    registration_closes_on: IsoDate | None = None
    parent_event_name: TextLine = ""
    parent_event_url: WebAddress = ""
    code_of_conduct: Text = ""
    deadlines: list[DeadlineEntry] = []
    call: CallEntry | None = None
    questions: list[QuestionEntry] = []


# people.yaml, groups.yaml


class PersonEntry(Entry):
    """A human, shared by all editions: fields that are left out keep their values."""

    table = TableImport(Person, "person", parent="", is_ordered=False)
    columns = {"focus": "photo_focus"}
    files = {"photo": "photos"}

    name: RequiredTextLine = needed("The name as they write it themselves.")
    link: WebAddress = ""
    affiliation: TextLines = []
    bio: Text = ""
    photo: PictureName | None = None
    focus: Focus = "0.5x0.5"

    def row_values(self) -> dict[str, Any]:
        given = {self.columns.get(name, name) for name in self.model_fields_set}
        return {name: value for name, value in super().row_values().items() if name in given}


class MemberEntry(Entry):
    """A person's place in a group."""

    table = TableImport(Membership, "membership", ("person",), "group")

    person: Slug = needed("The person's slug in people.yaml.")
    affiliation: TextLines = []

    @model_validator(mode="before")
    @classmethod
    def _accept_slug(cls, value: Any) -> Any:
        return {"person": value} if isinstance(value, str) else value


class GroupEntry(Entry):
    """People under one heading."""

    table = TableImport(Group, "group")

    slug: Slug = needed("The anchor on the people page; never changed afterwards.")
    heading: RequiredTextLine = needed("What stands above them.")
    members: list[MemberEntry] = []


# topics.yaml, sections/*.md, pages/*.md, news.yaml


class TopicEntry(Entry):
    """A topic of the workshop."""

    table = TableImport(Topic, "topic")

    slug: Slug = needed("The anchor on the topics page; never changed afterwards.")
    heading: RequiredTextLine = needed("What it is called.")
    description: Text = ""


class SectionEntry(Entry):
    """The front matter of a part of the home page; its text follows below."""

    table = TableImport(Section, "section")

    slug: Slug = needed("The anchor on the home page; never changed afterwards.")
    heading: TextLine = ""
    shows: TextLine = ""
    group: Slug | None = Field(default=None, validate_default=True)
    is_shown: YesNo = True

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

    table = TableImport(Page, "page")

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    title: RequiredTextLine = needed("What stands above it.")
    is_in_navigation: YesNo = False
    is_published: YesNo = False


class NewsEntry(Entry):
    """An announcement. Its moment is by the edition's clock."""

    table = TableImport(NewsItem, "announcement", is_ordered=False)

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    title: TextLine = ""
    body: RequiredText = needed("What it says, in Markdown.")
    date: IsoDate | None = None
    time: ClockTime = time(0)
    is_published: YesNo = True


# programme.yaml


class NamedEntry(Entry):
    """A person of people.yaml, or a bare name."""

    person: Slug | None = None
    name: TextLine = ""

    @model_validator(mode="after")
    def _check_one_of_two(self) -> Self:
        if bool(self.person) == bool(self.name):
            raise ValueError("write either “person” (a slug of people.yaml) or “name”")
        return self


class ChairEntry(NamedEntry):
    """A chair of a session."""

    table = TableImport(SessionChair, "session chair", ("person", "name"), "session")

    affiliation: TextLines = []


class ContributorEntry(ChairEntry):
    """A speaker or author of a contribution."""

    table = TableImport(Contributor, "contributor", ("person", "name"), "contribution")

    role: Literal["speaker", "panellist", "moderator", "author"] = "speaker"
    is_equal_contribution: YesNo = False
    is_corresponding: YesNo = False


class TimedEntry(Entry):
    """An entry with an address, and with a beginning and an end as far as these are known."""

    slug: Slug = needed("The last word of its address; never changed afterwards.")
    starts_at: ClockTime | None = None
    ends_at: ClockTime | None = None
    minutes: WholeNumber | None = None

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

    table = TableImport(Contribution, "contribution", is_ordered=False)
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
    ] = "invited"
    title: TextLine = ""
    abstract: Text = ""
    is_remote: YesNo = False
    is_published: YesNo = True
    board: TextLine = ""
    contributors: list[ContributorEntry] = []
    topics: list[Slug] = []
    slides_file: PdfName | None = None
    slides: WebAddress = ""
    video: WebAddress = ""
    paper: WebAddress = ""
    arxiv: WebAddress = ""
    code: WebAddress = ""
    poster: WebAddress = ""
    more: WebAddress = ""


class SessionEntry(TimedEntry):
    """A stretch of the day."""

    table = TableImport(Session, "session", is_ordered=False)

    kind: Literal[
        "keynote", "talks", "panel", "lightning", "posters", "break", "lunch", "social", "other"
    ] = needed("keynote, talks, panel, lightning, posters, break, lunch, social or other.")
    title: TextLine = ""
    day: WholeNumber = 1
    room: TextLine = ""
    description: Text = ""
    has_shifts: YesNo = False
    chairs: list[ChairEntry] = []
    contributions: list[ContributionEntry] = []
    repeats: list[Slug] = []

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

    is_published: YesNo = False
    sessions: list[SessionEntry] = []


# awards.yaml, sponsors.yaml


class AuthorEntry(NamedEntry):
    """An author of a paper that is not on the programme."""

    @model_validator(mode="before")
    @classmethod
    def _accept_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class RecipientEntry(Entry):
    """The recipient of an award: a contribution of the programme, a person, or a paper."""

    table = TableImport(
        Recipient, "recipient of an award", parent="award", label="{slug} of award {award}"
    )

    slug: Slug = needed("Its anchor on the awards page; never changed afterwards.")
    contribution: Slug | None = None
    person: Slug | None = None
    title: TextLine = ""
    link: WebAddress = ""
    authors: list[AuthorEntry] = []

    @model_validator(mode="after")
    def _check_one_of_three(self) -> Self:
        if sum(map(bool, (self.contribution, self.person, self.title))) != 1:
            raise ValueError("write one of “contribution”, “person” and “title”")
        if not self.title and (self.link or self.authors):
            raise ValueError("“link” and “authors” belong to a “title”")
        return self


class AwardEntry(Entry):
    """An award."""

    table = TableImport(Award, "award")

    slug: Slug = needed("Its anchor on the awards page; never changed afterwards.")
    heading: RequiredTextLine = needed("What the award is called.")
    kind: Literal["award", "honourable_mention"] = "award"
    description: Text = ""
    is_published: YesNo = True
    given_to: list[RecipientEntry] = []


class SponsorEntry(Entry):
    """A supporter of the workshop."""

    table = TableImport(Sponsor, "sponsor", parent="level", label="sponsor {slug}")
    files = {"logo": "logos", "logo_dark": "logos"}

    slug: Slug = needed("Its permanent name.")
    name: RequiredTextLine = needed("What it is called.")
    link: WebAddress = ""
    description: TextLine = Field("", validation_alias=AliasChoices("description", "words"))
    logo: PictureName | None = None
    logo_dark: PictureName | None = None
    logo_alt: TextLine = ""
    is_shown: YesNo = True

    @model_validator(mode="after")
    def _check_logos(self) -> Self:
        if self.logo_dark and not self.logo:
            raise ValueError("a logo for dark screens needs another one for light screens")
        return self


class LevelEntry(Entry):
    """A level of sponsors."""

    table = TableImport(Level, "level of sponsors")

    slug: Slug = needed("Its permanent name.")
    heading: TextLine = ""
    sponsors: list[SponsorEntry] = []


class SponsorsEntry(Entry):
    """All sponsors of an edition."""

    levels: list[LevelEntry] = []


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


# Tables that no kind of entry fills alone.
ROOM = TableImport(Room, "room", ("name",), is_ordered=False)
SLOT = TableImport(Slot, "slot", ("contribution",), "session")
CONTRIBUTION_TOPIC = TableImport(
    Contribution.topics.through,
    "topic of a contribution",
    ("topic",),
    "contribution",
    "topic {topic} of {contribution}",
    is_ordered=False,
)
# In the order in which they are written.
_IN_ORDER = (
    *(EditionEntry, DeadlineEntry, CallEntry, QuestionEntry, PersonEntry, GroupEntry, MemberEntry),
    *(TopicEntry, LevelEntry, SponsorEntry, NewsEntry, SectionEntry, PageEntry, ROOM, SessionEntry),
    *(ContributionEntry, ContributorEntry, CONTRIBUTION_TOPIC, ChairEntry, SLOT, AwardEntry),
    RecipientEntry,
)
TABLES: tuple[TableImport, ...] = tuple(
    table
    for item in _IN_ORDER
    if (table := item if isinstance(item, TableImport) else item.table) is not None
)
