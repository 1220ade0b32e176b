"""The days of a programme: sessions with their moments, and what is in them.

What is planned (days, times, rooms, order) is one thing, what is said of it (titles, abstracts,
names) another. `plan_of_rows` takes the plan from the database; a plan kept elsewhere has the
same shape (`PlannedSession`, made of words and numbers only), and `lay_out` makes the days of
either. `attach_texts` puts today's rows beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from apps.editions.models import Edition
from apps.programme.models import Contribution, Session, Slot
from apps.programme.scheduling.local_times import Span, date_of_day, span_of


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A contribution's place in a session."""

    pk: int
    contribution: int  # its key
    kind: str = ""  # what it is here; the contribution's own kind if empty
    minutes: int | None = None
    board: str = ""
    # How often it was moved since it was first published: SEQUENCE in calendars (RFC 5545
    # §3.8.7.4). Of a draft always 0.
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """Where and when a session is, and what is in it in which order."""

    pk: int
    slug: str
    kind: str
    title: str  # empty: the name of its kind
    day: int
    starts_at: time | None
    minutes: int | None
    room: int | None  # its key
    room_name: str
    slots: tuple[PlannedSlot, ...] = ()
    sequence: int = 0  # as that of a slot
    has_shifts: bool = False  # of posters; boards.shift_of says when whose turn is


class _Timed:
    """What has a moment."""

    __slots__ = ()
    span: Span

    @property
    def starts(self) -> datetime | None:
        """The moment it starts, in the edition's zone; None while date or time are unknown."""
        return self.span.starts

    @property
    def ends(self) -> datetime | None:
        """The moment it ends, likewise."""
        return self.span.ends

    @property
    def starts_at(self) -> time | None:
        """The clock time it starts, also while the date is unknown."""
        return self.span.starts_at

    @property
    def ends_at(self) -> time | None:
        """The clock time it ends, likewise."""
        return self.span.ends_at


@dataclass(slots=True)
class SlotEntry(_Timed):
    """A contribution with its moment, by order and minutes of those before it. `contribution` is
    None until texts are attached, and stays so for one that is not to be seen or no longer there.
    """

    plan: PlannedSlot
    span: Span
    contribution: Contribution | None = None

    @property
    def board(self) -> str:
        """The number of its poster board, or nothing."""
        return self.plan.board

    @property
    def kind(self) -> str:
        """What it is in this session."""
        return self.plan.kind or (self.contribution.kind if self.contribution else "")


@dataclass(slots=True)
class Entry(_Timed):
    """A session with its moment and its slots. `session` is None until texts are attached."""

    plan: PlannedSession
    span: Span
    slots: list[SlotEntry]
    session: Session | None = None

    @property
    def kind(self) -> str:
        """A Session.Kind."""
        return self.plan.kind

    @property
    def title(self) -> str:
        """Its title, or the name of its kind."""
        return self.plan.title or Session.Kind(self.plan.kind).label

    @property
    def headline(self) -> str:
        """The title; of an untitled session with one talk that is to be seen, that talk's; else its
        kind."""
        talk = self.slots[0].contribution if len(self.slots) == 1 else None
        return self.plan.title or (talk.title if talk else "") or self.title

    @property
    def room_name(self) -> str:
        """Where it is, or nothing."""
        return self.plan.room_name

    @property
    def is_pause(self) -> bool:
        """Whether nobody speaks in it."""
        return self.kind in {Session.Kind.BREAK, Session.Kind.LUNCH}

    @property
    def is_simultaneous(self) -> bool:
        """Whether all in it is there the whole time."""
        return self.kind == Session.Kind.POSTERS

    @property
    def slot_minutes(self) -> int:
        """What the minutes of its slots come to, one after another."""
        return sum(slot.plan.minutes or 0 for slot in self.slots)


@dataclass(slots=True)
class Day:
    """One day: its number from 1, its date if that is known, its sessions as they follow."""

    number: int
    held_on: date | None
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Timetable:
    """All days on which there is something, in order, and the zone their clocks run in."""

    zone: ZoneInfo
    days: list[Day]

    def entries(self) -> Iterator[Entry]:
        """All sessions."""
        for day in self.days:
            yield from day.entries

    def slots(self) -> Iterator[SlotEntry]:
        """All places of contributions."""
        for entry in self.entries():
            yield from entry.slots


def timetable_of(edition: Edition) -> Timetable:
    """The programme as it is drafted now, with all texts; seven queries, however large it is."""
    timetable = lay_out(plan_of_rows(edition), zone=edition.zone, first_day=edition.starts_on)
    attach_texts(timetable, edition=edition)
    return timetable


def plan_of_rows(edition: Edition) -> list[PlannedSession]:
    """What is planned now, as words and numbers; two queries."""
    slots: dict[int, list[PlannedSlot]] = {}
    rows = Slot.objects.for_edition(edition).order_by("ordering", "pk")
    for session, *facts in rows.values_list(
        "session", "pk", "contribution", "kind", "minutes", "board"
    ):
        slots.setdefault(session, []).append(PlannedSlot(*facts))
    sessions = Session.objects.for_edition(edition).select_related("room")
    return [
        PlannedSession(
            pk=session.pk,
            slug=session.slug,
            kind=session.kind,
            title=session.title,
            day=session.day,
            starts_at=session.starts_at,
            minutes=session.minutes,
            room=session.room_id,
            room_name=session.room.name if session.room else "",
            slots=tuple(slots.get(session.pk, ())),
            has_shifts=session.has_shifts,
        )
        for session in sessions
    ]


def lay_out(plan: Iterable[PlannedSession], *, zone: ZoneInfo, first_day: date | None) -> Timetable:
    """The days of `plan`, whose sessions stand in the order in which they are to be shown."""
    days = []
    for number, sessions in groupby(
        sorted(plan, key=lambda session: session.day), key=lambda session: session.day
    ):
        entries = [_entry(session, zone, first_day) for session in sessions]
        days.append(Day(number, date_of_day(first_day, number), entries))
    return Timetable(zone, days)


def _entry(session: PlannedSession, zone: ZoneInfo, first_day: date | None) -> Entry:
    span = span_of(
        first_day=first_day,
        zone=zone,
        day=session.day,
        starts_at=session.starts_at,
        minutes=session.minutes,
    )
    if session.kind == Session.Kind.POSTERS:
        return Entry(session, span, [SlotEntry(slot, span) for slot in session.slots])
    return Entry(session, span, list(_one_after_another(session, span)))


def _one_after_another(session: PlannedSession, span: Span) -> Iterator[SlotEntry]:
    """Each begins when those before it are over.

    One without minutes takes what is left of the session if it is the last; when those after
    it begin is not known.
    """
    passed: int | None = 0
    for slot in session.slots:
        if passed is None:
            yield SlotEntry(slot, Span(is_dated=span.is_dated))
            continue
        minutes = slot.minutes
        if minutes is None and slot is session.slots[-1] and session.minutes is not None:
            minutes = max(session.minutes - passed, 0)
        yield SlotEntry(slot, span.part(passed, minutes))
        passed = None if minutes is None else passed + minutes


def attach_texts(
    timetable: Timetable,
    *,
    edition: Edition,
    only: Callable[[Contribution], bool] = lambda contribution: True,
    with_topics: bool = True,
) -> None:
    """Puts the rows of sessions, rooms, chairs, contributions, contributors and topics beside them.

    Five queries, however many there are; four without topics. `only` says which contributions are
    to be seen.
    """
    sessions = {row.pk: row for row in _session_rows(edition)}
    wanted = {slot.plan.contribution for slot in timetable.slots()}
    rows = Contribution.objects.for_edition(edition).filter(pk__in=wanted).order_by()
    rows = rows.with_listing_data() if with_topics else rows.with_contributors()
    contributions = {row.pk: row for row in rows if only(row)}
    for row in contributions.values():
        row.edition = edition
    for entry in timetable.entries():
        entry.session = sessions.get(entry.plan.pk)
        for slot in entry.slots:
            slot.contribution = contributions.get(slot.plan.contribution)


def _session_rows(edition: Edition) -> list[Session]:
    rows = list(Session.objects.for_edition(edition).order_by().with_chairs())
    for row in rows:
        row.edition = edition
    return rows
