"""The published programme as calendars read it (RFC 5545).

The calendar to subscribe to has one event for each session, since nobody wants thirty lightning
talks among their appointments; each contribution has a calendar of its own. What has no date yet
stays out, and what an earlier release had is cancelled until the edition is past.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from apps.core.markdown import plain_text
from apps.editions.models import Edition
from apps.programme.cancelled import Cancelled, Visibility
from apps.programme.feeds.addresses import (
    contribution_address,
    edition_address,
    session_address,
)
from apps.programme.feeds.identity import host, session_uid, slot_uid
from apps.programme.feeds.plain_text import (
    line_of,
    lines_of,
    names_of,
    place_of,
    running_order,
    slot_title,
)
from apps.programme.feeds.zones import vtimezone
from apps.programme.models import Contribution
from apps.programme.releases import PublishedProgramme
from apps.programme.timetable import ScheduledSession, ScheduledSlot

CONTENT_TYPE = "text/calendar; charset=utf-8"
# How often a calendar is to ask for news of us.
_REFRESHED_EACH = timedelta(hours=1)
_WORDS_OF_TEXTS = 1000
_ALWAYS_SHOWN = Visibility()


def programme_calendar(edition: Edition, published: PublishedProgramme) -> bytes:
    """All sessions that have a date, and those cancelled since an earlier release."""
    events = [
        _session_event(edition, published, entry)
        for entry in published.timetable.sessions()
        if entry.starts
    ]
    events += [
        _cancelled_event(edition, published, one, title=one.title)
        for one in _cancelled(edition, published)
        if one.slot is None
    ]
    return _calendar(edition, published, events, title=f"{edition.title_with_year}: programme")


def session_calendar(edition: Edition, published: PublishedProgramme, slug: str) -> bytes | None:
    """One session; None if none with this address is published with a date."""
    for entry in published.timetable.sessions():
        if entry.slug == slug and entry.starts:
            event = _session_event(edition, published, entry)
            return _calendar(edition, published, [event], title=entry.headline)
    return None


def gone_session_calendar(
    edition: Edition, published: PublishedProgramme, keys: Iterable[int]
) -> bytes | None:
    """The first of `keys` that is cancelled since an earlier release; None if none is."""
    gone = {one.session: one for one in _cancelled(edition, published) if one.slot is None}
    found = next((gone[key] for key in keys if key in gone), None) if gone else None
    if found is None:
        return None
    event = _cancelled_event(edition, published, found, title=found.title)
    return _calendar(edition, published, [event], title=found.title)


def gone_contribution_calendar(
    edition: Edition,
    published: PublishedProgramme,
    places: Sequence[Cancelled],
    visibility: Visibility,
) -> bytes | None:
    """The places of one that nobody may read of any more, cancelled under their sessions' titles."""
    if edition.is_past or not places:
        return None
    events = [
        _cancelled_event(edition, published, one, title=one.title, visibility=visibility)
        for one in places
    ]
    return _calendar(edition, published, events, title=places[0].title)


def contribution_calendar(
    edition: Edition,
    published: PublishedProgramme,
    contribution: Contribution,
    visibility: Visibility,
) -> bytes | None:
    """All places of a published contribution, also those cancelled; None if it has and had none."""
    events = [
        _slot_event(edition, published, entry, slot, visibility)
        for entry in published.timetable.sessions()
        for slot in entry.slots
        if slot.contribution_id == contribution.pk and slot.starts
    ]
    events += [
        _cancelled_event(
            edition, published, one, title=contribution.shown_title, visibility=visibility
        )
        for one in _cancelled(edition, published)
        if one.slot is not None and one.contribution == contribution.pk
    ]
    if not events:
        return None
    return _calendar(edition, published, events, title=contribution.shown_title)


def _cancelled(edition: Edition, published: PublishedProgramme) -> Sequence[Cancelled]:
    return [] if edition.is_past else published.cancelled


def _session_event(
    edition: Edition, published: PublishedProgramme, entry: ScheduledSession
) -> Event:
    return _event(
        edition,
        published,
        uid=session_uid(entry.pk),
        sequence=entry.sequence,
        starts=entry.starts,
        ends=entry.ends,
        title=entry.headline,
        room_name=entry.room_name,
        texts=[
            _inside(entry),
            plain_text(entry.description, _WORDS_OF_TEXTS),
        ],
        address=session_address(edition, entry.slug),
    )


def _inside(entry: ScheduledSession) -> str:
    """What is in a session, in so many words as a calendar has room for."""
    if entry.is_simultaneous:
        many = len(entry.slots)
        return f"{many} poster{'' if many == 1 else 's'}." if many else ""
    return running_order(entry)


def _slot_event(
    edition: Edition,
    published: PublishedProgramme,
    entry: ScheduledSession,
    slot: ScheduledSlot,
    visibility: Visibility,
) -> Event:
    contribution = slot.contribution
    address = (
        contribution_address(edition, contribution.slug)
        if contribution
        else session_address(edition, entry.slug)
    )
    texts = [
        names_of(contribution) if contribution else "",
        f"Board {slot.board}" if slot.board else "",
        entry.title,
        plain_text(contribution.abstract, _WORDS_OF_TEXTS) if contribution else "",
    ]
    return _event(
        edition,
        published,
        uid=slot_uid(slot.pk),
        sequence=slot.sequence,
        visibility=visibility,
        starts=slot.starts,
        ends=slot.ends,
        title=slot_title(entry, slot),
        room_name=entry.room_name,
        texts=texts,
        address=address,
    )


def _cancelled_event(
    edition: Edition,
    published: PublishedProgramme,
    one: Cancelled,
    *,
    title: str,
    visibility: Visibility = _ALWAYS_SHOWN,
) -> Event:
    return _event(
        edition,
        published,
        uid=session_uid(one.session) if one.slot is None else slot_uid(one.slot),
        sequence=one.sequence,
        visibility=visibility,
        starts=one.starts,
        ends=one.ends,
        title=title,
        room_name=one.room_name,
        texts=[],
        address=edition_address(edition),
        is_cancelled=True,
    )


def _event(
    edition: Edition,
    published: PublishedProgramme,
    *,
    uid: str,
    sequence: int,
    starts: datetime | None,
    ends: datetime | None,
    title: str,
    room_name: str,
    texts: Iterable[str],
    address: str,
    visibility: Visibility = _ALWAYS_SHOWN,
    is_cancelled: bool = False,
) -> Event:
    event = Event()
    event.add("uid", uid)
    # Each time it was hidden or shown again it is another one, too.
    event.add("sequence", sequence + visibility.changes)
    changed_at = max(filter(None, (published.release.published_at, visibility.changed_at)))
    event.add("dtstamp", changed_at.astimezone(UTC))
    event.add("last-modified", changed_at.astimezone(UTC))
    if starts:
        event.add("dtstart", _once(starts))
    # Compared in UTC: on the night the clocks go back both may show the same.
    if starts and ends and ends.astimezone(UTC) > starts.astimezone(UTC):
        event.add("dtend", _once(ends))
    event.add("summary", line_of(title))
    if place := place_of(edition, room_name):
        event.add("location", place)
    words = [*texts, f"{edition.title_with_year}: {address}"]
    event.add("description", lines_of("\n".join(text for text in words if text)))
    event.add("url", address)
    gone = is_cancelled or edition.is_cancelled
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    return event


def _once(moment: datetime) -> datetime:
    """`moment` on its own clock; in UTC if that clock shows the same time twice that night.

    Calendars should then take the first (RFC 5545 §3.3.5), and some take the second.
    """
    is_twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_twice else moment


def _calendar(
    edition: Edition, published: PublishedProgramme, events: Sequence[Event], *, title: str
) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{host()}//programme//EN")
    calendar.add("calscale", "GREGORIAN")
    # The newer names of RFC 7986, and what calendars asked for before there were any.
    for name in ("name", "x-wr-calname"):
        calendar.add(name, line_of(title))
    calendar.add("x-wr-timezone", published.timetable.zone.key)
    calendar.add("refresh-interval", _REFRESHED_EACH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_zone_of(published, events))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical(sorted=False)


def _zone_of(published: PublishedProgramme, events: Sequence[Event]):
    years = [moment.year for event in events for moment in (event.start, event.end)]
    years = years or [published.release.published_at.year]
    return vtimezone(published.timetable.zone, min(years), max(years))
