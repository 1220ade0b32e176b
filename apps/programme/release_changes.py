"""What is different from one release to the next, or to the draft, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.dateformat import format as date_format

from apps.editions.models import Edition
from apps.programme.frozen import timetable_in
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.timetable import Day, Entry, SlotEntry, Timetable

_UNNAMED = "A contribution that is no longer there"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed about one session, one contribution in it, or the edition's dates."""

    of: str  # its name
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the days and clocks of a plan hang upon."""

    first_day: date | None
    time_zone: str

    @classmethod
    def of(cls, it: ProgrammeRelease | Edition) -> Frame:
        """That of a release, or of the draft."""
        first_day = it.first_day if isinstance(it, ProgrammeRelease) else it.starts_on
        return cls(first_day, it.time_zone)


def titles_in(edition: Edition) -> dict[int, str]:
    """What contributions are called, by their keys, published or not: for organisers. One query."""
    rows = Contribution.objects.for_edition(edition).order_by().only("title", "kind")
    return {row.pk: str(row) for row in rows}


def changes_to_draft(
    before: ProgrammeRelease | None,
    draft: Timetable,
    edition: Edition,
    titles: Mapping[int, str],
) -> list[Change]:
    """What the next release would change. Of a first release all is new: nothing is listed."""
    if before is None:
        return []
    return _changes(timetable_in(before), Frame.of(before), draft, Frame.of(edition), titles=titles)


def changes_in(
    release: ProgrammeRelease, before: ProgrammeRelease | None, titles: Mapping[int, str]
) -> list[Change]:
    """What `release` changed. Of a first release all is new: nothing is listed."""
    if before is None:
        return []
    return _changes(
        timetable_in(before),
        Frame.of(before),
        timetable_in(release),
        Frame.of(release),
        titles=titles,
    )


def _changes(
    old: Timetable, old_frame: Frame, new: Timetable, new_frame: Frame, *, titles: Mapping[int, str]
) -> list[Change]:
    return [
        *_of_frames(old_frame, new_frame),
        *_of_sessions(old, new),
        *_of_slots(old, new, titles),
        *_of_orders(old, new),
    ]


def _of_frames(old: Frame, new: Frame) -> Iterator[Change]:
    if old.first_day != new.first_day:
        yield Change("First day", f"{_date(old.first_day)} → {_date(new.first_day)}")
    if old.time_zone != new.time_zone:
        yield Change("Time zone", f"{old.time_zone} → {new.time_zone}")


def _of_sessions(old: Timetable, new: Timetable) -> Iterator[Change]:
    were = {entry.plan.pk: (day, entry) for day in old.days for entry in day.entries}
    there = {entry.plan.pk for entry in new.entries()}
    for day in new.days:
        for entry in day.entries:
            if entry.plan.pk not in were:
                yield Change(entry.title, f"new, {_whereabouts(day, entry)}")
            elif parts := list(_of_one(*were[entry.plan.pk], day, entry)):
                yield Change(were[entry.plan.pk][1].title, "; ".join(parts))
    for key, (day, entry) in were.items():
        if key not in there:
            yield Change(entry.title, f"gone; it was {_whereabouts(day, entry)}")


def _of_orders(old: Timetable, new: Timetable) -> Iterator[Change]:
    """Of sessions at one time, or without a time, when neither time nor day say more."""
    were = {day.number: [_when(entry) for entry in day.entries] for day in old.days}
    for day in new.days:
        before, now = were.get(day.number, []), [_when(entry) for entry in day.entries]
        if before != now and sorted(before, key=repr) == sorted(now, key=repr):
            yield Change("Sessions", f"another order on {_day(day)}")


def _when(entry: Entry) -> tuple:
    return entry.plan.pk, entry.plan.starts_at


def _of_one(old_day: Day, old: Entry, day: Day, entry: Entry) -> Iterator[str]:
    if old.title != entry.title:
        yield f"is now “{entry.title}”"
    elif old.kind != entry.kind:
        yield "is of another kind"
    if old_day.number != day.number:
        yield f"{_day(old_day)} → {_day(day)}"
    if (old.plan.starts_at, old.plan.minutes) != (entry.plan.starts_at, entry.plan.minutes):
        yield f"{_hours(old)} → {_hours(entry)}"
    if old.room_name != entry.room_name:
        yield f"{old.room_name or 'no room'} → {entry.room_name or 'no room'}"
    if old.plan.has_shifts != entry.plan.has_shifts:
        yield "in two shifts now" if entry.plan.has_shifts else "no longer in shifts"
    stayed = {slot.plan.pk for slot in old.slots} & {slot.plan.pk for slot in entry.slots}
    if _order(old, stayed) != _order(entry, stayed):
        yield "another order"


def _order(entry: Entry, only: set[int]) -> list[int]:
    return [slot.plan.pk for slot in entry.slots if slot.plan.pk in only]


def _of_slots(old: Timetable, new: Timetable, titles: Mapping[int, str]) -> Iterator[Change]:
    def name(slot: SlotEntry) -> str:
        return titles.get(slot.plan.contribution, _UNNAMED)

    were = {slot.plan.pk: (entry, slot) for entry in old.entries() for slot in entry.slots}
    sessions = {entry.plan.pk for entry in new.entries()}
    before = {entry.plan.pk for entry in old.entries()}
    there = set()
    for entry in new.entries():
        for slot in entry.slots:
            there.add(slot.plan.pk)
            if slot.plan.pk in were:
                if parts := list(_of_one_slot(*were[slot.plan.pk], entry, slot, titles)):
                    yield Change(name(slot), "; ".join(parts))
            elif entry.plan.pk in before:  # what is in a new session is as new as that
                yield Change(name(slot), f"new in “{entry.title}”")
    for key, (entry, slot) in were.items():
        if key not in there and entry.plan.pk in sessions:
            yield Change(name(slot), f"no longer in “{entry.title}”")


def _of_one_slot(
    old_entry: Entry, old: SlotEntry, entry: Entry, slot: SlotEntry, titles: Mapping[int, str]
) -> Iterator[str]:
    if old.plan.contribution != slot.plan.contribution:
        yield f"instead of “{titles.get(old.plan.contribution, _UNNAMED)}”"
    if old_entry.plan.pk != entry.plan.pk:
        yield f"from “{old_entry.title}” to “{entry.title}”"
    elif not entry.is_simultaneous and _offset(old_entry, old) != _offset(entry, slot):
        # Those that moved with their session are told by it.
        yield f"{_hours(old)} → {_hours(slot)}"
    if old.board != slot.board:
        yield f"board {old.board or 'none'} → {slot.board or 'none'}"
    if old.plan.kind != slot.plan.kind:
        yield "shown as another kind"


def _offset(entry: Entry, slot: SlotEntry) -> tuple:
    begin, start, end = entry.span.begin, slot.span.begin, slot.span.finish
    if begin is None or start is None:
        return None, slot.plan.minutes
    return start - begin, end - start if end else None


def _whereabouts(day: Day, entry: Entry) -> str:
    return ", ".join(filter(None, [_day(day), _hours(entry), entry.room_name]))


def _day(day: Day) -> str:
    return date_format(day.held_on, "l j F") if day.held_on else f"day {day.number}"


def _date(on: date | None) -> str:
    return date_format(on, "l j F Y") if on else "not known yet"


def _hours(it: Entry | SlotEntry) -> str:
    if it.starts_at is None:
        return f"{it.plan.minutes} minutes, no time yet" if it.plan.minutes else "no time yet"
    return f"{it.starts_at:%H:%M}" + (f"–{it.ends_at:%H:%M}" if it.ends_at else "")
