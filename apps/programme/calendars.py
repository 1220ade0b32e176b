"""The published programme as calendars (RFC 5545).

The calendar to subscribe to has one event per session, and each contribution has a calendar of
its own. Items without a date are left out. Items of an earlier release are cancelled until the
edition is past. The identities, addresses and texts here are those of schedule.xml too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from apps.core.markdown import plain_text
from apps.editions.models import Edition
from apps.programme.cancelled import Cancelled, Visibility
from apps.programme.models import Contribution
from apps.programme.releases import PublishedProgramme
from apps.programme.timetable import ScheduledSession, ScheduledSlot

CALENDAR_TYPE = "text/calendar; charset=utf-8"
_REFRESH_INTERVAL = timedelta(hours=1)
_MAX_TEXT = 1000  # characters
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# Control characters except line feed, Unicode line separators, and noncharacters.
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def host() -> str:
    """The host name of this site."""
    return urlsplit(settings.SITE_URL).netloc


def make_uid(kind: str, *keys: int | str) -> str:
    """A permanent identity: it does not change with title or time."""
    return "-".join([kind, *map(str, keys)]) + f"@{host()}"


def session_url(edition: Edition, slug: str) -> str:
    """The absolute URL of the page of a published session."""
    return settings.SITE_URL + reverse("pages:session", args=[edition.slug, slug])


def contribution_url(contribution: Contribution) -> str:
    """The absolute URL of the page of a published contribution."""
    return settings.SITE_URL + contribution.get_absolute_url()


def edition_url(edition: Edition) -> str:
    """The absolute URL of the home page of `edition`."""
    return settings.SITE_URL + edition.get_absolute_url()


def subscribe_url(edition: Edition) -> str:
    """The URL of the calendar to subscribe to, with the scheme that opens calendar programs."""
    return f"webcal://{host()}" + reverse("programme:calendar", args=[edition.slug])


def clean_line(text: str) -> str:
    """`text` in one line, without invisible characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())


def clean_lines(text: str) -> str:
    """`text` with LF line ends, without invisible characters."""
    return _INVISIBLE.sub("", "\n".join(text.splitlines()))


def presenter_names(contribution: Contribution) -> str:
    """The names of its presenters, separated by commas."""
    return ", ".join(credit.shown_name for credit in contribution.presenters)


def slot_title(session: ScheduledSession, slot: ScheduledSlot) -> str:
    """The title of a published contribution, else that it is to be announced."""
    title = slot.contribution.title if slot.contribution else ""
    return clean_line(title or f"{session.title}: to be announced")


def running_order(session: ScheduledSession) -> str:
    """One line per slot: board or start, title, names."""
    return "\n".join(_order_line(session, slot) for slot in session.slots)


def _order_line(session: ScheduledSession, slot: ScheduledSlot) -> str:
    start = f"{slot.starts_at:%H:%M}" if slot.starts_at else ""
    title = clean_line(slot.contribution.shown_title) if slot.contribution else "To be announced"
    names = clean_line(presenter_names(slot.contribution)) if slot.contribution else ""
    parts = (slot.board if session.is_simultaneous else start, title, f"({names})" if names else "")
    return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ProgrammeCalendars:
    """Makes the calendars of the published programme of an edition.

    `visibility` counts how often the contribution of the calendar was hidden and shown again.
    """

    edition: Edition
    published: PublishedProgramme
    visibility: Visibility = Visibility()  # noqa: RUF009  (frozen)

    def programme(self) -> bytes:
        """All sessions with a date, and cancelled ones."""
        events = [self._session(row) for row in self._sessions() if row.starts]
        events += [self._cancel(row, row.title) for row in self._cancelled() if row.slot is None]
        return self._calendar(events, title=f"{self.edition.title_with_year}: programme")

    def session(self, slug: str) -> bytes | None:
        """The session with this slug; None unless it is published with a date."""
        for session in self._sessions():
            if session.slug == slug and session.starts:
                return self._calendar([self._session(session)], title=session.headline)
        return None

    def cancelled_session(self, keys: Iterable[int]) -> bytes | None:
        """The first cancelled session among the primary keys `keys`, if any."""
        cancelled = {row.session: row for row in self._cancelled() if row.slot is None}
        found = next((cancelled[key] for key in keys if key in cancelled), None)
        if found is None:
            return None
        return self._calendar([self._cancel(found, found.title)], title=found.title)

    def contribution(self, contribution: Contribution) -> bytes | None:
        """All slots of a published contribution, and cancelled ones; None without any."""
        title = contribution.shown_title
        events = [
            self._slot(session, slot)
            for session in self._sessions()
            for slot in session.slots
            if slot.contribution_id == contribution.pk and slot.starts
        ]
        events += [
            self._cancel(row, title)
            for row in self._cancelled()
            if row.slot is not None and row.contribution == contribution.pk
        ]
        return self._calendar(events, title=title) if events else None

    def withdrawn_contribution(self, slots: Sequence[Cancelled]) -> bytes | None:
        """The slots of a hidden or deleted contribution, under the titles of their sessions."""
        if self.edition.is_past or not slots:
            return None
        events = [self._cancel(row, row.title) for row in slots]
        return self._calendar(events, title=slots[0].title)

    def _sessions(self) -> Iterator[ScheduledSession]:
        return self.published.timetable.sessions()

    def _cancelled(self) -> Sequence[Cancelled]:
        return [] if self.edition.is_past else self.published.cancelled

    def _session(self, session: ScheduledSession) -> Event:
        if session.is_simultaneous:
            count = len(session.slots)
            content = f"{count} poster{'' if count == 1 else 's'}." if count else ""
        else:
            content = running_order(session)
        return self._event(
            session,
            uid=make_uid("session", session.pk),
            title=session.headline,
            room_name=session.room_name,
            texts=[content, plain_text(session.description, _MAX_TEXT)],
            url=session_url(self.edition, session.slug),
        )

    def _slot(self, session: ScheduledSession, slot: ScheduledSlot) -> Event:
        contribution = slot.contribution
        return self._event(
            slot,
            uid=make_uid("slot", slot.pk),
            title=slot_title(session, slot),
            room_name=session.room_name,
            texts=[
                presenter_names(contribution) if contribution else "",
                f"Board {slot.board}" if slot.board else "",
                session.title,
                plain_text(contribution.abstract, _MAX_TEXT) if contribution else "",
            ],
            url=contribution_url(contribution)
            if contribution
            else session_url(self.edition, session.slug),
        )

    def _cancel(self, row: Cancelled, title: str) -> Event:
        return self._event(
            row,
            uid=make_uid(*row.key),
            title=title,
            room_name=row.room_name,
            texts=[],
            url=edition_url(self.edition),
            is_cancelled=True,
        )

    def _event(
        self,
        item: ScheduledSession | ScheduledSlot | Cancelled,
        *,
        uid: str,
        title: str,
        room_name: str,
        texts: Iterable[str],
        url: str,
        is_cancelled: bool = False,
    ) -> Event:
        event = Event()
        event.add("uid", uid)
        event.add("sequence", item.sequence + self.visibility.changes)
        moments = (self.published.release.published_at, self.visibility.changed_at)
        changed_at = max(filter(None, moments)).astimezone(UTC)
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        starts, ends = item.starts, item.ends
        if starts:
            event.add("dtstart", _unambiguous(starts))
        # In UTC: on the night the clocks go back both clock times may be equal.
        if starts and ends and ends.astimezone(UTC) > starts.astimezone(UTC):
            event.add("dtend", _unambiguous(ends))
        event.add("summary", clean_line(title))
        place = clean_line(", ".join(filter(None, [room_name, self.edition.venue])))
        if place:
            event.add("location", place)
        lines = [*texts, f"{self.edition.title_with_year}: {url}"]
        event.add("description", clean_lines("\n".join(filter(None, lines))))
        event.add("url", url)
        is_cancelled = is_cancelled or self.edition.is_cancelled
        event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
        return event

    def _calendar(self, events: Sequence[Event], *, title: str) -> bytes:
        zone = self.published.timetable.zone
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", f"-//{host()}//programme//EN")
        calendar.add("calscale", "GREGORIAN")
        # The names of RFC 7986, and the older ones that programs read.
        for name in ("name", "x-wr-calname"):
            calendar.add(name, clean_line(title))
        calendar.add("x-wr-timezone", zone.key)
        calendar.add("refresh-interval", _REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        years = [moment.year for event in events for moment in (event.start, event.end)]
        years = years or [self.published.release.published_at.year]
        calendar.add_component(make_vtimezone(zone, min(years), max(years)))
        for event in events:
            calendar.add_component(event)
        return calendar.to_ical(sorted=False)


def _unambiguous(moment: datetime) -> datetime:
    """`moment`, in UTC if its clock shows the same time twice that night.

    RFC 5545 (3.3.5) means the first of both, but some programs take the second.
    """
    is_twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_twice else moment


@lru_cache(maxsize=64)
def make_vtimezone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of `zone` for these years.

    icalendar's own starts summer time an hour late: the moment of a change is written in the clock
    time before it (RFC 5545, 3.6.5).
    """
    # One day of margin at both ends of the calendar.
    begin = datetime(min(max(first_year, 2), 9998), 1, 1, tzinfo=UTC) - _DAY
    end = datetime(min(max(last_year, 2), 9998), 12, 31, tzinfo=UTC) + _DAY
    component = Timezone()
    component.add("tzid", zone.key)
    component.add_component(_observance(begin, begin.astimezone(zone)))
    for moment in _transitions(zone, begin, end):
        component.add_component(_observance(moment - _SECOND, moment.astimezone(zone)))
    return component


def _observance(before: datetime, local: datetime) -> TimezoneStandard | TimezoneDaylight:
    """The offset from `local` on; `before` is a moment with the earlier offset."""
    offset_from = before.astimezone(local.tzinfo).utcoffset() or timedelta()
    rule = TimezoneDaylight() if local.dst() else TimezoneStandard()
    rule.add("dtstart", (local.astimezone(UTC) + offset_from).replace(tzinfo=None))
    rule.add("tzoffsetfrom", offset_from)
    rule.add("tzoffsetto", local.utcoffset() or timedelta())
    rule.add("tzname", local.tzname() or "")
    return rule


def _transitions(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The changes of the clocks of `zone`, in UTC, to the second."""

    def rule_at(moment: datetime) -> tuple:
        local = moment.astimezone(zone)
        return local.utcoffset(), local.dst(), local.tzname()

    moment = begin
    while moment < end:
        early, late = moment, moment + _DAY
        if rule_at(early) != rule_at(late):
            while late - early > _SECOND:
                middle = (early + (late - early) / 2).replace(microsecond=0)
                if rule_at(middle) == rule_at(moment):
                    early = middle
                else:
                    late = middle
            yield late
        moment += _DAY
