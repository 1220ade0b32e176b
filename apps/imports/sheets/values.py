"""The values of cells: answers of our form, co-authors, dates and times."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import NamedTuple

from apps.core.text import one_line
from apps.imports.sheets.columns import MemoryKey, lasting_name, normalized, recall, remember
from apps.imports.sheets.row_form import RowForm
from apps.interest.models import Expression, Format, Question

# Answers

LEFT_OUT = ""
_FORMATS = {
    Format.TALK.value: ("talk", "lightning talk", "lightning talk only", "a lightning talk"),
    Format.POSTER.value: ("poster", "poster only", "a poster"),
    Format.BOTH.value: ("both", "either", "talk and poster", "lightning talk or poster"),
}
_YES_NO = {"yes": ("yes", "true", "y"), "no": ("no", "false", "n")}
_LINE_OR_SEMICOLON = re.compile(r"[;\n]")


class UnknownAnswer(NamedTuple):
    """An answer that our form does not have: normalized, as first written, and how often."""

    key: str
    text: str
    times: int


@dataclass(frozen=True)
class Vocabulary:
    """The answers a column may have: `choices` as name and label, `known` from text to name.

    A cell may hold several answers if `is_several`. What is unknown in it is then asked about piece
    by piece if `is_pieced`, otherwise as a whole.
    """

    key: str
    choices: list[tuple[str, str]]
    known: dict[str, str]
    is_several: bool = False
    is_pieced: bool = False

    def read(self, cell: str, chosen: dict[str, str]) -> tuple[list[str], list[str]]:
        """Return the names of the answers in `cell`, and the texts in it that are unknown.

        `chosen` holds the organisers' choices by normalized text.
        """
        known = ChainMap(chosen, self.known)
        cell = cell.strip("; \n")
        whole = normalized(cell)
        if not whole:
            return [], []
        if whole in known:
            return _without_left_out([known[whole]]), []
        if not self.is_several:
            return [], [one_line(cell)]
        names, unknown = _pieces(cell, known)
        if unknown and not self.is_pieced and not _LINE_OR_SEMICOLON.search(cell):
            return [], [one_line(cell)]
        return _without_left_out(names), unknown


def vocabularies_of(form: RowForm) -> dict[str, Vocabulary]:
    """Return the vocabulary of every target that does not take free text, by its key."""
    formats = [(format_.value, str(format_.label)) for format_ in Format]
    known_formats = {text: name for name, texts in _FORMATS.items() for text in texts}
    known_formats |= {normalized(label): name for name, label in formats}
    vocabularies = [
        Vocabulary("formats", formats, known_formats, is_several=True),
        _of_choices("preference", Expression.Preference.choices),
        _of_choices("career_stage", Expression.CareerStage.choices),
    ]
    if form.topics:
        topics = [(topic.heading, topic.heading) for topic in form.topics.values()]
        known = {normalized(heading): heading for heading, _ in topics}
        vocabularies.append(Vocabulary("topics", topics, known, is_several=True, is_pieced=True))
    for name, question in form.questions.items():
        if question.kind == Question.Kind.CHOICE:
            vocabularies.append(_of_choices(name, [(text, text) for text in question.choice_list]))
        if question.kind == Question.Kind.YES_NO:
            known = {text: value for value, texts in _YES_NO.items() for text in texts}
            vocabularies.append(Vocabulary(name, [("yes", "Yes"), ("no", "No")], known))
    return {vocabulary.key: vocabulary for vocabulary in vocabularies}


def _of_choices(key: str, choices: Iterable[tuple[str, str]]) -> Vocabulary:
    pairs = [(str(name), str(label)) for name, label in choices]
    known = {normalized(name): name for name, _ in pairs}
    return Vocabulary(key, pairs, known | {normalized(label): name for name, label in pairs})


def _pieces(cell: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The known names and the unknown texts in a cell with several answers.

    Microsoft ends each with a semicolon, Google puts ", " between them, although an answer may
    itself have commas: so the longest known run of pieces is taken.
    """
    names, unknown = [], []
    longest = 1 + max((text.count(",") for text in known), default=0)
    for part in _LINE_OR_SEMICOLON.split(cell):
        pieces = [piece for piece in part.split(",") if piece.strip()]
        start = 0
        while start < len(pieces):
            for end in range(min(len(pieces), start + longest), start, -1):
                text = normalized(",".join(pieces[start:end]))
                if text in known:
                    names.append(known[text])
                    start = end
                    break
            else:
                unknown.append(one_line(pieces[start]))
                start += 1
    return names, [text for text in unknown if text]


def _without_left_out(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name != LEFT_OUT))


def count_unknown(texts: Iterable[str]) -> list[UnknownAnswer]:
    """Return each of `texts` once with its count, the most frequent first."""
    counts = Counter[str]()
    first: dict[str, str] = {}
    for text in texts:
        counts[normalized(text)] += 1
        first.setdefault(normalized(text), text)
    return [UnknownAnswer(key, first[key], count) for key, count in counts.most_common()]


def recall_answers(
    unknown: Mapping[str, Iterable[UnknownAnswer]],
    form: RowForm,
    vocabularies: Mapping[str, Vocabulary],
) -> dict[str, dict[str, str]]:
    """Return the choices for unknown answers in earlier sheets, if this edition still offers them."""
    keys = [(key, answer.key) for key, answers in unknown.items() for answer in answers]
    stored = recall([_memory_key(key, text, form) for key, text in keys])
    chosen: dict[str, dict[str, str]] = {key: {} for key in unknown}
    for (key, text), name in zip(keys, stored, strict=True):
        offered = {normalized(choice): choice for choice, _ in vocabularies[key].choices}
        if name == LEFT_OUT:
            chosen[key][text] = LEFT_OUT
        elif name is not None and normalized(name) in offered:
            chosen[key][text] = offered[normalized(name)]
    return chosen


def remember_answers(chosen: Mapping[str, Mapping[str, str]], form: RowForm) -> None:
    """Store the choices for the next sheet with the same answers."""
    remember(
        {
            _memory_key(key, text, form): name
            for key, answers in chosen.items()
            for text, name in answers.items()
        }
    )


def _memory_key(key: str, text: str, form: RowForm) -> MemoryKey:
    return ("answer", lasting_name(key, form), text)


# Co-authors

_BULLET = re.compile(r"^\s*(?:[-–•*·]|\d{1,2}[.)])\s+")
_WITH_AFFILIATION = re.compile(r"(?P<name>[^()]+)\((?P<affiliation>.+)\)")
_NO_AUTHOR = {"", "-", "–", "n/a", "na", "none", "no", "nil", "nobody", "."}


def read_coauthors(cell: str) -> list[tuple[str, str]]:
    """Return name and affiliation of each: "Bo (University); Cy", one a line, or "Bo, Cy and Di".

    With semicolons or lines a comma stands before the affiliation, otherwise between the people.
    """
    cell = cell.strip("; \n")
    if _LINE_OR_SEMICOLON.search(cell):
        lines = [one_line(_BULLET.sub("", line)) for line in _LINE_OR_SEMICOLON.split(cell)]
        people = [_coauthor(*_split(line, r",", at_most=1)) for line in lines]
    else:
        people = [_coauthor(part) for part in _split(one_line(cell), r",| (?:and|&) ")]
    return [person for person in people if person]


def _coauthor(text: str, affiliation: str = "") -> tuple[str, str] | None:
    text = text.strip()
    if text.casefold() in _NO_AUTHOR:
        return None
    if not affiliation and (match := _WITH_AFFILIATION.fullmatch(text)):
        return match["name"].strip(), match["affiliation"].strip()
    return text, affiliation.strip()


def _split(text: str, separator: str, at_most: int = 0) -> list[str]:
    """The parts of `text` between separators outside of parentheses, in linear time."""
    parts, begin, depth = [], 0, 0
    last_closing = text.rfind(")")
    for match in re.finditer(rf"[()]|{separator}", text, re.IGNORECASE):
        if match[0] == "(":
            depth += match.start() < last_closing
        elif match[0] == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            parts.append(text[begin : match.start()])
            begin = match.end()
            if len(parts) == at_most:
                break
    return [*parts, text[begin:]]


# Dates and times

# The serial numbers that Excel gives to days of the years 2000 to 2099.
_SERIALS = (36_526, 73_050)
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2099
_MAX_DATE = 60  # characters
_DATE = re.compile(
    r"""(?P<one>\d{1,4})[/.\-](?P<two>\d{1,2})[/.\-](?P<three>\d{1,4})
    (?:[,\sT]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?
        \s*(?P<half>[ap]\.?m\.?)?)?
    \s*(?P<zone>(?:GMT|UTC|Z)?\s*(?:(?P<sign>[+\-−])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?)""",
    re.IGNORECASE | re.VERBOSE,
)


class DateOrder(Enum):
    """Which comes first in a date such as 03/05/2026."""

    DAY = "day"
    MONTH = "month"


def possible_orders(cells: Iterable[str]) -> set[DateOrder]:
    """Return the orders in which all dates are valid: both if either is, none if they disagree."""
    orders = set(DateOrder)
    for match in filter(None, map(_date_match, cells)):
        if len(match["one"]) < 4 and int(match["one"]) > 12:
            orders.discard(DateOrder.MONTH)
        if len(match["one"]) < 4 and int(match["two"]) > 12:
            orders.discard(DateOrder.DAY)
    return orders


def needs_order(cell: str) -> bool:
    """Whether the cell is a date whose order of day and month matters."""
    match = _date_match(cell)
    return match is not None and len(match["one"]) < 4


def parse_datetime(cell: str, order: DateOrder, zone: tzinfo) -> datetime | None:
    """Return the moment in UTC; None if the cell is none of this century.

    It is in `zone` unless the cell names its own offset.
    """
    if re.fullmatch(r"\d{5}(\.\d{1,20})?", cell.strip()):
        return _from_serial(float(cell), zone)
    match = _date_match(cell)
    if match is None:
        return None
    try:
        local = _local_datetime(match, order)
        if not _EARLIEST_YEAR <= local.year <= _LATEST_YEAR:
            return None
        return local.replace(tzinfo=_offset(match) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _date_match(cell: str) -> re.Match[str] | None:
    return _DATE.fullmatch(cell.strip()) if len(cell) <= _MAX_DATE else None


def _local_datetime(match: re.Match[str], order: DateOrder) -> datetime:
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    if len(match["one"]) == 4:
        year, month, day = one, two, three
    else:
        year = three if len(match["three"]) == 4 else 2000 + three
        day, month = (one, two) if order is DateOrder.DAY else (two, one)
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("No hour of half a day.")
        hour = hour % 12 + (12 if match["half"][0].casefold() == "p" else 0)
    return datetime(year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0))


def _offset(match: re.Match[str]) -> tzinfo | None:
    if not match["zone"].strip():
        return None
    if not match["sign"]:
        return UTC
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return timezone(offset if match["sign"] == "+" else -offset)


def _from_serial(number: float, zone: tzinfo) -> datetime | None:
    if not _SERIALS[0] <= number < _SERIALS[1]:
        return None
    from openpyxl.utils.datetime import from_excel  # late, as in reading.py

    # Fractions of a day are rounded to seconds.
    local = from_excel(number) + timedelta(milliseconds=500)
    return local.replace(microsecond=0, tzinfo=zone).astimezone(UTC)
