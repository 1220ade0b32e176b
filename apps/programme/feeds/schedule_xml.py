"""schedule.xml (https://c3voc.de/schedule/schema.xsd)."""

from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.urls import reverse

from apps.core.xml import XmlWriter
from apps.editions.models import Edition
from apps.programme.feeds.addresses import edition_address
from apps.programme.feeds.identity import host
from apps.programme.feeds.schedule import STEP, Event, Reference, Schedule, ScheduleDay, room_guid

CONTENT_TYPE = "application/xml; charset=utf-8"


def schedule_xml(edition: Edition, schedule: Schedule) -> bytes:
    """`schedule` of `edition`; what it is can be told from the first 1,024 characters."""
    out = StringIO()
    xml = XmlWriter(out)
    xml.startDocument()
    xml.begin("schedule")
    xml.text("generator", "", name="workshop", system=host())
    xml.text("url", settings.SITE_URL + reverse("programme:schedule-xml", args=[edition.slug]))
    xml.text("version", schedule.version)
    _write_conference(xml, edition, schedule)
    for day in schedule.days:
        _write_day(xml, edition, day)
    xml.endElement("schedule")
    return out.getvalue().encode()


def _write_conference(xml: XmlWriter, edition: Edition, schedule: Schedule) -> None:
    xml.begin("conference")
    xml.text("acronym", schedule.acronym)
    xml.text("title", schedule.title)
    xml.text("start", schedule.days[0].held_on.isoformat())
    xml.text("end", schedule.days[-1].held_on.isoformat())
    xml.text("days", str(len(schedule.days)))
    xml.text("timeslot_duration", f"00:{STEP.seconds // 60:02}")
    xml.text("base_url", settings.SITE_URL + "/")
    xml.text("url", edition_address(edition))
    xml.text("time_zone_name", schedule.zone)
    xml.endElement("conference")


def _write_day(xml: XmlWriter, edition: Edition, day: ScheduleDay) -> None:
    xml.begin(
        "day",
        index=str(day.number),
        date=day.held_on.isoformat(),
        start=day.starts.isoformat(timespec="seconds"),
        end=day.ends.isoformat(timespec="seconds"),
    )
    for room, events in day.rooms.items():
        xml.begin("room", name=room, guid=str(room_guid(edition, room)))
        for event in events:
            _write_event(xml, event)
        xml.endElement("room")
    xml.endElement("day")


def _write_event(xml: XmlWriter, event: Event) -> None:
    xml.begin("event", id=str(event.number), guid=str(event.guid), code=event.code)
    for name, words in (
        ("date", event.starts.isoformat(timespec="seconds")),
        ("start", f"{event.starts:%H:%M}"),
        ("duration", event.duration),
        ("room", event.room),
        ("slug", event.slug),
        ("url", event.url),
        ("title", event.title),
        ("subtitle", event.subtitle),
        ("track", event.track),
        ("type", event.kind),
        ("language", "en"),
        ("abstract", event.abstract),
        ("description", event.description),
    ):
        xml.text(name, words)
    xml.begin("persons")
    for speaker in event.speakers:
        xml.text("person", speaker.name, id=str(speaker.number), guid=str(speaker.guid))
    xml.endElement("persons")
    _write_references(xml, "link", event.links)
    _write_references(xml, "attachment", event.attachments)
    xml.endElement("event")


def _write_references(xml: XmlWriter, name: str, references: tuple[Reference, ...]) -> None:
    xml.begin(f"{name}s")
    for reference in references:
        xml.text(name, reference.title, href=reference.url, type=reference.kind)
    xml.endElement(f"{name}s")
