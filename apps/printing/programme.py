"""Facts of an edition and its programme for templates.

The programme that is printed is the published one. Before the first release it is the draft, with
all that visitors do not see yet, and the documents say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from apps.core.inline_markup import as_plain_text
from apps.core.text import one_line
from apps.editions.dates import format_day, format_short_day
from apps.editions.models import Edition
from apps.editions.templatetags.editions import edition_dates
from apps.printing.content import title_nodes
from apps.programme.calendars import edition_url
from apps.programme.models import Credit
from apps.programme.releases import published_timetable
from apps.programme.timetable import ProgrammeDay, ScheduledSession, Timetable, draft_timetable

_LONG_WORD = re.compile(r"\S{15}(?=\S{8})")


def edition_facts(edition: Edition) -> dict[str, Any]:
    """What all templates need of an edition."""
    return {
        "title": edition.title,
        "name": edition.name,
        "year": str(edition.year),
        "dates": as_plain_text(edition_dates(edition)),
        "venue": edition.venue or gettext("To be announced"),
        "address": " ".join(edition.venue_address.split()),
        "contact": edition.contact_email,
        "url": edition_url(edition),
        "hue": edition.hue,
        "language": edition.language,
    }


def printed_timetable(edition: Edition) -> Timetable:
    """The published programme with its texts, or the draft before the first release."""
    return published_timetable(edition) or draft_timetable(edition)


def draft_note(timetable: Timetable) -> str:
    """A note for documents that show what is not published."""
    return "" if timetable.release else gettext("Draft")


def day_heading(day: ProgrammeDay) -> str:
    """ "Friday 3 May 2024", or "Day 1" while the date is unknown."""
    if day.held_on is None:
        return gettext("Day %(number)d") % {"number": day.number}
    return format_day(day.held_on)


def place_of(day: ProgrammeDay, session: ScheduledSession, hours: str) -> str:
    """Day, hours and room in one line."""
    when = format_short_day(day.held_on) if day.held_on else day_heading(day)
    return ", ".join(filter(None, [when, hours, session.room_name]))


def printed_name(name: str) -> str:
    """A name or affiliation in one line, whose very long words can be broken."""
    return _LONG_WORD.sub("\\g<0>\N{ZERO WIDTH SPACE}", one_line(name))


def names_of(credits: Iterable[Credit]) -> list[str]:
    """The names in one line each."""
    return [printed_name(credit.shown_name) for credit in credits]


def session_title(session: ScheduledSession) -> list[Any]:
    """Its title or the name of its kind as nodes; titles of talks stand below it."""
    return title_nodes(session.title)
