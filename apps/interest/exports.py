"""Export of a list of expressions as CSV or Excel; no cell can run as a formula."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db.models import Exists, OuterRef, Prefetch
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from apps.interest.models import (
    Answer,
    Expression,
    ExpressionPDF,
    ExpressionQuerySet,
    Note,
    Question,
)
from apps.interest.permissions import ExpressionPermissions

_CHUNK_SIZE = 500  # rows in memory at once, with their topics, co-authors and answers
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAX_CELL = 32_767  # UTF-16 units that Excel allows in one cell
# OWASP, "CSV Injection": first characters that make a spreadsheet run a cell, and their wide forms.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Characters that no spreadsheet can hold (XML 1.0, 2.2).
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """A column: heading, text of a cell, and the permission that shows it."""

    heading: str
    text: Callable[[Any], str]  # of an Expression, prefetched by `_with_parts`
    permission: str = ""  # name of an attribute of ExpressionPermissions


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _local(expression: Expression, moment: datetime | None) -> str:
    """ISO 8601 with the offset of the edition's time zone."""
    if moment is None:
        return ""
    return moment.astimezone(expression.edition.zone).isoformat(timespec="seconds")


def _answers(expression: Any, asked_at: str) -> str:
    return "\n".join(
        f"{answer.question.label} {answer.text}"
        for answer in expression.answer_list
        if answer.question.asked_at == asked_at
    )


def _note(note: Note) -> str:
    author = note.author.name if note.author else "former organiser"
    return f"{author}: {note.text}"


_COLUMNS = [
    Column("Reference", lambda e: e.display_reference),
    Column("Edition", lambda e: e.edition.slug),
    Column("State", lambda e: e.get_state_display()),
    Column("Name", lambda e: e.name, "sees_authors"),
    Column("Email address", lambda e: e.email, "sees_address"),
    Column("University", lambda e: e.university, "sees_authors"),
    Column("Career stage", lambda e: e.get_career_stage_display(), "sees_authors"),
    Column("Supervisor", lambda e: e.supervisor, "sees_authors"),
    Column("School or lab", lambda e: e.school, "sees_authors"),
    Column("Link", lambda e: e.link, "sees_authors"),
    Column("Asked for", lambda e: e.formats),
    Column("Preference", lambda e: e.get_preference_display()),
    Column("Title", lambda e: e.title),
    Column("Abstract", lambda e: e.abstract),
    Column("Topics", lambda e: "\n".join(str(topic) for topic in e.topic_list)),
    Column("Co-authors", lambda e: "\n".join(map(str, e.coauthor_list)), "sees_authors"),
    Column("Answers", lambda e: _answers(e, Question.AskedAt.SUBMISSION)),
    Column("PDF", lambda e: _yes_no(e.has_pdf)),
    Column("Late", lambda e: _yes_no(e.is_late)),
    Column("Submitted", lambda e: _local(e, e.submitted_at)),
    Column("Last changed", lambda e: _local(e, e.changed_at)),
    Column("Decided", lambda e: _local(e, e.decided_at)),
    Column("Offer", lambda e: e.get_offer_display()),
    Column("Reply by", lambda e: e.reply_by_on.isoformat() if e.reply_by_on else ""),
    Column("Confirmed", lambda e: e.get_confirmed_format_display()),
    Column("Can attend", lambda e: _yes_no(e.can_attend), "sees_private_data"),
    Column("Technical needs", lambda e: e.technical_needs, "sees_private_data"),
    Column("Access needs", lambda e: e.access_needs, "sees_private_data"),
    Column("Diet", lambda e: e.diet, "sees_private_data"),
    Column("Consents", lambda e: "\n".join(map(str, e.consent_list)), "sees_private_data"),
    Column(
        "Answers at acceptance",
        lambda e: _answers(e, Question.AskedAt.ACCEPTANCE),
        "sees_private_data",
    ),
    Column("Notes", lambda e: "\n".join(map(_note, e.note_list)), "sees_private_data"),
]


def export_rows(
    expressions: ExpressionQuerySet, permissions: ExpressionPermissions
) -> Iterator[list[str]]:
    """The headings, then one row for each expression in the order of the list, without tests.

    Columns that `permissions` hide are not read from the database. Expressions that are erased
    during the export are left out.
    """
    columns = [
        column
        for column in _COLUMNS
        if not column.permission or getattr(permissions, column.permission)
    ]
    yield [column.heading for column in columns]
    pks = list(expressions.exclude_tests().values_list("pk", flat=True))
    readable = _with_parts(permissions)
    for start in range(0, len(pks), _CHUNK_SIZE):
        chunk = pks[start : start + _CHUNK_SIZE]
        by_pk = readable.in_bulk(chunk)
        for pk in chunk:
            if pk in by_pk:
                yield [defuse(column.text(by_pk[pk])) for column in columns]


def _with_parts(permissions: ExpressionPermissions) -> ExpressionQuerySet:
    answers = Answer.objects.select_related("question")
    notes = Note.objects.select_related("author")
    if not permissions.sees_private_data:
        answers = answers.filter(question__asked_at=Question.AskedAt.SUBMISSION)
    # Lists are read several times faster than the managers of the relations.
    parts = [
        Prefetch("topics", to_attr="topic_list"),
        Prefetch("answers", answers, to_attr="answer_list"),
        *[Prefetch("coauthors", to_attr="coauthor_list")] * permissions.sees_authors,
        *[Prefetch("consents", to_attr="consent_list")] * permissions.sees_private_data,
        *[Prefetch("notes", notes, to_attr="note_list")] * permissions.sees_private_data,
    ]
    has_pdf = Exists(ExpressionPDF.objects.filter(expression=OuterRef("pk")))
    expressions: ExpressionQuerySet = (
        Expression.objects.order_by().defer(*permissions.hidden_fields).annotate(has_pdf=has_pdf)
    )
    return expressions.prefetch_related("edition", *parts)


class _Echo:
    """A file that returns what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[list[str]]) -> Iterator[str]:
    """The rows as CSV (RFC 4180), with the byte order mark by which Excel recognises UTF-8."""
    yield "\ufeff"
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)


def write_xlsx(file: IO[bytes], rows: Iterable[list[str]]) -> None:
    """Write the rows as an Excel file of one sheet, in which every cell is a text."""
    from xlsxwriter import Workbook  # 5 MB of memory that most processes never need

    with Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Entries")
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, _shorten(text), None if number else bold)


def table_response(rows: Iterable[list[str]], kind: str, name: str) -> HttpResponseBase:
    """The rows as a download, `kind` is csv or xlsx; `name` is that of the file, without its end."""
    if kind == "csv":
        return StreamingHttpResponse(
            csv_lines(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    write_xlsx(file, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)


def _shorten(text: str) -> str:
    """The text, cut to what fits into one cell of Excel."""
    if text.startswith("<r>"):  # xlsxwriter would take it for XML of its own
        text = f"'{text}"
    if len(text) <= _MAX_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MAX_CELL:
        return text
    return units[: 2 * (_MAX_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def defuse(text: str) -> str:
    """The text as a cell that no spreadsheet runs: an apostrophe before a formula."""
    if not text:
        return text
    text = _CONTROLS.sub("", text)
    is_dangerous = text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS)
    return f"'{text}" if is_dangerous else text
