"""The timetable: the sessions of a programme by day, with start times, and the slots in them.

The draft and every release are the same objects: `draft_timetable` makes them from the rows and
`timetable_of_release` from the snapshot that a release keeps. Both end in `build_timetable`. A
snapshot holds days, times, rooms and order only; `load_texts` adds today's titles, abstracts and
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils.translation import ngettext

from apps.core.inline_markup import plain_title
from apps.editions.models import Edition
from apps.programme.local_times import Span, date_of_day, span_of
from apps.programme.models import (
    Contribution,
    ProgrammeRelease,
    Room,
    Session,
    SessionChair,
    label_of_contributions,
)

_UNKNOWN = Span()


class _Timed:
    """Shortcuts to the parts of `span`."""

    __slots__ = ()
    span: Span

    @property
    def starts(self) -> datetime | None:
        """The aware start in the edition's zone; None while date or time are unknown."""
        return self.span.starts

    @property
    def ends(self) -> datetime | None:
        """The aware end in the edition's zone; None while date or time are unknown."""
        return self.span.ends

    @property
    def starts_at(self) -> time | None:
        """The clock time of the start, also while the date is unknown."""
        return self.span.starts_at

    @property
    def ends_at(self) -> time | None:
        """The clock time of the end, also while the date is unknown."""
        return self.span.ends_at


@dataclass(slots=True)
class ScheduledSlot(_Timed):
    """The place of a contribution in a session.

    `contribution` is None until texts are loaded, and stays None where it is hidden or deleted.
    """

    pk: int
    contribution_id: int
    own_kind: str = ""  # a Contribution.Kind; empty: the kind of the contribution
    minutes: int | None = None
    starts_after: int | None = None  # minutes from the start of the session; None: follows
    board: str = ""
    sequence: int = 0  # iCalendar SEQUENCE (RFC 5545, 3.8.7.4); 0 in a draft
    span: Span = _UNKNOWN
    contribution: Contribution | None = None

    @property
    def kind(self) -> str:
        """The kind shown in this session."""
        return self.own_kind or (self.contribution.kind if self.contribution else "")

    @property
    def kind_label(self) -> str:
        """The edition's name for that kind; "" without texts, or for another kind without a name."""
        row = self.contribution
        return label_of_contributions(row.edition, self.kind) if row else ""

    @property
    def is_filler(self) -> bool:
        """Whether it only takes time between others; never shown to visitors."""
        return self.contribution is not None and self.contribution.is_empty


@dataclass(slots=True)
class ScheduledSession(_Timed):
    """A session with its time, its room and its slots in order."""

    pk: int
    slug: str
    kind: str
    own_title: str  # empty: the name of its kind
    day: int  # from 1
    planned_start: time | None  # as entered; `starts_at` is right on the night the clocks change
    minutes: int | None
    room_id: int | None
    room_name: str
    has_shifts: bool = False
    own_label: str = ""  # the edition's own name for its kind
    sequence: int = 0  # as in a slot
    slots: list[ScheduledSlot] = field(default_factory=list)
    held_on: date | None = None
    span: Span = _UNKNOWN
    # Set by load_texts.
    description: str = ""
    directions: str = ""
    chairs: list[SessionChair] = field(default_factory=list)

    def __str__(self) -> str:
        return plain_title(self.title)

    @property
    def kind_label(self) -> str:
        """The name of its kind."""
        return self.own_label or str(Session.Kind(self.kind).label)

    @property
    def title(self) -> str:
        """The title, or the name of its kind."""
        return self.own_title or self.kind_label

    @property
    def headline(self) -> str:
        """The title; without one the title of its only contribution, else the name of its kind."""
        talk = self.slots[0].contribution if len(self.slots) == 1 else None
        return self.own_title or (talk.title if talk else "") or self.title

    @property
    def shown_slots(self) -> list[ScheduledSlot]:
        """The slots without those that only take time between others."""
        return [slot for slot in self.slots if not slot.is_filler]

    @property
    def is_pause(self) -> bool:
        """Whether it is a break or lunch."""
        return self.kind in {Session.Kind.BREAK, Session.Kind.LUNCH}

    def count(self, number: int) -> str:
        """A number of its contributions in words: "12 posters"."""
        if not self.is_simultaneous:
            words = ngettext("%(number)d talk", "%(number)d talks", number)
        elif self.kind == Session.Kind.POSTERS:
            words = ngettext("%(number)d poster", "%(number)d posters", number)
        else:
            words = ngettext("%(number)d demo", "%(number)d demos", number)
        return words % {"number": number}

    @property
    def is_for_everybody(self) -> bool:
        """Whether it is of a kind that nothing else is held beside."""
        kinds = Session.Kind
        common = {kinds.OPENING, kinds.KEYNOTE, kinds.CLOSING, kinds.SOCIAL}
        return self.is_pause or self.kind in common

    @property
    def whole_span(self) -> Span:
        """Its span; without a length it ends with its last slot that has a time."""
        ends = [slot.span.finish for slot in self.slots if slot.span.finish]
        return replace(self.span, finish=self.span.finish or max(ends, default=None))

    @property
    def is_simultaneous(self) -> bool:
        """Whether all slots last the whole session: posters, and demos without times of their own."""
        if self.kind != Session.Kind.DEMOS:
            return self.kind == Session.Kind.POSTERS
        return all(slot.minutes is None and slot.starts_after is None for slot in self.slots)

    def places(self) -> Iterator[tuple[ScheduledSlot, int | None, int | None]]:
        """Each slot with its start, in minutes from that of the session, and its minutes.

        Slots follow each other, except those with a start of their own. The last one without
        minutes takes the rest of the session; after any other one without minutes, starts are
        unknown (None).
        """
        end: int | None = 0
        for slot in self.slots:
            start = end if slot.starts_after is None else slot.starts_after
            minutes = slot.minutes
            if start is None:
                yield slot, None, minutes
                continue
            if minutes is None and slot is self.slots[-1] and self.minutes is not None:
                rest = self.minutes - start
                minutes = rest if rest > 0 else None
            yield slot, start, minutes
            end = None if minutes is None else start + minutes

    def set_times(self, *, zone: ZoneInfo, first_day: date | None) -> None:
        """Compute date and times of the session and its slots."""
        self.held_on = date_of_day(first_day, self.day)
        self.span = span_of(
            first_day=first_day,
            zone=zone,
            day=self.day,
            starts_at=self.planned_start,
            minutes=self.minutes,
        )
        for slot, start, minutes in self.places():
            if self.is_simultaneous:
                slot.span = self.span
            elif start is None:
                slot.span = Span(is_dated=self.span.is_dated)
            else:
                slot.span = self.span.part(start, minutes)


@dataclass(slots=True)
class ProgrammeDay:
    """A day with its number from 1, its date if known, and its sessions in order."""

    number: int
    held_on: date | None
    sessions: list[ScheduledSession]


@dataclass(slots=True)
class Timetable:
    """All days that have sessions, in order, the zone of their clocks, and the date of day 1."""

    zone: ZoneInfo
    first_day: date | None
    days: list[ProgrammeDay]
    release: int = 0  # its number; 0 for the draft

    def sessions(self) -> Iterator[ScheduledSession]:
        """All sessions in order."""
        for day in self.days:
            yield from day.sessions

    def slots(self) -> Iterator[ScheduledSlot]:
        """All slots in order."""
        for session in self.sessions():
            yield from session.slots


def build_timetable(
    sessions: Iterable[ScheduledSession], *, zone: ZoneInfo, first_day: date | None
) -> Timetable:
    """Compute all times and group `sessions`, which keep their order within a day."""
    ordered = sorted(sessions, key=lambda session: session.day)
    for session in ordered:
        session.set_times(zone=zone, first_day=first_day)
    return Timetable(
        zone,
        first_day,
        [
            ProgrammeDay(number, date_of_day(first_day, number), list(of_day))
            for number, of_day in groupby(ordered, key=lambda session: session.day)
        ],
    )


_SLOT_FIELDS = (
    *("pk", "contribution_id", "own_kind", "minutes", "starts_after", "board", "sequence"),
)
_SESSION_FIELDS = (
    *("pk", "slug", "kind", "own_title", "day", "minutes", "room_id", "room_name"),
    *("has_shifts", "own_label", "sequence"),
)


def timetable_of_release(release: ProgrammeRelease) -> Timetable:
    """The timetable of `release` without texts; no query."""
    timetable = build_timetable(
        map(_read_session, release.plan), zone=release.zone, first_day=release.first_day
    )
    timetable.release = release.number
    return timetable


def _read_session(data: Mapping[str, Any]) -> ScheduledSession:
    start = data["planned_start"]
    slots = [ScheduledSlot(**slot) for slot in data["slots"]]
    planned_start = time.fromisoformat(start) if start else None
    return ScheduledSession(**{**data, "planned_start": planned_start, "slots": slots})


def snapshot(timetable: Timetable) -> list[dict[str, Any]]:
    """Days, times, rooms and order as JSON data."""
    return [
        {
            **{name: getattr(row, name) for name in _SESSION_FIELDS},
            "planned_start": row.planned_start.isoformat() if row.planned_start else None,
            "slots": [{name: getattr(slot, name) for name in _SLOT_FIELDS} for slot in row.slots],
        }
        for row in timetable.sessions()
    ]


def draft_timetable(edition: Edition) -> Timetable:
    """The draft with all texts; at most ten queries."""
    sessions = draft_sessions(edition)
    timetable = build_timetable(sessions, zone=edition.zone, first_day=edition.starts_on)
    load_texts(sessions, edition=edition)
    return timetable


def draft_sessions(edition: Edition) -> list[ScheduledSession]:
    """The sessions and slots of the draft, for `build_timetable`; three queries."""
    labels = dict(edition.session_labels.values_list("kind", "label"))
    rows = Session.objects.for_edition(edition).select_related("room").prefetch_related("slots")
    return [
        ScheduledSession(
            pk=row.pk,
            slug=row.slug,
            kind=row.kind,
            own_title=row.title,
            day=row.day,
            planned_start=row.starts_at,
            minutes=row.minutes,
            room_id=row.room_id,
            room_name=row.room.name if row.room else "",
            has_shifts=row.has_shifts,
            own_label=labels.get(row.kind, ""),
            slots=[
                ScheduledSlot(
                    slot.pk,
                    slot.contribution_id,
                    slot.kind,
                    slot.minutes,
                    slot.starts_after,
                    slot.board,
                )
                for slot in row.slots.all()
            ],
        )
        for row in rows
    ]


def load_texts(
    sessions: Iterable[ScheduledSession],
    *,
    edition: Edition,
    only_published: bool = False,
) -> None:
    """Add descriptions, chairs, directions and contributions to `sessions`; seven queries.

    With `only_published` the contributions that are not published stay None, but for empty ones:
    these only fill time, and visitors are promised nothing there.
    """
    sessions = list(sessions)
    chairs = Prefetch("chairs", SessionChair.objects.select_related("person"))
    rows = Session.objects.prefetch_related(chairs).in_bulk([session.pk for session in sessions])
    rooms = Room.objects.filter(edition=edition).in_bulk()
    keys = {slot.contribution_id for session in sessions for slot in session.slots}
    shown = Contribution.objects.for_edition(edition).with_listing_data()
    if only_published:
        shown = shown.published_or_empty()
    contributions = shown.in_bulk(keys)
    for contribution in contributions.values():
        contribution.edition = edition
    for session in sessions:
        row, room = rows.get(session.pk), rooms.get(session.room_id or 0)
        session.description = row.description if row else ""
        session.chairs = list(row.chairs.all()) if row else []
        session.directions = room.directions if room else ""
        for slot in session.slots:
            slot.contribution = contributions.get(slot.contribution_id)
