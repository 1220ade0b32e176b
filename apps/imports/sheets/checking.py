"""Check of a spreadsheet: each row is an expression to import, a duplicate, or wrong for reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import filterfalse
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.core.inline_markup import from_simple_html
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.imports.sheets.columns import IGNORED, account_columns
from apps.imports.sheets.languages import is_error
from apps.imports.sheets.reading import EMAIL_ADDRESS, SheetRow, Table
from apps.imports.sheets.row_form import JOINS, LEFT_OUT, RowForm, normalized
from apps.imports.sheets.values import needs_order, possible_orders
from apps.interest.models import Expression, Question
from apps.topics.models import Topic


@dataclass(frozen=True)
class SheetChoices:
    """The organisers' choices about one spreadsheet.

    `columns` holds the name of a field of RowForm for each column, `answers` by such names what
    unknown texts stand for, `zone` and `order` how dates are read, unless they tell it themselves,
    `formats` what all rows ask for if no column says it.
    """

    columns: list[str]
    zone: str
    order: str = ""
    formats: str = ""
    takes_duplicates: bool = False
    answers: dict[str, dict[str, str]] = field(default_factory=dict)


class UnknownAnswer(NamedTuple):
    """An answer that our form does not have: normalized, as first written, and how often."""

    key: str
    text: str
    times: int


@dataclass
class CheckedRow:
    """A row that can be imported, unless it is the `same_as` another: the form's data and objects."""

    number: int
    notes: list[str]
    data: dict[str, Any]
    expression: Expression
    topics: list[Topic]
    answers: dict[Question, str]
    same_as: str = ""


@dataclass
class WrongRow:
    """A row that cannot be imported."""

    number: int
    faults: list[str]


@dataclass(frozen=True)
class ImportPreview:
    """The result of importing a sheet now."""

    new: list[CheckedRow]
    duplicates: list[CheckedRow]
    wrong: list[WrongRow]

    @property
    def token(self) -> str:
        """Differs as soon as anything else would be imported."""
        return version_token([(row.number, row.data) for row in self.new])


class Checker:
    """Checks the rows of a table by the choices about it, for an edition."""

    def __init__(self, edition: Edition, table: Table, choices: SheetChoices) -> None:
        self.edition, self.table, self.choices = edition, table, choices
        self._columns = {
            name: [column for column, key in enumerate(choices.columns) if key == name]
            for name in dict.fromkeys(choices.columns)
            if name != IGNORED
        }
        self._account = account_columns(table)
        dates = [self._cell("submitted_at", row) for row in table.rows]
        orders = possible_orders(dates)
        order = choices.order or (orders.pop() if len(orders) == 1 else "")
        # A date that may be in March or in May.
        self.unclear_date = "" if order else next(filter(needs_order, dates), "")
        self.form = RowForm(edition, zone=ZoneInfo(choices.zone), order=order)
        # The choices about unknown answers that the edition's form still offers.
        self._chosen = {
            name: {
                text: value
                for text, value in choices.answers.get(name, {}).items()
                if value in {LEFT_OUT, *dict(vocabulary.options)}
            }
            for name, vocabulary in self.form.vocabularies.items()
        }

    def has_valid_columns(self) -> bool:
        """Whether all chosen fields are in the edition's form still."""
        return set(self.choices.columns) <= {IGNORED, *self.form.fields}

    def unknown(self) -> dict[str, list[UnknownAnswer]]:
        """Return the answers that our form does not know, by field, the most frequent first."""
        unknown: dict[str, list[UnknownAnswer]] = {}
        for name in self.form.vocabularies.keys() & self._columns.keys():
            counts: Counter[str] = Counter()
            first: dict[str, str] = {}
            for row in self.table.rows:
                _, texts = self.form.vocabularies[name].read(self._cell(name, row), {})
                for text in filterfalse(is_error, texts):
                    counts[normalized(text)] += 1
                    first.setdefault(normalized(text), text)
            if counts:
                unknown[name] = [
                    UnknownAnswer(key, first[key], times) for key, times in counts.most_common()
                ]
        return {name: unknown[name] for name in self.form.vocabularies if name in unknown}

    def preview(self, existing: Mapping[str, str]) -> ImportPreview:
        """Check and sort all rows; `existing` maps fingerprints of expressions to references."""
        rows = [self._check(row) for row in self.table.rows]
        right = [row for row in rows if isinstance(row, CheckedRow)]
        if not self.choices.takes_duplicates:
            _mark_duplicates(right, existing)
        return ImportPreview(
            new=[row for row in right if not row.same_as],
            duplicates=[row for row in right if row.same_as],
            wrong=[row for row in rows if isinstance(row, WrongRow)],
        )

    def _check(self, row: SheetRow) -> CheckedRow | WrongRow:
        form = self.form
        message = (
            "The spreadsheet shows an error here. Correct the cell, then upload the file again."
        )
        faults = [
            form.fault(name, row.cells[column], message)
            for name, columns in self._columns.items()
            for column in columns
            if is_error(row.cells[column])
        ]
        if faults:
            return WrongRow(row.number, faults)
        data: dict[str, Any] = {"formats": list(filter(None, [self.choices.formats]))}
        for name in self._columns:
            data[name] = cell = self._cell(name, row)
            if name == "abstract":
                data[name] = from_simple_html(cell)
            if vocabulary := form.vocabularies.get(name):
                values, unknown = vocabulary.read(cell, self._chosen[name])
                data[name] = values if vocabulary.is_several else "".join(values)
                message = "This answer is not matched yet."
                faults += [form.fault(name, text, message) for text in unknown]
        form.fill(data)
        faults = form.faults() + faults
        if faults:
            return WrongRow(row.number, faults)
        return CheckedRow(
            row.number,
            notes=form.notes(),
            data=form.cleaned_data,
            expression=form.expression(),
            topics=form.chosen_topics(),
            answers={question: text for question, text in form.answers().items() if text},
        )

    def _cell(self, name: str, row: SheetRow) -> str:
        """The text for a field, joined where several columns fill it.

        Name and address of the account count only in rows that give no other.
        """
        columns = self._columns.get(name, [])
        asked = [row.cells[each] for each in columns if each not in self._account.values()]
        if cell := JOINS.get(name, "").join(filter(None, asked)):
            return cell
        account = self._account.get(name)
        if account is None or account not in columns:
            return ""
        is_signed_in = EMAIL_ADDRESS.fullmatch(row.cells[self._account["email"]])
        return row.cells[account] if is_signed_in or len(columns) == 1 else ""


def _mark_duplicates(rows: list[CheckedRow], existing: Mapping[str, str]) -> None:
    """Of two rows with one address and title the one sent later is new: it corrects the other."""
    by_time = sorted(rows, key=lambda row: (str(row.data["submitted_at"] or ""), row.number))
    latest = {row.expression.fingerprint: row for row in by_time}
    for row in rows:
        kept = latest[row.expression.fingerprint]
        if reference := existing.get(row.expression.fingerprint):
            row.same_as = f"{reference}, which exists already"
        elif kept is not row:
            sent_at = row.data["submitted_at"]
            is_later = sent_at and kept.data["submitted_at"] > sent_at
            why = "was sent later" if is_later else "is further down"
            row.same_as = f"row {kept.number}, which {why}"
