"""From a file to expressions on record: kept, understood, imported once, and taken back.

Until `import_sheet` no expression, letter or line of a log is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Edition
from apps.imports.bulk_create import (
    bring_in,
    fingerprints_of,
    take_back,
    untouched,
    without_submissions,
)
from apps.imports.models import Sheet, SheetEntry
from apps.imports.sheets.answers import recalled_answers, remember_answers
from apps.imports.sheets.checking import (
    CheckedRow,
    Reader,
    Report,
    basis_of,
    entries_of,
    report_on,
)
from apps.imports.sheets.choices import Choices
from apps.imports.sheets.meanings import remember_columns
from apps.imports.sheets.reading import Row, Table
from apps.imports.sheets.row_form import RowForm
from apps.interest.models import Expression, ExpressionQuerySet

LOG_LINE = "Imported from a sheet"


def keep_sheet(*, edition: Edition, file_name: str, table: Table, by: User) -> Sheet:
    """Keeps what was read until it is imported or discarded, for a day at most."""
    return Sheet.objects.create(
        edition=edition, file_name=file_name[-200:], read_by=by, contents=asdict(table)
    )


def table_of(sheet: Sheet) -> Table:
    """What stood in the file."""
    contents = sheet.contents
    rows = [Row(row["number"], row["cells"]) for row in contents["rows"]]
    return Table(
        headings=contents["headings"],
        rows=rows,
        columns=contents["columns"],
        worksheet=contents["worksheet"],
        left_out=tuple(contents["left_out"]),
    )


def choices_of(sheet: Sheet) -> Choices | None:
    """What was said of it so far; None if nothing was."""
    return Choices(**sheet.choices) if sheet.choices else None


def say_columns(*, sheet: Sheet, table: Table, choices: Choices, form: RowForm) -> Choices:
    """Takes what a person said of the columns, remembers it, and adds what is known already.

    That is what words stood for in earlier sheets, and the order of dates if they tell it.
    """
    reader = Reader(table, replace(choices, answers={}), form)
    answers = recalled_answers(reader.unknown(), form, reader.vocabularies)
    order = choices.order if reader.is_order_open() else reader.told_order()
    known = replace(choices, answers=_merged(answers, choices.answers), order=order)
    with transaction.atomic():
        remember_columns(table.headings, choices.columns, form)
        _keep(sheet, table, known, form)
    return known


def say_answers(*, sheet: Sheet, table: Table, choices: Choices, form: RowForm) -> None:
    """Takes what a person said of the words, and remembers it."""
    with transaction.atomic():
        remember_answers(choices.answers, form)
        _keep(sheet, table, choices, form)


def _keep(sheet: Sheet, table: Table, choices: Choices, form: RowForm) -> None:
    """The choices with what the rows are by them: reading thousands takes seconds, so it is done
    once, here, and not at every look."""
    rows = Reader(table, choices, form).check()
    kept = Sheet.objects.waiting().filter(pk=sheet.pk)
    kept.update(
        choices=choices.as_json(),
        checked={"basis": basis_of(form), "rows": [row.as_json() for row in rows]},
    )


def _merged(
    first: Mapping[str, Mapping[str, str]], then: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Both, only for what is asked in this sheet; what was said of it stands above the rest."""
    return {
        key: {**words, **{word: then[key][word] for word in then.get(key, {})}}
        for key, words in first.items()
    }


def report_of(sheet: Sheet, form: RowForm) -> Report | None:
    """What importing it would do now; None if it has to be read anew, since nothing was said of
    it yet, or what the edition's form asks was changed since."""
    if not sheet.checked or sheet.checked["basis"] != basis_of(form):
        return None
    rows = [CheckedRow(**row) for row in sheet.checked["rows"]]
    takes_duplicates = sheet.choices["takes_duplicates"]
    return report_on(rows, fingerprints_of(sheet.edition), takes_duplicates=takes_duplicates)


def import_sheet(*, sheet: Sheet, digest: str, by: User) -> int:
    """Puts the new rows on record, once, without a letter; returns how many there were.

    `digest` is that of the report somebody agreed to. Raises ChangedMeanwhile if it would be
    another one by now, NotAllowed if it was imported or discarded meanwhile, or nothing is new.
    """
    with without_submissions(sheet.edition):
        locked = Sheet.objects.select_for_update(of=("self",)).select_related("edition")
        current = locked.filter(pk=sheet.pk).first()
        if current is None:
            raise NotAllowed("This spreadsheet was discarded meanwhile. Nothing was imported.")
        if current.is_imported:
            raise NotAllowed("This spreadsheet was imported already. Nothing was imported twice.")
        form = RowForm(current.edition)
        report = report_of(current, form)
        if report is None or report.digest != digest:
            raise ChangedMeanwhile
        if not report.new:
            raise NotAllowed("There is nothing to import.")
        expressions = bring_in(
            edition=current.edition, entries=entries_of(report.new, form), by=by, what=LOG_LINE
        )
        SheetEntry.objects.bulk_create(
            [
                SheetEntry(sheet=current, expression=expression, row=row.number)
                for expression, row in zip(expressions, report.new, strict=True)
            ],
            batch_size=500,
        )
        current.imported_by, current.imported_at = by, timezone.now()
        current.imported_count = len(expressions)
        current.contents = current.choices = current.checked = {}
        current.save()
    return len(expressions)


def discard_sheet(*, sheet: Sheet) -> bool:
    """Erases one that waits, with all that stood in it; whether it still waited."""
    deleted, _ = Sheet.objects.waiting().filter(pk=sheet.pk).delete()
    return deleted > 0


def erase_forgotten_sheets() -> int:
    """Erases those that nobody imported within a day; returns how many there were."""
    deleted, _ = Sheet.objects.forgotten().delete()
    return deleted


def expressions_of(sheet: Sheet) -> ExpressionQuerySet:
    """What came out of it and is still there."""
    return Expression.objects.filter(sheet_entry__sheet=sheet)


def untouched_of(sheet: Sheet) -> ExpressionQuerySet:
    """Those of them that stand as they were imported."""
    return untouched(expressions_of(sheet), apart_from=[SheetEntry])


def take_back_sheet(*, sheet: Sheet, count: int) -> None:
    """Erases what came out of it and nobody has touched; raises ChangedMeanwhile if these are
    not `count` any more."""
    take_back(expressions=expressions_of(sheet), count=count, apart_from=[SheetEntry])
