"""Check of a spreadsheet: each row is an expression to import, a duplicate, or wrong for reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.core.tokens import version_token
from apps.imports.sheets.columns import IGNORED, ColumnTarget, targets_of
from apps.imports.sheets.reading import SheetRow, Table
from apps.imports.sheets.row_form import RowForm, quoted
from apps.imports.sheets.values import (
    DateOrder,
    UnknownAnswer,
    Vocabulary,
    count_unknown,
    needs_order,
    parse_datetime,
    possible_orders,
    read_coauthors,
    vocabularies_of,
)
from apps.interest.forms import MOST_COAUTHORS
from apps.interest.models import Format, fingerprint

_DATES = "submitted_at"
_MAX_COAUTHORS_TEXT = 10_000  # characters
_FORMATS = {
    Format.TALK.value: [Format.TALK.value],
    Format.POSTER.value: [Format.POSTER.value],
    Format.BOTH.value: [Format.TALK.value, Format.POSTER.value],
}


@dataclass(frozen=True)
class SheetChoices:
    """The organisers' choices about one spreadsheet.

    `columns` holds the key of a target for each column, `answers` by such keys what unknown texts
    stand for, `zone` and `order` how dates are read, `formats` what all rows ask for if no column
    says it.
    """

    columns: list[str]
    zone: str
    order: str = ""
    formats: str = ""
    takes_duplicates: bool = False
    answers: dict[str, dict[str, str]] = field(default_factory=dict)

    def columns_of(self, key: str) -> list[int]:
        """Return the columns with the target `key`, in order."""
        return [column for column, target in enumerate(self.columns) if target == key]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class CheckedRow:
    """A row after the check: with `faults` it cannot be imported.

    `topics` and `answers` name those of the edition by the keys of RowForm; `sent` is ISO 8601 or
    empty.
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
        return dict(vars(self))  # asdict would copy everything


@dataclass(frozen=True)
class ImportPreview:
    """The result of importing a sheet now. `duplicates` come with what each one repeats."""

    new: list[CheckedRow]
    duplicates: list[tuple[CheckedRow, str]]
    wrong: list[CheckedRow]

    @property
    def token(self) -> str:
        """Differs as soon as anything else would be imported."""
        return version_token([row.as_json() for row in self.new])


class TableChecker:
    """Checks the rows of a table by the choices about it, for the edition of `form`."""

    def __init__(self, table: Table, choices: SheetChoices, form: RowForm) -> None:
        self.table, self.choices, self.form = table, choices, form
        self.targets = targets_of(form)
        self.vocabularies = vocabularies_of(form)
        self._columns = {
            key: columns for key in self.targets if (columns := choices.columns_of(key))
        }
        self._dates = [
            row.cells[column] for column in self._columns.get(_DATES, []) for row in table.rows
        ]
        self._orders = possible_orders(self._dates)

    def unknown(self) -> dict[str, list[UnknownAnswer]]:
        """Return the answers that neither our form nor the choices know, by target."""
        unknown: dict[str, list[UnknownAnswer]] = {}
        for key in self.vocabularies.keys() & self._columns.keys():
            texts = [text for row in self.table.rows for text in self._read_answers(key, row)[1]]
            if texts:
                unknown[key] = count_unknown(texts)
        return {key: unknown[key] for key in self.vocabularies if key in unknown}

    def has_valid_columns(self) -> bool:
        """Whether all chosen targets are in the edition's form still."""
        return set(self.choices.columns) <= {IGNORED, *self.targets}

    def needs_answers(self) -> bool:
        """Whether an organiser has to choose more before the rows can be read."""
        return bool(self.unknown()) or (self.is_order_open() and not self.choices.order)

    def is_order_open(self) -> bool:
        """Whether the dates do not tell if 03/05 is in March or in May."""
        return bool(self.example_of_date()) and len(self._orders) != 1

    def certain_order(self) -> str:
        """Return the order that the dates tell, or ""."""
        return next(iter(self._orders)).value if len(self._orders) == 1 else ""

    def example_of_date(self) -> str:
        """Return a date whose order matters, or ""."""
        return next(filter(needs_order, self._dates), "")

    def check(self) -> list[CheckedRow]:
        """Check every row, in order."""
        now = timezone.now()
        needs_choice = self.is_order_open() and not self.choices.order
        return [self._check(row, now, needs_choice) for row in self.table.rows]

    def _check(self, row: SheetRow, now: datetime, needs_choice: bool) -> CheckedRow:
        faults: list[str] = []
        data: dict[str, Any] = {"formats": _FORMATS.get(self.choices.formats, [])}
        for key in self._columns:
            if key in self.vocabularies:
                names, unknown = self._read_answers(key, row)
                data[key] = self._field_value(key, names)
                faults += [f"Nobody said what {quoted(text)} stands for." for text in unknown]
            elif key not in {"coauthors", _DATES}:
                data[key] = self._cell(key, row)
        data |= _coauthor_data(self._cell("coauthors", row), faults)
        sent = self._sent_at(self._cell(_DATES, row), now, faults, needs_choice)
        form = RowForm(self.form.edition, data)
        faults = form.faults() + faults
        if faults:
            return CheckedRow(row.number, faults)
        notes = form.notes()
        if sent is None:
            notes.append("It does not say when it was sent: the moment of the import is taken.")
        fields = form.service_fields()
        return CheckedRow(
            row.number,
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

    def _cell(self, key: str, row: SheetRow) -> str:
        """The text for a target, joined where several columns have it."""
        target: ColumnTarget = self.targets[key] if key in self.targets else ColumnTarget(key, "")
        cells = [row.cells[column] for column in self._columns.get(key, [])]
        return target.joins.join(filter(None, cells))

    def _read_answers(self, key: str, row: SheetRow) -> tuple[list[str], list[str]]:
        vocabulary: Vocabulary = self.vocabularies[key]
        return vocabulary.read(self._cell(key, row), self.choices.answers.get(key, {}))

    def _field_value(self, key: str, names: list[str]) -> Any:
        """The answers in the form that the field takes."""
        if key == "formats":
            return list(dict.fromkeys(value for name in names for value in _FORMATS[name]))
        if key == "topics":
            return [pk for pk, topic in self.form.topics.items() if topic.heading in names]
        return "".join(names)

    def _sent_at(
        self, cell: str, now: datetime, faults: list[str], needs_choice: bool
    ) -> datetime | None:
        if not cell:
            return None
        order = DateOrder(self.choices.order) if self.choices.order else DateOrder.DAY
        moment = parse_datetime(cell, order, ZoneInfo(self.choices.zone))
        if needs_choice and needs_order(cell):
            faults.append(
                f"Nobody said whether the day or the month comes first in {quoted(cell)}."
            )
        elif moment is None:
            faults.append(f"{quoted(cell)} is no date and time.")
        elif moment > now:
            faults.append(f"It was sent at {quoted(cell)}, which is still to come.")
        return moment


def _coauthor_data(cell: str, faults: list[str]) -> dict[str, str]:
    """The values of the form's fields for co-authors."""
    if len(cell) > _MAX_COAUTHORS_TEXT:
        faults.append(
            f"The co-authors have {len(cell)} characters; there is room for {_MAX_COAUTHORS_TEXT}."
        )
        return {}
    people = read_coauthors(cell)
    if len(people) > MOST_COAUTHORS:
        faults.append(f"There are {len(people)} co-authors; there is room for {MOST_COAUTHORS}.")
    data = {}
    for number, (name, affiliation) in enumerate(people[:MOST_COAUTHORS], start=1):
        data[f"coauthor_name_{number}"] = name
        data[f"coauthor_affiliation_{number}"] = affiliation
    return data


def basis_of(form: RowForm) -> str:
    """Return a token of everything in the edition that a check depends on."""
    return version_token(
        [(key, topic.heading) for key, topic in form.topics.items()],
        [
            (key, question.label, question.kind, question.choices)
            for key, question in form.questions.items()
        ],
        form.own_call.abstract_words if form.own_call else 0,
    )


def build_preview(
    rows: Sequence[CheckedRow], existing: Mapping[str, str], *, takes_duplicates: bool
) -> ImportPreview:
    """Sort the rows; `existing` maps the fingerprints of stored expressions to their references.

    Of two rows with one address and title the one sent later is new: it corrects the other.
    """
    wrong = [row for row in rows if row.faults]
    right = [row for row in rows if not row.faults]
    if takes_duplicates:
        return ImportPreview(right, [], wrong)
    latest: dict[str, CheckedRow] = {}
    for row in sorted(right, key=lambda row: (row.sent, row.number)):
        latest[row.fingerprint] = row
    new: list[CheckedRow] = []
    duplicates: list[tuple[CheckedRow, str]] = []
    for row in right:
        kept = latest[row.fingerprint]
        if reference := existing.get(row.fingerprint):
            duplicates.append((row, f"{reference}, which is there already"))
        elif kept is not row:
            why = "was sent later" if row.sent and kept.sent > row.sent else "stands further down"
            duplicates.append((row, f"row {kept.number}, which {why}"))
        else:
            new.append(row)
    return ImportPreview(new, duplicates, wrong)
