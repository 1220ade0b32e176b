"""Copies of a session, and changes of several sessions or contributions at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import time
from typing import Any

from django.db import transaction

from apps.core.exceptions import ChangedMeanwhile
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.programme.models import Contribution, Room, Session, SessionChair, Slot
from apps.topics.models import Topic

MOST_ROWS = 500  # changed at once


def duplicate_session(
    *,
    session: Session,
    day: int | None = None,
    starts_at: time | None = None,
    has_contributions: bool = True,
) -> Session:
    """Copy a session to a day and time, if it has contributions with its chairs and slots."""
    with transaction.atomic():
        parts: list[SessionChair | Slot] = (
            [*session.chairs.all(), *session.slots.all()] if has_contributions else []
        )
        copy = Session.objects.get(pk=session.pk)
        copy.pk, copy.slug, copy.starts_at = None, "", starts_at
        copy.day = day or session.day
        copy.save()
        for row in parts:
            row.pk, row.session = None, copy
            row.save()
    return copy


def duplicate_on_days(
    *,
    session: Session,
    days: Iterable[int],
    starts_at: time | None,
    has_contributions: bool,
    token: str,
) -> list[Session]:
    """Copy a session to each of `days`. Raises ChangedMeanwhile if the edition has other sessions
    than when the page was shown, such as after the same button was pressed before.
    """
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=session.edition_id)
        if sessions_token(edition) != token:
            raise ChangedMeanwhile
        return [
            duplicate_session(
                session=session, day=day, starts_at=starts_at, has_contributions=has_contributions
            )
            for day in days
        ]


def sessions_token(edition: Edition) -> str:
    """Token of the sessions that the edition has."""
    return version_token(sorted(edition.sessions.order_by().values_list("pk", flat=True)))


def session_facts(sessions: Iterable[Session]) -> str:
    """Token of what a change of several sessions overwrites."""
    return version_token(sorted([row.pk, row.kind, row.day, row.room_id] for row in sessions))


def contribution_facts(contributions: Iterable[Contribution]) -> str:
    """Token of what a change of several contributions overwrites; they have their topics loaded."""
    return version_token(
        sorted(
            [row.pk, row.kind, sorted(topic.pk for topic in row.topics.all())]
            for row in contributions
        )
    )


def change_sessions(
    *, keys: Collection[int], token: str, kind: str = "", day: int | None = None, room: Any = None
) -> int:
    """Give sessions a kind, a day and a room; return how many were changed.

    None and "" leave a fact as it is; the room "" takes the sessions out of their rooms. Raises
    ChangedMeanwhile if one was changed since the token was made.
    """
    with transaction.atomic():
        rows = list(Session.objects.filter(pk__in=keys).order_by("pk").select_for_update())
        if session_facts(rows) != token:
            raise ChangedMeanwhile
        wanted: dict[str, Any] = {"kind": kind or None, "day": day}
        if room is not None:
            wanted["room"] = room if isinstance(room, Room) else ""
        return sum(_change(row, wanted) for row in rows)


def _change(row: Session | Contribution, wanted: dict[str, Any]) -> bool:
    """Save the facts that differ, with their history."""
    before = {name: getattr(row, name) for name in wanted}
    after = {name: value or None for name, value in wanted.items() if value is not None}
    changed = {name: value for name, value in after.items() if value != before[name]}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save()
    return bool(changed)


def change_contributions(
    *,
    keys: Collection[int],
    token: str,
    kind: str = "",
    add_topics: Sequence[Topic] = (),
    remove_topics: Sequence[Topic] = (),
) -> int:
    """Give contributions a kind, add topics and take topics off; return how many were changed.

    Raises ChangedMeanwhile if one was changed since the token was made.
    """
    with transaction.atomic():
        stored = Contribution.objects.filter(pk__in=keys).prefetch_related("topics")
        rows = list(stored.order_by("pk").select_for_update(of=("self",)))
        if contribution_facts(rows) != token:
            raise ChangedMeanwhile
        count = 0
        for row in rows:
            topics = set(row.topics.all())
            wanted = topics.union(add_topics).difference(remove_topics)
            is_changed = _change(row, {"kind": kind or None})
            if wanted != topics:
                row.topics.set(wanted)
                is_changed = True
            count += is_changed
        return count
