"""The published programme as schedule.json and schedule.xml (https://c3voc.de/wiki/schedule).

Apps for visitors, video teams and helpers read it. Each talk of a session is an event in the
session's room. A session without talks, or whose talks have no times, is one event; posters are
one event in a room of that name. Items without a date are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from apps.core.inline_markup import plain_title
from apps.core.markdown_files import without_pictures
from apps.core.mathematics import plain_formulas
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
from apps.programme.models import Contribution, Contributor, LinkKind, Session
from apps.programme.timetable import ScheduledSession, ScheduledSlot, Timetable

JSON_TYPE = "application/json"
XML_TYPE = "application/xml; charset=utf-8"
_STEP = timedelta(minutes=15)  # of the grid that programs draw; the length of an open end
_LONGEST = timedelta(hours=23, minutes=59)
# Types of links that programs know; others are "related".
_LINK_TYPES = {
    LinkKind.SLIDES: "slides",
    LinkKind.VIDEO: "media",
    LinkKind.POSTER: "media",
    LinkKind.PAPER: "paper",
    LinkKind.PDF: "paper",
    LinkKind.PREPRINT: "paper",
    LinkKind.DOI: "paper",
    LinkKind.CODE: "web",
}


def make_schedule(edition: Edition, timetable: Timetable) -> dict[str, Any] | None:
    """The content of schedule.json from a release with texts; None while no item has a date."""
    days: list[dict[str, Any]] = []
    for day in timetable.days:
        events = [event for row in day.sessions for event in _events(edition, row)]
        events.sort(key=_start_of)
        if not events or day.held_on is None:
            continue
        rooms: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            rooms.setdefault(event["room"], []).append(event)
        days.append(
            {
                "index": day.number,
                "date": day.held_on.isoformat(),
                "day_start": events[0]["date"],
                "day_end": _iso(max(map(_end_of, events))),
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
            "acronym": _acronym(edition),
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
    """`schedule` as XML (https://c3voc.de/schedule/schema.xsd)."""
    url = settings.SITE_URL + reverse("programme:schedule-xml", args=[edition.slug])
    conference = schedule["conference"]
    guids = {room["name"]: room["guid"] for room in conference["rooms"]}
    days = [
        (day, [(name, guids[name], events) for name, events in day["rooms"].items()])
        for day in conference["days"]
    ]
    context = {"schedule": schedule, "days": days, "url": url, "host": host()}
    return render_to_string("programme/schedule.xml", context).encode()


def _acronym(edition: Edition) -> str:
    """At least four letters, digits or underscores, which never change."""
    word = re.sub(r"[^a-z0-9_]", "_", edition.slug.lower())
    return word if len(word) >= 4 else f"edition_{word}"


def _events(edition: Edition, session: ScheduledSession) -> Iterator[dict[str, Any]]:
    if session.starts is None:
        return
    unknown = gettext("Not known") if edition.is_past else gettext("To be announced")
    room = clean_line(session.room_name or edition.venue) or unknown
    has_times = all(slot.span.has_length for slot in session.shown_slots)
    if session.shown_slots and not session.is_simultaneous and has_times:
        for slot in session.shown_slots:
            yield _slot_event(edition, room, session, slot)
        return
    is_posters = session.kind == Session.Kind.POSTERS
    yield _event(
        edition,
        session,
        uid=make_uid("session", session.pk),
        number=2 * session.pk + 1,
        slug=session.slug,
        room=gettext("Posters") if is_posters else room,
        url=session_url(edition, session.slug),
        title=clean_line(plain_title(session.headline)),
        subtitle=room if is_posters else "",
        type=session.kind,
        abstract=clean_lines(plain_formulas(without_pictures(session.description))),
        description=running_order(edition, session),
    )


def _slot_event(
    edition: Edition, room: str, session: ScheduledSession, slot: ScheduledSlot
) -> dict[str, Any]:
    contribution = slot.contribution
    title, session_title = (
        slot_title(edition, session, slot),
        clean_line(plain_title(session.title)),
    )
    texts: dict[str, Any] = {}
    if contribution:
        topics = list(contribution.topics.all())
        texts = {
            "track": clean_line(str(topics[0])) if topics else "",
            "abstract": clean_lines(plain_formulas(without_pictures(contribution.abstract))),
            "persons": [_person(credit) for credit in contribution.contributors.all()],
            "links": list(_links(contribution)),
            "attachments": list(_attachments(contribution)),
        }
    return _event(
        edition,
        slot,
        uid=make_uid("slot", slot.pk),
        number=2 * slot.pk,
        slug=contribution.slug if contribution else session.slug,
        room=room,
        url=contribution_url(contribution) if contribution else session_url(edition, session.slug),
        title=title,
        subtitle="" if session_title == title else session_title,
        type=slot.kind or session.kind,
        **texts,
    )


def _event(
    edition: Edition,
    item: ScheduledSession | ScheduledSlot,
    *,
    uid: str,
    number: int,
    slug: str,
    **fields: Any,
) -> dict[str, Any]:
    """An event with every key of the schema; `number` is unique among all events."""
    if item.starts is None:
        raise ValueError("An event has a start.")
    event = {
        "guid": str(_guid(uid)),
        "id": number,
        "code": f"{number:06X}",
        "date": _iso(item.starts),
        "start": f"{item.starts:%H:%M}",
        # The number makes the slug unique where a talk is given twice.
        "slug": f"{_acronym(edition)}-{slug}-{number:03}",
        "language": "en",
        **dict.fromkeys(("track", "abstract", "description"), ""),
        **dict.fromkeys(("persons", "links", "attachments"), ()),
        **fields,
    }
    if item.ends:
        event["end"] = _iso(item.ends)
    lasts = min(_end_of(event) - _start_of(event), _LONGEST)
    event["duration"] = f"{lasts.seconds // 3600:02}:{lasts.seconds // 60 % 60:02}"
    return event


def _start_of(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["date"])


def _end_of(event: dict[str, Any]) -> datetime:
    """The end, or one step after the start."""
    return datetime.fromisoformat(event["end"]) if "end" in event else _start_of(event) + _STEP


def _guid(uid: str) -> UUID:
    return uuid5(NAMESPACE_URL, uid)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _person(credit: Contributor) -> dict[str, Any]:
    """The number is that of the Person; for a bare name it is made of name and affiliation."""
    identity = _guid(make_uid(*credit.identity))
    number = credit.person_id or 2**30 + identity.int % 2**30
    return {"id": number, "guid": str(identity), "name": clean_line(credit.shown_name)}


def _links(contribution: Contribution) -> Iterator[dict[str, str]]:
    for link in contribution.shown_links:
        if not link.file_type:
            kind = _LINK_TYPES.get(link.kind, "related")
            yield {"type": kind, "title": clean_line(link.label), "url": clean_line(link.url)}


def _attachments(contribution: Contribution) -> Iterator[dict[str, str]]:
    for link in contribution.shown_links:
        if link.file_type:
            url = settings.SITE_URL + link.url
            yield {"type": link.kind.value, "title": clean_line(link.label), "url": url}
