"""From a content folder to rows: what is missing, what differs, and writing both at once."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.archive.folder import Described, EditionFolder, Fault, FolderError
from apps.archive.folder.fields import clipped
from apps.core.images import clean_photo
from apps.editions.models import Deadline, Edition
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.topics.models import Topic

# How the folder calls a field, where the database's word is another.
_FOLDER_WORDS = {"photo_focus": "focus"}
_STEP = 10


@dataclass(frozen=True)
class Difference:
    """One field that says one thing in the database and another in the folder."""

    what: str
    field: str
    in_database: str
    in_folder: str
    file: str
    line: int

    def __str__(self) -> str:
        return (
            f"{self.what}, {self.field}: {_quoted(self.in_database)} → {_quoted(self.in_folder)} "
            f"({self.file}, line {self.line})"
        )


class DifferencesFound(Exception):
    """The database differs from the folder, and nothing was told to replace it."""

    def __init__(self, differences: list[Difference]) -> None:
        self.differences = differences
        super().__init__("\n".join(str(difference) for difference in differences))


@dataclass
class Report:
    """What an import did: rows made by kind, fields replaced, rows and files left alone."""

    edition: str
    created: dict[str, int] = field(default_factory=dict)
    replaced: list[Difference] = field(default_factory=list)
    only_in_database: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

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


@dataclass
class _Wanted:
    """A row as the folder describes it; `photo` is a file to be taken over, if it is a new one."""

    source: Described
    values: dict[str, Any]
    photo: bytes | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.photo).hexdigest() if self.photo is not None else ""


@dataclass
class _Noun:
    """Rows of one kind: those the folder wants, and those the database has, by their key."""

    what: str
    model: type[models.Model]
    key: str
    wanted: dict[str, _Wanted]
    rows: dict[str, Any]
    is_ordered: bool = True
    # What every row of it belongs to, known once that has been saved.
    scope: dict[str, Any] = field(default_factory=dict)

    def label(self, key: str) -> str:
        return f"{self.what} {key}"

    @property
    def common(self) -> list[str]:
        """Keys that both sides have, in the folder's order."""
        return [key for key in self.wanted if key in self.rows]

    @property
    def is_rearranged(self) -> bool:
        """Whether the database has the common rows in another order than the folder."""
        in_database = [key for key in self.rows if key in self.wanted]
        return self.is_ordered and in_database != self.common


def import_rows(folder: EditionFolder, *, replace: bool, written: list[FieldFile]) -> Report:
    """Makes the rows `folder` describes and the database lacks; call it inside all_or_nothing.

    Photo files put into the media folder are added to `written`. Raises DifferencesFound
    before anything is written, unless `replace` lets the folder win; FolderError for what
    the database's own rules refuse, when some rows may have been written already.
    """
    return _Import(folder, replace=replace, written=written).run()


class _Import:
    def __init__(self, folder: EditionFolder, *, replace: bool, written: list[FieldFile]) -> None:
        self.folder, self.replace, self.written = folder, replace, written
        entry = folder.edition.entry
        self.report = Report(edition=f"{entry.slug}: {entry.title}", kept=folder.kept())
        self.faults: list[Fault] = []
        self._load()

    def run(self) -> Report:
        nouns = [*self.nouns, *self.memberships.values()]
        differences = [found for noun in nouns for found in _differences(noun)]
        if differences and not self.replace:
            raise DifferencesFound(differences)
        self.report.replaced = differences
        self.report.only_in_database = [
            noun.label(key) for noun in nouns for key in noun.rows if key not in noun.wanted
        ]
        self._write_all()
        return self.report

    # What there is

    def _load(self) -> None:
        folder, slug = self.folder, self.folder.edition.entry.slug
        edition = Edition.objects.filter(slug=slug).first()
        self.edition = _Noun(
            "edition",
            Edition,
            "slug",
            {slug: _Wanted(folder.edition, folder.edition.entry.values())},
            {slug: edition} if edition else {},
            is_ordered=False,
        )
        self.people = _Noun(
            "person",
            Person,
            "slug",
            {
                key: _Wanted(person, person.entry.values(), folder.photo(person.entry))
                for key, person in folder.people.items()
            },
            {row.slug: row for row in _rows_by_slug(list(folder.people))},
            is_ordered=False,
        )
        self.groups = self._of_edition("group", Group, edition, folder.groups)
        self.topics = self._of_edition("topic", Topic, edition, folder.topics)
        self.sections = self._of_edition("section", Section, edition, folder.sections)
        self.pages = self._of_edition("page", Page, edition, folder.pages)
        document = folder.edition.document
        deadlines = {
            deadline.title: _Wanted(
                Described(deadline, document, ("deadlines", number)), deadline.values()
            )
            for number, deadline in enumerate(folder.edition.entry.deadlines)
        }
        rows = Deadline.objects.filter(edition=edition) if edition else ()
        self.deadlines = _Noun(
            "deadline",
            Deadline,
            "title",
            deadlines,
            {row.title: row for row in rows},
            is_ordered=False,
        )
        self.nouns = [
            self.edition,
            self.deadlines,
            self.people,
            self.groups,
            self.topics,
            self.sections,
            self.pages,
        ]
        self.memberships = self._memberships(edition)

    def _of_edition(
        self,
        what: str,
        model: type[models.Model],
        edition: Edition | None,
        described: Iterable[Described],
    ) -> _Noun:
        wanted = {}
        for item in described:
            values = item.entry.values()
            if "body" in {column.name for column in model._meta.get_fields()}:
                values["body"] = item.body
            wanted[item.entry.slug] = _Wanted(item, values)
        rows: Any = model._default_manager.filter(edition=edition) if edition else ()
        if edition and model is Section:
            rows = rows.select_related("group")
        return _Noun(what, model, "slug", wanted, {row.slug: row for row in rows})

    def _memberships(self, edition: Edition | None) -> dict[str, _Noun]:
        found: dict[str, dict[str, Membership]] = {}
        if edition:
            rows = Membership.objects.filter(group__edition=edition)
            for row in rows.select_related("person", "group"):
                found.setdefault(row.group.slug, {})[row.person.slug] = row
        nouns = {}
        for slug, group in self.groups.wanted.items():
            source = group.source
            wanted = {
                member.person: _Wanted(
                    Described(member, source.document, (*source.path, "members", number)),
                    member.values(),
                )
                for number, member in enumerate(source.entry.members)
            }
            nouns[slug] = _Noun(
                f"member of {slug}:", Membership, "person", wanted, found.get(slug, {})
            )
        return nouns

    # What there will be

    def _write_all(self) -> None:
        self._write(self.edition)
        self._stop_at_faults()
        edition = next(iter(self.edition.rows.values()))
        self._write(self.people)
        for noun in (self.deadlines, self.groups, self.topics, self.pages):
            noun.scope = {"edition": edition}
            self._write(noun)
        self._stop_at_faults()
        for slug, noun in self.memberships.items():
            noun.scope = {"group": self.groups.rows[slug]}
            self._write(noun)
        self.sections.scope = {"edition": edition}
        self._write(self.sections)
        self._stop_at_faults()

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise FolderError(*self.faults)

    def _write(self, noun: _Noun) -> None:
        places = _places(noun) if noun.is_ordered else {}
        for key, wanted in noun.wanted.items():
            row: Any = noun.rows.get(key)
            is_new = row is None
            if row is None:
                row = noun.model(**noun.scope, **{noun.key: self._key_value(noun, key)})
            changed = [
                name for name, value in wanted.values.items() if not _is_same(row, name, value)
            ]
            for name in changed:
                setattr(row, name, self._value(name, wanted.values[name]))
            is_moved = key in places and row.ordering != places[key]
            if is_moved:
                row.ordering = places[key]
            has_photo = _has_new_photo(row, wanted)
            if is_new or changed or is_moved or has_photo:
                self._save(noun, row, wanted, has_photo=has_photo)
            if is_new:
                self.report.created[noun.what] = self.report.created.get(noun.what, 0) + 1
                noun.rows[key] = row
        for key in [key for key in places if key not in noun.wanted]:
            row = noun.rows[key]
            if row.ordering != places[key]:
                row.ordering = places[key]
                row.save()

    def _save(self, noun: _Noun, row: Any, wanted: _Wanted, *, has_photo: bool) -> None:
        try:
            row.full_clean()
            if has_photo and wanted.photo is not None:
                photo = self._cleaned_photo(wanted.photo)
                # Saved apart from the row, so that it is on the list before anything else fails.
                row.photo.save(photo.name, photo, save=False)
                self.written.append(row.photo)
                row.photo_digest = wanted.digest
        except ValidationError as error:
            self.faults += _said(error, wanted.source)
            return
        row._change_reason = f"Imported from {self.folder.path.resolve().name}"[:100]
        row.save()

    def _cleaned_photo(self, given: bytes) -> ContentFile:
        try:
            return clean_photo(ContentFile(given, name="photo"))
        except ValidationError as error:
            raise ValidationError({"photo": error.messages}) from None

    def _key_value(self, noun: _Noun, key: str) -> Any:
        return self.people.rows[key] if noun.model is Membership else key

    def _value(self, name: str, value: Any) -> Any:
        return self.groups.rows[value] if name == "group" and value else value


def _rows_by_slug(slugs: list[str]) -> models.QuerySet[Person]:
    return Person.objects.filter(slug__in=slugs)


def _current(row: Any, name: str) -> Any:
    """What the row says now, the way the folder would say it."""
    value = getattr(row, name)
    if name == "group":
        return value.slug if value else None
    # Browsers send \r\n and forms strip: a text saved unchanged in the admin is the same text.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _is_same(row: Any, name: str, value: Any) -> bool:
    return bool(_current(row, name) == value)


def _has_new_photo(row: Any, wanted: _Wanted) -> bool:
    if wanted.photo is None:
        return False
    return not row.photo or row.photo_digest != wanted.digest


def _differences(noun: _Noun) -> Iterator[Difference]:
    for key in noun.common:
        row, wanted = noun.rows[key], noun.wanted[key]
        source = wanted.source

        def difference(name: str, old: Any, new: Any, what: str, source: Described) -> Difference:
            fault = source.fault("", name)
            return Difference(what, name, _shown(old), _shown(new), fault.file, fault.line)

        for name, value in wanted.values.items():
            if not _is_same(row, name, value):
                word = _FOLDER_WORDS.get(name, name)
                yield difference(word, _current(row, name), value, noun.label(key), source)
        if _has_new_photo(row, wanted):
            old = "another photo" if row.photo else ""
            yield difference("photo", old, source.entry.photo, noun.label(key), source)
    if noun.is_rearranged:
        in_database = ", ".join(key for key in noun.rows if key in noun.wanted)
        first = noun.wanted[noun.common[0]].source.fault("")
        yield Difference(
            f"{noun.what.rstrip(':')}s" if ":" not in noun.what else noun.what.rstrip(":"),
            "order",
            in_database,
            ", ".join(noun.common),
            first.file,
            first.line,
        )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _quoted(value: str) -> str:
    return f"“{clipped(value)}”" if value else "nothing"


def _places(noun: _Noun) -> dict[str, int]:
    """The `ordering` of each row that must get one, so that the folder's order holds.

    A new row goes half-way between its neighbours and, as rows of equal place stand in the
    order they were made, just behind the first of them if there is no room. Only if that
    cannot be, or the database's order has to give way, all are numbered anew.
    """
    numbered = {key: number * _STEP for number, key in enumerate(_in_order(noun), 1)}
    if noun.is_rearranged or not noun.common:
        return numbered
    places: dict[str, int] = {}
    before = 0
    keys = list(noun.wanted)
    for position, key in enumerate(keys):
        if key in noun.rows:
            before = noun.rows[key].ordering
            continue
        after = next((noun.rows[k].ordering for k in keys[position:] if k in noun.rows), None)
        place = before + _STEP if after is None else (before + after) // 2
        # 0 means "at the end" to the database's own rule.
        if place == 0 or place == after:
            return numbered
        places[key] = before = place
    return places


def _in_order(noun: _Noun) -> list[str]:
    return [*noun.wanted, *(key for key in noun.rows if key not in noun.wanted)]


def _said(error: ValidationError, source: Described) -> Iterator[Fault]:
    """The faults a row's own rules found, at the lines that describe it."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, messages in by_field.items():
        word = "" if name == NON_FIELD_ERRORS else _FOLDER_WORDS.get(name, name)
        for message in messages:
            yield source.fault(f"{word}: {message}" if word else message, word)
