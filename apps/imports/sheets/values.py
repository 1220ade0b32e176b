"""Co-authors, dates and times, as people write them into one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from apps.core.text import one_line
from apps.imports.sheets.languages import AFTERNOON, MORNING, ZONES

LINE_OR_SEMICOLON = re.compile(r"[;\n]")

# Co-authors

_BULLET = re.compile(r"^\s*(?:[-–•*·]|\d{1,2}[.)])\s+")
_PARENTHESES = r"\((?:[^()]|\([^()]*\))*\)"
_WITH_AFFILIATION = re.compile(r"(?P<name>[^()]+)\((?P<affiliation>.+)\)")
_NO_AUTHOR = {"", "-", "–", "n/a", "na", "none", "no", "nil", "nobody", "."}


def read_coauthors(cell: str) -> list[tuple[str, str]]:
    """Return name and affiliation of each: "Bo (University); Cy", one a line, or "Bo, Cy and Di".

    With semicolons or lines a comma stands before the affiliation, otherwise between the people.
    """
    people: list[tuple[str, str]] = []
    cell = cell.strip("; \n")
    if LINE_OR_SEMICOLON.search(cell):
        for line in LINE_OR_SEMICOLON.split(cell):
            name, *rest = _split(one_line(_BULLET.sub("", line)), ",")
            people.append((name, ", ".join(rest)))
    else:
        people = [(name, "") for name in _split(one_line(cell), ",| (?:and|&) ")]
    return [
        _without_parentheses(*person) for person in people if person[0].casefold() not in _NO_AUTHOR
    ]


def _split(line: str, separator: str) -> list[str]:
    """The parts of a line between separators that stand outside of parentheses."""
    marked = re.sub(
        f"{_PARENTHESES}|{separator}",
        lambda match: match[0] if match[0][0] == "(" else "\n",
        line,
        flags=re.IGNORECASE,
    )
    return [part.strip() for part in marked.split("\n")]


def _without_parentheses(name: str, affiliation: str) -> tuple[str, str]:
    if not affiliation and (match := _WITH_AFFILIATION.fullmatch(name)):
        return match["name"].strip(), match["affiliation"].strip()
    return name, affiliation


# Dates and times

# Which comes first in a date such as 03/05/2026.
DAY_FIRST, MONTH_FIRST = "day", "month"
_YEARS = range(2000, 2100)
_MAX_DATE = 60  # characters
_HALF_DAYS = sorted(f"{MORNING}|{AFTERNOON}".split("|"), key=len, reverse=True)
_HALF = rf"(?:{'|'.join(map(re.escape, _HALF_DAYS))})"
# "3/1/2026 10:02 AM", "1.3.2026 10.02.03", "2026. 3. 1 오전 10:02:03", "2026年3月1日 10:02".
_DATE = re.compile(
    rf"""(?P<one>\d{{1,4}})(?:[/.\-]|年)\s?(?P<two>\d{{1,2}})(?:[/.\-]|月)\s?(?P<three>\d{{1,4}})[.日]?
    (?:[,\sT]+(?:(?P<before>{_HALF})\s*)?
        (?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}})(?:\.\d+)?)?
        \s*(?P<after>{_HALF})?)?
    \s*(?P<zone>{"|".join(ZONES)})?\s*(?:(?P<sign>[+\-−])(?P<hours>\d{{1,2}}):?(?P<minutes>\d{{2}})?)?""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)


def possible_orders(cells: Iterable[str]) -> set[str]:
    """Return the orders in which all dates are valid: both if either is, none if they disagree."""
    orders = {DAY_FIRST, MONTH_FIRST}
    for match in filter(None, map(_date_match, cells)):
        if len(match["one"]) < 4 and int(match["one"]) > 12:
            orders.discard(MONTH_FIRST)
        if len(match["one"]) < 4 and int(match["two"]) > 12:
            orders.discard(DAY_FIRST)
    return orders


def needs_order(cell: str) -> bool:
    """Whether the cell is a date whose order of day and month matters."""
    match = _date_match(cell)
    return match is not None and len(match["one"]) < 4


def parse_datetime(cell: str, order: str, zone: tzinfo) -> datetime | None:
    """Return the moment in UTC; None if the cell is none of this century.

    It is in `zone` unless the cell names its own offset.
    """
    match = _date_match(cell)
    if match is None:
        return None
    part = match.groupdict(default="")
    day, month, year = part["one"], part["two"], part["three"]
    if len(day) == 4:
        day, year = year, day
    elif order == MONTH_FIRST:
        day, month = month, day
    if len(year) < 4:
        year = f"20{year:0>2}"
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if half := part["before"] or part["after"]:
        if hour > 12:
            return None
        hour = hour % 12 + 12 * (half.casefold() in AFTERNOON.split("|"))
    hours = ZONES.get(part["zone"].upper(), 0)
    sign = 1 if part["sign"] == "+" else -1
    offset = timedelta(hours=hours + sign * int(part["hours"] or 0))
    offset += timedelta(minutes=sign * int(part["minutes"] or 0))
    has_zone = bool(part["zone"] or part["sign"])
    try:
        own_zone = timezone(offset) if has_zone else zone
        local = datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=own_zone)
    except ValueError:
        return None
    if local.year not in _YEARS:
        return None
    return local.astimezone(UTC)


def _date_match(cell: str) -> re.Match[str] | None:
    return _DATE.fullmatch(" ".join(cell.split())) if len(cell) <= _MAX_DATE else None
