"""Clock times and names, as the programme's pages show them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.programme.feeds import subscribe_url
from apps.programme.models import Contribution, Contributor
from apps.programme.scheduling.local_times import Span

register = template.Library()

_LABELS = {Contributor.Role.MODERATOR: "Moderator", Contributor.Role.PANELLIST: "Panellist"}
# Beside as many names their affiliations can be read in one line.
_FEW = 2


def _clock(moment: datetime, *, is_dated: bool) -> SafeString:
    machine = moment.isoformat(timespec="minutes") if is_dated else f"{moment:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', machine, f"{moment:%H:%M}")


@register.simple_tag
def clock(span: Span) -> SafeString | str:
    """ "14:12", the clock time something starts; nothing while that is unknown."""
    return _clock(span.begin, is_dated=span.is_dated) if span.begin else ""


@register.simple_tag
def hours(span: Span, minutes: int | None = None) -> SafeString | str:
    """ "09:30 – 10:30"; of what has no time yet, how long it is."""
    if span.begin is None:
        return in_words(minutes) if minutes else "Time to be announced"
    start = _clock(span.begin, is_dated=span.is_dated)
    if span.finish is None:
        return start
    end = _clock(span.finish, is_dated=span.is_dated)
    line = '{} <span class="until">– {}</span>'
    if span.is_over_midnight:
        line += ' <span class="own-clock">the next day</span>'
    return format_html(line, start, end)


@register.filter
def zone_name(moment: datetime) -> str:
    """ "BST"; where the zone has no name on that day, "+10"."""
    return moment.tzname() or ""


@register.filter
def in_words(minutes: int) -> str:
    """ "45 minutes", "1 hour", "2 hours 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} hour{'s' if hours > 1 else ''}"] if hours else []
    words += [f"{rest} minute{'s' if rest > 1 else ''}"] if rest else []
    return " ".join(words)


def credits_by_part(contribution: Contribution) -> list[tuple[str, list[Contributor]]]:
    """Who made it, then who leads it, then who is on its panel: each with what they are called."""
    named = list(contribution.contributors.all())
    parts = [("", [one for one in named if one.role not in _LABELS])]
    for role, label in _LABELS.items():
        those = [one for one in named if one.role == role]
        parts.append((label if len(those) == 1 else f"{label}s", those))
    return [(label, those) for label, those in parts if those]


@register.simple_tag
def who(contribution: Contribution) -> SafeString:
    """A line of names for each part they have; affiliations too where there are few names."""
    return format_html_join(
        "",
        '<p class="who">{}{}</p>',
        (
            (f"{label}: " if label else "", _names(those, is_few=len(those) <= _FEW))
            for label, those in credits_by_part(contribution)
        ),
    )


def _names(those: list[Contributor], *, is_few: bool) -> SafeString:
    named = [(one.shown_name, _affiliation(one) if is_few else "") for one in those]
    separator = "; " if any(beside for _, beside in named) else ", "
    return format_html_join(separator, "<bdi>{}</bdi>{}", named)


def _affiliation(one: Contributor) -> SafeString | str:
    words = ", ".join(one.shown_affiliation.splitlines()).replace("),", ")")
    return format_html('<span class="of">, <bdi>{}</bdi></span>', words) if words else ""


register.simple_tag(subscribe_url, name="subscribe_address")
