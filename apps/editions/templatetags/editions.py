"""Days and moments, as people read them and as machines do."""

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.editions.models import ANYWHERE_ON_EARTH, Edition

register = template.Library()


def _time(machine: str, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, words)


def _words(on: date, *, with_year: bool = True) -> str:
    return f"{on:%A} {on.day} {on:%B}" + (f" {on.year}" if with_year else "")


@register.simple_tag
def day(on: date, *, with_year: bool = True) -> SafeString:
    """ "Friday 3 May 2024", or without its year where that stands above."""
    return _time(on.isoformat(), _words(on, with_year=with_year))


@register.simple_tag
def edition_dates(edition: Edition) -> SafeString | str:
    """One day, a span of days, what is known of it so far, or "To be announced"."""
    if edition.starts_on is None:
        return edition.date_note or "To be announced"
    if edition.ends_on is None or edition.ends_on == edition.starts_on:
        return day(edition.starts_on)
    same_year = edition.starts_on.year == edition.ends_on.year
    first = _time(edition.starts_on.isoformat(), _words(edition.starts_on, with_year=not same_year))
    return format_html("{} to {}", first, day(edition.ends_on))


@register.filter
def moment_in_words(moment: datetime) -> str:
    """ "17:00 BST, Friday 3 May 2024" in its own time zone: for letters."""
    is_anywhere = moment.tzinfo is ANYWHERE_ON_EARTH
    zone = "anywhere on Earth (UTC−12)" if is_anywhere else moment.tzname() or ""
    return f"{moment:%H:%M} {zone}, {_words(moment.date())}"


@register.simple_tag
def moment(moment: datetime) -> SafeString:
    """The same, with the time in UTC for machines."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:  # beyond the years that datetime knows
        utc = datetime.max if moment.year > 1 else datetime.min
    return _time(utc.strftime("%Y-%m-%dT%H:%M:%SZ"), moment_in_words(moment))
