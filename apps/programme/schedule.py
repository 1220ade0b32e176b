"""The published programme as schedule.json and schedule.xml (https://c3voc.de/wiki/schedule).

Apps for visitors, video teams and helpers read it. Each talk of a session is an event in the
session's room. A session without talks, or whose talks have no times, is one event; posters are
one event in a room of that name. Items without a date are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse

from apps.core.feeds import XmlWriter
from apps.editions.models import Edition
from apps.programme.calendars import (
    clean_line,
    clean_lines,
    contribution_url,
    edition_url,
    host,
    make_uid,
    running_order,
    session_url,
    slot_title,
)
from apps.programme.models import Contribution, Contributor
from apps.programme.timetable import ScheduledSession, ScheduledSlot, Timetable

JSON_TYPE = "application/json"
XML_TYPE = "application/xml; charset=utf-8"
_STEP = timedelta(minutes=15)  # of the grid that programs draw; the length of an open end
_LONGEST = timedelta(hours=23, minutes=59)
_POSTERS = "Posters"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Keys of an event in order, with the values they have where nothing is given.
_KEYS: dict[str, Any] = {
    **dict.fromkeys(("guid", "id", "code", "date", "start", "end", "duration", "room", "slug")),
    **dict.fromkeys(("url", "title", "subtitle", "track", "type", "language"), ""),
    **dict.fromkeys(("abstract", "description"), ""),
    **dict.fromkeys(("persons", "links", "attachments"), ()),
}


@dataclass(frozen=True, slots=True)
class _TimedEvent:
    """An event as schedule.json has it (`data`), with its times for sorting."""

    starts: datetime
    ends: datetime | None
    data: dict[str, Any]

    @property
    def until(self) -> datetime:
        """The end, or one step after the start."""
        if self.ends:
            return self.ends
        return (self.starts.astimezone(UTC) + _STEP).astimezone(self.starts.tzinfo)


def make_schedule(edition: Edition, timetable: Timetable) -> dict[str, Any] | None:
    """The content of schedule.json from a release with texts; None while no item has a date."""
    acronym = _acronym(edition)
    days: list[dict[str, Any]] = []
    for day in timetable.days:
        events = [event for row in day.sessions for event in _events(edition, acronym, row)]
        events.sort(key=lambda event: event.starts.astimezone(UTC))
        if not events or day.held_on is None:
            continue
        rooms: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            rooms.setdefault(event.data["room"], []).append(event.data)
        ends = max((event.until for event in events), key=lambda moment: moment.astimezone(UTC))
        days.append(
            {
                "index": day.number,
                "date": day.held_on.isoformat(),
                "day_start": _iso(events[0].starts),
                "day_end": _iso(ends),
                "rooms": rooms,
            }
        )
    if not days:
        return None
    names = dict.fromkeys(name for day in days for name in day["rooms"])
    return {
        "version": str(timetable.release),
        "base_url": f"{settings.SITE_URL}/",
        "conference": {
            "acronym": acronym,
            "title": clean_line(edition.title_with_year),
            "start": days[0]["date"],
            "end": days[-1]["date"],
            "daysCount": len(days),
            "timeslot_duration": f"00:{_STEP.seconds // 60:02}",
            "time_zone_name": timetable.zone.key,
            "url": edition_url(edition),
            "rooms": [
                {"name": name, "guid": str(_guid(make_uid(f"room-{edition.pk}", name)))}
                for name in names
            ],
            "days": days,
        },
    }


def schedule_json(edition: Edition, schedule: dict[str, Any]) -> bytes:
    """`schedule` as JSON (https://c3voc.de/schedule/schema.json)."""
    content = {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": "workshop", "url": f"{settings.SITE_URL}/"},
        "schedule": schedule,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def schedule_xml(edition: Edition, schedule: dict[str, Any]) -> bytes:
    """`schedule` as XML (https://c3voc.de/schedule/schema.xsd).

    Programs recognise the format by its first 1,024 characters.
    """
    conference = schedule["conference"]
    guids = {room["name"]: room["guid"] for room in conference["rooms"]}
    out = StringIO()
    xml = XmlWriter(out)
    xml.startDocument()
    xml.begin("schedule")
    xml.text("generator", "", name="workshop", system=host())
    xml.text("url", settings.SITE_URL + reverse("programme:schedule-xml", args=[edition.slug]))
    xml.text("version", schedule["version"])
    xml.begin("conference")
    for name in ("acronym", "title", "start", "end"):
        xml.text(name, conference[name])
    xml.text("days", str(conference["daysCount"]))
    xml.text("timeslot_duration", conference["timeslot_duration"])
    xml.text("base_url", schedule["base_url"])
    xml.text("url", conference["url"])
    xml.text("time_zone_name", conference["time_zone_name"])
    xml.endElement("conference")
    for day in conference["days"]:
        xml.begin(
            "day",
            index=str(day["index"]),
            date=day["date"],
            start=day["day_start"],
            end=day["day_end"],
        )
        for room, events in day["rooms"].items():
            xml.begin("room", name=room, guid=guids[room])
            for event in events:
                _write_event(xml, event)
            xml.endElement("room")
        xml.endElement("day")
    xml.endElement("schedule")
    return out.getvalue().encode()


def _write_event(xml: XmlWriter, event: dict[str, Any]) -> None:
    xml.begin("event", id=str(event["id"]), guid=event["guid"], code=event["code"])
    for name in (
        *("date", "start", "duration", "room", "slug", "url", "title", "subtitle"),
        *("track", "type", "language", "abstract", "description"),
    ):
        xml.text(name, event[name])
    xml.begin("persons")
    for person in event["persons"]:
        xml.text("person", person["name"], id=str(person["id"]), guid=person["guid"])
    xml.endElement("persons")
    for name in ("link", "attachment"):
        xml.begin(f"{name}s")
        for reference in event[f"{name}s"]:
            xml.text(name, reference["title"], href=reference["url"], type=reference["type"])
        xml.endElement(f"{name}s")
    xml.endElement("event")


def _acronym(edition: Edition) -> str:
    """At least four letters, digits or underscores, which never change."""
    word = re.sub(r"[^a-z0-9_]", "_", edition.slug.lower())
    return word if len(word) >= 4 else f"edition_{word}"


def _events(edition: Edition, acronym: str, session: ScheduledSession) -> Iterator[_TimedEvent]:
    if session.starts is None:
        return
    room = clean_line(session.room_name or edition.venue) or "To be announced"
    if session.slots and not session.is_simultaneous and all(map(_has_length, session.slots)):
        for slot in session.slots:
            yield _slot_event(edition, acronym, room, session, slot)
        return
    is_posters = session.is_simultaneous
    number = 2 * session.pk + 1
    yield _event(
        session,
        guid=str(_guid(make_uid("session", session.pk))),
        id=number,
        room=_POSTERS if is_posters else room,
        slug=f"{acronym}-{session.slug}-{number:03}",
        url=session_url(edition, session.slug),
        title=clean_line(session.headline),
        subtitle=room if is_posters else "",
        type=session.kind,
        abstract=clean_lines(session.description),
        description=running_order(session),
    )


def _slot_event(
    edition: Edition, acronym: str, room: str, session: ScheduledSession, slot: ScheduledSlot
) -> _TimedEvent:
    contribution, number = slot.contribution, 2 * slot.pk
    title, session_title = slot_title(session, slot), clean_line(session.title)
    texts: dict[str, Any] = {}
    if contribution:
        topics = list(contribution.topics.all())
        texts = {
            "track": clean_line(topics[0].heading) if topics else "",
            "abstract": clean_lines(contribution.abstract),
            "persons": [_person(credit) for credit in contribution.presenters],
            "links": list(_links(contribution)),
            "attachments": list(_attachments(contribution)),
        }
    return _event(
        slot,
        guid=str(_guid(make_uid("slot", slot.pk))),
        id=number,
        room=room,
        # The number makes the slug unique where a talk is given twice.
        slug=f"{acronym}-{contribution.slug if contribution else session.slug}-{number:03}",
        url=contribution_url(contribution) if contribution else session_url(edition, session.slug),
        title=title,
        subtitle="" if session_title == title else session_title,
        type=slot.kind or session.kind,
        **texts,
    )


def _event(item: ScheduledSession | ScheduledSlot, **fields: Any) -> _TimedEvent:
    """An event with every key of the schema; `id` is unique among all events."""
    if item.starts is None:
        raise ValueError("An event has a start.")
    event = _TimedEvent(item.starts, item.ends, {})
    lasts = min(event.until.astimezone(UTC) - item.starts.astimezone(UTC), _LONGEST)
    minutes = int(lasts.total_seconds()) // 60
    fields |= {
        "code": _code(fields["id"]),
        "date": _iso(item.starts),
        "start": f"{item.starts:%H:%M}",
        "end": _iso(item.ends) if item.ends else None,
        "duration": f"{minutes // 60:02}:{minutes % 60:02}",
        "language": "en",
    }
    for key, default in _KEYS.items():
        if (value := fields.get(key, default)) is not None:
            event.data[key] = value
    return event


def _has_length(slot: ScheduledSlot) -> bool:
    # In UTC: on the night the clocks go back both clock times may be equal.
    starts, ends = slot.starts, slot.ends
    return bool(starts and ends and ends.astimezone(UTC) > starts.astimezone(UTC))


def _guid(uid: str) -> UUID:
    return uuid5(NAMESPACE_URL, uid)


def _code(number: int) -> str:
    """`number` as at least six digits and capitals, to base 36."""
    code = ""
    while number or len(code) < 6:
        number, digit = divmod(number, 36)
        code = _DIGITS[digit] + code
    return code


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _person(credit: Contributor) -> dict[str, Any]:
    """The number is that of the Person; for a bare name it is made of name and affiliation."""
    identity = _guid(make_uid(*credit.identity))
    number = credit.person_id or 2**30 + identity.int % 2**30
    return {"id": number, "guid": str(identity), "name": clean_line(credit.shown_name)}


def _links(contribution: Contribution) -> Iterator[dict[str, str]]:
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
            yield {"type": kind, "title": title, "url": url}


def _attachments(contribution: Contribution) -> Iterator[dict[str, str]]:
    if contribution.slides:
        url = settings.SITE_URL + contribution.file_address
        yield {"type": "slides", "title": "Slides", "url": url}
