"""A day of the draft as a grid: one column per room, time downwards, in minutes after midnight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from apps.programme.models import Room
from apps.programme.scheduling.reschedule import MINUTES_OF_DAY, SessionPlace
from apps.programme.timetable import ProgrammeDay, ScheduledSession

# Shorter sessions are drawn this long, so that they can be read and hit (WCAG 2.5.8).
SHORTEST = 15
_HOUR = 60


@dataclass(slots=True)
class Block:
    """A session in its column. Overlapping sessions are in lanes side by side."""

    session: ScheduledSession
    begin: int
    lane: int = 0
    lanes: int = 1

    @property
    def height(self) -> int:
        """Its length in the grid."""
        return max(self.session.minutes or 0, SHORTEST)

    @property
    def is_short(self) -> bool:
        """Whether only one line of text fits."""
        return self.height < 2 * SHORTEST

    @property
    def end(self) -> int:
        """Its end in the grid."""
        return self.begin + self.height

    @property
    def seen(self) -> str:
        """The place of its session, for the request that moves it."""
        return place_of(self.session)


@dataclass(slots=True)
class GridColumn:
    """The sessions in one room, or in no room."""

    room: Room | None
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class GridDay:
    """A day from `begin` to `end`, full hours with an empty hour at both ends."""

    day: ProgrammeDay
    begin: int
    end: int
    columns: list[GridColumn]
    untimed: list[tuple[ScheduledSession, str]]  # with place_of

    @property
    def hours(self) -> list[tuple[int, str]]:
        """Each hour as minutes and as clock time."""
        hours = range(self.begin, self.end, _HOUR)
        return [(minute, f"{minute // _HOUR % 24:02}:00") for minute in hours]


def place_of(session: ScheduledSession) -> str:
    """The place of `session` as the text of a SessionPlace."""
    return str(SessionPlace(session.day, session.planned_start, session.room_id))


def draw_days(days: Iterable[ProgrammeDay], rooms: Iterable[Room]) -> list[GridDay]:
    """The grid of each day, with a column per room in their order and one for no room."""
    rooms = list(rooms)
    return [_draw(day, rooms) for day in days]


def _draw(day: ProgrammeDay, rooms: list[Room]) -> GridDay:
    no_room = GridColumn(None)
    by_room = {room.pk: GridColumn(room) for room in rooms}
    untimed = []
    for session in day.sessions:
        start = session.planned_start
        if start is None:
            untimed.append((session, place_of(session)))
            continue
        column = by_room.get(session.room_id or 0, no_room)
        column.blocks.append(Block(session, start.hour * _HOUR + start.minute))
    columns = [*by_room.values(), no_room]
    for column in columns:
        for group in _overlapping(column.blocks):
            _assign_lanes(group)
    blocks = [block for column in columns for block in column.blocks]
    first = min((block.begin for block in blocks), default=9 * _HOUR)
    last = max((block.end for block in blocks), default=17 * _HOUR)
    end = -(-last // _HOUR) * _HOUR
    return GridDay(
        day,
        begin=max(first // _HOUR - 1, 0) * _HOUR,
        end=end if end >= MINUTES_OF_DAY else end + _HOUR,
        columns=columns,
        untimed=untimed,
    )


def _assign_lanes(group: list[Block]) -> None:
    ends: list[int] = []  # end of the last block in each lane
    for block in group:
        free = (lane for lane, end in enumerate(ends) if end <= block.begin)
        block.lane = next(free, len(ends))
        ends[block.lane : block.lane + 1] = [block.end]
    for block in group:
        block.lanes = len(ends)


def _overlapping(blocks: list[Block]) -> Iterator[list[Block]]:
    """Groups of blocks, by begin, that do not touch other groups."""
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
