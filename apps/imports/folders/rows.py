"""The rows that a folder describes, and the faults between them: duplicates and references."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from apps.core.text import did_you_mean
from apps.imports.folders.entries import Entry, NaturalKey
from apps.imports.folders.entry_reader import Incomplete
from apps.imports.folders.programme_schema import ProgrammeEntry, RoomEntry
from apps.imports.folders.schema import TABLES, RecipientEntry
from apps.imports.folders.yaml_text import Fault, Place
from apps.news.models import NewsItem
from apps.people.models import Group, Person
from apps.programme.models import Contribution, Room, Session
from apps.topics.models import Topic

ORDERING_STEP = 10
Rows = dict[type[models.Model], dict[NaturalKey, Entry]]

# The files of rows that others name.
_FILES: dict[type[models.Model], str] = {
    Person: "people.yaml",
    Group: "groups.yaml",
    Topic: "topics.yaml",
}


class RowCollector:
    """Collects the rows that the entries of one edition describe, and the faults between them.

    References to `incomplete` entries are no faults: those of the entry itself are reported.
    """

    def __init__(self, entries: Iterable[Entry], incomplete: Incomplete) -> None:
        self.rows: Rows = {kind.model: {} for kind in TABLES}
        self._incomplete = incomplete
        self.faults: list[Fault] = []
        self._first: dict[tuple[Any, ...], Place] = {}
        lists_in_order = False
        for entry in entries:
            if entry.model:
                self._add(entry)
            for row in entry.related_rows():
                if not (isinstance(row, RoomEntry) and (row["name"],) in self.rows[Room]):
                    self._add(row)
            if isinstance(entry, ProgrammeEntry) and entry["lists_in_order"]:
                lists_in_order = True
        for session in self.rows[Session].values():
            self._repeat(session)
        # Of two announcements with the same moment, pages list the newer row first.
        self.rows[NewsItem] = dict(reversed(self.rows[NewsItem].items()))
        for number, session in enumerate(self.rows[Session].values(), start=1):
            session.values["ordering"] = number * ORDERING_STEP
        if lists_in_order:
            for number, row in enumerate(self.rows[Contribution].values(), start=1):
                row.values["list_position"] = row["list_position"] or number
        for row in [row for rows in self.rows.values() for row in rows.values()]:
            if isinstance(row, RecipientEntry):
                row.values["authors"] = list(self._authors(row))
            self._check_references(row)

    def _add(self, row: Entry) -> None:
        rows, key = self.rows[row.model], tuple(row.row_key.values())
        named = [item for item in row.row_key.items() if item[1]]
        name, value = named[-1] if named else ("", "")
        if first := self._first.get((row.model, key)):
            place = f"{first.file}, line {first.line}"
            message = f"“{value}” appears twice, first in {place}. Change or remove one of them"
            self.faults.append(row.fault(message, name))
            return
        self._first[row.model, key] = row.place.at(name)
        rows[key] = row

    def _repeat(self, session: Any) -> None:
        """Add the places in the session that `session` repeats, which may repeat another one."""
        chain = [session]
        while slug := chain[-1]["repeats_session"]:
            other = self.rows[Session].get((slug,))
            if other is None:
                self._refuse_unknown(chain[-1], "repeats_session", Session)
                return
            if other in chain:
                message = "repeats_session: a session cannot repeat itself. Name another one"
                self.faults.append(session.fault(message, "repeats_session"))
                return
            chain.append(other)
        for row in session.slots_repeated_from(chain[1:]):
            self._add(row)

    def _authors(self, recipient: RecipientEntry) -> Iterator[str]:
        for author in recipient["authors"]:
            person = self.rows[Person].get((author["person"],))
            if author["person"] and not person:
                self._refuse_unknown(author, "person", Person)
            yield person["name"] if person else author["name"]

    def _check_references(self, row: Entry) -> None:
        for column in row.model._meta.concrete_fields:
            related = column.related_model
            value = (row.row_key | row.values).get(column.name)
            if related in self.rows and value and (value,) not in self.rows[related]:
                self._refuse_unknown(row, column.name, related)

    def _refuse_unknown(self, row: Entry, name: str, model: type[models.Model]) -> None:
        value = row.row_key.get(name) or row[name]
        if self._incomplete & {(model, value), (model, "")}:
            return
        file = _FILES.get(model)
        what = f"“{value}” in {file}" if file else f"{model._meta.verbose_name} “{value}”"
        hint = did_you_mean(value, [key[0] for key in self.rows[model]], most=12)
        self.faults.append(row.fault(f"there is no {what}. {hint}", name))
