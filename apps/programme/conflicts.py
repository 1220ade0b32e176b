"""What cannot be right in a programme, said with names and times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.dateformat import format as date_format

from apps.editions.models import Edition
from apps.programme.scheduling.local_times import Span
from apps.programme.timetable import Day, Entry, SlotEntry, Timetable

_NAMED = 3  # how many of a list are named


class Fault(StrEnum):
    """The kinds of warning."""

    PERSON_TWICE = "person_twice"
    ROOM_TWICE = "room_twice"
    BOARD_TAKEN = "board_taken"
    TOO_LONG = "too_long"
    OUTSIDE_DAYS = "outside_days"
    TALK_IN_BREAK = "talk_in_break"
    SKIPPED_CLOCK = "skipped_clock"
    NO_ZONE = "no_zone"


@dataclass(frozen=True, slots=True)
class Named:
    """A row that a warning names, so that a page can lead to it."""

    model: str  # of this app, such as "session"
    pk: int
    title: str

    def __str__(self) -> str:
        return f"“{self.title}”"


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: its kind, a sentence in parts, and the keys of the sessions it is about."""

    fault: Fault
    parts: tuple[str | Named, ...]
    sessions: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """The sentence."""
        return "".join(map(str, self.parts))

    @property
    def stops_publishing(self) -> bool:
        """Whether the programme must not be published like this; a draft may be."""
        return self.fault in {Fault.OUTSIDE_DAYS, Fault.NO_ZONE}


@dataclass(frozen=True, slots=True)
class _Taken:
    """Somebody or something is taken by `entry`, as `what`, from `begin` to `finish`."""

    begin: datetime
    finish: datetime
    entry: Entry
    day: Day
    what: Named

    @property
    def parts(self) -> tuple[str | Named, ...]:
        """What it is, when and where."""
        hours = f"{self.begin:%H:%M}–{self.finish:%H:%M}"
        if not self.entry.span.finish:
            hours = f"from {self.begin:%H:%M}"
        room = f", {self.entry.room_name}" if self.entry.room_name else ""
        return self.what, f" ({_name_of(self.day)}, {hours}{room})"


def find_warnings(timetable: Timetable, *, edition: Edition) -> list[Warned]:
    """All that cannot be right in `timetable`, whose texts are attached; asks no question.

    Of what overlaps, each is named with the one that ends last among those before it, so that
    there are never more warnings than there are things planned.
    """
    return [
        *_zone(edition, timetable),
        *_outside(timetable, edition),
        *_people(timetable),
        *_rooms(timetable),
        *_boards(timetable),
        *_each(timetable),
    ]


def _zone(edition: Edition, timetable: Timetable) -> Iterator[Warned]:
    name = edition.time_zone
    if timetable.days and (name in {"UTC", "GMT", "UCT", "Zulu"} or name.startswith("Etc/")):
        yield Warned(
            Fault.NO_ZONE,
            (
                f"The edition's time zone is “{name}”, which is no place. Choose that of the place "
                "it is held at, such as Europe/London.",
            ),
        )


def _outside(timetable: Timetable, edition: Edition) -> Iterator[Warned]:
    first, last = edition.starts_on, edition.last_day
    if first is None or last is None:
        return
    days = "on" if first == last else f"from {date_format(first, 'j F')} to"
    for day in timetable.days:
        if day.number <= (last - first).days + 1:
            continue
        for entry in day.entries:
            yield Warned(
                Fault.OUTSIDE_DAYS,
                (
                    _session(entry),
                    f" is on day {day.number} ({_name_of(day)}), but the edition is {days} "
                    f"{date_format(last, 'j F Y')}.",
                ),
                (entry.plan.pk,),
            )


def _people(timetable: Timetable) -> Iterator[Warned]:
    taken: dict[tuple, list[_Taken]] = defaultdict(list)
    names: dict[tuple, str] = {}
    for day in timetable.days:
        for entry in day.entries:
            for chair in entry.session.chairs.all() if entry.session else ():
                names[chair.identity] = chair.shown_name
                taken[chair.identity] += _taken(entry.span, entry, day, _session(entry))
            for slot in entry.slots:
                if slot.contribution is None:
                    continue
                for one in slot.contribution.presenters:
                    names[one.identity] = one.shown_name
                    taken[one.identity] += _taken(slot.span, entry, day, _contribution(slot))
    for identity, spans in taken.items():
        for before, after in _overlapping(spans):
            # Who leads a session may speak in it, and stand at two posters of theirs.
            if before.entry is not after.entry:
                yield Warned(
                    Fault.PERSON_TWICE,
                    (
                        f"{names[identity]} is in two places at once: ",
                        *_both(before, after),
                    ),
                    (before.entry.plan.pk, after.entry.plan.pk),
                )


def _rooms(timetable: Timetable) -> Iterator[Warned]:
    taken: dict[int, list[_Taken]] = defaultdict(list)
    for day in timetable.days:
        for entry in day.entries:
            if entry.plan.room is not None:
                taken[entry.plan.room] += _taken(entry.span, entry, day, _session(entry))
    for spans in taken.values():
        for before, after in _overlapping(spans):
            yield Warned(
                Fault.ROOM_TWICE,
                (f"{before.entry.room_name} is used twice at once: ", *_both(before, after)),
                (before.entry.plan.pk, after.entry.plan.pk),
            )


def _boards(timetable: Timetable) -> Iterator[Warned]:
    taken: dict[tuple[int | None, str], list[_Taken]] = defaultdict(list)
    for day in timetable.days:
        for entry in day.entries:
            for slot in entry.slots:
                if slot.board:
                    key = entry.plan.room, slot.board.casefold()
                    taken[key] += _taken(slot.span, entry, day, _contribution(slot))
    for (_, board), spans in taken.items():
        for before, after in _overlapping(spans):
            yield Warned(
                Fault.BOARD_TAKEN,
                (f"Board {board.upper()} is taken twice at once: ", *_both(before, after)),
                (before.entry.plan.pk, after.entry.plan.pk),
            )


def _each(timetable: Timetable) -> Iterator[Warned]:
    for entry in timetable.entries():
        keys = (entry.plan.pk,)
        lasts, needs = entry.plan.minutes, entry.slot_minutes
        if not entry.is_simultaneous and lasts is not None and needs > lasts:
            yield Warned(
                Fault.TOO_LONG,
                (
                    _session(entry),
                    f" lasts {lasts} minutes, but its contributions need {needs}: "
                    f"{needs - lasts} too many.",
                ),
                keys,
            )
        if entry.is_pause and entry.slots:
            yield Warned(
                Fault.TALK_IN_BREAK,
                (_session(entry), " is a break, but there is ", *_some(entry.slots), " in it."),
                keys,
            )
        starts_at = entry.plan.starts_at
        if entry.starts and starts_at and entry.starts_at != starts_at:
            yield Warned(
                Fault.SKIPPED_CLOCK,
                (
                    _session(entry),
                    f" starts at {starts_at:%H:%M}, which the clocks leave out that night; it is "
                    f"shown as {entry.starts_at:%H:%M}.",
                ),
                keys,
            )


def _taken(span: Span, entry: Entry, day: Day, what: Named) -> list[_Taken]:
    """One, or none while the time is unknown; what has no end yet takes a minute."""
    if span.begin is None:
        return []
    finish = span.finish or span.begin + timedelta(minutes=1)
    return [_Taken(span.begin, finish, entry, day, what)]


def _overlapping(spans: Iterable[_Taken]) -> Iterator[tuple[_Taken, _Taken]]:
    """A sweep over the begins: each span that begins before the last of those before it ends."""
    last: _Taken | None = None
    for span in sorted(spans, key=lambda span: span.begin):
        if last is not None and span.begin < last.finish:
            yield last, span
        if last is None or span.finish > last.finish:
            last = span


def _name_of(day: Day) -> str:
    return date_format(day.held_on, "j F Y") if day.held_on else f"day {day.number}"


def _session(entry: Entry) -> Named:
    return Named("session", entry.plan.pk, entry.title)


def _contribution(slot: SlotEntry) -> Named:
    title = str(slot.contribution) if slot.contribution else "a contribution"
    return Named("contribution", slot.plan.contribution, title)


def _both(before: _Taken, after: _Taken) -> Iterator[str | Named]:
    yield from (*before.parts, " and ", *after.parts, ".")


def _some(slots: list[SlotEntry]) -> Iterator[str | Named]:
    for number, slot in enumerate(slots[:_NAMED]):
        if number:
            yield ", "
        yield _contribution(slot)
    more = len(slots) - _NAMED
    if more > 0:
        yield f" and {more} more"
