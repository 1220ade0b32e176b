"""From a content folder to rows: loading what there is, and writing what is missing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.awards.models import Award, Recipient
from apps.core.images import clean_logo, clean_photo
from apps.editions.models import Call, Deadline, Edition
from apps.imports.folders import Described, EditionFolder, Fault, FolderError
from apps.imports.folders.people import PersonEntry
from apps.imports.folders.sponsors import SponsorEntry
from apps.imports.programme_rows import ProgrammeRows, publish_if_asked
from apps.imports.rows import (
    FOLDER_WORDS,
    Difference,
    DifferencesFound,
    Noun,
    Picture,
    Wanted,
    differences,
)
from apps.interest.models import Question
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.programme.models import Contributor, SessionChair
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic


@dataclass
class Report:
    """What an import did: rows made by kind, fields replaced, rows left alone."""

    edition: str
    created: dict[str, int] = field(default_factory=dict)
    replaced: list[Difference] = field(default_factory=list)
    only_in_database: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.edition

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was written."""
        return not self.created and not self.replaced


@contextmanager
def all_or_nothing() -> Iterator[list[FieldFile]]:
    """A transaction that also takes back the files put into the list it gives."""
    written: list[FieldFile] = []
    try:
        with transaction.atomic():
            yield written
    except BaseException:
        for photo in written:
            photo.delete(save=False)
        raise


def import_rows(folder: EditionFolder, *, replace: bool, written: list[FieldFile]) -> Report:
    """Makes the rows `folder` describes and the database lacks; call it inside all_or_nothing.

    Photo files put into the media folder are added to `written`. Raises DifferencesFound
    before anything is written, unless `replace` lets the folder win; FolderError for what
    the database's own rules refuse, when some rows may have been written already.
    """
    return _Import(folder, written=written).run(replace=replace)


class _Import:
    def __init__(self, folder: EditionFolder, *, written: list[FieldFile]) -> None:
        self.folder, self.written = folder, written
        entry = folder.edition.entry
        self.report = Report(edition=f"{entry.slug}: {entry.title}")
        self.reason = f"Imported from {folder.path.resolve().name}"[:100]
        self.faults: list[Fault] = []
        self._load()

    def run(self, *, replace: bool) -> Report:
        nouns = [
            *(self.edition, self.deadlines, self.call, self.questions),
            *(self.people, self.groups),
            *self.memberships.values(),
            *(self.topics, self.levels),
            *self.sponsors.values(),
            *(self.news, self.sections, self.pages),
            *self.programme.all(),
            self.awards,
            *self.recipients.values(),
        ]
        found = [difference for noun in nouns for difference in differences(noun)]
        if found and not replace:
            raise DifferencesFound(found)
        self.report.replaced = found
        self.report.only_in_database = [label for noun in nouns for label in noun.only_in_database]
        self._write_all()
        return self.report

    # What there is

    def _load(self) -> None:
        folder, slug = self.folder, self.folder.edition.entry.slug
        row = Edition.objects.filter(slug=slug).first()
        wanted = {slug: Wanted(folder.edition, folder.edition.entry.values())}
        rows = {slug: row} if row else {}
        self.edition = Noun(
            "edition", "edition {}", Edition, "slug", wanted, rows, is_ordered=False
        )
        self.deadlines = self._deadlines(row)
        self.call = self._call(row)
        self.questions = self._questions(row)
        self.people = self._people()
        self.groups = self._of_edition("group", Group, row, folder.groups)
        self.memberships = self._memberships(row)
        self.topics = self._of_edition("topic", Topic, row, folder.topics)
        self.levels = self._of_edition("level of sponsors", Level, row, folder.levels)
        self.sponsors = self._sponsors(row)
        self.news = self._news(row)
        self.sections = self._of_edition("section", Section, row, folder.sections)
        self.pages = self._of_edition("page", Page, row, folder.pages)
        self.programme = ProgrammeRows(folder, row)
        self.awards = self._of_edition("award", Award, row, folder.awards)
        self.recipients = self._recipients(row)

    def _deadlines(self, edition: Edition | None) -> Noun:
        described = self.folder.edition
        wanted = {
            deadline.title: Wanted(
                Described(deadline, described.document, ("deadlines", number)), deadline.values()
            )
            for number, deadline in enumerate(described.entry.deadlines)
        }
        found = Deadline.objects.filter(edition=edition) if edition else ()
        rows = {row.title: row for row in found}
        return Noun("deadline", "deadline “{}”", Deadline, "title", wanted, rows, is_ordered=False)

    def _call(self, edition: Edition | None) -> Noun:
        described = self.folder.edition
        entry, only = described.entry.call, ""
        wanted = (
            {only: Wanted(Described(entry, described.document, ("call",)), entry.values())}
            if entry
            else {}
        )
        row = Call.objects.filter(edition=edition).first() if edition else None
        rows = {only: row} if row else {}
        return Noun("call", "call", Call, "", wanted, rows, is_ordered=False)

    def _questions(self, edition: Edition | None) -> Noun:
        described = self.folder.edition
        wanted = {
            question.words: Wanted(
                Described(question, described.document, ("questions", number)), question.values()
            )
            for number, question in enumerate(described.entry.questions)
        }
        found = Question.objects.filter(edition=edition) if edition else ()
        rows = {row.words: row for row in found}
        return Noun("question", "question “{}”", Question, "words", wanted, rows)

    def _people(self) -> Noun:
        wanted = {
            slug: Wanted(person, person.entry.values(), self._pictures_of(person.entry))
            for slug, person in self.folder.people.items()
        }
        rows = {row.slug: row for row in Person.objects.filter(slug__in=list(wanted))}
        return Noun("person", "person {}", Person, "slug", wanted, rows, is_ordered=False)

    def _pictures_of(self, entry: PersonEntry | SponsorEntry) -> tuple[Picture, ...]:
        folder = "photos" if isinstance(entry, PersonEntry) else "logos"
        clean = clean_photo if isinstance(entry, PersonEntry) else clean_logo
        return tuple(
            Picture(field, name, partial(self.folder.file_beside, f"{folder}/{name}"), clean)
            for field, name in entry.pictures().items()
        )

    def _of_edition(
        self,
        what: str,
        model: type[models.Model],
        edition: Edition | None,
        described: Iterable[Described],
    ) -> Noun:
        wanted = {
            item.entry.slug: Wanted(item, item.entry.values() | item.below()) for item in described
        }
        rows: Any = model._default_manager.filter(edition=edition) if edition else ()
        if edition and model is Section:
            rows = rows.select_related("group")
        return Noun(what, what + " {}", model, "slug", wanted, {row.slug: row for row in rows})

    def _memberships(self, edition: Edition | None) -> dict[str, Noun]:
        rows: dict[str, dict[str, Membership]] = {}
        if edition:
            found = Membership.objects.filter(group__edition=edition)
            for row in found.select_related("person", "group"):
                rows.setdefault(row.group.slug, {})[row.person.slug] = row
        nouns = {}
        for slug, group in self.groups.wanted.items():
            document, path = group.source.document, group.source.path
            wanted = {
                member.person: Wanted(
                    Described(member, document, (*path, "members", number)), member.values()
                )
                for number, member in enumerate(group.source.entry.members)
            }
            nouns[slug] = Noun(
                "membership", "{} in " + slug, Membership, "person", wanted, rows.get(slug, {})
            )
        return nouns

    def _sponsors(self, edition: Edition | None) -> dict[str, Noun]:
        rows: dict[str, dict[str, Sponsor]] = {}
        if edition:
            for row in Sponsor.objects.filter(level__edition=edition).select_related("level"):
                rows.setdefault(row.level.slug, {})[row.slug] = row
        nouns = {}
        for slug, level in self.levels.wanted.items():
            document, path = level.source.document, level.source.path
            wanted = {
                entry.slug: Wanted(
                    Described(entry, document, (*path, "sponsors", number)),
                    entry.values(),
                    self._pictures_of(entry),
                )
                for number, entry in enumerate(level.source.entry.sponsors)
            }
            nouns[slug] = Noun("sponsor", "sponsor {}", Sponsor, "slug", wanted, rows.get(slug, {}))
        return nouns

    def _recipients(self, edition: Edition | None) -> dict[str, Noun]:
        rows: dict[str, dict[str, Recipient]] = {}
        if edition:
            found = Recipient.objects.filter(award__edition=edition)
            for row in found.select_related("award", "person", "contribution"):
                rows.setdefault(row.award.slug, {})[row.slug] = row
        names = {slug: person.entry.name for slug, person in self.folder.people.items()}
        nouns = {}
        for slug, award in self.awards.wanted.items():
            document, path = award.source.document, award.source.path
            wanted = {
                one.slug: Wanted(
                    Described(one, document, (*path, "given_to", number)), one.values_with(names)
                )
                for number, one in enumerate(award.source.entry.given_to)
            }
            label = "{} of award " + slug
            nouns[slug] = Noun(
                "recipient of an award", label, Recipient, "slug", wanted, rows.get(slug, {})
            )
        return nouns

    def _news(self, edition: Edition | None) -> Noun:
        """Last ones first: of two of the same moment, pages show the one made later above."""
        name = self.folder.edition.entry.time_zone
        # An unknown zone is refused with the edition, before any news is written.
        zone = ZoneInfo(name) if name in available_timezones() else UTC
        wanted = {
            item.entry.slug: Wanted(item, item.entry.values_in(zone))
            for item in reversed(self.folder.news)
        }
        found = NewsItem.objects.filter(edition=edition) if edition else ()
        rows = {row.slug: row for row in found}
        return Noun(
            "announcement", "announcement {}", NewsItem, "slug", wanted, rows, is_ordered=False
        )

    # What there will be

    def _write_all(self) -> None:
        self._write(self.edition)
        self._write(self.people)
        self._stop_at_faults()
        edition = next(iter(self.edition.rows.values()))
        of_edition = (self.deadlines, self.call, self.questions, self.groups, self.topics)
        for noun in (*of_edition, self.levels, self.news, self.sections, self.pages):
            noun.scope = {"edition": edition}
            self._write(noun)
            # A section may show a group, which must be there by then.
            self._stop_at_faults()
        for slug, noun in self.memberships.items():
            noun.scope = {"group": self.groups.rows[slug]}
            self._write(noun)
        for slug, noun in self.sponsors.items():
            noun.scope = {"level": self.levels.rows[slug]}
            self._write(noun)
        self._stop_at_faults()
        self._write_programme(edition)

    def _write_programme(self, edition: Edition) -> None:
        rows = self.programme
        for noun in (rows.rooms, rows.sessions, rows.contributions):
            noun.scope = {"edition": edition}
            self._write(noun)
            self._stop_at_faults()
        for name, places, nouns in (
            ("contribution", rows.contributions, rows.contributors),
            ("contribution", rows.contributions, rows.topics),
            ("session", rows.sessions, rows.chairs),
            ("session", rows.sessions, rows.slots),
        ):
            for slug, noun in nouns.items():
                noun.scope = {name: places.rows[slug]}
                self._write(noun)
        self._stop_at_faults()
        # What was honoured may be on the programme, which is there by now.
        self.awards.scope = {"edition": edition}
        self._write(self.awards)
        self._stop_at_faults()
        for slug, noun in self.recipients.items():
            noun.scope = {"award": self.awards.rows[slug]}
            self._write(noun)
        self._stop_at_faults()

        if publish_if_asked(self.folder, edition, note=self.reason):
            self.report.created["published programme"] = 1

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise FolderError(*self.faults)

    def _write(self, noun: Noun) -> None:
        places = noun.places()
        for key, wanted in noun.wanted.items():
            row = noun.rows.get(key)
            is_new = row is None
            if row is None:
                row = noun.model(**noun.scope, **self._own(noun, key))
                self.report.created[noun.what] = self.report.created.get(noun.what, 0) + 1
            changes = wanted.changes(row)
            if places.get(key, 0) not in {0, getattr(row, "ordering", 0)}:
                changes["ordering"] = places[key]
            if is_new or changes or wanted.new_pictures(row):
                self._save(row, wanted, changes)
            noun.rows[key] = row

    def _own(self, noun: Noun, key: str) -> dict[str, Any]:
        """What tells a new row of `noun` apart, as its model's field and value."""
        if noun.model in {Contributor, SessionChair} and not noun.wanted[key].source.entry.person:
            return {"name": key}
        others = {
            "person": self.people,
            "contribution": self.programme.contributions,
            "topic": self.topics,
        }
        value = others[noun.key].rows[key] if noun.key in others else key
        return {noun.key: value} if noun.key else {}

    def _save(self, row: Any, wanted: Wanted, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            others = {
                "group": self.groups,
                "room": self.programme.rooms,
                "person": self.people,
                "contribution": self.programme.contributions,
            }
            setattr(row, name, others[name].rows[value] if name in others and value else value)
        try:
            pictures = wanted.new_pictures(row)
            row.full_clean()
            for picture in pictures:
                self._take(row, picture)
        except ValidationError as error:
            self.faults += _said(error, wanted.source)
            return
        row._change_reason = self.reason
        row.save()

    def _take(self, row: Any, picture: Picture) -> None:
        try:
            file = picture.clean(ContentFile(picture.read(), name=picture.name))
        except ValidationError as error:
            raise ValidationError({picture.field: error.messages}) from None
        # Saved apart from the row, so that it is on the list before anything else can fail.
        field = getattr(row, picture.field)
        field.save(file.name, file, save=False)
        self.written.append(field)
        picture.note_on(row)


def _said(error: ValidationError, source: Described) -> Iterator[Fault]:
    """The faults a row's own rules found, at the lines that describe it."""
    for name, messages in error.message_dict.items():
        word = "" if name == NON_FIELD_ERRORS else FOLDER_WORDS.get(name, name)
        for message in messages:
            yield source.fault(f"{word}: {message}" if word else message, word)
