"""Days and moments, as people read them and as machines do."""

from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.editions.models import Deadline, Edition

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
def moment_in_words(deadline: Deadline) -> str:
    """ "17:00 BST, Friday 3 May 2024": for letters."""
    due_at: datetime = deadline.due_at
    zone = "anywhere on Earth (UTC−12)" if deadline.is_anywhere_on_earth else deadline.zone_name
    return f"{due_at:%H:%M} {zone}, {_words(due_at.date())}"


@register.simple_tag
def moment(deadline: Deadline) -> SafeString:
    """The same, with the moment in UTC for machines."""
    machine = deadline.due_at_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return _time(machine, moment_in_words(deadline))
