"""The published programme as programs for conferences think of it: days, rooms, events.

That is the schedule of c3voc (https://c3voc.de/wiki/schedule), read by apps for visitors, video
teams and helpers. Each talk of a session is an event in the session's room; a session whose talks
have no times of their own, or that has none, is one event; posters are one in a room of that
name. What has no date yet stays out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from apps.editions.models import Edition
from apps.programme.feeds.addresses import contribution_address, session_address, slides_address
from apps.programme.feeds.identity import guid, person_uid, room_uid, session_uid, slot_uid
from apps.programme.feeds.plain_text import line_of, lines_of, running_order, slot_title
from apps.programme.models import Contribution, Contributor
from apps.programme.releases import PublishedProgramme
from apps.programme.timetable import ScheduledSession, ScheduledSlot

# Programs draw a grid of such steps; of what ends at nobody knows when, one step.
STEP = timedelta(minutes=15)
_LONGEST = timedelta(hours=23, minutes=59)
_POSTERS = "Posters"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who gives an event: a number, a UUID, a name."""

    number: int
    guid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Something to read or see: `kind` as the schedule's schema has them."""

    kind: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the schedule. `number` and `code` are unique among the events, as `guid` is."""

    guid: UUID
    number: int
    slug: str
    url: str
    starts: datetime
    ends: datetime | None
    room: str
    title: str
    subtitle: str
    kind: str
    track: str = ""
    abstract: str = ""
    description: str = ""
    speakers: tuple[Speaker, ...] = ()
    links: tuple[Reference, ...] = ()
    attachments: tuple[Reference, ...] = ()

    @property
    def code(self) -> str:
        """The number in six digits and capitals."""
        number, code = self.number, ""
        while number or len(code) < 6:
            number, digit = divmod(number, 36)
            code = _DIGITS[digit] + code
        return code

    @property
    def duration(self) -> str:
        """Hours and minutes, under a day."""
        lasts = self.until.astimezone(UTC) - self.starts.astimezone(UTC)
        minutes = int(min(lasts, _LONGEST).total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"

    @property
    def until(self) -> datetime:
        """When it ends, or one step after its start."""
        if self.ends:
            return self.ends
        return (self.starts.astimezone(UTC) + STEP).astimezone(self.starts.tzinfo)


@dataclass(frozen=True, slots=True)
class ScheduleDay:
    """A day with its events by room, rooms in the order in which they are first used."""

    number: int
    held_on: date
    starts: datetime
    ends: datetime
    rooms: dict[str, list[Event]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """All days that have events, at least one."""

    acronym: str
    title: str
    version: str
    zone: str
    days: list[ScheduleDay]

    @property
    def rooms(self) -> list[str]:
        """The name of each, once."""
        return list(dict.fromkeys(room for day in self.days for room in day.rooms))


def schedule_of(edition: Edition, published: PublishedProgramme) -> Schedule | None:
    """What is published of `edition`; None while nothing of it has a date."""
    acronym = _acronym(edition)
    days = []
    for day in published.timetable.days:
        events = [event for entry in day.sessions for event in _events(edition, acronym, entry)]
        events.sort(key=lambda event: event.starts.astimezone(UTC))
        if not events or day.held_on is None:
            continue
        rooms: dict[str, list[Event]] = {}
        for event in events:
            rooms.setdefault(event.room, []).append(event)
        ends = max((event.until for event in events), key=lambda moment: moment.astimezone(UTC))
        days.append(ScheduleDay(day.number, day.held_on, events[0].starts, ends, rooms))
    if not days:
        return None
    return Schedule(
        acronym=acronym,
        title=line_of(edition.title_with_year),
        version=str(published.release.number),
        zone=published.timetable.zone.key,
        days=days,
    )


def room_guid(edition: Edition, name: str) -> UUID:
    """The identity of a room."""
    return guid(room_uid(edition, name))


def _acronym(edition: Edition) -> str:
    """Four letters, digits or underscores at least, and the same for ever."""
    word = re.sub(r"[^a-z0-9_]", "_", edition.slug.lower())
    return word if len(word) >= 4 else f"edition_{word}"


def _events(edition: Edition, acronym: str, entry: ScheduledSession) -> Iterator[Event]:
    if entry.starts is None:
        return
    room = line_of(entry.room_name or edition.venue) or "To be announced"
    if entry.slots and not entry.is_simultaneous and all(map(_has_length, entry.slots)):
        for slot in entry.slots:
            yield _of_slot(edition, acronym, room, entry, slot)
        return
    is_posters = entry.is_simultaneous
    number = 2 * entry.pk + 1
    yield Event(
        guid=guid(session_uid(entry.pk)),
        number=number,
        slug=_slug(acronym, entry.slug, number),
        url=session_address(edition, entry.slug),
        starts=entry.starts,
        ends=entry.ends,
        room=_POSTERS if is_posters else room,
        title=line_of(entry.headline),
        subtitle=room if is_posters else "",
        kind=entry.kind,
        abstract=lines_of(entry.description),
        description=running_order(entry),
    )


def _has_length(slot: ScheduledSlot) -> bool:
    # In UTC: on the night the clocks go back both may show the same.
    starts, ends = slot.starts, slot.ends
    return bool(starts and ends and ends.astimezone(UTC) > starts.astimezone(UTC))


def _of_slot(
    edition: Edition, acronym: str, room: str, entry: ScheduledSession, slot: ScheduledSlot
) -> Event:
    if slot.starts is None:
        raise ValueError("Only what has a time is an event.")
    number, contribution = 2 * slot.pk, slot.contribution
    title, session = slot_title(entry, slot), line_of(entry.title)
    unknown = Event(
        guid=guid(slot_uid(slot.pk)),
        number=number,
        slug=_slug(acronym, entry.slug, number),
        url=session_address(edition, entry.slug),
        starts=slot.starts,
        ends=slot.ends,
        room=room,
        title=title,
        subtitle="" if session == title else session,
        kind=slot.kind or entry.kind,
    )
    if contribution is None:
        return unknown
    topics = list(contribution.topics.all())
    return replace(
        unknown,
        slug=_slug(acronym, contribution.slug, number),
        url=contribution_address(edition, contribution.slug),
        track=line_of(topics[0].heading) if topics else "",
        abstract=lines_of(contribution.abstract),
        speakers=tuple(_speaker(one) for one in contribution.presenters),
        links=tuple(_links(contribution)),
        attachments=tuple(_attachments(edition, contribution)),
    )


def _slug(acronym: str, words: str, number: int) -> str:
    """Ends with the number, so that it is one of a kind wherever a talk is given twice."""
    return f"{acronym}-{words}-{number:03}"


def _speaker(credit: Contributor) -> Speaker:
    """People of ours by their number; who is only a name by one made of name and affiliation."""
    identity = guid(person_uid(credit.identity))
    number = credit.person_id or 2**30 + identity.int % 2**30
    return Speaker(number, identity, line_of(credit.shown_name))


def _links(contribution: Contribution) -> Iterator[Reference]:
    for kind, title, url in (
        ("slides", "Slides", contribution.slides_url),
        ("media", "Recording", contribution.video_url),
        ("paper", "Paper", contribution.paper_url),
        ("paper", "arXiv", contribution.arxiv_url),
        ("web", "Code", contribution.code_url),
        ("media", "Poster", contribution.poster_url),
        ("related", "More", contribution.more_url),
    ):
        if url:
            yield Reference(kind, title, url)


def _attachments(edition: Edition, contribution: Contribution) -> Iterator[Reference]:
    if contribution.slides:
        yield Reference("slides", "Slides", slides_address(edition, contribution.slug))
