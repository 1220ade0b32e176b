"""Withdrawn programme items, which calendars export as CANCELLED, and SEQUENCE numbers.

A session or slot is withdrawn when a later release leaves it out, and a contribution when it is
hidden or deleted. An item that never was public is never exported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.editions.models import Edition
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.timetable import ScheduledSession, ScheduledSlot, Timetable, from_json


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A session or slot of an earlier release that calendars are to cancel.

    Times (aware) and room are the last published ones.
    """

    session: int  # primary key
    slot: int | None  # primary key; None for the session itself
    contribution: int | None  # primary key
    title: str  # of the session
    room_name: str
    starts: datetime
    ends: datetime | None
    sequence: int

    @property
    def key(self) -> tuple[str, int]:
        """The identity in calendars."""
        return ("slot", self.slot) if self.slot else ("session", self.session)

    def as_json(self) -> dict[str, Any]:
        """JSON data, with times in ISO 8601."""
        ends = self.ends.isoformat() if self.ends else None
        return asdict(self) | {"starts": self.starts.isoformat(), "ends": ends}


def timetable_of_release(release: ProgrammeRelease) -> Timetable:
    """The timetable of `release` without texts; no query."""
    return from_json(release.plan, zone=release.zone, first_day=release.first_day)


def cancelled_in(release: ProgrammeRelease) -> list[Cancelled]:
    """The cancelled items of `release`, with times in its zone."""

    def parse(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).astimezone(release.zone) if text else None

    return [
        Cancelled(**item | {"starts": parse(item["starts"]), "ends": parse(item["ends"])})
        for item in release.cancelled
    ]


def bump_sequences(timetable: Timetable, before: ProgrammeRelease | None) -> None:
    """Set the sequences of `timetable`, which follows the release `before`.

    A sequence rises where day, time or room changed, and where a cancelled item returns.
    """
    known: dict[tuple[str, int], tuple[tuple | None, int]] = {}
    if before:
        for cancelled in cancelled_in(before):
            known[cancelled.key] = None, cancelled.sequence
        for session, slot in _items(timetable_of_release(before)):
            known[_key(session, slot)] = _place(session, slot), (slot or session).sequence
    for session, slot in _items(timetable):
        place, sequence = known.get(_key(session, slot), (None, -1))
        (slot or session).sequence = sequence + (place != _place(session, slot))


def cancelled_since(before: ProgrammeRelease | None, timetable: Timetable) -> list[Cancelled]:
    """The items that `before` has or cancels and `timetable` has not."""
    if before is None:
        return []
    keys = {_key(session, slot) for session, slot in _items(timetable)}
    return [item for item in cancelled_in(before) if item.key not in keys] + [
        _cancel(session, slot, starts, sequence=(slot or session).sequence + 1)
        for session, slot in _items(timetable_of_release(before))
        # An item without a date is in no calendar.
        if _key(session, slot) not in keys and (starts := (slot or session).starts)
    ]


def _cancel(
    session: ScheduledSession, slot: ScheduledSlot | None, starts: datetime, *, sequence: int
) -> Cancelled:
    return Cancelled(
        session=session.pk,
        slot=slot.pk if slot else None,
        contribution=slot.contribution_id if slot else None,
        title=session.title,
        room_name=session.room_name,
        starts=starts,
        ends=(slot or session).ends,
        sequence=sequence,
    )


def _items(timetable: Timetable) -> Iterator[tuple[ScheduledSession, ScheduledSlot | None]]:
    """Each session, followed by its slots."""
    for session in timetable.sessions():
        yield session, None
        for slot in session.slots:
            yield session, slot


def _key(session: ScheduledSession, slot: ScheduledSlot | None) -> tuple[str, int]:
    return ("slot", slot.pk) if slot else ("session", session.pk)


def _place(session: ScheduledSession, slot: ScheduledSlot | None) -> tuple:
    """Everything whose change raises the sequence."""
    item = slot or session
    # In two shifts the board decides when the author is there.
    shift = slot.board if slot and session.has_shifts else None
    return (
        *(session.day, session.held_on, item.starts, item.ends, item.starts_at, item.ends_at),
        *(session.room_name, slot.contribution_id if slot else None, shift),
    )


@dataclass(frozen=True, slots=True)
class Visibility:
    """How often a contribution was hidden or shown again after it was first shown."""

    changes: int = 0
    changed_at: datetime | None = None  # the last change


def visibility_of(contribution_id: int, *, is_shown: bool) -> Visibility:
    """The visibility changes up to now, when it `is_shown` or not; one query."""
    rows = Contribution.history.filter(id=contribution_id).order_by("history_date", "history_id")
    changes, changed_at, was_shown, was_ever_shown = 0, None, False, False
    for at, kind, is_published in rows.values_list("history_date", "history_type", "is_published"):
        shown = is_published and kind != "-"
        if was_ever_shown and shown != was_shown:
            changes, changed_at = changes + 1, at
        was_shown, was_ever_shown = shown, was_ever_shown or shown
    if was_ever_shown and was_shown != is_shown:  # by an UPDATE without history
        changes, changed_at = changes + 1, timezone.now()
    return Visibility(changes, changed_at)


def withdrawn_slots(
    edition: Edition, timetable: Timetable, cancelled: list[Cancelled], slug: str
) -> tuple[list[Cancelled], Visibility]:
    """The slots of a contribution that is hidden or deleted; none if it never was public.

    `timetable` and `cancelled` are those of the latest release.
    """
    key = _contribution_key(edition, slug)
    slots = [
        _cancel(session, slot, slot.starts, sequence=slot.sequence)
        for session in timetable.sessions()
        for slot in session.slots
        if slot.contribution_id == key and slot.starts
    ]
    slots += [item for item in cancelled if item.slot and item.contribution == key]
    if key is None or not slots:
        return [], Visibility()
    visibility = visibility_of(key, is_shown=False)
    hidden_at = visibility.changed_at
    if hidden_at is None or not _was_public(edition, key, until=hidden_at):
        return [], Visibility()
    return slots, visibility


def earlier_sessions(edition: Edition, slug: str) -> Iterator[int]:
    """The primary keys of the sessions released under `slug`, the latest first."""
    releases = ProgrammeRelease.objects.for_edition(edition).order_by("-number")
    for plan in releases.values_list("plan", flat=True).iterator(chunk_size=1):
        yield from (session["pk"] for session in plan if session["slug"] == slug)


def _contribution_key(edition: Edition, slug: str) -> int | None:
    """The primary key of the contribution, or of the last one deleted under this slug."""
    rows = Contribution.objects.for_edition(edition).filter(slug=slug)
    deleted = Contribution.history.filter(edition_id=edition.pk, slug=slug, history_type="-")
    return (
        rows.values_list("pk", flat=True).first()
        or deleted.order_by("-history_date").values_list("id", flat=True).first()
    )


def _was_public(edition: Edition, contribution_id: int, *, until: datetime) -> bool:
    """Whether a release had it while the edition was public."""
    earlier = ProgrammeRelease.objects.for_edition(edition).filter(published_at__lt=until)
    was_released = any(
        slot["contribution_id"] == contribution_id
        for plan in earlier.values_list("plan", flat=True).iterator(chunk_size=1)
        for session in plan
        for slot in session["slots"]
    )
    versions = Edition.history.filter(id=edition.pk, history_date__lt=until)
    return was_released and versions.exclude(state=Edition.State.DRAFT).exists()
