"""When a row was sent, read from what a form's export says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum

# Of a spreadsheet's serial numbers, those of the years 2000 to 2099.
_SERIALS = (36_526, 73_050)
_EARLIEST, _LATEST = 2000, 2099
_DATE = re.compile(
    r"""(?P<one>\d{1,4})[/.\-](?P<two>\d{1,2})[/.\-](?P<three>\d{1,4})
    (?:[,\sT]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?
        \s*(?P<half>[ap]\.?m\.?)?)?
    \s*(?P<zone>(?:GMT|UTC|Z)?\s*(?:(?P<sign>[+\-−])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?)""",
    re.IGNORECASE | re.VERBOSE,
)


class Order(Enum):
    """Which comes first where a date is written in numbers."""

    DAY = "day"
    MONTH = "month"


def orders_of(cells: Iterable[str]) -> set[Order]:
    """The orders in which all dates in numbers can be read: both if nothing tells, none if some
    tell this and some that."""
    possible = set(Order)
    for cell in cells:
        match = _DATE.fullmatch(cell.strip())
        if match is None or len(match["one"]) == 4:
            continue
        if int(match["one"]) > 12:
            possible.discard(Order.MONTH)
        if int(match["two"]) > 12:
            possible.discard(Order.DAY)
    return possible


def is_in_numbers(cell: str) -> bool:
    """Whether it is a date of which one has to know whether the day or the month comes first."""
    match = _DATE.fullmatch(cell.strip())
    return match is not None and len(match["one"]) < 4


def read_moment(cell: str, order: Order, zone: tzinfo) -> datetime | None:
    """The moment that `cell` says, in UTC; None if it says none of this century.

    It is in `zone` where it names none of its own.
    """
    cell = cell.strip()
    if re.fullmatch(r"\d{5}(\.\d+)?", cell):
        return _of_serial(float(cell), zone)
    match = _DATE.fullmatch(cell)
    if match is None:
        return None
    try:
        local = _local(match, order)
        if not _EARLIEST <= local.year <= _LATEST:
            return None
        return local.replace(tzinfo=_zone(match) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _local(match: re.Match[str], order: Order) -> datetime:
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    if len(match["one"]) == 4:
        year, month, day = one, two, three
    else:
        year = three if len(match["three"]) == 4 else 2000 + three
        day, month = (one, two) if order is Order.DAY else (two, one)
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("No hour of half a day.")
        hour = hour % 12 + (12 if match["half"][0].casefold() == "p" else 0)
    return datetime(year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0))


def _zone(match: re.Match[str]) -> tzinfo | None:
    if not match["zone"].strip():
        return None
    if not match["sign"]:
        return UTC
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return timezone(offset if match["sign"] == "+" else -offset)


def _of_serial(number: float, zone: tzinfo) -> datetime | None:
    if not _SERIALS[0] <= number < _SERIALS[1]:
        return None
    from openpyxl.utils.datetime import from_excel  # late, as workbook.py says

    # A day's fraction hits no second exactly.
    local = from_excel(number) + timedelta(milliseconds=500)
    return local.replace(microsecond=0, tzinfo=zone).astimezone(UTC)
