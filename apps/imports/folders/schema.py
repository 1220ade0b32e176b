"""The format of a content folder: its files, and the kinds of entry in them.

docs/content-folder.md describes every field; a test compares both.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Any

from apps.awards.models import Award, Recipient
from apps.editions.models import Call, Deadline, Download, Edition, Picture
from apps.imports.folders.entries import LINES, Entry, ListOf, MappingOf, Shape
from apps.imports.folders.programme_schema import (
    ChairEntry,
    ContributionEntry,
    ContributionLabelEntry,
    ContributorEntry,
    LinkEntry,
    ListedContributionEntry,
    ProgrammeEntry,
    ProgrammePartEntry,
    RoomEntry,
    SessionEntry,
    SessionLabelEntry,
    SlotEntry,
    TopicOfContribution,
)
from apps.imports.folders.values import DATE, EXACT_TIME, LINE, SLUG, WEB_ADDRESS, YES_NO
from apps.imports.folders.yaml_text import Fault
from apps.interest.models import Question
from apps.news.models import NewsItem
from apps.pages.models import Page, Section, SectionLink
from apps.people.models import Group, Membership, Person, PersonProfile
from apps.registration.models import (
    AttendanceKind,
    RegistrationConsent,
    RegistrationPeriod,
    RegistrationQuestion,
)
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic


class DeadlineEntry(Entry):
    model = Deadline
    key = ("group", "title")


class CallEntry(Entry):
    model = Call
    key = ()


class QuestionEntry(Entry):
    model = Question
    key = ("label",)
    shapes = {"choices": LINES}
    aliases = {"words": "label", "help_words": "help_text"}

    def unused(self) -> Iterator[Fault]:
        if self["choices"] and self["kind"] != Question.Kind.CHOICE:
            yield self.fault(
                "only a question of the kind choice has choices. Write “kind: choice”, or remove them",
                "kind",
            )


class RegistrationEntry(Entry):
    model = RegistrationPeriod
    key = ()


class AttendanceKindEntry(Entry):
    model = AttendanceKind
    key = ("name",)


class RegistrationQuestionEntry(QuestionEntry):
    model = RegistrationQuestion
    aliases = {}


class RegistrationConsentEntry(Entry):
    model = RegistrationConsent
    key = ("text",)


class EditionEntry(Entry):
    """The edition: what organisers decide in the admin is kept if the folder leaves it out."""

    model = Edition
    parent = ""
    more = ("state", "is_current")
    files = {"logo": "logos"}
    shapes = {
        "deadlines": ListOf(DeadlineEntry),
        "call": CallEntry,
        "questions": ListOf(QuestionEntry),
        "registration_period": RegistrationEntry,
        "attendance_kinds": ListOf(AttendanceKindEntry),
        "registration_questions": ListOf(RegistrationQuestionEntry),
        "registration_consents": ListOf(RegistrationConsentEntry),
    }

    def row_values(self, edition: Edition) -> dict[str, Any]:
        values = super().row_values(edition)
        left_out = {*self.more} - self.written
        return {name: value for name, value in values.items() if name not in left_out}


class PictureEntry(Entry):
    """A picture in pictures/, with what texts do not say of it."""

    model = Picture
    key = ("name",)
    left_out = ("file",)  # it has the name of the entry
    files = {"file": "pictures"}

    def path_of(self, name: str) -> str:
        return f"pictures/{self['name']}"

    def row_values(self, edition: Edition) -> dict[str, Any]:
        return super().row_values(edition) | {"file": self.path_of("file")}


class DownloadEntry(Entry):
    """A file in files/; no file of the folder describes it."""

    model = Download
    key = ("name",)
    left_out = ("file",)
    files = {"file": "files"}

    def path_of(self, name: str) -> str:
        return f"files/{self['name']}"

    def row_values(self, edition: Edition) -> dict[str, Any]:
        return {"file": self.path_of("file")}


class PersonEntry(Entry):
    """A person, shared by all editions: fields that are left out keep their values."""

    model = Person
    parent = ""
    left_out = ("slug",)  # it stands before the person
    columns = {"focus": "photo_focus"}
    shapes = {"affiliation": LINES, "links": LINES, "same_person": YES_NO}
    files = {"photo": "photos"}

    def row_values(self, edition: Edition) -> dict[str, Any]:
        values = super().row_values(edition)
        return {
            name: value for name, value in values.items() if self.field_name(name) in self.written
        }

    def fills(self, row: Any, column: str) -> bool:
        # They may have withdrawn their consent on the site.
        return column != "shows_years" and _is_empty_fact(row, column)

    def without(self, names: Iterable[str]) -> "PersonEntry":
        """Return the entry without some of its fields."""
        written = self.written - set(names)
        return type(self)(self.place, self.values, parent_slug=self.parent_slug, written=written)


class ProfileEntry(Entry):
    """The facts of a person that differ in the folder's edition; made of a PersonEntry."""

    model = PersonProfile
    key = ("person",)
    columns = PersonEntry.columns
    shapes = {"affiliation": LINES, "links": LINES}
    files = PersonEntry.files

    def fills(self, row: Any, column: str) -> bool:
        return _is_empty_fact(row, column)


def _is_empty_fact(row: Any, column: str) -> bool:
    """Whether a person or profile lacks a fact; a focal point belongs to its photo."""
    return not getattr(row, "photo" if column == "photo_focus" else column)


class MemberEntry(Entry):
    model = Membership
    key = ("person",)
    parent = "group"
    shapes = {"affiliation": LINES}
    text_field = "person"


class ListedMemberEntry(MemberEntry):
    """A row of a file in groups/: a person of people.yaml, or a name, which makes the person."""

    shapes = {**MemberEntry.shapes, "name": LINE, "link": WEB_ADDRESS}


class GroupEntry(Entry):
    model = Group
    shapes = {"members": ListOf(MemberEntry)}


class TopicEntry(Entry):
    model = Topic


class SectionLinkEntry(Entry):
    model = SectionLink
    key = ("label",)
    parent = "section"


class SectionEntry(Entry):
    model = Section
    left_out = ("body",)  # it stands below the other fields
    shapes = {"links": ListOf(SectionLinkEntry)}

    def unused(self) -> Iterator[Fault]:
        if self["links"] and self["shows"] != Section.Shows.LINKS:
            yield self.fault(
                "only a section that shows links has links. Write “shows: links”, or remove them",
                "shows",
            )


class PageEntry(Entry):
    model = Page
    left_out = ("body",)
    defaults = {"is_published": True}


class NewsEntry(Entry):
    """An announcement. Its day and time are by the edition's clock."""

    model = NewsItem
    left_out = ("published_at",)
    columns = {"date": "published_at"}
    shapes = {"date": DATE, "time": EXACT_TIME}
    defaults = {"time": time(0), "is_published": True}

    def row_values(self, edition: Edition) -> dict[str, Any]:
        day, at = self["date"], self["time"]
        moment = day and datetime.combine(day, at, tzinfo=at.tzinfo or edition.zone)
        return super().row_values(edition) | {"published_at": moment}


class AuthorEntry(Entry):
    """An author of a paper that is not on the programme: a person of people.yaml, or a name."""

    text_field = "name"
    shapes = {"person": SLUG, "name": LINE}
    defaults = {"name": ""}

    def problems(self) -> Iterator[str]:
        if bool(self["person"]) == bool(self["name"]):
            yield "write either “person” (a slug of people.yaml) or “name”"


class RecipientEntry(Entry):
    model = Recipient
    parent = "award"
    shapes = {"authors": ListOf(AuthorEntry)}


class AwardEntry(Entry):
    model = Award
    shapes = {"given_to": ListOf(RecipientEntry)}
    defaults = {"is_published": True}


class SponsorEntry(Entry):
    model = Sponsor
    parent = "level"
    files = {"logo": "logos", "logo_dark": "logos"}
    aliases = {"words": "description"}


class LevelEntry(Entry):
    model = Level
    shapes = {"sponsors": ListOf(SponsorEntry)}


class SponsorsEntry(Entry):
    shapes = {"levels": ListOf(LevelEntry)}


# The shape of each file, and of the fields of each Markdown file in a folder.
FILES: dict[str, Shape] = {
    "edition.yaml": EditionEntry,
    "pictures.yaml": ListOf(PictureEntry),
    "people.yaml": MappingOf(PersonEntry),
    "groups.yaml": ListOf(GroupEntry),
    "topics.yaml": ListOf(TopicEntry),
    "programme.yaml": ProgrammeEntry,
    "awards.yaml": ListOf(AwardEntry),
    "sponsors.yaml": SponsorsEntry,
    "news.yaml": ListOf(NewsEntry),
}
TEXTS: dict[str, type[Entry]] = {"sections": SectionEntry, "pages": PageEntry}
# Parts of programme.yaml, as YAML files in a folder.
PARTS: dict[str, type[Entry]] = {"programme": ProgrammePartEntry}
# Lists as CSV, instead of or beside those in YAML: a file, or the files in a folder.
LISTS: dict[str, type[Entry]] = {
    "people.csv": PersonEntry,
    "contributions.csv": ListedContributionEntry,
    "groups/": ListedMemberEntry,
}
# Long texts as Markdown files in a folder, named by the slug of the entry: the entry and its field.
LONG_TEXTS: dict[str, tuple[type[Entry], str]] = {
    "abstracts": (ContributionEntry, "abstract"),
    "bios": (PersonEntry, "bio"),
}
# In the order in which their rows are written.
TABLES: tuple[type[Entry], ...] = (
    *(EditionEntry, PictureEntry, DownloadEntry, DeadlineEntry, CallEntry, QuestionEntry),
    *(RegistrationEntry, AttendanceKindEntry),
    *(RegistrationQuestionEntry, RegistrationConsentEntry),
    *(PersonEntry, ProfileEntry),
    *(GroupEntry, MemberEntry),
    *(TopicEntry, LevelEntry, SponsorEntry, NewsEntry),
    *(SectionEntry, SectionLinkEntry, PageEntry, RoomEntry),
    *(SessionLabelEntry, ContributionLabelEntry),
    *(
        SessionEntry,
        ContributionEntry,
        ContributorEntry,
        TopicOfContribution,
        LinkEntry,
        ChairEntry,
    ),
    *(SlotEntry, AwardEntry, RecipientEntry),
)
