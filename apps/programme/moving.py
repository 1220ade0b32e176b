"""Moving a session earlier or later, and with it what follows, if wished."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from django.db import transaction
from django.db.models import TextChoices

from apps.editions.models import Edition
from apps.programme.models import Session

MOST_MINUTES = 12 * 60
_DAY = 24 * 60


class Along(TextChoices):
    """What moves with a session."""

    NOTHING = "nothing", "Nothing else"
    ROOM = "room", "What follows in its room that day"
    DAY = "day", "Whatever starts then or later that day"


class NotMoved(Exception):
    """Nothing was moved; the words say why, for people."""


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


def move_session(*, session: Session, minutes: int, along: Along, seen_at: time) -> list[Session]:
    """Moves `session` by `minutes` on the clock (earlier if negative) with what follows it, all or
    nothing; returns all that moved, itself first.

    `seen_at` is when it started as somebody looked at it: of two clicks the second raises NotMoved,
    as does what would leave its day.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=session.edition_id)
        found = Session.objects.select_related("edition", "room").filter(pk=session.pk)
        current = found.first()
        if current is None:
            raise NotMoved("This session was deleted meanwhile.")
        if current.starts_at != seen_at:
            now = f"{current.starts_at:%H:%M}" if current.starts_at else "no time"
            raise NotMoved(
                f"“{current}” was moved meanwhile: it starts at {now} now. Nothing else was moved."
            )
        moving = [current, *following(current)[along]]
        _refuse_another_day(moving, minutes)
        for row in moving:
            row.starts_at = _moved(row, minutes)
            row.save()
    return moving


def _refuse_another_day(moving: Iterable[Session], minutes: int) -> None:
    leaving = [f"“{row}”" for row in moving if not 0 <= _minute(row) + minutes < _DAY]
    if leaving:
        named = ", ".join(leaving[:3]) + (f" and {len(leaving) - 3} more" if leaving[3:] else "")
        raise NotMoved(
            f"{named} would start on another day. Nothing was moved; give a session that changes "
            "its day its new time on its own page."
        )


def _minute(session: Session) -> int:
    at = session.starts_at or time.min  # what has no time neither moves nor follows
    return at.hour * 60 + at.minute


def _moved(session: Session, minutes: int) -> time:
    hour, minute = divmod(_minute(session) + minutes, 60)
    return time(hour, minute)
