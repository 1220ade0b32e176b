"""The published programme as calendars (RFC 5545).

The calendar to subscribe to has one event per session, and each contribution has a calendar of
its own. Times are local, with the rules of their time zone (VTIMEZONE). The identities, addresses
and texts here are those of schedule.xml too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from apps.core.inline_markup import plain_title
from apps.core.markdown import plain_text
from apps.editions.models import Edition
from apps.programme.cancelled import (
    ReleasedItem,
    cancellations,
    last_changes,
    visibility_changes,
)
from apps.programme.models import Contribution
from apps.programme.timetable import ScheduledSession, ScheduledSlot

CALENDAR_TYPE = "text/calendar; charset=utf-8"
_REFRESH_INTERVAL = timedelta(hours=1)
_MAX_TEXT = 1000  # characters
_DAY = timedelta(days=1)
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


def subscribe_url(edition: Edition, calendar: str = "calendar") -> str:
    """The URL of a calendar to subscribe to, with the scheme that opens calendar programs.

    `calendar` is the name of its address in this app: "calendar" or "dates-calendar".
    """
    return f"webcal://{host()}" + reverse(f"programme:{calendar}", args=[edition.slug])


def clean_line(text: str) -> str:
    """`text` in one line, without invisible characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())


def clean_lines(text: str) -> str:
    """`text` with LF line ends, without invisible characters."""
    return _INVISIBLE.sub("", "\n".join(text.splitlines()))


def presenter_names(contribution: Contribution) -> str:
    """The names of its presenters, separated by commas."""
    return ", ".join(credit.shown_name for credit in contribution.presenters)


def slot_title(edition: Edition, session: ScheduledSession, slot: ScheduledSlot) -> str:
    """The title of a published contribution, else that it is to be announced.

    In a past edition an untitled contribution is named by its kind, a hidden one by its session.
    """
    talk = slot.contribution
    if talk and (talk.title or edition.is_past):
        return clean_line(plain_title(talk.shown_title))
    title = plain_title(session.title)
    return clean_line(
        title if edition.is_past else gettext("%(title)s: to be announced") % {"title": title}
    )


def running_order(edition: Edition, session: ScheduledSession) -> str:
    """One line per slot: board or start, title, names; without hidden ones if it is past."""
    slots = [slot for slot in session.shown_slots if slot.contribution or not edition.is_past]
    return "\n".join(_order_line(session, slot) for slot in slots)


def _order_line(session: ScheduledSession, slot: ScheduledSlot) -> str:
    start = f"{slot.starts_at:%H:%M}" if slot.starts_at else ""
    title = (
        plain_title(slot.contribution.shown_title)
        if slot.contribution
        else gettext("To be announced")
    )
    names = clean_line(presenter_names(slot.contribution)) if slot.contribution else ""
    parts = (
        slot.board if session.is_simultaneous else start,
        clean_line(title),
        f"({names})" if names else "",
    )
    return " ".join(part for part in parts if part)


def make_calendar(
    edition: Edition,
    items: Iterable[ReleasedItem],
    *,
    title: str,
    released_at: datetime,
    revisions: Mapping[int, int] | None = None,
) -> bytes:
    """The calendar of `items` that have a date, with texts; the latest release is `released_at`.

    Between releases a changed text raises LAST-MODIFIED. The cancellations of the edition, and the
    `revisions` of contributions by their keys, are added to each SEQUENCE: a changed status has to
    raise it (RFC 5546, 2.1.4).
    """
    dated = [item for item in items if item.item.starts]
    moments = [moment for item in dated for moment in (item.item.starts, item.item.ends) if moment]
    # Cancelled items may be in the zone of an earlier release.
    zones = {str(moment.tzinfo): moment.tzinfo for moment in moments}
    calendar = new_calendar(title, next(iter(zones), edition.time_zone))
    for zone in zones.values():
        if isinstance(zone, ZoneInfo):
            calendar.add_component(_vtimezone(zone, min(moments).year, max(moments).year))
    changes, cancelled = last_changes(edition, dated), cancellations(edition)
    for item in dated:
        changed_at = max(released_at, changes.get(item.key, released_at))
        event = _event(edition, item)
        revision = revisions.get(item.slot.contribution_id, 0) if revisions and item.slot else 0
        event.add("sequence", item.sequence + cancelled + revision)
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        calendar.add_component(event)
    return calendar.to_ical(sorted=False)


def new_calendar(title: str, time_zone: str) -> Calendar:
    """A calendar without events."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{host()}//programme//EN")
    calendar.add("calscale", "GREGORIAN")
    # The names of RFC 7986, and the older ones that programs read.
    for name in ("name", "x-wr-calname"):
        calendar.add(name, clean_line(plain_title(title)))
    calendar.add("x-wr-timezone", time_zone)
    calendar.add("refresh-interval", _REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def contribution_calendar(
    edition: Edition, items: Sequence[ReleasedItem], *, title: str, released_at: datetime
) -> bytes:
    """The calendar of slots, whose contributions may be deleted; seven queries.

    Being hidden and shown again raises SEQUENCE.
    """
    changes = visibility_changes({item.slot.contribution_id for item in items if item.slot})
    # Being cancelled in between takes one, too.
    revisions = {key: 2 * count for key, count in changes.items()}
    with translation.override(edition.language_code):  # a release at the desk sends it, too
        return make_calendar(
            edition, items, title=title, released_at=released_at, revisions=revisions
        )


def _event(edition: Edition, item: ReleasedItem) -> Event:
    session, slot = item.session, item.slot
    texts: list[str] = []
    if item.is_cancelled:
        url = edition_url(edition)
    elif slot:
        url, texts = _slot_texts(edition, session, slot)
    else:
        url, texts = _session_texts(edition, session)
    is_named = slot and (slot.contribution or not item.is_cancelled)
    title = (
        slot_title(edition, session, slot) if slot and is_named else plain_title(session.headline)
    )
    event = Event()
    event.add("uid", make_uid(*item.key))
    starts, ends = item.span.starts, item.span.ends
    if starts:
        event.add("dtstart", _unambiguous(starts))
    if ends and item.span.has_length:
        event.add("dtend", _unambiguous(ends))
    event.add("summary", clean_line(title))
    if place := clean_line(", ".join(filter(None, [session.room_name, edition.venue]))):
        event.add("location", place)
    lines = [*texts, f"{edition.title_with_year}: {url}"]
    event.add("description", clean_lines("\n".join(filter(None, lines))))
    event.add("url", url)
    is_cancelled = item.is_cancelled or edition.is_cancelled
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    return event


def _session_texts(edition: Edition, session: ScheduledSession) -> tuple[str, list[str]]:
    """The address of its page, and parts of the description."""
    content = running_order(edition, session)
    if session.is_simultaneous:
        count = len(session.shown_slots)
        content = f"{session.count(count)}." if count else ""
    texts = [content, plain_text(session.description, _MAX_TEXT)]
    return session_url(edition, session.slug), texts


def _slot_texts(
    edition: Edition, session: ScheduledSession, slot: ScheduledSlot
) -> tuple[str, list[str]]:
    board = gettext("Board %(board)s") % {"board": slot.board} if slot.board else ""
    if (row := slot.contribution) is None:
        return session_url(edition, session.slug), [board, plain_title(session.title)]
    names = ", ".join(credit.shown_name for credit in row.contributors.all())
    texts = [names, board, plain_title(session.title), plain_text(row.abstract, _MAX_TEXT)]
    # A letter to its author comes before it is published.
    url = contribution_url(row) if row.is_published else session_url(edition, session.slug)
    return url, texts


def _unambiguous(moment: datetime) -> datetime:
    """`moment`, in UTC if its clock shows the same time twice that night.

    RFC 5545 (3.3.5) means the first of both, but some programs take the second.
    """
    is_twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_twice else moment


@lru_cache(maxsize=8)  # publishing writes one calendar for each letter
def _vtimezone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """The rules of `zone` for the years from `first_year` to `last_year`; not to be changed.

    icalendar's own (Timezone.from_tzinfo in 7.3) start summer time an hour late: the moment of a
    change is written in the clock time before it (RFC 5545, 3.6.5).
    """
    begin = datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    end = datetime(last_year, 12, 31, tzinfo=UTC) + 2 * _DAY
    changes = [begin, *_clock_changes(zone, begin, end)]
    lowest = min(_offset(zone, change) for change in changes)
    component = Timezone()
    component.add("tzid", zone.key)
    for number, change in enumerate(changes):
        offset = _offset(zone, change)
        before = _offset(zone, changes[number - 1]) if number else offset
        # By the offsets: tzdata calls the winter in Ireland daylight saving time.
        rule = TimezoneDaylight() if offset > lowest else TimezoneStandard()
        rule.add("dtstart", (change + before).replace(tzinfo=None))
        rule.add("tzoffsetfrom", before)
        rule.add("tzoffsetto", offset)
        rule.add("tzname", change.astimezone(zone).tzname() or "")
        component.add_component(rule)
    return component


def _clock_changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The minutes in UTC at which the offset of `zone` changes, at most one per day."""
    day = begin
    while day < end:
        if _offset(zone, day) != _offset(zone, day + _DAY):
            minutes = (day + timedelta(minutes=minute) for minute in range(24 * 60 + 1))
            yield next(minute for minute in minutes if _offset(zone, minute) != _offset(zone, day))
        day += _DAY


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
