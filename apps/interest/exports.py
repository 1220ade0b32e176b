"""A list of expressions as CSV or Excel: streamed, and with nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

import xlsxwriter

from apps.interest.models import (
    Answer,
    CoAuthor,
    Consent,
    Expression,
    ExpressionQuerySet,
    Format,
    Question,
)
from apps.interest.sight import Sight
from apps.interest.workflow import State

_BATCH = 2000  # rows held at once, with their topics, co-authors and answers
_CELL = 32_767  # characters Excel takes in one cell
# OWASP, "CSV Injection": what makes a spreadsheet run a cell. Their wide forms are read alike.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# No spreadsheet can hold these (XML 1.0, 2.2); a tab and the ends of lines it can.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Parts(NamedTuple):
    """What belongs to the rows of one batch, by the keys of their expressions."""

    topics: dict[int, list[str]]
    coauthors: dict[int, list[str]]
    answers: dict[int, list[str]]
    later_answers: dict[int, list[str]]
    consents: dict[int, list[str]]


@dataclass(frozen=True)
class Column:
    """One column: its heading, what stands in it, and whether somebody of this sight gets it."""

    heading: str
    value: Callable[[dict[str, Any], Parts], str]
    is_seen: Callable[[Sight], bool] = lambda sight: True


def _field(name: str) -> Callable[[dict[str, Any], Parts], str]:
    return lambda row, parts: str(row[name] or "")


def _label(choices: Any, name: str) -> Callable[[dict[str, Any], Parts], str]:
    return lambda row, parts: str(choices(row[name]).label) if row[name] else ""


def _yes_no(name: str) -> Callable[[dict[str, Any], Parts], str]:
    return lambda row, parts: {True: "yes", False: "no", None: ""}[row[name]]


def _moment(name: str) -> Callable[[dict[str, Any], Parts], str]:
    def value(row: dict[str, Any], parts: Parts) -> str:
        moment: datetime | None = row[name]
        zone = ZoneInfo(row["edition__time_zone"])
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    return value


def _day(name: str) -> Callable[[dict[str, Any], Parts], str]:
    def value(row: dict[str, Any], parts: Parts) -> str:
        day: date | None = row[name]
        return day.isoformat() if day else ""

    return value


def _joined(name: str) -> Callable[[dict[str, Any], Parts], str]:
    return lambda row, parts: "\n".join(getattr(parts, name).get(row["pk"], []))


def _formats(row: dict[str, Any], parts: Parts) -> str:
    wanted = [Format.TALK.label] * row["wants_talk"] + [Format.POSTER.label] * row["wants_poster"]
    return " or ".join(wanted).capitalize()


def _address(sight: Sight) -> bool:
    return sight.sees_address


def _everything(sight: Sight) -> bool:
    return sight.sees_everything


_COLUMNS = [
    Column("Reference", lambda row, parts: f"{row['reference'][:3]}-{row['reference'][3:]}"),
    Column("Edition", _field("edition__slug")),
    Column("State", _label(State, "state")),
    Column("Name", _field("name")),
    Column("E-mail address", _field("email"), _address),
    Column("University", _field("university")),
    Column("Career stage", _label(Expression.CareerStage, "career_stage")),
    Column("Supervisor", _field("supervisor")),
    Column("School or lab", _field("school")),
    Column("Link", _field("link")),
    Column("Asked for", _formats),
    Column("Preference", _label(Expression.Preference, "preference")),
    Column("Title", _field("title")),
    Column("Abstract", _field("abstract")),
    Column("Topics", _joined("topics")),
    Column("Co-authors", _joined("coauthors")),
    Column("Answers", _joined("answers")),
    Column("Late", _yes_no("is_late")),
    Column("Submitted", _moment("submitted_at")),
    Column("Last changed", _moment("changed_at")),
    Column("Decided", _moment("decided_at")),
    Column("Offer", _label(Format, "offer")),
    Column("Reply by", _day("reply_by_on")),
    Column("Confirmed", _label(Format, "confirmed_format")),
    Column("Can attend", _yes_no("can_attend"), _everything),
    Column("Technical needs", _field("technical_needs"), _everything),
    Column("Access needs", _field("access_needs"), _everything),
    Column("Diet", _field("diet"), _everything),
    Column("Consents", _joined("consents"), _everything),
    Column("Answers at acceptance", _joined("later_answers"), _everything),
]
_PUBLIC_FIELDS = (
    *("pk", "reference", "edition__slug", "edition__time_zone", "state", "name", "university"),
    *("career_stage", "supervisor", "school", "link", "wants_talk", "wants_poster", "preference"),
    *("title", "abstract", "is_late", "submitted_at", "changed_at", "decided_at", "offer"),
    *("reply_by_on", "confirmed_format"),
)
_NEEDS = ("can_attend", "technical_needs", "access_needs", "diet")


def rows(expressions: ExpressionQuerySet, sight: Sight) -> Iterator[list[str]]:
    """The headings, then a row for each expression, harmless in a spreadsheet, in the list's order.

    What `sight` hides is not even asked of the database. Rehearsals are left out. Moments are in
    the edition's zone, as ISO 8601 with its offset.
    """
    columns = [column for column in _COLUMNS if column.is_seen(sight)]
    fields = list(_PUBLIC_FIELDS)
    fields += ["email"] * sight.sees_address + [*_NEEDS] * sight.sees_everything
    yield [column.heading for column in columns]
    found = (
        expressions.counted()
        .prefetch_related(None)
        .values_list(*fields)
        .iterator(chunk_size=_BATCH)
    )
    while batch := [dict(zip(fields, row, strict=True)) for row in islice(found, _BATCH)]:
        parts = _parts([row["pk"] for row in batch], sight)
        for row in batch:
            yield [defuse(column.value(row, parts)) for column in columns]


def csv_lines(expressions: ExpressionQuerySet, sight: Sight) -> Iterator[str]:
    """The same as lines of CSV (RFC 4180), begun by the mark that tells Excel it is UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows(expressions, sight):
        yield writer.writerow(row)


def xlsx_file(expressions: ExpressionQuerySet, sight: Sight) -> IO[bytes]:
    """The same as an Excel file, open at its beginning; the caller closes it. Every cell is text."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 – the answer sends it and closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Expressions")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows(expressions, sight)):
            for place, text in enumerate(row):
                sheet.write_string(number, place, _shortened(text), None if number else bold)
    file.seek(0)
    return file


def defuse(text: str) -> str:
    """`text` as a cell no spreadsheet runs: an apostrophe before what would begin a formula."""
    text = _CONTROLS.sub("", text)
    is_dangerous = text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS)
    return f"'{text}" if is_dangerous else text


def _shortened(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _parts(pks: list[int], sight: Sight) -> Parts:
    parts = Parts(*[defaultdict[int, list[str]](list) for _ in Parts._fields])
    topics = Expression.topics.through.objects.filter(expression_id__in=pks)
    for pk, heading in topics.order_by("topic__ordering", "topic_id").values_list(
        "expression_id", "topic__heading"
    ):
        parts.topics[pk].append(heading)
    for coauthor in CoAuthor.objects.filter(expression_id__in=pks):
        parts.coauthors[coauthor.expression_id].append(str(coauthor))
    answers = Answer.objects.filter(expression_id__in=pks).select_related("question")
    if not sight.sees_everything:
        answers = answers.filter(question__asked_at=Question.AskedAt.SUBMISSION)
    for answer in answers:
        is_early = answer.question.asked_at == Question.AskedAt.SUBMISSION
        place = parts.answers if is_early else parts.later_answers
        place[answer.expression_id].append(f"{answer.question.words} {answer.words}")
    if sight.sees_everything:
        for consent in Consent.objects.filter(expression_id__in=pks):
            parts.consents[consent.expression_id].append(str(consent))
    return parts


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
