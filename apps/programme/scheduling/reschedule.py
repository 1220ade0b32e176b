"""Moving sessions to another time or room of their day, and undoing a move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Self

from django.db import transaction
from django.db.models import TextChoices

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.programme.models import Room, Session

MINUTES_OF_DAY = 24 * 60


class Along(TextChoices):
    """The sessions that move together with one."""

    NOTHING = "nothing", "Nothing else"
    ROOM = "room", "What follows in its room that day"
    DAY = "day", "Whatever starts then or later that day"


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
    *, session: Session, minutes: int, room: Room | None, along: Along, seen: SessionPlace
) -> list[SessionMove]:
    """Move `session` by `minutes` (negative: earlier) and into `room`, with those along.

    Without a time it starts `minutes` after midnight. Sessions that move along keep their rooms.
    Returns all moves, its own first. Raises NotAllowed if it is not at `seen` any more, so that
    a second click changes nothing, or if a session would leave its day; then nothing is moved.
    """
    with transaction.atomic():
        _lock(session.edition)
        current = _load(session.edition, {session.pk: seen})[session.pk]
        _rooms(session.edition, [room.pk if room else None])
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
                f"{', '.join(leaving[:3])}{more} would start on another day. Nothing was moved; "
                "give a session that changes its day its new time on its own page."
            )
        for move in moves:
            move.session.starts_at = time(*divmod(move.before.minute + minutes, 60))
        current.room = room
        _save(moves)
    return moves


def undo_moves(
    *, edition: Edition, moves: Sequence[tuple[int, SessionPlace, SessionPlace]]
) -> list[SessionMove]:
    """Move sessions (primary key, place after the move, place before it) back, all or none.

    Raises NotAllowed if one of them was moved again.
    """
    with transaction.atomic():
        _lock(edition)
        rows = _load(edition, {pk: after for pk, after, _ in moves})
        rooms = _rooms(edition, [before.room for *_, before in moves])
        undone = []
        for pk, _, before in moves:
            row = rows[pk]
            undone.append(SessionMove(row, SessionPlace.of(row)))
            row.day, row.starts_at = before.day, before.starts_at
            row.room = rooms[before.room] if before.room is not None else None
        _save(undone)
    return undone


def _lock(edition: Edition) -> None:
    """Concurrent moves wait for each other."""
    Edition.objects.select_for_update().get(pk=edition.pk)


def _load(edition: Edition, seen: dict[int, SessionPlace]) -> dict[int, Session]:
    """The sessions by primary key; raises NotAllowed unless each is where it was seen."""
    sessions = Session.objects.filter(edition=edition).select_related("edition", "room")
    rows = sessions.in_bulk(seen)
    if len(rows) < len(seen):
        which = "This session" if len(seen) == 1 else "One of these sessions"
        raise NotAllowed(f"{which} was deleted meanwhile. Nothing was moved.")
    for pk, place in seen.items():
        if SessionPlace.of(rows[pk]) != place:
            raise NotAllowed(_moved_meanwhile(rows[pk], place))
    return rows


def _moved_meanwhile(session: Session, seen: SessionPlace) -> str:
    start = f"{session.starts_at:%H:%M}" if session.starts_at else "no time"
    now = f"it starts at {start} now"
    if session.day != seen.day:
        now += f", on day {session.day}"
    if session.room_id != seen.room:
        now += f", in “{session.room}”" if session.room else ", in no room"
    return f"“{session}” was moved meanwhile: {now}. Nothing else was moved."


def _rooms(edition: Edition, keys: Iterable[int | None]) -> dict[int, Room]:
    """The rooms with these primary keys; raises NotAllowed if one was deleted."""
    wanted = {key for key in keys if key is not None}
    rooms = Room.objects.for_edition(edition).in_bulk(wanted) if wanted else {}
    if len(rooms) < len(wanted):
        raise NotAllowed("The room was deleted meanwhile. Nothing was moved.")
    return rooms


def _save(moves: Iterable[SessionMove]) -> None:
    """Write only the moved fields, so that concurrent edits of others stay."""
    for move in moves:
        move.session.save(update_fields=["day", "starts_at", "room"])
