"""Import of a spreadsheet: kept, checked, imported once, and taken back.

Before `import_sheet` no expression, letter or log line is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Call, Edition
from apps.imports.models import Sheet, SheetEntry, SheetMemory
from apps.imports.sheets.checking import CheckedRow, Checker, ImportPreview, SheetChoices
from apps.imports.sheets.columns import guess_columns, remember_columns
from apps.imports.sheets.reading import SheetRow, Table
from apps.imports.sheets.row_form import LEFT_OUT, RowForm
from apps.interest.models import (
    Answer,
    CoAuthor,
    Event,
    Expression,
    ExpressionQuerySet,
    new_reference,
)
from apps.interest.services import erase_expressions
from apps.interest.workflow import State, pre_erase

LOG_LINE = "Imported from a sheet"


# From a file to checked rows


def keep_sheet(
    *,
    edition: Edition,
    file_name: str,
    table: Table,
    by: User,
    holds: str = Sheet.Holds.ENTRIES,
) -> Sheet:
    """Store the contents of a file until they are imported or discarded, for a day at most."""
    return Sheet.objects.create(
        edition=edition,
        file_name=file_name[-200:],
        read_by=by,
        contents=asdict(table),
        holds=holds,
    )


def checker_of(sheet: Sheet) -> Checker:
    """Return the stored rows with the choices about them so far, or what is guessed of them."""
    rows = [SheetRow(**row) for row in sheet.contents["rows"]]
    table = Table(**sheet.contents | {"rows": rows})
    if sheet.choices:
        return Checker(sheet.edition, table, SheetChoices(**sheet.choices))
    columns = guess_columns(table, RowForm(sheet.edition))
    return Checker(sheet.edition, table, SheetChoices(columns, zone=sheet.edition.time_zone))


@transaction.atomic
def choose_columns(*, sheet: Sheet, checker: Checker) -> bool:
    """Store and remember the columns; return whether earlier sheets tell all unknown answers."""
    form, choices = checker.form, checker.choices
    remember_columns(checker.table, choices.columns, form)
    answers, is_complete = {}, True
    for name, unknown in checker.unknown().items():
        values = {label: value for value, label in form.vocabularies[name].options}
        values[LEFT_OUT] = LEFT_OUT
        remembered = SheetMemory.objects.recall(form.label(name), [each.key for each in unknown])
        recalled = {text: values[label] for text, label in remembered.items() if label in values}
        answers[name] = recalled | choices.answers.get(name, {})
        is_complete &= {each.key for each in unknown} <= answers[name].keys()
    _store(sheet, replace(choices, answers=answers))
    return is_complete


@transaction.atomic
def choose_answers(*, sheet: Sheet, checker: Checker, choices: SheetChoices) -> None:
    """Store and remember what unknown answers stand for.

    To leave out a topic is the guess of AnswersForm, so it is only remembered in place of a choice.
    """
    for name, chosen in choices.answers.items():
        labels = dict(checker.form.vocabularies[name].options) | {LEFT_OUT: LEFT_OUT}
        label = checker.form.label(name)
        earlier = SheetMemory.objects.recall(label, chosen) if name == "topics" else chosen
        SheetMemory.objects.remember(
            label,
            {
                text: labels[value]
                for text, value in chosen.items()
                if value != LEFT_OUT or text in earlier
            },
        )
    _store(sheet, choices)


def _store(sheet: Sheet, choices: SheetChoices) -> None:
    Sheet.objects.waiting().filter(pk=sheet.pk).update(choices=asdict(choices))


def preview_sheet(sheet: Sheet) -> ImportPreview | None:
    """Return what an import would do now.

    None if the columns have to be chosen first, or again because the edition's form has changed.
    """
    checker = checker_of(sheet)
    if not sheet.choices or not checker.has_valid_columns():
        return None
    expressions = Expression.objects.for_edition(sheet.edition).exclude_tests()
    existing = {
        expression.fingerprint: expression.display_reference
        for expression in expressions.only("fingerprint", "reference").order_by("-submitted_at")
    }
    return checker.preview(existing)


# Into the database and back


@transaction.atomic
def import_sheet(*, sheet: Sheet, token: str, by: User) -> int:
    """Create the new expressions, once and without letters; return their number.

    `token` is that of the preview the organiser confirmed: ChangedMeanwhile if it is another by
    now. NotAllowed if the sheet was imported or discarded meanwhile, or nothing is new.
    """
    # Nothing is submitted or imported to this edition meanwhile; it may have no call. Locked in the
    # same order, and as weakly, as by the edition's page.
    edition = Edition.objects.select_for_update(no_key=True).get(pk=sheet.edition_id)
    Call.objects.select_for_update().filter(edition=sheet.edition_id).first()
    current = Sheet.objects.select_for_update(of=("self",)).filter(pk=sheet.pk).first()
    if current is None:
        raise NotAllowed("This spreadsheet was discarded meanwhile. Nothing was imported.")
    if current.is_imported:
        raise NotAllowed("This spreadsheet was imported already. Nothing was imported twice.")
    current.edition = edition
    preview = preview_sheet(current)
    if preview is None or preview.token != token:
        raise ChangedMeanwhile
    if not preview.new:
        raise NotAllowed("There is nothing to import.")
    _create_expressions(preview.new, current, by)
    current.imported_by, current.imported_at = by, timezone.now()
    current.imported_count = len(preview.new)
    current.contents = current.choices = {}
    current.save()
    return len(preview.new)


def _create_expressions(rows: Sequence[CheckedRow], sheet: Sheet, by: User) -> None:
    now = timezone.now()
    for row, reference in zip(rows, _new_references(len(rows)), strict=True):
        row.expression.reference = reference
        if row.data["submitted_at"] is None:
            row.expression.submitted_at = row.expression.changed_at = now
    Expression.objects.bulk_create(row.expression for row in rows)
    through = Expression.topics.through
    through._default_manager.bulk_create(
        through(expression=row.expression, topic=topic) for row in rows for topic in row.topics
    )
    CoAuthor.objects.bulk_create(
        coauthor
        for row in rows
        for coauthor in CoAuthor.build(row.expression, row.data["coauthors"])
    )
    Answer.objects.bulk_create(
        Answer(expression=row.expression, question=question, text=text)
        for row in rows
        for question, text in row.answers.items()
    )
    Event.objects.bulk_create(
        Event(expression=row.expression, what=LOG_LINE, to_state=State.SUBMITTED, by=by)
        for row in rows
    )
    SheetEntry.objects.bulk_create(
        SheetEntry(sheet=sheet, expression=row.expression, row=row.number) for row in rows
    )


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
    """Return those of them that are not decided, reviewed, changed or written about.

    Any row that points to an expression is a trace of work, except those that the import makes.
    """
    expressions = expressions_of(sheet).filter(state=State.SUBMITTED, version=1)
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
    # Another change of one of them waits for this deletion, or comes first and is seen here.
    list(expressions_of(sheet).order_by("pk").select_for_update(of=("self",)))
    untouched = list(untouched_of(sheet))
    if len(untouched) != count:
        raise ChangedMeanwhile
    for expression in untouched:
        pre_erase.send(sender=Expression, expression=expression)
    erase_expressions(Expression.objects.filter(pk__in=[one.pk for one in untouched]))
