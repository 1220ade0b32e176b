"""Import of a spreadsheet: kept, checked, imported once, and taken back.

Before `import_sheet` no expression, letter or log line is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Call, Edition
from apps.imports.models import Sheet, SheetEntry
from apps.imports.sheets.checking import (
    CheckedRow,
    ImportPreview,
    SheetChoices,
    TableChecker,
    basis_of,
    build_preview,
)
from apps.imports.sheets.columns import remember_columns
from apps.imports.sheets.reading import SheetRow, Table
from apps.imports.sheets.row_form import RowForm
from apps.imports.sheets.values import recall_answers, remember_answers
from apps.interest.models import (
    Answer,
    CoAuthor,
    Event,
    Expression,
    ExpressionQuerySet,
    new_reference,
)
from apps.interest.workflow import State

LOG_LINE = "Imported from a sheet"
_BATCH = 500
# The columns that an import fills; all others have their defaults until somebody works on them.
_IMPORTED_COLUMNS = frozenset(
    {
        *("id", "edition_id", "reference", "name", "email", "university", "career_stage"),
        *("supervisor", "school", "link", "wants_talk", "wants_poster", "preference", "title"),
        *("abstract", "is_late", "submitted_at", "changed_at", "fingerprint"),
    }
)


# From a file to checked rows


def keep_sheet(*, edition: Edition, file_name: str, table: Table, by: User) -> Sheet:
    """Store the contents of a file until they are imported or discarded, for a day at most."""
    return Sheet.objects.create(
        edition=edition, file_name=file_name[-200:], read_by=by, contents=asdict(table)
    )


def table_of(sheet: Sheet) -> Table:
    """Return the stored contents of the file."""
    contents = sheet.contents
    return Table(
        headings=contents["headings"],
        rows=[SheetRow(row["number"], row["cells"]) for row in contents["rows"]],
        columns=contents["columns"],
        worksheet=contents["worksheet"],
        left_out=tuple(contents["left_out"]),
    )


def choices_of(sheet: Sheet) -> SheetChoices | None:
    """Return the choices about the sheet so far; None if there are none."""
    return SheetChoices(**sheet.choices) if sheet.choices else None


def choose_columns(
    *, sheet: Sheet, table: Table, choices: SheetChoices, form: RowForm
) -> SheetChoices:
    """Store and remember the columns; return the choices with those known from earlier sheets.

    These are answers, and the order of day and month if the dates tell it.
    """
    checker = TableChecker(table, replace(choices, answers={}), form)
    recalled = recall_answers(checker.unknown(), form, checker.vocabularies)
    answers = {key: texts | choices.answers.get(key, {}) for key, texts in recalled.items()}
    order = choices.order if checker.is_order_open() else checker.certain_order()
    choices = replace(choices, answers=answers, order=order)
    with transaction.atomic():
        remember_columns(table.headings, choices.columns, form)
        _store_check(sheet, table, choices, form)
    return choices


def choose_answers(*, sheet: Sheet, table: Table, choices: SheetChoices, form: RowForm) -> None:
    """Store and remember what unknown answers stand for."""
    with transaction.atomic():
        remember_answers(choices.answers, form)
        _store_check(sheet, table, choices, form)


def _store_check(sheet: Sheet, table: Table, choices: SheetChoices, form: RowForm) -> None:
    """Check all rows once, here: for thousands it takes seconds."""
    rows = TableChecker(table, choices, form).check()
    Sheet.objects.waiting().filter(pk=sheet.pk).update(
        choices=choices.as_json(),
        checked={"basis": basis_of(form), "rows": [row.as_json() for row in rows]},
    )


def preview_sheet(sheet: Sheet, form: RowForm) -> ImportPreview | None:
    """Return what an import would do now.

    None if the columns have to be chosen first, or again because the edition's form has changed.
    """
    if not sheet.checked or sheet.checked["basis"] != basis_of(form):
        return None
    rows = [CheckedRow(**row) for row in sheet.checked["rows"]]
    existing = {
        expression.fingerprint: expression.display_reference
        for expression in Expression.objects.for_edition(sheet.edition)
        .exclude_tests()
        .only("fingerprint", "reference")
        .order_by("-submitted_at")
    }
    return build_preview(rows, existing, takes_duplicates=sheet.choices["takes_duplicates"])


def new_expression(row: CheckedRow, form: RowForm) -> Expression:
    """Return the expression that the row becomes, not yet saved."""
    closes_at = form.own_call.closes_at if form.own_call else None
    sent_at = row.sent_at or timezone.now()
    return Expression(
        edition=form.edition,
        is_late=bool(closes_at and row.sent_at and row.sent_at > closes_at),
        submitted_at=sent_at,
        changed_at=sent_at,
        fingerprint=row.fingerprint,
        **row.fields,
    )


# Into the database and back


@transaction.atomic
def import_sheet(*, sheet: Sheet, token: str, by: User) -> int:
    """Create the new expressions, once and without letters; return their number.

    `token` is that of the preview the organiser confirmed: ChangedMeanwhile if it is another by
    now. NotAllowed if the sheet was imported or discarded meanwhile, or nothing is new.
    """
    # Nothing is submitted or imported to this edition meanwhile; it may have no call.
    Call.objects.select_for_update().filter(edition=sheet.edition_id).first()
    edition = Edition.objects.select_for_update().get(pk=sheet.edition_id)
    current = Sheet.objects.select_for_update(of=("self",)).filter(pk=sheet.pk).first()
    if current is None:
        raise NotAllowed("This spreadsheet was discarded meanwhile. Nothing was imported.")
    if current.is_imported:
        raise NotAllowed("This spreadsheet was imported already. Nothing was imported twice.")
    current.edition = edition
    form = RowForm(edition)
    preview = preview_sheet(current, form)
    if preview is None or preview.token != token:
        raise ChangedMeanwhile
    if not preview.new:
        raise NotAllowed("There is nothing to import.")
    expressions = _create_expressions(preview.new, form, by)
    SheetEntry.objects.bulk_create(
        [
            SheetEntry(sheet=current, expression=expression, row=row.number)
            for expression, row in zip(expressions, preview.new, strict=True)
        ],
        batch_size=_BATCH,
    )
    current.imported_by, current.imported_at = by, timezone.now()
    current.imported_count = len(expressions)
    current.contents = current.choices = current.checked = {}
    current.save()
    return len(expressions)


def _create_expressions(rows: Sequence[CheckedRow], form: RowForm, by: User) -> list[Expression]:
    expressions = [new_expression(row, form) for row in rows]
    for expression, reference in zip(expressions, _new_references(len(rows)), strict=True):
        expression.reference = reference
    Expression.objects.bulk_create(expressions, batch_size=_BATCH)
    pairs = list(zip(expressions, rows, strict=True))
    through = Expression.topics.through
    related: list[tuple[type[models.Model], list[Any]]] = [
        (
            through,
            [
                through(expression=expression, topic=form.topics[key])
                for expression, row in pairs
                for key in row.topics
            ],
        ),
        (
            CoAuthor,
            [
                coauthor
                for expression, row in pairs
                for coauthor in CoAuthor.build(expression, row.coauthors)
            ],
        ),
        (
            Answer,
            [
                Answer(expression=expression, question=form.questions[key], text=text)
                for expression, row in pairs
                for key, text in row.answers.items()
            ],
        ),
        (
            Event,
            [
                Event(expression=expression, what=LOG_LINE, to_state=State.SUBMITTED, by=by)
                for expression in expressions
            ],
        ),
    ]
    for model, created in related:
        model._default_manager.bulk_create(created, batch_size=_BATCH)
    return expressions


def _new_references(count: int) -> list[str]:
    """Unused references: of thousands of random ones at once, two may be the same."""
    references: set[str] = set()
    while len(references) < count:
        fresh = {new_reference() for _ in range(count - len(references))} - references
        taken = Expression.objects.filter(reference__in=fresh).values_list("reference", flat=True)
        references |= fresh - set(taken)
    return list(references)


def discard_sheet(*, sheet: Sheet) -> bool:
    """Delete a waiting sheet with its contents; return whether it still waited."""
    deleted, _ = Sheet.objects.waiting().filter(pk=sheet.pk).delete()
    return deleted > 0


def delete_expired_sheets() -> int:
    """Delete the sheets that were not imported within a day; return their number."""
    deleted, _ = Sheet.objects.expired().delete()
    return deleted


def expressions_of(sheet: Sheet) -> ExpressionQuerySet:
    """Return the imported expressions that still exist."""
    return Expression.objects.filter(sheet_entry__sheet=sheet)


def untouched_of(sheet: Sheet) -> ExpressionQuerySet:
    """Return those of them that nobody has decided, reviewed, changed or written about.

    Any row that points to an expression is a trace of work, except those that the import makes.
    """
    expressions = expressions_of(sheet)
    for column in Expression._meta.concrete_fields:
        if column.attname not in _IMPORTED_COLUMNS:
            default = column.get_default()
            lookup = f"{column.attname}__isnull" if default is None else column.attname
            expressions = expressions.filter(**{lookup: True if default is None else default})
    for relation in Expression._meta.related_objects:
        if relation.related_model not in {CoAuthor, Answer, Event, SheetEntry}:
            traces = relation.related_model._default_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            expressions = expressions.exclude(Exists(traces))
    return expressions.annotate(event_count=Count("events")).filter(event_count=1)


@transaction.atomic
def take_back_sheet(*, sheet: Sheet, count: int) -> None:
    """Delete the untouched expressions of the sheet with everything that came with them.

    Raise ChangedMeanwhile, and delete none, unless there are `count` of them.
    """
    # Whoever works on one of them now waits until it is gone, or has been seen here.
    list(expressions_of(sheet).order_by("pk").select_for_update(of=("self",)))
    pks = list(untouched_of(sheet).values_list("pk", flat=True))
    if len(pks) != count:
        raise ChangedMeanwhile
    for start in range(0, len(pks), _BATCH):
        Expression.objects.filter(pk__in=pks[start : start + _BATCH]).delete()
