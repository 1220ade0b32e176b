"""Moving a session to another time or room of its day, what follows it along if wished, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Self

from django.db import transaction
from django.db.models import TextChoices

from apps.editions.models import Edition
from apps.programme.models import Room, Session

MOST_MINUTES = 24 * 60 - 1
_DAY = 24 * 60


class Along(TextChoices):
    """What moves with a session."""

    NOTHING = "nothing", "Nothing else"
    ROOM = "room", "What follows in its room that day"
    DAY = "day", "Whatever starts then or later that day"


class NotMoved(Exception):
    """Nothing was moved; the words say why, for people."""


@dataclass(frozen=True, slots=True)
class Place:
    """When and where a session stands in the draft."""

    day: int
    starts_at: time | None
    room: int | None  # its key

    @classmethod
    def of(cls, session: Session) -> Self:
        """Where it stands now."""
        return cls(session.day, session.starts_at, session.room_id)

    def __str__(self) -> str:
        """For a form's hidden field."""
        at = self.starts_at.isoformat() if self.starts_at else ""
        return f"{self.day}/{at}/{self.room or ''}"

    @classmethod
    def read(cls, words: str) -> Self:
        """What `str` made. Raises ValueError for anything else."""
        day, at, room = words.split("/")
        return cls(int(day), time.fromisoformat(at) if at else None, int(room) if room else None)


@dataclass(frozen=True, slots=True)
class Step:
    """A session that moved: as it stands now, and where it stood before."""

    session: Session
    before: Place


def following(session: Session) -> dict[Along, list[Session]]:
    """What would move with `session`, in order: what starts when it does or later, on its day. One query.

    Nothing while it has no time. Without a room, what follows in its room is what has none either.
    """
    if session.starts_at is None:
        return {along: [] for along in Along}
    day = Session.objects.for_edition(session.edition).filter(day=session.day)
    rows = day.filter(starts_at__gte=session.starts_at).exclude(pk=session.pk)
    later = list(rows.select_related("room"))
    in_room = [row for row in later if row.room_id == session.room_id]
    return {Along.NOTHING: [], Along.ROOM: in_room, Along.DAY: later}


def move_session(
    *, session: Session, minutes: int, room: Room | None, along: Along, seen: Place
) -> list[Step]:
    """Moves `session` by `minutes` on the clock (earlier if negative) and into `room`, with what
    follows it, all or nothing; returns all that moved, itself first.

    One without a time yet starts `minutes` after midnight. What moves along keeps its room; what
    follows in a room is what followed in the one that `session` leaves. `seen` is where it stood
    as somebody looked at it: of two presses the second raises NotMoved, as does what would leave
    its day.
    """
    with transaction.atomic():
        _lock(session.edition)
        current = _as_seen(session.edition, {session.pk: seen})[session.pk]
        _refuse_lost_rooms(session.edition, [room.pk if room else None])
        others = following(current)[along] if minutes else []
        steps = [Step(row, Place.of(row)) for row in (current, *others)]
        _refuse_another_day((step.session for step in steps), minutes)
        for step in steps:
            step.session.starts_at = _moved(step.session, minutes)
        current.room = room
        _save(steps)
    return steps


def put_back(*, edition: Edition, steps: Sequence[tuple[int, Place, Place]]) -> list[Step]:
    """Takes a move back: each session (key, where it was put, where it stood before), all or nothing.

    Raises NotMoved if one of them does not stand any more where it was put.
    """
    with transaction.atomic():
        _lock(edition)
        current = _as_seen(edition, {pk: there for pk, there, _ in steps})
        rooms = _refuse_lost_rooms(edition, [back.room for *_, back in steps])
        done = []
        for pk, _, back in steps:
            row = current[pk]
            done.append(Step(row, Place.of(row)))
            row.day, row.starts_at = back.day, back.starts_at
            row.room = rooms[back.room] if back.room is not None else None
        _save(done)
    return done


def _lock(edition: Edition) -> None:
    """Moves come one after the other."""
    Edition.objects.select_for_update().get(pk=edition.pk)


def _as_seen(edition: Edition, seen: dict[int, Place]) -> dict[int, Session]:
    """The sessions of these keys, in that order; raises NotMoved if one does not stand where it was seen."""
    rows = Session.objects.filter(edition=edition, pk__in=seen).select_related("edition", "room")
    found = {row.pk: row for row in rows}
    if len(found) < len(seen):
        raise NotMoved(
            "This session was deleted meanwhile. Nothing was moved."
            if len(seen) == 1
            else "One of these sessions was deleted meanwhile. Nothing was moved."
        )
    for pk, place in seen.items():
        if Place.of(found[pk]) != place:
            raise NotMoved(_moved_meanwhile(found[pk], place))
    return {pk: found[pk] for pk in seen}


def _moved_meanwhile(session: Session, seen: Place) -> str:
    at = f"{session.starts_at:%H:%M}" if session.starts_at else "no time"
    there = f"it starts at {at} now"
    if session.day != seen.day:
        there += f", on day {session.day}"
    if session.room_id != seen.room:
        there += f", in “{session.room}”" if session.room else ", in no room"
    return f"“{session}” was moved meanwhile: {there}. Nothing else was moved."


def _refuse_lost_rooms(edition: Edition, wanted: Iterable[int | None]) -> dict[int, Room]:
    """The rooms of these keys; raises NotMoved if one is none of the edition any more."""
    keys = {key for key in wanted if key is not None}
    rooms = Room.objects.for_edition(edition).in_bulk(keys) if keys else {}
    if len(rooms) < len(keys):
        raise NotMoved("The room was deleted meanwhile. Nothing was moved.")
    return rooms


def _refuse_another_day(moving: Iterable[Session], minutes: int) -> None:
    leaving = [f"“{row}”" for row in moving if not 0 <= _minute(row) + minutes < _DAY]
    if leaving:
        named = ", ".join(leaving[:3]) + (f" and {len(leaving) - 3} more" if leaving[3:] else "")
        raise NotMoved(
            f"{named} would start on another day. Nothing was moved; give a session that changes "
            "its day its new time on its own page."
        )


def _save(steps: Iterable[Step]) -> None:
    """No more than was moved: what somebody else writes of a session stays."""
    for step in steps:
        step.session.save(update_fields=["day", "starts_at", "room"])


def _minute(session: Session) -> int:
    at = session.starts_at or time.min
    return at.hour * 60 + at.minute


def _moved(session: Session, minutes: int) -> time:
    hour, minute = divmod(_minute(session) + minutes, 60)
    return time(hour, minute)
