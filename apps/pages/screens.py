"""Screens in the hall and at the doors: current sessions by room, the next ones, and changes.

They show the published programme only. A change is what differs from the programme that people read
before they came: the last release from before the first day. So it stays marked after another release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from apps.core.search import fold
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.news.models import Notice
from apps.pages.lines import SessionLine
from apps.pages.programme import find_now_and_next
from apps.pages.views import edition_page
from apps.programme.models import ProgrammeRelease
from apps.programme.releases import latest_release
from apps.programme.timetable import (
    ScheduledSession,
    ScheduledSlot,
    Timetable,
    load_texts,
    timetable_of_release,
)

_NEXT = 3  # sessions; more if they begin together
_MOST_NEXT = 6


class Message(NamedTuple):
    """The words of a screen without current sessions."""

    heading: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ScreenSession:
    """A session on a screen."""

    line: SessionLine
    changes: list[str]
    other_day: date | None = None  # if it is not today
    is_now: bool = False

    @property
    def talk_now(self) -> ScheduledSlot | None:
        """The current talk; None where it is the whole session, or times are approximate."""
        return self._slots_from(self.line.slot_now)[0]

    @property
    def talk_next(self) -> ScheduledSlot | None:
        """The talk after the current one."""
        return self._slots_from(self.line.slot_now)[1]

    def _slots_from(self, key: int | None) -> tuple[ScheduledSlot | None, ScheduledSlot | None]:
        if key is None or self.line.talk or self.line.is_running_order:
            return None, None
        slots = [slot for slot in self.line.entry.shown_slots if slot.contribution]
        keys = [slot.pk for slot in slots]
        if key not in keys:
            return None, None
        later = slots[keys.index(key) + 1 :]
        return slots[keys.index(key)], next(iter(later), None)


@dataclass(frozen=True)
class Screen:
    """What a screen shows of the published programme at one moment."""

    running: list[ScreenSession] = field(default_factory=list)
    following: list[ScreenSession] = field(default_factory=list)
    removed: list[ScheduledSession] = field(default_factory=list)
    message: Message | None = None

    @property
    def next_day(self) -> str:
        """The day of all next sessions in words, if it is one and not today."""
        days = {item.other_day for item in self.following}
        day = next(iter(days), None)
        return format_day(day, with_year=False) if day and len(days) == 1 else ""

    @property
    def density(self) -> str:
        """The class of the list of current sessions, by their number."""
        number = len(self.running)
        if number == 1:
            return "is-one"
        return "" if number <= 2 else "is-several" if number <= 4 else "is-many"


@edition_page("room", "still")
def screen(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The page for a screen in the hall, or with ?room= for one at the door of a room.

    It reloads every minute, unless the address has ?still.
    """
    release, now = latest_release(edition), timezone.now()
    timetable = timetable_of_release(release) if release else None
    rooms = rooms_of(timetable) if timetable else {}
    room = rooms.get(request.GET.get("room", ""), "")
    is_unknown_room = "room" in request.GET and not room
    shown = Screen() if is_unknown_room else fill_screen(edition, timetable, now=now, room=room)
    response = render(
        request,
        "pages/screens/screen.html",
        {
            "edition": edition,
            "screen": shown,
            "notices": Notice.objects.current(edition, now),
            "now": now.astimezone(edition.zone).replace(microsecond=0),
            "today": format_day(edition.today, with_year=False),
            "room": room,
            "rooms": rooms if is_unknown_room else {},
            "is_unknown_room": is_unknown_room,
            "is_still": "still" in request.GET,
        },
    )
    response["X-Robots-Tag"] = "noindex"
    if edition.is_draft:
        add_never_cache_headers(response)
    return response


def rooms_of(timetable: Timetable) -> dict[str, str]:
    """The names of the rooms of a programme by their keys, as in its addresses."""
    rooms = {str(row.room_id): row.room_name for row in timetable.sessions() if row.room_id}
    return {key: rooms[key] for key in sorted(rooms, key=lambda key: fold(rooms[key]))}


def fill_screen(
    edition: Edition, timetable: Timetable | None, *, now: datetime, room: str = ""
) -> Screen:
    """What a screen shows at `now`, with the texts of its sessions; nine queries at most.

    With `room` only what is in the room of this name.
    """
    if edition.is_cancelled or timetable is None or edition.is_past:
        return Screen(message=_message(edition, timetable, [], now))
    sessions = [row for row in timetable.sessions() if room in {"", row.room_name}]
    running = [row for row in find_now_and_next(timetable, now)[0] if row in sessions]
    following = _next_sessions(sessions, now)
    load_texts([*running, *following], edition=edition, only_published=True)
    before = _timetable_before_event(edition, timetable)
    earlier = {row.pk: row for row in before.sessions()} if before else None

    def show(row: ScheduledSession, *, is_now: bool = False) -> ScreenSession:
        other_day = row.held_on if row.held_on != edition.today else None
        line = SessionLine(row, edition, is_now=is_now)
        return ScreenSession(line, list_changes(row, earlier), other_day, is_now)

    return Screen(
        running=[show(row, is_now=True) for row in running],
        following=[show(row) for row in following],
        removed=_removed_sessions(before, {row.pk for row in timetable.sessions()}, now, room),
        message=None if running else _message(edition, timetable, following, now, room),
    )


def _next_sessions(sessions: list[ScheduledSession], now: datetime) -> list[ScheduledSession]:
    """The next three, and those that begin together with the third."""
    ahead = [(row.starts, row) for row in sessions if row.starts and row.starts > now]
    ahead.sort(key=lambda item: item[0])
    last = ahead[:_NEXT][-1][0] if ahead else None
    return [row for starts, row in ahead if last and starts <= last][:_MOST_NEXT]


def _timetable_before_event(edition: Edition, timetable: Timetable) -> Timetable | None:
    """The last release from before the first day, or else the first one; None if it is the latest."""
    if edition.starts_on is None:
        return None
    begins = datetime.combine(edition.starts_on, time(), tzinfo=edition.zone)
    releases = ProgrammeRelease.objects.for_edition(edition)
    release = releases.filter(published_at__lt=begins).first() or releases.last()
    if release is None or release.number == timetable.release:
        return None
    return timetable_of_release(release)


def list_changes(
    session: ScheduledSession, earlier: Mapping[int, ScheduledSession] | None
) -> list[str]:
    """What differs from the sessions of an `earlier` programme, in words for visitors."""
    if earlier is None:
        return []
    before = earlier.get(session.pk)
    if before is None:
        return [gettext("New in the programme")]
    changes = []
    if (before.held_on, before.span.hours) != (session.held_on, session.span.hours):
        hours = before.span.hours or gettext("without a time")
        if before.held_on and before.held_on != session.held_on:
            hours = f"{format_day(before.held_on, with_year=False)}, {hours}"
        changes.append(gettext("New time (it was %(time)s)") % {"time": hours})
    if before.room_name != session.room_name:
        room = before.room_name or gettext("without a room")
        changes.append(gettext("New room (it was %(room)s)") % {"room": room})
    talks = [[slot.contribution_id for slot in row.slots] for row in (before, session)]
    if talks[0] != talks[1]:
        changes.append(gettext("Other talks, or in another order"))
    return changes


def _removed_sessions(
    before: Timetable | None, kept: Collection[int], now: datetime, room: str
) -> list[ScheduledSession]:
    """Sessions of today that people expect and that were removed from the programme."""
    if before is None:
        return []
    today = now.astimezone(before.zone).date()
    return [
        row
        for row in before.sessions()
        if row.pk not in kept
        and room in {"", row.room_name}
        and row.held_on == today
        and (row.ends or row.starts or now) >= now
    ]


def _message(
    edition: Edition,
    timetable: Timetable | None,
    following: list[ScheduledSession],
    now: datetime,
    room: str = "",
) -> Message:
    """The words of a screen without current sessions, by the season of the edition."""
    names = {"name": edition.name}
    if edition.is_cancelled:
        return Message(gettext("Cancelled"), gettext("%(name)s will not take place.") % names)
    starts = [row.starts for row in timetable.sessions() if row.starts] if timetable else []
    if edition.is_past or (starts and max(starts) < now and not following and not room):
        return Message(gettext("Thank you for coming to %(name)s.") % names, _what_is_next(edition))
    if not starts:
        address = _address(edition.get_absolute_url())
        return Message(
            gettext("The programme is announced soon."),
            gettext("This screen shows it as soon as it is published, as does %(address)s.")
            % {"address": address},
        )
    if not following:
        return Message(gettext("No more sessions in this room."))
    first = following[0].starts or now
    words = {**names, "day": format_day(first.date(), with_year=False), "time": f"{first:%H:%M}"}
    if first.date() == edition.today:
        return Message(gettext("The next session begins at %(time)s.") % words)
    if min(starts) > now:
        return Message(gettext("%(name)s starts on %(day)s at %(time)s.") % words, edition.venue)
    return Message(gettext("The programme continues on %(day)s at %(time)s.") % words)


def _what_is_next(edition: Edition) -> str:
    """The next edition if it is public; else where slides and recordings are."""
    later = Edition.objects.public().filter(year__gt=edition.year, is_cancelled=False)
    if other := later.order_by("year").first():
        when = format_day(other.starts_on) if other.starts_on else other.date_note
        facts = ", ".join(filter(None, [other.title_with_year, when, other.venue]))
        return gettext("Next: %(edition)s") % {"edition": facts}
    address = _address(edition.get_absolute_url())
    return gettext("The programme with slides and recordings stays at %(address)s.") % {
        "address": address
    }


def _address(path: str) -> str:
    """An address that people can type from a wall: without the protocol."""
    return settings.SITE_URL.partition("://")[2] + path
