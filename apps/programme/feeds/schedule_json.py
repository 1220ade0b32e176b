"""schedule.json (https://c3voc.de/schedule/schema.json)."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from apps.editions.models import Edition
from apps.programme.feeds.addresses import edition_address
from apps.programme.feeds.schedule import STEP, Event, Reference, Schedule, room_guid

CONTENT_TYPE = "application/json"


def schedule_json(edition: Edition, schedule: Schedule) -> bytes:
    """`schedule` of `edition`, with the words of schedule.xml."""
    conference = {
        "acronym": schedule.acronym,
        "title": schedule.title,
        "start": schedule.days[0].held_on.isoformat(),
        "end": schedule.days[-1].held_on.isoformat(),
        "daysCount": len(schedule.days),
        "timeslot_duration": f"00:{STEP.seconds // 60:02}",
        "time_zone_name": schedule.zone,
        "url": edition_address(edition),
        "rooms": [{"name": room, "guid": str(room_guid(edition, room))} for room in schedule.rooms],
        "days": [
            {
                "index": day.number,
                "date": day.held_on.isoformat(),
                "day_start": day.starts.isoformat(timespec="seconds"),
                "day_end": day.ends.isoformat(timespec="seconds"),
                "rooms": {
                    room: [_event(event) for event in events] for room, events in day.rooms.items()
                },
            }
            for day in schedule.days
        ],
    }
    return json.dumps(
        {
            "$schema": "https://c3voc.de/schedule/schema.json",
            "generator": {"name": "workshop", "url": f"{settings.SITE_URL}/"},
            "schedule": {
                "version": schedule.version,
                "base_url": f"{settings.SITE_URL}/",
                "conference": conference,
            },
        },
        ensure_ascii=False,
    ).encode()


def _event(event: Event) -> dict[str, Any]:
    until = {"end": event.ends.isoformat(timespec="seconds")} if event.ends else {}
    return {
        "guid": str(event.guid),
        "id": event.number,
        "code": event.code,
        "date": event.starts.isoformat(timespec="seconds"),
        "start": f"{event.starts:%H:%M}",
        **until,
        "duration": event.duration,
        "room": event.room,
        "slug": event.slug,
        "url": event.url,
        "title": event.title,
        "subtitle": event.subtitle,
        "track": event.track,
        "type": event.kind,
        "language": "en",
        "abstract": event.abstract,
        "description": event.description,
        "persons": [
            {"id": speaker.number, "guid": str(speaker.guid), "name": speaker.name}
            for speaker in event.speakers
        ],
        "links": _references(event.links),
        "attachments": _references(event.attachments),
    }


def _references(references: tuple[Reference, ...]) -> list[dict[str, str]]:
    return [{"type": one.kind, "title": one.title, "url": one.url} for one in references]
