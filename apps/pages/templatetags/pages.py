import json
from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.editions.models import Edition
from apps.pages.programme import SessionLine

register = template.Library()

# What could end the block or begin a comment in it (HTML, 4.12.1.3).
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


@register.simple_tag
def event_json_ld(
    edition: Edition, *, url: str, description: str, image: str, lines: Iterable[SessionLine] = ()
) -> SafeString:
    """The edition as a schema.org Event, saying what the page says and leaving out what is unknown.

    `lines` are the sessions that stand on the page; those with a date and a time are its parts.

    A data block, never run as a script, so the content security policy lets it stand.
    """
    event: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": edition.title,
        "description": description,
        "url": url,
        "image": image,
        "eventStatus": "https://schema.org/"
        + ("EventCancelled" if edition.is_cancelled else "EventScheduled"),
    }
    if edition.starts_on:
        event["startDate"] = edition.starts_on.isoformat()
        event["endDate"] = (edition.last_day or edition.starts_on).isoformat()
    if edition.venue:
        event["location"] = {
            "@type": "Place",
            "name": edition.venue,
            "address": edition.venue_address or edition.venue,
        }
    if edition.parent_event_name:
        event["superEvent"] = {"@type": "Event", "name": edition.parent_event_name} | (
            {"url": edition.parent_event_url} if edition.parent_event_url else {}
        )
    if parts := [part for line in lines if (part := _part(line))]:
        event["subEvent"] = parts
    text = json.dumps(event, ensure_ascii=False).translate(_ESCAPES)
    words = mark_safe(text)  # noqa: S308  (what could end the block is escaped above)  # nosec
    return format_html('<script type="application/ld+json">{}</script>', words)


def _part(line: SessionLine) -> dict[str, object] | None:
    entry = line.entry
    if entry.starts is None or entry.is_pause:
        return None
    part: dict[str, object] = {
        "@type": "Event",
        "name": line.heading,
        "startDate": entry.starts.isoformat(),
    }
    if entry.ends:
        part["endDate"] = entry.ends.isoformat()
    if entry.room_name:
        part["location"] = {"@type": "Place", "name": entry.room_name}
    return part
