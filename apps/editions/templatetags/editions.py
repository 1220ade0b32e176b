"""Dates and times for people, with <time> elements for programs."""

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.editions.models import ANYWHERE_ON_EARTH, Edition

register = template.Library()


def _time(machine: str, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, text)


def _format_day(on: date, *, with_year: bool = True) -> str:
    return f"{on:%A} {on.day} {on:%B}" + (f" {on.year}" if with_year else "")


@register.simple_tag
def day(on: date, *, with_year: bool = True) -> SafeString:
    """ "Friday 3 May 2024", or without the year."""
    return _time(on.isoformat(), _format_day(on, with_year=with_year))


@register.simple_tag
def edition_dates(edition: Edition) -> SafeString | str:
    """One day, two days, the note on an unsettled date, or "To be announced"."""
    if edition.starts_on is None:
        return edition.date_note or "To be announced"
    if edition.ends_on is None or edition.ends_on == edition.starts_on:
        return day(edition.starts_on)
    same_year = edition.starts_on.year == edition.ends_on.year
    first = _time(
        edition.starts_on.isoformat(), _format_day(edition.starts_on, with_year=not same_year)
    )
    return format_html("{} to {}", first, day(edition.ends_on))


@register.filter
def format_datetime(time: datetime) -> str:
    """ "17:00 BST, Friday 3 May 2024" in its own time zone, for letters."""
    is_anywhere = time.tzinfo is ANYWHERE_ON_EARTH
    zone = "anywhere on Earth (UTC−12)" if is_anywhere else time.tzname() or ""
    return f"{time:%H:%M} {zone}, {_format_day(time.date())}"


@register.simple_tag
def date_and_time(time: datetime) -> SafeString:
    """The same as HTML, with the minute in UTC for programs."""
    try:
        utc = time.astimezone(UTC)
    except OverflowError:  # outside the years 1 to 9999
        utc = datetime.max if time.year > 1 else datetime.min
    return _time(utc.strftime("%Y-%m-%dT%H:%M:00Z"), format_datetime(time))
