import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.editions.models import Edition

register = template.Library()

# What could end the block or begin a comment in it (HTML, 4.12.1.3).
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


@register.simple_tag
def event_json_ld(edition: Edition, *, url: str, description: str, image: str) -> SafeString:
    """The edition as a schema.org Event, saying what the page says and leaving out what is unknown.

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
    text = json.dumps(event, ensure_ascii=False).translate(_ESCAPES)
    # What could end the block is escaped above.
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  # nosec
