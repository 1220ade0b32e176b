"""The draft as a grid of rooms and times, and moving sessions in it.

A day has one column per room, with time downwards in minutes after midnight. A session moves to
another time or room of its day, alone or with those that follow, and a move can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Self

from django.db import transaction
from django.db.models import TextChoices

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.programme.models import Room, Session
from apps.programme.timetable import ProgrammeDay, ScheduledSession

MINUTES_OF_DAY = 24 * 60
# Shorter sessions are drawn this long, so that they can be read and hit (WCAG 2.5.8).
SHORTEST = 15
_HOUR = 60


class Along(TextChoices):
    """The sessions that move together with one."""

    NOTHING = "nothing", "Nothing else"
    ROOM = "room", "Later sessions in its room that day"
    DAY = "day", "All sessions that start then or later that day"


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Day, time and room of a session in the draft; its text form is for hidden fields."""

    day: int
    starts_at: time | None
    room: int | None  # primary key

    @classmethod
    def of(cls, session: Session) -> Self:
        """The place of `session` now."""
        return cls(session.day, session.starts_at, session.room_id)

    def __str__(self) -> str:
        start = self.starts_at.isoformat() if self.starts_at else ""
        return f"{self.day}/{start}/{self.room or ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `str` wrote. Raises ValueError for any other text."""
        day, start, room = text.split("/")
        return cls(
            int(day), time.fromisoformat(start) if start else None, int(room) if room else None
        )

    @property
    def minute(self) -> int:
        """The start in minutes after midnight; 0 without a time."""
        return self.starts_at.hour * 60 + self.starts_at.minute if self.starts_at else 0


@dataclass(frozen=True, slots=True)
class SessionMove:
    """A session that was moved, and its place before."""

    session: Session
    before: SessionPlace


def following(session: Session) -> dict[Along, list[Session]]:
    """The sessions that would move along: those of the day that start with it or later. One query.

    None while it has no time. Sessions without a room count as one room.
    """
    if session.starts_at is None:
        return {along: [] for along in Along}
    day = Session.objects.for_edition(session.edition).filter(day=session.day)
    rows = day.filter(starts_at__gte=session.starts_at).exclude(pk=session.pk)
    later = list(rows.select_related("room"))
    in_room = [row for row in later if row.room_id == session.room_id]
    return {Along.NOTHING: [], Along.ROOM: in_room, Along.DAY: later}


def move_session(
    *, session: Session, minutes: int, room: Room | None, along: Along, seen: str
) -> list[SessionMove]:
    """Move `session` by `minutes` (negative: earlier) and into `room`, with those along.

    Without a time it starts `minutes` after midnight. Sessions that move along keep their rooms.
    Returns all moves, its own first. Raises NotAllowed if its place is not `seen` any more, so that
    a second click changes nothing, or if a session would leave its day; then nothing is moved.
    """
    with transaction.atomic():
        current = _lock_and_load(session.edition, {session.pk: seen})[session.pk]
        along_rows = following(current)[along] if minutes else []
        moves = [SessionMove(row, SessionPlace.of(row)) for row in (current, *along_rows)]
        leaving = [
            f"“{move.session}”"
            for move in moves
            if not 0 <= move.before.minute + minutes < MINUTES_OF_DAY
        ]
        if leaving:
            more = f" and {len(leaving) - 3} more" if leaving[3:] else ""
            raise NotAllowed(
                f"{', '.join(leaving[:3])}{more} would start on another day. Nothing was moved. "
                "To move a session to another day, change its time on its own page."
            )
        for move in moves:
            move.session.starts_at = time(*divmod(move.before.minute + minutes, 60))
        current.room = room
        _save(moves)
    return moves


def undo_moves(*, edition: Edition, moves: Sequence[tuple[int, str, str]]) -> list[SessionMove]:
    """Move sessions (primary key, place after the move, place before it) back, all or none.

    Raises NotAllowed if one of them was moved again, or if its room was deleted.
    """
    with transaction.atomic():
        rows = _lock_and_load(edition, {pk: after for pk, after, _ in moves})
        rooms = Room.objects.filter(edition=edition).in_bulk()
        undone = []
        for pk, _, text in moves:
            row, before = rows[pk], SessionPlace.parse(text)
            undone.append(SessionMove(row, SessionPlace.of(row)))
            if before.room is not None and before.room not in rooms:
                raise NotAllowed("The room was deleted meanwhile. Nothing was moved.")
            row.day, row.starts_at = before.day, before.starts_at
            row.room = rooms[before.room] if before.room is not None else None
        _save(undone)
    return undone


def _lock_and_load(edition: Edition, seen: dict[int, str]) -> dict[int, Session]:
    """The sessions by primary key; raises NotAllowed unless each is where it was seen.

    Concurrent moves wait for each other.
    """
    Edition.objects.select_for_update().get(pk=edition.pk)
    sessions = Session.objects.filter(edition=edition).select_related("edition", "room")
    rows = sessions.in_bulk(seen)
    for pk, place in seen.items():
        if pk not in rows:
            raise NotAllowed("A session was deleted meanwhile. Nothing was moved.")
        if str(SessionPlace.of(rows[pk])) != place:
            raise NotAllowed(f"“{rows[pk]}” was moved meanwhile. Check it again.")
    return rows


def _save(moves: Iterable[SessionMove]) -> None:
    """Write only the moved fields, so that concurrent edits of others stay."""
    for move in moves:
        move.session.save(update_fields=["day", "starts_at", "room"])


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
