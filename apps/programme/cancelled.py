"""Sessions and slots as they were last published, their SEQUENCE and LAST-MODIFIED (RFC 5545).

What a later release leaves out is exported to calendars as CANCELLED. It is found by comparing the
releases of an edition, so nothing else is stored. An item that never was public is never exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from django.db.models import Max

from apps.editions.models import Edition
from apps.people.models import Person
from apps.programme.local_times import Span
from apps.programme.models import Contribution, Contributor, ProgrammeRelease, Session
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


def last_changes(edition: Edition, items: Sequence[ReleasedItem]) -> dict[tuple, datetime]:
    """When the shown facts of each item were last saved, by its key; five queries.

    Texts are loaded. Times of releases are not in it.
    """
    slots = {item.key: [item.slot] if item.slot else item.session.slots for item in items}
    contributions = {slot.contribution_id for row in slots.values() for slot in row}
    people = {
        credit.person_id
        for row in slots.values()
        for slot in row
        for credit in (slot.contribution.contributors.all() if slot.contribution else ())
    }
    of_edition = _last_saved(Edition, "id", {edition.pk})
    of_session = _last_saved(Session, "id", {item.session.pk for item in items if not item.slot})
    of_contribution = _last_saved(Contribution, "id", contributions)
    of_credits = _last_saved(Contributor, "contribution_id", contributions)
    of_person = _last_saved(Person, "id", people)
    changes: dict[tuple, datetime] = {}
    for item in items:
        times = [of_edition.get(edition.pk)]
        if not item.slot:
            times.append(of_session.get(item.session.pk))
        for slot in slots[item.key]:
            key, row = slot.contribution_id, slot.contribution
            times += [of_contribution.get(key), of_credits.get(key)]
            credits = row.contributors.all() if row else ()
            times += [of_person.get(credit.person_id) for credit in credits]
        if known := [time for time in times if time]:
            changes[item.key] = max(known)
    return changes


def _last_saved(model: Any, column: str, keys: Iterable[int | None]) -> dict[int | None, datetime]:
    """The time of the latest version of rows of `model`, by `column`."""
    versions = model.history.filter(**{f"{column}__in": keys}).order_by()
    return dict(versions.values_list(column).annotate(Max("history_date")))


def cancellations(edition: Edition) -> int:
    """How often the edition was cancelled, or taken back; each raises all sequences. One query."""
    versions = Edition.history.filter(id=edition.pk).order_by("history_id")
    return _count_changes(versions.values_list("is_cancelled", flat=True))


def visibility_changes(keys: Iterable[int]) -> dict[int, int]:
    """How often each of these contributions was shown, hidden or deleted, by its key; one query."""
    versions = Contribution.history.filter(id__in=keys).order_by("id", "history_id")
    states = versions.values_list("id", "is_published", "history_type")
    return {
        key: _count_changes(is_published and kind != "-" for _, is_published, kind in rows)
        for key, rows in groupby(states, key=itemgetter(0))
    }


def _count_changes(states: Iterable[bool]) -> int:
    return sum(before != after for before, after in pairwise(states))


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
