"""Charts as SVG without scripts: bars, steps over days, and columns.

Positions across are percentages and heights are pixels, so a chart fills any width and its texts keep
their size. Colours and dashes are classes of `static/core/charts.css`. No library: those for Python
write styles or scripts into their SVG, which the content security policy forbids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.dateformat import format as date_format

_HEIGHT = 200  # of the plot, in pixels
_WIDTH = 1000  # of the plot in its own units; stretched to the page
_GUTTER = 0.08  # of the width, left of columns, for the numbers of the axis
_MOST_LEVELS = 4
_MOST_TICKS = 4
_LONG = 300  # days, from which on the labels name months and years


class Hint(NamedTuple):
    """What to do while a chart has no numbers, with the page where it is done."""

    text: str
    label: str = ""
    url: str = ""


class Bar(NamedTuple):
    """One line of a bar chart; `part` is the darker part of the bar."""

    label: str
    words: str
    width: str
    part: str


@dataclass(frozen=True)
class Bars:
    bars: list[Bar]
    template: str = "core/charts/_bars.html"


class Series(NamedTuple):
    """A number that grows: its value from each day on, up to the end of the day `until`."""

    label: str
    values: Sequence[tuple[date, int]]
    until: date


class Mark(NamedTuple):
    """A moment or a limit that a line shows; `at` is the end of a day, or a number."""

    label: str
    at: date | int


class Label(NamedTuple):
    """A text at a position: across as "40%", or down in pixels; and its side of the position."""

    text: str
    at: str
    anchor: str = "start"


class Line(NamedTuple):
    label: str
    path: str


@dataclass(frozen=True)
class Steps:
    """Numbers that grow over days: drawn lines, with the labels of both axes."""

    lines: list[Line]
    levels: list[Label]
    ticks: list[Label]
    deadline: Label | None = None
    limit: Label | None = None
    template: str = "core/charts/_steps.html"


class Column(NamedTuple):
    title: str
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True)
class Columns:
    """Numbers of equal spans of time, side by side."""

    columns: list[Column]
    levels: list[Label]
    ticks: list[Label]
    template: str = "core/charts/_columns.html"


@dataclass(frozen=True)
class Chart:
    """A chart with its heading, its main number in a sentence, and all its numbers as a table."""

    slug: str
    heading: str
    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int]]
    drawing: Bars | Steps | Columns | None = None
    note: str = ""
    hints: Sequence[Hint] = field(default=())


def percentage(part: float, whole: float) -> str:
    """A position or a length across: "33.3%"."""
    return f"{100 * part / whole:.1f}%" if whole else "0%"


def in_percent(part: int, whole: int) -> str:
    """A share in words: "33%"."""
    return f"{part / whole:.0%}" if whole else "0%"


def draw_bars(rows: Sequence[tuple[str, int]], *, most: int = 0) -> Bars:
    """Bars of a label and a number each; the sum of the other groups follows without a bar.

    With `most`, only so many rows get a bar.
    """
    shown, others = (rows[:most], rows[most:]) if most else (rows, ())
    longest = max((number for _, number in shown), default=0)
    bars = [Bar(label, str(number), percentage(number, longest), "") for label, number in shown]
    if others:
        label = "1 other" if len(others) == 1 else f"{len(others)} others"
        bars.append(Bar(label, str(sum(number for _, number in others)), "", ""))
    return Bars(bars)


def draw_parts(rows: Sequence[tuple[str, int, int]]) -> Bars:
    """Bars of a label, a number and a part of it each."""
    most = max((whole for _, whole, _ in rows), default=0)
    return Bars(
        [
            Bar(
                label,
                f"{part} of {whole} ({in_percent(part, whole)})",
                percentage(whole, most),
                percentage(part, most),
            )
            for label, whole, part in rows
        ]
    )


def draw_steps(
    series: Sequence[Series], *, deadline: Mark | None = None, limit: Mark | None = None
) -> Steps:
    """Lines of numbers that grow over days, one day of room beside the last one."""
    days = [day for one in series for day in (*(day for day, _ in one.values), one.until)]
    if deadline and isinstance(deadline.at, date):
        days.append(deadline.at)
    first, span = min(days), (max(days) - min(days)).days + 1
    numbers = [number for one in series for _, number in one.values]
    if limit and isinstance(limit.at, int):
        numbers.append(limit.at)
    levels = _levels(max(numbers, default=0))

    def place(day: date) -> float:
        return _WIDTH * (day - first).days / span

    def draw(one: Series) -> str:
        path = [f"M0 {_HEIGHT}"]
        for day, number in one.values:
            path.append(f"H{place(day):.1f}V{_down(number, levels):.1f}")
        return "".join([*path, f"H{place(one.until + timedelta(days=1)):.1f}"])

    return Steps(
        lines=[Line(one.label, draw(one)) for one in series],
        levels=_level_labels(levels),
        ticks=_day_labels(first, span),
        deadline=_mark_day(deadline, first, span),
        limit=Label(limit.label, f"{_down(limit.at, levels):.1f}")
        if limit and isinstance(limit.at, int)
        else None,
    )


def draw_columns(values: Sequence[tuple[str, int]]) -> Columns:
    """Columns of a label and a number each, some of which are labelled below."""
    levels = _levels(max((number for _, number in values), default=0))
    count = len(values)
    width = (1 - _GUTTER) / max(count, 1)

    def across(place: float) -> str:
        return percentage(_GUTTER + width * place, 1)

    columns = [
        Column(
            f"{label}: {number}",
            across(place + 0.1),
            percentage(width * 0.8, 1),
            f"{_down(number, levels):.1f}",
            f"{_HEIGHT - _down(number, levels):.1f}",
        )
        for place, (label, number) in enumerate(values)
    ]
    every = -(-count // _MOST_TICKS)
    ticks = []
    for place in range(0, count, every or 1):
        is_last = place == count - 1 and place > 0
        anchor = "end" if is_last else "middle" if place else "start"
        shift = {"start": 0.1, "middle": 0.5, "end": 0.9}[anchor]
        ticks.append(Label(values[place][0], across(place + shift), anchor))
    return Columns(columns, _level_labels(levels), ticks)


def _levels(most: int) -> list[int]:
    """Round numbers of the vertical axis, the last at least `most`."""
    step, factors = 1, (2, 2.5, 2)  # 1, 2, 5, 10, 20, 50 …
    turn = 0
    while most > _MOST_LEVELS * step:
        step = int(step * factors[turn % 3])
        turn += 1
    return [step * number for number in range(1, max(1, -(-most // step)) + 1)]


def _down(number: int, levels: Sequence[int]) -> float:
    """The distance of a number from the upper edge of the plot."""
    return _HEIGHT * (1 - number / levels[-1])


def _level_labels(levels: Sequence[int]) -> list[Label]:
    return [Label(str(level), f"{_down(level, levels):.1f}") for level in levels]


def _day_labels(first: date, span: int) -> list[Label]:
    """The first and the last day and some between; their texts stay within the chart."""
    count = min(span, _MOST_TICKS)
    places = sorted({round(number * (span - 1) / max(count - 1, 1)) for number in range(count)})
    labels = []
    for place in places:
        text = date_format(first + timedelta(days=place), "M Y" if span > _LONG else "j M")
        is_last = place == span - 1 and place > 0
        anchor = "end" if is_last else "middle" if place else "start"
        labels.append(Label(text, percentage(place + is_last, span), anchor))
    return labels


def _mark_day(mark: Mark | None, first: date, span: int) -> Label | None:
    if mark is None or not isinstance(mark.at, date):
        return None
    place = (mark.at - first).days + 1
    return Label(mark.label, percentage(place, span), "end" if place > span / 2 else "start")
