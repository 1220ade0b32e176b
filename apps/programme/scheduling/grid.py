"""A day of the draft as it is drawn on the desk: a column for each room, time down the page.

All in minutes after midnight by the clock, so that what is drawn can be moved by the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from apps.programme.models import Room
from apps.programme.scheduling.reschedule import Place
from apps.programme.timetable import Day, ScheduledSession

# What is shorter, or has no end yet, is drawn this long: to be read, and to be hit (WCAG 2.5.8).
SHORTEST = 15
_HOUR = 60
_DAY = 24 * _HOUR


@dataclass(slots=True)
class Block:
    """A session in its column. What overlaps stands beside each other: in lane `lane` of `lanes`."""

    entry: ScheduledSession
    begin: int
    lane: int = 0
    lanes: int = 1

    @property
    def drawn(self) -> int:
        """How long it is drawn."""
        return max(self.entry.minutes or 0, SHORTEST)

    @property
    def is_short(self) -> bool:
        """Whether there is space for one line alone."""
        return self.drawn < 2 * SHORTEST

    @property
    def end(self) -> int:
        """Where its drawing ends."""
        return self.begin + self.drawn

    @property
    def seen(self) -> str:
        """Where it stands, for the press that moves it."""
        return seen_of(self.entry)


@dataclass(slots=True)
class Column:
    """What is in one room that day; `room` is None for what is in none."""

    room: Room | None
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class DrawnDay:
    """A day from `begin` to `end`, whole hours both, with an hour free before and after."""

    day: Day
    begin: int
    end: int
    columns: list[Column]
    untimed: list[
        tuple[ScheduledSession, str]
    ]  # with where it stands, for the press that places it

    @property
    def hours(self) -> list[tuple[int, str]]:
        """The hours between: minutes, and the clock time."""
        hours = range(self.begin, self.end, _HOUR)
        return [(minute, f"{minute // _HOUR % 24:02}:00") for minute in hours]


def draw_days(days: Iterable[Day], rooms: Iterable[Room]) -> list[DrawnDay]:
    """Each of `days` with a column for each of `rooms`, in their order, and one for what is in none."""
    rooms = list(rooms)
    return [_draw(day, rooms) for day in days]


def seen_of(entry: ScheduledSession) -> str:
    """Where a session stands, for the press that moves it."""
    return str(Place(entry.day, entry.planned_start, entry.room_id))


def _draw(day: Day, rooms: list[Room]) -> DrawnDay:
    columns = {room.pk: Column(room) for room in rooms}
    nowhere = Column(None)
    untimed = []
    for entry in day.sessions:
        at = entry.planned_start
        if at is None:
            untimed.append((entry, seen_of(entry)))
            continue
        column = columns.get(entry.room_id or 0, nowhere)
        column.blocks.append(Block(entry, at.hour * _HOUR + at.minute))
    drawn = [*columns.values(), nowhere]
    for column in drawn:
        _put_beside_each_other(column.blocks)
    blocks = [block for column in drawn for block in column.blocks]
    begin, end = _frame(blocks)
    return DrawnDay(day, begin, end, drawn, untimed)


def _frame(blocks: list[Block]) -> tuple[int, int]:
    first = min((block.begin for block in blocks), default=9 * _HOUR)
    last = max((block.end for block in blocks), default=17 * _HOUR)
    begin = max(first // _HOUR - 1, 0) * _HOUR
    end = -(-last // _HOUR) * _HOUR
    return begin, end if end >= _DAY else end + _HOUR


def _put_beside_each_other(blocks: list[Block]) -> None:
    for group in _overlapping(blocks):
        ends: list[int] = []  # of the last one in each lane
        for block in group:
            free = (lane for lane, end in enumerate(ends) if end <= block.begin)
            block.lane = next(free, len(ends))
            ends[block.lane : block.lane + 1] = [block.end]
        for block in group:
            block.lanes = len(ends)


def _overlapping(blocks: list[Block]) -> Iterator[list[Block]]:
    """Those of one column in groups that do not touch each other."""
    group: list[Block] = []
    end = 0
    for block in sorted(blocks, key=lambda block: (block.begin, -block.end)):
        if group and block.begin >= end:
            yield group
            group = []
        group.append(block)
        end = max(end, block.end)
    if group:
        yield group
