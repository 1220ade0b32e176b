"""The programme as visitors read it: which sessions and talks are lines, what is on now, whose clock.

What is public of it is the latest release (`programme/releases.py`); the draft is shown to
organisers alone, by the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from django.urls import reverse
from django.utils import timezone

from apps.core import clock
from apps.editions.models import Edition
from apps.programme.cancelled import timetable_of_release
from apps.programme.models import Contribution, Contributor, Session
from apps.programme.releases import latest_release
from apps.programme.scheduling.local_times import Span
from apps.programme.scheduling.poster_boards import shift_of
from apps.programme.timetable import Day, ScheduledSession, ScheduledSlot, Timetable

# As many posters stand open in the programme; more are folded away below their number.
_OPEN_POSTERS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A session as a list of the programme shows it."""

    entry: ScheduledSession
    url: str  # its own page, or that of the one talk it is
    session_url: str
    sole: Contribution | None  # the one talk that an untitled session is
    slots: list[ScheduledSlot]  # what is listed below it
    is_now: bool = False
    is_next: bool = False
    slot_now: int | None = None  # the key of the talk being given

    @property
    def heading(self) -> str:
        """What it is called here."""
        return self.entry.headline

    @property
    def kind_label(self) -> str:
        """What kind of session it is, where its heading does not say so."""
        label = Session.Kind(self.entry.kind).label
        is_said = label == self.heading or self.entry.kind in {
            Session.Kind.OTHER,
            Session.Kind.BREAK,
            Session.Kind.LUNCH,
            Session.Kind.SOCIAL,
        }
        return "" if is_said else label

    @property
    def faces(self) -> list[Contributor]:
        """Whom to show beside it: those who give a keynote."""
        is_keynote = self.sole and self.entry.kind == Session.Kind.KEYNOTE
        return self.sole.presenters if self.sole and is_keynote else []

    @property
    def second_shift(self) -> Span | None:
        """When the posters on even boards have their turn, if there are two shifts."""
        return shift_of(self.entry.span, "2") if self.entry.has_shifts else None

    @property
    def is_running_order(self) -> bool:
        """Whether its start times are only about right."""
        return self.entry.kind == Session.Kind.LIGHTNING

    @property
    def is_folded(self) -> bool:
        """Whether what is in it is too much to stand open among other sessions."""
        return self.entry.is_simultaneous and len(self.slots) > _OPEN_POSTERS


@dataclass(frozen=True, slots=True)
class DayLines:
    """A day with its sessions as lines."""

    day: Day
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one contribution is, once."""

    day: Day
    entry: ScheduledSession
    slot: ScheduledSlot
    url: str  # of the session

    @property
    def span(self) -> Span:
        """From when to when; of a poster in two shifts, when somebody is at it."""
        shift = shift_of(self.entry.span, self.slot.board) if self.entry.has_shifts else None
        return shift or self.slot.span

    @property
    def label(self) -> str:
        """What it is there, if not what it is by itself."""
        kind = self.slot.own_kind
        return Contribution.Kind(kind).label if kind else ""

    @property
    def is_about(self) -> bool:
        """Whether its start is only about right."""
        return self.entry.kind == Session.Kind.LIGHTNING


def published_plan(edition: Edition) -> Timetable | None:
    """The days of the latest release without texts; one query."""
    release = latest_release(edition)
    return timetable_of_release(release) if release else None


def _sole(entry: ScheduledSession) -> Contribution | None:
    """The one talk of a session that has no title of its own to be called by."""
    talk = entry.slots[0].contribution if len(entry.slots) == 1 else None
    title = entry.own_title.casefold()
    return talk if talk and title in {"", talk.title.casefold()} else None


def days_of(timetable: Timetable, edition: Edition) -> list[DayLines]:
    """All days as lines, with what is on now and what is next marked."""
    running, following = now_and_next(timetable) if not edition.is_cancelled else ([], [])
    now, upcoming = {entry.pk for entry in running}, {entry.pk for entry in following}
    return [
        DayLines(
            day,
            [
                line_of(entry, edition, is_now=entry.pk in now, is_next=entry.pk in upcoming)
                for entry in day.sessions
            ],
        )
        for day in timetable.days
    ]


def soles_in(timetable: Timetable) -> dict[int, ScheduledSlot]:
    """The places of what has a session of its own, by the key of the contribution."""
    return {
        entry.slots[0].contribution_id: entry.slots[0]
        for entry in timetable.sessions()
        if len(entry.slots) == 1
    }


def attach_soles(timetable: Timetable, talks: Iterable[Contribution]) -> None:
    """Puts those of the published `talks` beside the sessions they are alone in; no queries."""
    places = soles_in(timetable)
    for talk in talks:
        if talk.pk in places:
            places[talk.pk].contribution = talk


def line_of(
    entry: ScheduledSession, edition: Edition, *, is_now: bool = False, is_next: bool = False
) -> Line:
    """One session as a line."""
    session_url = reverse("pages:session", args=[edition.slug, entry.slug])
    sole = _sole(entry)
    moment = timezone.now()
    return Line(
        entry,
        url=sole.get_absolute_url() if sole else session_url,
        session_url=session_url,
        sole=sole,
        slots=[] if sole else list(_listed(entry)),
        is_now=is_now,
        is_next=is_next,
        slot_now=_slot_at(entry, moment) if is_now else None,
    )


def _listed(entry: ScheduledSession) -> Iterator[ScheduledSlot]:
    """What stands below a session. A talk nobody may read of yet keeps its time, where it has one
    of its own to wait for; among posters and in a running order it is left out."""
    keeps_gaps = len(entry.slots) > 1 and entry.kind not in {
        Session.Kind.LIGHTNING,
        Session.Kind.POSTERS,
    }
    return (slot for slot in entry.slots if slot.contribution or (keeps_gaps and slot.starts_at))


def _slot_at(entry: ScheduledSession, moment: datetime) -> int | None:
    if entry.is_simultaneous:
        return None
    return next((slot.pk for slot in entry.slots if _is_at(slot.span, moment)), None)


def _is_at(span: Span, moment: datetime) -> bool:
    return bool(span.starts and span.ends and span.starts <= moment < span.ends)


def now_and_next(
    timetable: Timetable, moment: datetime | None = None
) -> tuple[list[ScheduledSession], list[ScheduledSession]]:
    """What is on at `moment` (now), and what begins next on the same day.

    Nothing of it is guessed: a session without a date, a start or a length is not on.
    """
    moment = moment or timezone.now()
    clock.changes_at(_changes_of(timetable))
    running = [entry for entry in timetable.sessions() if _is_at(entry.span, moment)]
    ahead = [
        (entry.starts, entry)
        for entry in timetable.sessions()
        if entry.starts and entry.starts > moment
    ]
    first = min((starts for starts, _ in ahead), default=None)
    today = moment.astimezone(timetable.zone).date()
    if first is None or (first.date() != today and not running):
        return running, []
    return running, [entry for starts, entry in ahead if starts == first]


def _changes_of(timetable: Timetable) -> Iterator[datetime]:
    """The moments at which something else is on, or next."""
    for entry in timetable.sessions():
        for span in (entry.span, *(slot.span for slot in entry.slots)):
            yield from (edge for edge in (span.starts, span.ends) if edge)
        if entry.starts:  # what begins on another day is next only once that day has come
            yield datetime.combine(entry.starts.date(), time.min, tzinfo=timetable.zone)


def places_of(timetable: Timetable | None, edition: Edition) -> dict[int, list[Place]]:
    """By the key of a contribution: where it is, in the order of the programme."""
    places: dict[int, list[Place]] = {}
    for day in timetable.days if timetable else ():
        for entry in day.sessions:
            url = reverse("pages:session", args=[edition.slug, entry.slug])
            for slot in entry.slots:
                places.setdefault(slot.contribution_id, []).append(Place(day, entry, slot, url))
    return places


def clocks_of(timetable: Timetable) -> str:
    """Whose clock the times are read on, in words: "London time (BST, UTC+1)".

    Where the clocks change in between, from which day which.
    """
    city = timetable.zone.key.rsplit("/", 1)[-1].replace("_", " ")
    words = f"{city} time" if "/" in timetable.zone.key else timetable.zone.key
    starts = sorted(entry.starts for entry in timetable.sessions() if entry.starts)
    spells = [
        (name, next(iter(moments)).date()) for name, moments in groupby(starts, key=_clock_name)
    ]
    if not spells:
        return words
    name, _ = spells[0]
    later = "".join(f"; from {on.day} {on:%B} {name}" for name, on in spells[1:])
    return f"{words} ({name}{later})"


def _clock_name(moment: datetime) -> str:
    offset = moment.strftime("%z")  # +0530
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    shift = f"UTC{'−' if offset[0] == '-' else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
    name = moment.tzname() or ""
    return f"{name}, {shift}" if name.isalpha() and name != "UTC" else shift
