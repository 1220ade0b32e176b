"""The days of an edition and its deadlines as a calendar to subscribe to (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max
from django.utils.translation import gettext
from icalendar import Event

from apps.core.inline_markup import plain_title
from apps.editions.models import Deadline, Edition
from apps.programme.calendars import clean_line, edition_url, make_uid, new_calendar
from apps.programme.cancelled import cancellations

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # for rows without a history


def make_dates_calendar(edition: Edition) -> bytes | None:
    """The calendar; None while the edition has neither days nor deadlines. Four queries.

    A deadline with a time is a moment in UTC, which is the same for every reader; one without
    takes the whole day.
    """
    calendar = new_calendar(
        gettext("%(edition)s: dates") % {"edition": edition.title_with_year}, edition.time_zone
    )
    cancelled = cancellations(edition)
    changed_at = edition.history.aggregate(last=Max("history_date"))["last"] or _LONG_AGO
    if days := _days(edition, sequence=cancelled, changed_at=changed_at):
        calendar.add_component(days)
    history = Deadline.history.filter(edition=edition).order_by().values("id")
    versions = {
        row["id"]: row for row in history.annotate(count=Count("pk"), last=Max("history_date"))
    }
    for deadline in edition.deadlines.all():
        version = versions.get(deadline.pk, {"count": 1, "last": _LONG_AGO})
        event = _event(
            edition,
            "deadline",
            deadline.pk,
            sequence=version["count"] - 1 + cancelled,  # each version may be another date
            changed_at=max(version["last"], changed_at),
        )
        _add_deadline(event, deadline)
        calendar.add_component(event)
    return calendar.to_ical(sorted=False) if calendar.subcomponents else None


def make_days_calendar(edition: Edition) -> bytes | None:
    """The days of an edition alone, for those who come; None while these are not known.

    The event is that of the calendar to subscribe to, so that a program shows it once.
    """
    changed_at = edition.history.aggregate(last=Max("history_date"))["last"] or _LONG_AGO
    days = _days(edition, sequence=cancellations(edition), changed_at=changed_at)
    if days is None:
        return None
    calendar = new_calendar(edition.title_with_year, edition.time_zone)
    calendar.add_component(days)
    return calendar.to_ical(sorted=False)


def _days(edition: Edition, *, sequence: int, changed_at: datetime) -> Event | None:
    if not edition.starts_on or not edition.last_day:
        return None
    event = _event(edition, "edition", edition.pk, sequence=sequence, changed_at=changed_at)
    event.add("summary", clean_line(plain_title(edition.title_with_year)))
    event.add("dtstart", edition.starts_on)
    event.add("dtend", edition.last_day + timedelta(days=1))
    if edition.venue:
        event.add("location", clean_line(edition.venue))
    return event


def _add_deadline(event: Event, deadline: Deadline) -> None:
    title = plain_title(str(deadline))
    if deadline.due_time:
        event.add("dtstart", deadline.due_at.astimezone(UTC).replace(second=0, microsecond=0))
    else:
        event.add("dtstart", deadline.due_on)
        if deadline.is_anywhere_on_earth:
            title = gettext("%(deadline)s (anywhere on Earth)") % {"deadline": title}
    event.add("summary", clean_line(f"{title}, {plain_title(deadline.edition.name)}"))


def _event(edition: Edition, kind: str, key: int, *, sequence: int, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", make_uid(kind, key))
    event.add("description", clean_line(f"{edition.title_with_year}: {edition_url(edition)}"))
    event.add("url", edition_url(edition))
    event.add("status", "CANCELLED" if edition.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # shown, but the reader is not busy
    event.add("sequence", sequence)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    return event
