"""Words as programs get them: without the signs that no reader sees."""

from __future__ import annotations

import re

from apps.editions.models import Edition
from apps.programme.models import Contribution
from apps.programme.timetable import ScheduledSession, ScheduledSlot

# Control characters except the end of a line, those that end one for some readers only, and what
# is no character at all.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def line_of(text: str) -> str:
    """`text` in one line."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def lines_of(text: str) -> str:
    """`text` with its lines, however they ended."""
    return _UNSEEN.sub("", "\n".join(text.splitlines()))


def names_of(contribution: Contribution) -> str:
    """Who gives it, after one another."""
    return ", ".join(one.shown_name for one in contribution.presenters)


def slot_title(entry: ScheduledSession, slot: ScheduledSlot) -> str:
    """What a place of `entry` is called; of what is not published, that it is to be announced."""
    title = slot.contribution.title if slot.contribution else ""
    return line_of(title or f"{entry.title}: to be announced")


def running_order(entry: ScheduledSession) -> str:
    """What is in a session, one per line: boards of posters, clock times of talks, titles, names."""
    return "\n".join(_line(entry, slot) for slot in entry.slots)


def _line(entry: ScheduledSession, slot: ScheduledSlot) -> str:
    when = (
        slot.board if entry.is_simultaneous else f"{slot.starts_at:%H:%M}" if slot.starts_at else ""
    )
    title = line_of(slot.contribution.shown_title) if slot.contribution else "To be announced"
    names = line_of(names_of(slot.contribution)) if slot.contribution else ""
    return " ".join(part for part in (when, title, f"({names})" if names else "") if part)


def place_of(edition: Edition, room_name: str) -> str:
    """Room and building."""
    return line_of(", ".join(part for part in (room_name, edition.venue) if part))
