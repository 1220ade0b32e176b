"""The rows that a content folder describes, with checks of the references between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models

from apps.imports.folders.schema import (
    CONTRIBUTION_TOPIC,
    ROOM,
    SLOT,
    TABLES,
    EditionEntry,
    Entry,
    NewsEntry,
    PersonEntry,
    RecipientEntry,
    SessionEntry,
    TableImport,
)
from apps.imports.folders.yaml_text import Document, Fault, YamlPath
from apps.news.models import NewsItem
from apps.people.models import Group, Person
from apps.programme.local_times import minutes_until
from apps.topics.models import Topic

ORDERING_STEP = 10
NaturalKey = tuple[Any, ...]
Rows = dict[type[models.Model], dict[NaturalKey, "DesiredRow"]]

# The files of rows that others name.
_FILES: dict[type[models.Model], str] = {
    Person: "people.yaml",
    Group: "groups.yaml",
    Topic: "topics.yaml",
}


@dataclass(frozen=True)
class SourceEntry:
    """An entry with the file and place it is written at; `body` is the text below front matter."""

    entry: Any
    document: Document
    path: YamlPath = ()
    body: str | None = None

    def fault(self, message: str, field: str = "") -> Fault:
        """Return a fault of this entry, at the line of `field` if it has one."""
        return self.document.fault((*self.path, field) if field else self.path, message)

    def within(self, *steps: str | int) -> "SourceEntry":
        """Return the same entry with a place inside of it."""
        return SourceEntry(self.entry, self.document, (*self.path, *steps))


@dataclass(frozen=True)
class DesiredRow:
    """A row as the folder describes it.

    `key` holds the columns of the table's key, `values` the others that the folder decides. `files`
    are paths within the folder, by the field that names them.
    """

    table: TableImport
    source: SourceEntry
    key: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def natural_key(self) -> NaturalKey:
        return tuple(self.key.values())


def did_you_mean(word: str, choices: list[str]) -> str:
    """Return a sentence for the author who wrote `word` instead of one of `choices`."""
    if close := get_close_matches(word, choices, n=1, cutoff=0.6):
        return f"Did you mean “{close[0]}”?"
    return f"Known here: {', '.join(choices)}." if choices else "There is none."


class RowCollector:
    """Collects the rows that the entries of one edition describe, and the faults between them."""

    def __init__(self, edition: EditionEntry, people: dict[str, PersonEntry]) -> None:
        self.edition, self.people = edition, people
        self.rows: Rows = {table.model: {} for table in TABLES}
        self.faults: list[Fault] = []
        self._first: dict[tuple[Any, ...], Fault] = {}

    def collect(self, source: SourceEntry, parent: str = "") -> None:
        """Add the rows of `source` and of all entries within it; `parent` is the slug around it."""
        entry = source.entry
        inner: list[tuple[str | int, Any]] = []
        if isinstance(entry, Entry):
            slug = getattr(entry, "slug", parent)
            if entry.table:
                self._add(self._row_of(entry.table, source, parent))
            if isinstance(entry, SessionEntry):
                for row in _rows_of_session(source):
                    self._add(row)
            inner = [(name, getattr(entry, name)) for name in type(entry).model_fields]
        elif isinstance(entry, dict):
            for slug, value in entry.items():
                self.collect(SourceEntry(value, source.document, (*source.path, slug)), slug)
        elif isinstance(entry, list):
            slug, inner = parent, list(enumerate(entry))
        for step, value in inner:
            if isinstance(value, Entry | dict | list):
                self.collect(SourceEntry(value, source.document, (*source.path, step)), slug)

    def finish(self) -> None:
        """Check references, once all rows are collected."""
        # Of two announcements with the same moment, pages list the newer row first.
        self.rows[NewsItem] = dict(reversed(self.rows[NewsItem].items()))
        for rows in self.rows.values():
            for row in rows.values():
                self._check_references(row)

    def _row_of(self, table: TableImport, source: SourceEntry, parent: str) -> DesiredRow:
        entry = source.entry
        key = {
            name: getattr(entry, name) if name in type(entry).model_fields else parent
            for name in table.full_key
        }
        values = entry.row_values() | self._computed_values(source)
        if source.body is not None:
            values["body"] = source.body
        return DesiredRow(table, source, key, values, entry.file_names())

    def _computed_values(self, source: SourceEntry) -> dict[str, Any]:
        match entry := source.entry:
            case NewsEntry(date=day, time=time):
                zone = _zone(self.edition.time_zone)
                return {"published_at": datetime.combine(day, time, tzinfo=zone) if day else None}
            case SessionEntry(room=room):
                ordering = (int(source.path[-1]) + 1) * ORDERING_STEP
                return {
                    "minutes": self._minutes(entry),
                    "room": room or None,
                    "ordering": ordering,
                }
            case RecipientEntry():
                return {"authors": "\n".join(self._authors(source))}
        return {}

    def _minutes(self, session: SessionEntry) -> int | None:
        """Elapsed minutes, also on the night the clocks change."""
        if not (session.starts_at and session.ends_at):
            return session.minutes
        return minutes_until(
            first_day=self.edition.starts_on,
            zone=_zone(self.edition.time_zone),
            day=session.day,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
        )

    def _authors(self, source: SourceEntry) -> Iterator[str]:
        for number, author in enumerate(source.entry.authors):
            person = self.people.get(author.person)
            if author.person and not person:
                place = source.within("authors", number)
                self._refuse_unknown(place, "person", Person, author.person)
            yield person.name if person else author.name

    def _add(self, row: DesiredRow) -> None:
        rows, key = self.rows[row.table.model], row.natural_key
        if row.table is ROOM and key in rows:
            return
        name, value = next((item for item in reversed(row.key.items()) if item[1]), ("", ""))
        here = row.source.fault("", name)
        # Slugs are anchors and addresses, so they differ within the whole edition.
        identity = (row.table, value if name == "slug" else key)
        if first := self._first.get(identity):
            place = f"{first.file}, line {first.line}"
            message = f"“{value}” stands here a second time; first in {place}"
            self.faults.append(row.source.fault(message, name))
            return
        self._first[identity] = here
        rows[key] = row

    def _check_references(self, row: DesiredRow) -> None:
        for name, value in (row.key | row.values).items():
            related = row.table.model._meta.get_field(name).related_model
            if related in self.rows and value and (value,) not in self.rows[related]:
                self._refuse_unknown(row.source, name, related, value)

    def _refuse_unknown(
        self, source: SourceEntry, name: str, model: type[models.Model], value: str
    ) -> None:
        file = _FILES.get(model)
        what = f"“{value}” in {file}" if file else f"{model._meta.verbose_name} “{value}”"
        hint = did_you_mean(value, [key[0] for key in self.rows[model]])
        self.faults.append(source.fault(f"there is no {what}. {hint}", name))


def _rows_of_session(source: SourceEntry) -> Iterator[DesiredRow]:
    """Its room, the places of its contributions, and their topics."""
    session: SessionEntry = source.entry
    if session.room:
        yield DesiredRow(ROOM, source, {"name": session.room})
    for number, entry in enumerate(session.contributions):
        place = source.within("contributions", number)
        key = {"session": session.slug, "contribution": entry.slug}
        yield DesiredRow(SLOT, place, key, {"minutes": entry.clock_minutes, "board": entry.board})
        for n, topic in enumerate(entry.topics):
            key = {"contribution": entry.slug, "topic": topic}
            yield DesiredRow(CONTRIBUTION_TOPIC, place.within("topics", n), key)
    for number, slug in enumerate(session.repeats):
        key = {"session": session.slug, "contribution": slug}
        yield DesiredRow(SLOT, source.within("repeats", number), key)


def _zone(name: str) -> tzinfo:
    """The time zone; UTC for a name that the validation of the edition refuses anyway."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
