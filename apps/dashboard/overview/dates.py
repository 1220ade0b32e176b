"""What is near: the days of an edition within the next two weeks, by its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format

from apps.dashboard.overview.counts import NEAR
from apps.editions.models import Call, Deadline, Edition


@dataclass(frozen=True)
class Date:
    """One of them: the day, the clock time if there is one, what, and how far off."""

    day: date
    time: str
    words: str
    distance: str
    url: str


def dates_near(edition: Edition) -> list[Date]:
    """Deadlines, the call's own dates and the workshop itself; the nearest first."""
    now = timezone.now()
    today = now.astimezone(edition.zone).date()
    hub = reverse("admin:editions_edition_change", args=[edition.pk])
    found: list[tuple[date, datetime | None, str, str]] = []
    call: Call | None = getattr(edition, "call", None)
    if call is not None:
        at_call = f"{hub}#call-group"
        for moment, words in (
            (call.opens_at, "The call opens"),
            (call.closes_at, "The call closes"),
        ):
            if moment is not None and moment > now:
                found.append((moment.date(), moment, words, at_call))
        if call.decisions_on:
            found.append((call.decisions_on, None, "Decisions are promised", at_call))
    for deadline in Deadline.objects.filter(edition=edition, due_on__range=(today, today + NEAR)):
        deadline.edition = edition
        if not deadline.is_over:
            moment = deadline.due_at
            found.append((deadline.due_on, moment, deadline.title, f"{hub}#deadlines-group"))
    if edition.starts_on:
        found.append((edition.starts_on, None, "The workshop begins", f"{hub}#id_starts_on"))
    near = [entry for entry in found if today <= entry[0] <= today + NEAR]
    return [
        Date(
            day,
            f"{date_format(moment, 'H:i')} {moment.tzname()}" if moment else "",
            words,
            _distance(day, today),
            url,
        )
        for day, moment, words, url in sorted(near, key=lambda entry: entry[0])
    ]


def _distance(day: date, today: date) -> str:
    days = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
