"""A plan as it lies in a release: to JSON and back, and what calendars must know of its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from typing import Any

from apps.programme.models import ProgrammeRelease
from apps.programme.timetable import (
    Day,
    Entry,
    PlannedSession,
    PlannedSlot,
    SlotEntry,
    Timetable,
    lay_out,
)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A session, or a contribution's place in one, that an earlier release had and this has not.

    Calendars that took it in are told so under the same identity. Moments and room are those it
    had last; both moments are aware.
    """

    session: int  # its key
    slot: int | None  # the key of the place; None for the session itself
    contribution: int | None
    title: str  # of the session
    room_name: str
    starts: datetime
    ends: datetime | None
    sequence: int


def freeze(plan: Iterable[PlannedSession]) -> list[dict[str, Any]]:
    """`plan` as JSON takes it."""
    return [
        asdict(session)
        | {
            "starts_at": session.starts_at.isoformat() if session.starts_at else None,
            "slots": [asdict(slot) for slot in session.slots],
        }
        for session in plan
    ]


def thaw(kept: Iterable[dict[str, Any]]) -> list[PlannedSession]:
    """What `freeze` was given."""
    return [
        PlannedSession(
            **session
            | {
                "starts_at": time.fromisoformat(at) if (at := session["starts_at"]) else None,
                "slots": tuple(PlannedSlot(**slot) for slot in session["slots"]),
            }
        )
        for session in kept
    ]


def freeze_cancelled(cancelled: Iterable[Cancelled]) -> list[dict[str, Any]]:
    """`cancelled` as JSON takes it."""
    return [
        asdict(one)
        | {
            "starts": one.starts.isoformat(),
            "ends": one.ends.isoformat() if one.ends else None,
        }
        for one in cancelled
    ]


def cancelled_of(release: ProgrammeRelease) -> list[Cancelled]:
    """What earlier releases had and `release` has not, its moments in the zone of `release`."""

    def moment(words: str | None) -> datetime | None:
        return datetime.fromisoformat(words).astimezone(release.zone) if words else None

    return [
        Cancelled(**one | {"starts": moment(one["starts"]), "ends": moment(one["ends"])})
        for one in release.cancelled
    ]


def timetable_in(release: ProgrammeRelease) -> Timetable:
    """The days of `release`, without texts; no queries."""
    return lay_out(thaw(release.plan), zone=release.zone, first_day=release.first_day)


def counted(timetable: Timetable, before: ProgrammeRelease | None) -> list[PlannedSession]:
    """The plan of `timetable` with a sequence in all of it that follows on from `before`.

    It is one higher where day, time or room is another one, and where something comes back that
    was cancelled.
    """
    known: dict[tuple[str, int], tuple[tuple | None, int]] = {}
    if before:
        for gone in cancelled_of(before):
            key = ("slot", gone.slot) if gone.slot else ("session", gone.session)
            known[key] = None, gone.sequence
        for day, entry, slot in _placed(timetable_in(before)):
            known[_key_of(entry, slot)] = _place(day, entry, slot), (slot or entry).plan.sequence
    sequences = {}
    for day, entry, slot in _placed(timetable):
        key = _key_of(entry, slot)
        place, sequence = known.get(key, (None, -1))
        sequences[key] = sequence + (place != _place(day, entry, slot))
    return [
        replace(
            entry.plan,
            sequence=sequences["session", entry.plan.pk],
            slots=tuple(
                replace(slot, sequence=sequences["slot", slot.pk]) for slot in entry.plan.slots
            ),
        )
        for entry in timetable.entries()
    ]


def cancelled_since(before: ProgrammeRelease | None, timetable: Timetable) -> list[Cancelled]:
    """What `before` has and `timetable` has not any more, and what was cancelled before that."""
    if before is None:
        return []
    there = {_key_of(entry, slot) for _, entry, slot in _placed(timetable)}
    still = [
        one
        for one in cancelled_of(before)
        if (("slot", one.slot) if one.slot else ("session", one.session)) not in there
    ]
    gone = [
        Cancelled(
            session=entry.plan.pk,
            slot=slot.plan.pk if slot else None,
            contribution=slot.plan.contribution if slot else None,
            title=entry.title,
            room_name=entry.room_name,
            starts=starts,
            ends=(slot or entry).ends,
            sequence=(slot or entry).plan.sequence + 1,
        )
        for _, entry, slot in _placed(timetable_in(before))
        # What has no date was never in a calendar.
        if _key_of(entry, slot) not in there and (starts := (slot or entry).starts)
    ]
    return still + gone


def _placed(timetable: Timetable) -> Iterator[tuple[Day, Entry, SlotEntry | None]]:
    """Every session, and after it what is in it."""
    for day in timetable.days:
        for entry in day.entries:
            yield day, entry, None
            for slot in entry.slots:
                yield day, entry, slot


def _key_of(entry: Entry, slot: SlotEntry | None) -> tuple[str, int]:
    return ("slot", slot.plan.pk) if slot else ("session", entry.plan.pk)


def _place(day: Day, entry: Entry, slot: SlotEntry | None) -> tuple:
    """Where and when it is, as a reader would say; and what it is that is there."""
    it = slot or entry
    when = day.number, day.held_on, it.starts, it.ends, it.starts_at, it.ends_at
    # In two shifts the board says when somebody stands at it.
    shift = slot.plan.board if slot and entry.plan.has_shifts else None
    return *when, entry.room_name, slot.plan.contribution if slot else None, shift
