"""What becomes of each row: an expression, a duplicate, or a fault with its reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.imports.bulk_create import Entry
from apps.imports.sheets.answers import Unknown, Vocabulary, count_unknown, vocabularies
from apps.imports.sheets.choices import Choices
from apps.imports.sheets.coauthors import read_coauthors
from apps.imports.sheets.meanings import IGNORED, Meaning, meanings_of
from apps.imports.sheets.moments import is_in_numbers, orders_of, read_moment
from apps.imports.sheets.reading import Row, Table
from apps.imports.sheets.row_form import RowForm, quoted, too_many_coauthors
from apps.interest.forms import MOST_COAUTHORS
from apps.interest.models import Format
from apps.interest.services import fingerprint

_DATES = "submitted_at"
_FORMATS = {
    Format.TALK.value: [Format.TALK.value],
    Format.POSTER.value: [Format.POSTER.value],
    Format.BOTH.value: [Format.TALK.value, Format.POSTER.value],
}


@dataclass(frozen=True)
class CheckedRow:
    """One row, read: with `faults` it cannot be imported, otherwise the rest says as what.

    `topics` and `answers` name the edition's by the keys of RowForm; `sent` is ISO 8601 or empty.
    """

    number: int
    faults: list[str]
    notes: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)
    coauthors: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sent: str = ""
    fingerprint: str = ""

    @property
    def sent_at(self) -> datetime | None:
        return datetime.fromisoformat(self.sent) if self.sent else None

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))  # as plain as JSON wants it already


@dataclass(frozen=True)
class Report:
    """What importing a sheet would do now. `duplicates` come with what each one repeats."""

    new: list[CheckedRow]
    duplicates: list[tuple[CheckedRow, str]]
    wrong: list[CheckedRow]

    @property
    def digest(self) -> str:
        """Differs whenever something else would be imported than this report says."""
        words = json.dumps([row.as_json() for row in self.new], sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()


class Reader:
    """Reads the rows of one table as what was said of its columns, for the edition of `form`."""

    def __init__(self, table: Table, choices: Choices, form: RowForm) -> None:
        self.table, self.choices, self.form = table, choices, form
        self.meanings = meanings_of(form)
        self.vocabularies = vocabularies(form)
        self._columns = {
            key: columns for key in self.meanings if (columns := choices.columns_of(key))
        }
        self._needs_order = self.is_order_open() and not choices.order

    def unknown(self) -> dict[str, list[Unknown]]:
        """Words in columns of answers that nobody has said yet what they stand for."""
        found: dict[str, list[str]] = {}
        for key, vocabulary in self.vocabularies.items():
            said = self.choices.answers.get(key, {})
            for row in self.table.rows if key in self._columns else ():
                _, unknown = vocabulary.read(self._cell(row, self.meanings[key]), said)
                found.setdefault(key, []).extend(unknown)
        return {key: count_unknown(words) for key, words in found.items() if words}

    def is_right(self) -> bool:
        """Whether all that was said is about things the edition still asks."""
        return set(self.choices.columns) <= {IGNORED, *self.meanings}

    def is_open(self) -> bool:
        """Whether somebody has to say more before the rows can be read."""
        return bool(self.unknown()) or (self.is_order_open() and not self.choices.order)

    def is_order_open(self) -> bool:
        """Whether somebody has to say if 03/05 is in March or in May."""
        cells = self._dates()
        return any(map(is_in_numbers, cells)) and len(orders_of(cells)) != 1

    def told_order(self) -> str:
        """The order that the dates themselves tell; "" where it does not matter."""
        orders = orders_of(self._dates())
        return orders.pop().value if len(orders) == 1 else ""

    def example_of_date(self) -> str:
        """A date of which one has to know the order."""
        return next(filter(is_in_numbers, self._dates()), "")

    def _dates(self) -> list[str]:
        columns = self._columns.get(_DATES, [])
        return [row.cells[column] for column in columns for row in self.table.rows]

    def check(self) -> list[CheckedRow]:
        """Every row, in order."""
        now = timezone.now()
        return [self._check(row, now) for row in self.table.rows]

    def _check(self, row: Row, now: datetime) -> CheckedRow:
        cells = {key: self._cell(row, self.meanings[key]) for key in self._columns}
        faults: list[str] = []
        data: dict[str, Any] = {}
        for key, cell in cells.items():
            if vocabulary := self.vocabularies.get(key):
                data[key], unknown = self._answer(vocabulary, cell)
                faults += [f"Nobody said what {quoted(words)} stands for." for words in unknown]
            elif key not in {"coauthors", _DATES}:
                data[key] = cell
        if "formats" not in cells:
            data["formats"] = _FORMATS.get(self.choices.formats, [])
        coauthors = read_coauthors(cells.get("coauthors", ""))
        if len(coauthors) > MOST_COAUTHORS:
            faults.append(too_many_coauthors(len(coauthors)))
        for number, (name, affiliation) in enumerate(coauthors[:MOST_COAUTHORS], start=1):
            data[f"coauthor_name_{number}"] = name
            data[f"coauthor_affiliation_{number}"] = affiliation
        sent = self._sent(cells.get(_DATES, ""), now, faults)
        self.form.read(data)
        faults = self.form.faults + faults
        if faults:
            return CheckedRow(row.number, faults)
        return self._checked(row.number, sent)

    def _checked(self, number: int, sent: datetime | None) -> CheckedRow:
        form = self.form
        notes = list(form.notes)
        if sent is None:
            notes.append("It does not say when it was sent: the moment of the import is taken.")
        fields = form.service_fields()
        return CheckedRow(
            number,
            [],
            notes,
            fields=fields,
            topics=[str(topic.pk) for topic in form.chosen_topics()],
            coauthors=form.coauthor_pairs(),
            answers={
                name: form.cleaned_data[name] for name in form.questions if form.cleaned_data[name]
            },
            sent=sent.isoformat() if sent else "",
            fingerprint=fingerprint(form.edition, fields["email"], fields["title"]),
        )

    def _cell(self, row: Row, meaning: Meaning) -> str:
        """What the row says to one thing, put together where several columns do."""
        cells = [row.cells[column] for column in self._columns[meaning.key]]
        return meaning.joins.join(filter(None, cells))

    def _answer(self, vocabulary: Vocabulary, cell: str) -> tuple[Any, list[str]]:
        """The answer as the form's field takes it, and the words nobody explained."""
        names, unknown = vocabulary.read(cell, self.choices.answers.get(vocabulary.key, {}))
        match vocabulary.key:
            case "formats":
                formats = [one for name in names for one in _FORMATS[name]]
                return list(dict.fromkeys(formats)), unknown
            case "topics":
                keys = [key for key, topic in self.form.topics.items() if topic.heading in names]
                return keys, unknown
        return "".join(names), unknown

    def _sent(self, cell: str, now: datetime, faults: list[str]) -> datetime | None:
        if not cell:
            return None
        moment = read_moment(cell, self.choices.date_order, self.choices.time_zone)
        if self._needs_order and is_in_numbers(cell):
            faults.append(
                f"Nobody said whether the day or the month comes first in {quoted(cell)}."
            )
        elif moment is None:
            faults.append(f"{quoted(cell)} is no date and time.")
        elif moment > now:
            faults.append(f"It was sent at {quoted(cell)}, which is still to come.")
        return moment


def basis_of(form: RowForm) -> str:
    """What a check rests on besides the sheet: differs when the edition's form was changed since."""
    call = form.own_call
    words = [
        [(key, topic.heading) for key, topic in form.topics.items()],
        [
            (key, question.words, question.kind, question.choices)
            for key, question in form.questions.items()
        ],
        call.abstract_words if call else 0,
    ]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def report_on(
    rows: Sequence[CheckedRow], there: Mapping[str, str], *, takes_duplicates: bool
) -> Report:
    """Sorts the rows out; `there` are the fingerprints on record, with the reference of each.

    Of two rows with one address and title the one sent later is new: it corrects the other.
    """
    wrong = [row for row in rows if row.faults]
    right = [row for row in rows if not row.faults]
    if takes_duplicates:
        return Report(right, [], wrong)
    latest: dict[str, CheckedRow] = {}
    for row in right:
        other = latest.get(row.fingerprint)
        if other is None or (row.sent, row.number) > (other.sent, other.number):
            latest[row.fingerprint] = row
    new, duplicates = [], []
    for row in right:
        if reference := there.get(row.fingerprint):
            duplicates.append((row, f"{reference}, which is there already"))
        elif (kept := latest[row.fingerprint]) is not row:
            why = "was sent later" if row.sent and kept.sent > row.sent else "stands further down"
            duplicates.append((row, f"row {kept.number}, which {why}"))
        else:
            new.append(row)
    return Report(new, duplicates, wrong)


def entries_of(rows: Iterable[CheckedRow], form: RowForm) -> list[Entry]:
    """The rows as what is put on record; late is what was sent after the call had closed."""
    now = timezone.now()
    closes_at = form.own_call.closes_at if form.own_call else None
    return [
        Entry(
            fields=row.fields,
            submitted_at=row.sent_at or now,
            topics=[form.topics[key] for key in row.topics],
            coauthors=row.coauthors,
            answers={form.questions[key]: words for key, words in row.answers.items()},
            is_late=bool(closes_at and row.sent_at and row.sent_at > closes_at),
        )
        for row in rows
    ]
