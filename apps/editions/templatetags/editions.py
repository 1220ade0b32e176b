"""Dates and times for people, with <time> elements for programs."""

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.editions.dates import format_day, format_short_day
from apps.editions.models import ANYWHERE_ON_EARTH, Deadline, Edition

register = template.Library()
register.filter("short_day", format_short_day)
register.filter("format_day", format_day)


def _time(machine: str, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, text)


@register.simple_tag
def day(on: date, *, with_year: bool = True) -> SafeString:
    """ "Friday 3 May 2024", or without the year."""
    return _time(on.isoformat(), format_day(on, with_year=with_year))


@register.simple_tag
def edition_dates(edition: Edition) -> SafeString | str:
    """One day, two days, the note on an unsettled date, or "To be announced"."""
    if edition.starts_on is None:
        return edition.date_note or gettext("To be announced")
    if edition.ends_on is None or edition.ends_on == edition.starts_on:
        return day(edition.starts_on)
    same_year = edition.starts_on.year == edition.ends_on.year
    first = _time(
        edition.starts_on.isoformat(), format_day(edition.starts_on, with_year=not same_year)
    )
    return format_html(gettext("{first} to {last}"), first=first, last=day(edition.ends_on))


@register.simple_tag
def due(deadline: Deadline) -> SafeString:
    """The day or moment of a deadline; the one that it was extended from is struck through."""
    if deadline.due_time:
        moment = date_and_time(deadline.due_at)
    elif deadline.is_anywhere_on_earth:
        moment = format_html("{} {}", day(deadline.due_on), gettext("anywhere on Earth (UTC−12)"))
    else:
        moment = day(deadline.due_on)
    if not deadline.extended_from_on:
        return moment
    return format_html(
        '<span class="vh">{} </span><s>{}</s><span class="vh">{}</span> {}',
        gettext("Extended. It was"),
        day(deadline.extended_from_on),
        gettext(", it is now"),
        moment,
    )


@register.filter
def format_datetime(time: datetime) -> str:
    """ "17:00 BST, Friday 3 May 2024" in its own time zone, for letters."""
    is_anywhere = time.tzinfo is ANYWHERE_ON_EARTH
    zone = gettext("anywhere on Earth (UTC−12)") if is_anywhere else time.tzname() or ""
    return gettext("%(clock)s %(zone)s, %(day)s") % {
        "clock": f"{time:%H:%M}",
        "zone": zone,
        "day": format_day(time.date()),
    }


@register.simple_tag
def date_and_time(time: datetime) -> SafeString:
    """The same as HTML, with the minute in UTC for programs."""
    try:
        utc = time.astimezone(UTC)
    except OverflowError:  # outside the years 1 to 9999
        utc = datetime.max if time.year > 1 else datetime.min
    return _time(utc.strftime("%Y-%m-%dT%H:%M:00Z"), format_datetime(time))
