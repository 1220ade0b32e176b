"""Sessions and slots as they were last published, and their SEQUENCE numbers (RFC 5545).

What a later release leaves out is exported to calendars as CANCELLED. It is found by comparing the
releases of an edition, so nothing else is stored. An item that never was public is never exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.editions.models import Edition
from apps.programme.local_times import Span
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.placements import shift_of
from apps.programme.timetable import (
    ScheduledSession,
    ScheduledSlot,
    Timetable,
    timetable_of_release,
)


@dataclass(frozen=True, slots=True)
class ReleasedItem:
    """A session, or one of its slots, as last published."""

    session: ScheduledSession
    slot: ScheduledSlot | None = None  # None for the session itself
    is_cancelled: bool = False  # a later release leaves it out

    @property
    def item(self) -> ScheduledSession | ScheduledSlot:
        """The slot, or else the session."""
        return self.slot or self.session

    @property
    def span(self) -> Span:
        """Start and end; for a poster in two shifts, those of its shift."""
        if self.slot and self.session.has_shifts:
            return shift_of(self.session.span, self.slot.board) or self.session.span
        return self.item.span

    @property
    def key(self) -> tuple[str, int]:
        """The identity in calendars."""
        return ("slot", self.slot.pk) if self.slot else ("session", self.session.pk)

    @property
    def sequence(self) -> int:
        """The SEQUENCE; a cancellation raises it."""
        return self.item.sequence + self.is_cancelled

    @property
    def place(self) -> tuple:
        """Everything whose change raises the sequence."""
        session, slot, span = self.session, self.slot, self.item.span
        # In two shifts the board decides when the author is there.
        shift = slot.board if slot and session.has_shifts else None
        return (
            *(session.day, session.held_on, span, session.room_name),
            *(slot.contribution_id if slot else None, shift),
        )


def released_items(releases: Iterable[ProgrammeRelease]) -> list[ReleasedItem]:
    """All items of `releases`, which come latest first; no query."""
    items: dict[tuple[str, int], ReleasedItem] = {}
    for number, release in enumerate(releases):
        keys = {("session", session["pk"]) for session in release.plan}
        keys |= {("slot", slot["pk"]) for session in release.plan for slot in session["slots"]}
        if keys - items.keys():  # else its times need not be computed
            for item in _items(timetable_of_release(release), is_cancelled=number > 0):
                items.setdefault(item.key, item)
    return list(items.values())


def bump_sequences(timetable: Timetable, releases: Iterable[ProgrammeRelease]) -> None:
    """Set the sequences of `timetable`, which follows `releases` (the latest first).

    A sequence rises where day, time or room changed, and where a cancelled item returns.
    """
    before = {item.key: item for item in released_items(releases)}
    for item in _items(timetable):
        if earlier := before.get(item.key):
            has_changed = earlier.is_cancelled or earlier.place != item.place
            item.item.sequence = earlier.sequence + has_changed


def _items(timetable: Timetable, *, is_cancelled: bool = False) -> Iterator[ReleasedItem]:
    """Each session, followed by its slots."""
    for session in timetable.sessions():
        yield ReleasedItem(session, None, is_cancelled)
        for slot in session.slots:
            yield ReleasedItem(session, slot, is_cancelled)


def hidden_contribution(edition: Edition, slug: str) -> Any:
    """The version that hid or deleted the contribution of this slug (its `id`, `history_date`).

    None if it never was public; three queries.
    """
    versions = Contribution.history.filter(edition_id=edition.pk, slug=slug)
    shown = versions.filter(is_published=True).exclude(history_type="-").first()
    if shown is None:
        return None
    hidden = versions.filter(history_id__gt=shown.history_id).order_by("history_id").first()
    if hidden is None:
        return None
    public = Edition.history.filter(id=edition.pk).exclude(state=Edition.State.DRAFT)
    return hidden if public.filter(history_date__lt=hidden.history_date).exists() else None
