"""A list of expressions as CSV or Excel: streamed, and with nothing a spreadsheet would run."""

from __future__ import annotations

import re
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.core.excel import write_sheet
from apps.interest.models import (
    Answer,
    CoAuthor,
    Consent,
    Expression,
    ExpressionQuerySet,
    Format,
    Question,
)
from apps.interest.permissions import AUTHOR_FIELDS, ExpressionPermissions
from apps.interest.workflow import State

_BATCH = 1000  # rows held at once, with their topics, co-authors and answers
_QUOTED = ('"', ",", "\n", "\r")  # what a cell of CSV holds only between quotes
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


class Batch(NamedTuple):
    """Some rows of the list, column by column: `fields` has a value of each row for each name."""

    fields: dict[str, Sequence[Any]]
    parts: Parts


@dataclass(frozen=True)
class Column:
    """One column: its heading, its harmless cells, and whether somebody of this sight gets it."""

    heading: str
    cells: Callable[[Batch], list[str]]
    is_seen: Callable[[ExpressionPermissions], bool] = lambda sight: True


def _field(name: str) -> Callable[[Batch], list[str]]:
    return lambda batch: defused(batch.fields[name])


def _label(choices: Any, name: str) -> Callable[[Batch], list[str]]:
    labels = {"": "", **{choice.value: str(choice.label) for choice in choices}}
    return lambda batch: [labels[value] for value in batch.fields[name]]


def _yes_no(name: str) -> Callable[[Batch], list[str]]:
    words = {True: "yes", False: "no", None: ""}
    return lambda batch: [words[value] for value in batch.fields[name]]


def _moment(name: str) -> Callable[[Batch], list[str]]:
    def cells(batch: Batch) -> list[str]:
        names = batch.fields["edition__time_zone"]
        zones = {zone: ZoneInfo(zone) for zone in set(names)}
        return [
            moment.astimezone(zones[zone]).isoformat(timespec="seconds") if moment else ""
            for moment, zone in zip(batch.fields[name], names, strict=True)
        ]

    return cells


def _day(name: str) -> Callable[[Batch], list[str]]:
    return lambda batch: [day.isoformat() if day else "" for day in batch.fields[name]]


def _joined(name: str) -> Callable[[Batch], list[str]]:
    def cells(batch: Batch) -> list[str]:
        parts = getattr(batch.parts, name)
        return defused(["\n".join(parts.get(pk, ())) for pk in batch.fields["pk"]])

    return cells


def _formats(batch: Batch) -> list[str]:
    wanted = zip(batch.fields["wants_talk"], batch.fields["wants_poster"], strict=True)
    return [_FORMATS[talk, poster] for talk, poster in wanted]


def _reference(batch: Batch) -> list[str]:
    return [f"{reference[:3]}-{reference[3:]}" for reference in batch.fields["reference"]]


def _address(sight: ExpressionPermissions) -> bool:
    return sight.sees_address


def _everything(sight: ExpressionPermissions) -> bool:
    return sight.sees_everything


def _authors(sight: ExpressionPermissions) -> bool:
    return sight.sees_authors


_FORMATS = {
    (talk, poster): Expression(wants_talk=talk, wants_poster=poster).formats
    for talk in (True, False)
    for poster in (True, False)
}
_COLUMNS = [
    Column("Reference", _reference),
    Column("Edition", _field("edition__slug")),
    Column("State", _label(State, "state")),
    Column("Name", _field("name"), _authors),
    Column("E-mail address", _field("email"), _address),
    Column("University", _field("university"), _authors),
    Column("Career stage", _label(Expression.CareerStage, "career_stage"), _authors),
    Column("Supervisor", _field("supervisor"), _authors),
    Column("School or lab", _field("school"), _authors),
    Column("Link", _field("link"), _authors),
    Column("Asked for", _formats),
    Column("Preference", _label(Expression.Preference, "preference")),
    Column("Title", _field("title")),
    Column("Abstract", _field("abstract")),
    Column("Topics", _joined("topics")),
    Column("Co-authors", _joined("coauthors"), _authors),
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
    *("pk", "reference", "edition__slug", "edition__time_zone", "state", "wants_talk"),
    *("wants_poster", "preference", "title", "abstract", "is_late", "submitted_at", "changed_at"),
    *("decided_at", "offer", "reply_by_on", "confirmed_format"),
)
_NEEDS = ("can_attend", "technical_needs", "access_needs", "diet")


def batches(
    expressions: ExpressionQuerySet, sight: ExpressionPermissions
) -> Iterator[list[list[str]]]:
    """The headings, then a row for each expression, harmless in a spreadsheet, in the list's order:
    some rows at a time, column by column.

    What `sight` hides is not even asked of the database. Rehearsals are left out. Moments are in
    the edition's zone, as ISO 8601 with its offset. No cursor stays open in between, so that
    somebody who fetches slowly holds nothing up; who is erased meanwhile is left out.
    """
    columns = [column for column in _COLUMNS if column.is_seen(sight)]
    fields = [*_PUBLIC_FIELDS, *[*AUTHOR_FIELDS] * sight.sees_authors]
    fields += ["email"] * sight.sees_address + [*_NEEDS] * sight.sees_everything
    yield [[column.heading] for column in columns]
    found = expressions.exclude_tests().prefetch_related(None).values_list("pk", flat=True)
    pks = array("q", found.iterator(chunk_size=_BATCH))
    for start in range(0, len(pks), _BATCH):
        if batch := _read(pks[start : start + _BATCH], fields, sight):
            cells = [column.cells(batch) for column in columns]
            del batch  # before the next is read, for the sake of memory
            yield cells
            del cells


def _read(pks: Sequence[int], fields: list[str], sight: ExpressionPermissions) -> Batch | None:
    """What there still is of `pks`, in their order."""
    asked = Expression.objects.filter(_is_among("pk", pks)).order_by()
    by_pk = {row[0]: row for row in asked.values_list(*fields)}
    rows = [by_pk[pk] for pk in pks if pk in by_pk]
    if not rows:
        return None
    return Batch(dict(zip(fields, zip(*rows, strict=True), strict=True)), _parts(pks, sight))


def csv_chunks(expressions: ExpressionQuerySet, sight: ExpressionPermissions) -> Iterator[str]:
    """The same as CSV (RFC 4180) in pieces, begun by the mark that tells Excel it is UTF-8."""
    yield "\ufeff"
    for columns in batches(expressions, sight):
        rows = zip(*map(_quoted, columns), strict=True)
        del columns
        yield "".join([",".join(row) + "\r\n" for row in rows])


def gzipped(chunks: Iterable[str]) -> Iterator[bytes]:
    """`chunks` compressed (RFC 1952), each whole as soon as it is there. Quickly rather than
    tightly: Django's middleware would take twice as long as all that goes before."""
    packer = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
    for chunk in chunks:
        yield packer.compress(chunk.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def write_xlsx(
    path: Path, expressions: ExpressionQuerySet, sight: ExpressionPermissions
) -> Iterator[int]:
    """The same as an Excel file at `path`, which is whole once the last number was given: after
    some rows each, how many there are by now."""
    for rows in write_sheet(path, "Expressions", batches(expressions, sight)):
        yield rows - 1


def defused(texts: Sequence[str]) -> list[str]:
    """A column's texts as cells no spreadsheet runs: see `defuse`."""
    # Most columns have no word that wants a closer look, which is seen in all of them at once.
    beginnings = "".join({text[:1] for text in texts})
    if not beginnings or (beginnings.isalnum() and _is_plain("".join(texts))):
        return list(texts)
    return [defuse(text) for text in texts]


def defuse(text: str) -> str:
    """`text` as a cell no spreadsheet runs: an apostrophe before what would begin a formula."""
    # Nor have most cells of the others.
    if not text or (text[0].isalnum() and _is_plain(text)):
        return text
    text = _CONTROLS.sub("", text)
    is_dangerous = text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS)
    return f"'{text}" if is_dangerous else text


def _is_plain(text: str) -> bool:
    return text.isprintable() or text.replace("\n", "").isprintable()


def _quoted(cells: list[str]) -> list[str]:
    """One column's cells as CSV holds them: all between quotes if one has to be.

    Python's own writer looks at each character by itself, which for a hundred thousand abstracts
    takes longer than all the rest.
    """
    together = "".join(cells)
    if not any(sign in together for sign in _QUOTED):
        return cells
    return ['"' + text.replace('"', '""') + '"' for text in cells]


def _parts(pks: Sequence[int], sight: ExpressionPermissions) -> Parts:
    parts = Parts(*[defaultdict[int, list[str]](list) for _ in Parts._fields])
    among = _is_among("expression_id", pks)
    topics = Expression.topics.through._default_manager.filter(among)
    for pk, heading in topics.order_by("topic__ordering", "topic_id").values_list(
        "expression_id", "topic__heading"
    ):
        parts.topics[pk].append(heading)
    coauthors = CoAuthor.objects.filter(among) if sight.sees_authors else CoAuthor.objects.none()
    for pk, name, affiliation in coauthors.values_list("expression_id", "name", "affiliation"):
        parts.coauthors[pk].append(CoAuthor.in_words(name, affiliation))
    answers = Answer.objects.filter(among)
    if not sight.sees_everything:
        answers = answers.filter(question__asked_at=Question.AskedAt.SUBMISSION)
    for pk, asked_at, question, words in answers.values_list(
        "expression_id", "question__asked_at", "question__words", "words"
    ):
        is_early = asked_at == Question.AskedAt.SUBMISSION
        (parts.answers if is_early else parts.later_answers)[pk].append(f"{question} {words}")
    if sight.sees_everything:
        for consent in Consent.objects.filter(among):
            parts.consents[consent.expression_id].append(str(consent))
    return parts


def _is_among(name: str, pks: Sequence[int]) -> Q:
    """That a key is one of `pks`, or at least between the first and the last if they lie close
    together, as they do in a list by time: that is asked and answered much faster."""
    least, most = min(pks), max(pks)
    if most - least < 2 * len(pks):
        return Q(**{f"{name}__gte": least, f"{name}__lte": most})
    return Q(**{f"{name}__in": list(pks)})
