"""Feeds of the published programme; here the identities, addresses and texts they share."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from apps.editions.models import Edition
from apps.programme.models import Contribution
from apps.programme.timetable import ScheduledSession, ScheduledSlot

# Control characters except line feed, Unicode line separators, and noncharacters.
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def host() -> str:
    """The host name of this site."""
    return urlsplit(settings.SITE_URL).netloc


def make_uid(kind: str, *keys: int | str) -> str:
    """A permanent identity: it does not change with title or time."""
    return "-".join([kind, *map(str, keys)]) + f"@{host()}"


def session_url(edition: Edition, slug: str) -> str:
    """The absolute URL of the page of a published session."""
    return settings.SITE_URL + reverse("pages:session", args=[edition.slug, slug])


def contribution_url(contribution: Contribution) -> str:
    """The absolute URL of the page of a published contribution."""
    return settings.SITE_URL + contribution.get_absolute_url()


def edition_url(edition: Edition) -> str:
    """The absolute URL of the home page of `edition`."""
    return settings.SITE_URL + edition.get_absolute_url()


def subscribe_url(edition: Edition) -> str:
    """The URL of the calendar to subscribe to, with the scheme that opens calendar programs."""
    return f"webcal://{host()}" + reverse("programme:calendar", args=[edition.slug])


def clean_line(text: str) -> str:
    """`text` in one line, without invisible characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())


def clean_lines(text: str) -> str:
    """`text` with LF line ends, without invisible characters."""
    return _INVISIBLE.sub("", "\n".join(text.splitlines()))


def presenter_names(contribution: Contribution) -> str:
    """The names of its presenters, separated by commas."""
    return ", ".join(credit.shown_name for credit in contribution.presenters)


def slot_title(session: ScheduledSession, slot: ScheduledSlot) -> str:
    """The title of a published contribution, else that it is to be announced."""
    title = slot.contribution.title if slot.contribution else ""
    return clean_line(title or f"{session.title}: to be announced")


def running_order(session: ScheduledSession) -> str:
    """One line per slot: board or start, title, names."""
    return "\n".join(_order_line(session, slot) for slot in session.slots)


def _order_line(session: ScheduledSession, slot: ScheduledSlot) -> str:
    start = f"{slot.starts_at:%H:%M}" if slot.starts_at else ""
    title = clean_line(slot.contribution.shown_title) if slot.contribution else "To be announced"
    names = clean_line(presenter_names(slot.contribution)) if slot.contribution else ""
    parts = (slot.board if session.is_simultaneous else start, title, f"({names})" if names else "")
    return " ".join(part for part in parts if part)
