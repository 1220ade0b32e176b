"""Charts of the people who come: registrations against the places, and check-ins by half hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils.dateformat import format as date_format

from apps.core.charts import Chart, Hint, Mark, Series, draw_columns, draw_steps, in_percent
from apps.core.text import count_of
from apps.dashboard.figures.entries import Growth
from apps.editions.models import Edition
from apps.privacy.figures import CountAt, Figures
from apps.registration.models import Registration, RegistrationPeriod

_HALF_HOUR = timedelta(minutes=30)
_FORMAT = "%Y-%m-%d %H:%M"


def attendance_charts(edition: Edition, figures: Figures) -> list[Chart]:
    """The charts of a page, whatever their numbers are."""
    return [_registrations(edition, figures), _check_ins(edition, figures)]


def _registrations(edition: Edition, figures: Figures) -> Chart:
    """Registrations over time, against the places if they are limited."""
    slug, heading = "registrations", "Registrations over time"
    period = RegistrationPeriod.objects.filter(edition=edition).first()
    coming = Growth.of(figures.series.get("registrations", []))
    placed = Growth.of(figures.series.get("places", []))
    waiting = Registration.objects.for_edition(edition).waiting().count()
    if not coming.days:
        return Chart(slug, heading, "", [], [], hints=[_no_registrations(edition, period)])
    places = period.capacity if period else None
    closes_on = period.closes_on if period else None
    last = coming.days[-1][0]
    until = max(last, min(edition.today, closes_on or last))
    series = [Series("Places taken", placed.days, until)] if placed.days else []
    if coming.total != placed.total:
        series.append(Series("With those who take no place", coming.days, until))
    sentence = f"{count_of(coming.total, 'person', 'people')} registered"
    if places:
        share = in_percent(placed.total, places)
        sentence += f"; {placed.total} of {count_of(places, 'place')} taken ({share})"
    return Chart(
        slug,
        heading,
        f"{sentence}; {waiting} on the waiting list." if waiting else f"{sentence}.",
        ["Day", "Registered", "Places taken"],
        [[f"{day:%Y-%m-%d}", number, placed.at(day)] for day, number in coming.days],
        draw_steps(series, limit=Mark(count_of(places, "place"), places) if places else None),
        "By the day of the registration. Cancelled ones are not counted.",
    )


def _no_registrations(edition: Edition, period: RegistrationPeriod | None) -> Hint:
    if period is None:
        return Hint("No one is registered, and there is no registration on this site.")
    return Hint(f"No one is registered yet. Registration: {period.status.label.lower()}.")


def _check_ins(edition: Edition, figures: Figures) -> Chart:
    """How many people were checked in, by half hour."""
    slug, heading = "check-ins", "Check-ins by half hour"
    counts = figures.series.get("check-ins", [])
    came = sum(count["number"] for count in counts)
    registered = sum(count["number"] for count in figures.series.get("registrations", []))
    if not counts:
        hint = Hint("No one is checked in. The chart fills while people arrive.")
        if edition.is_past:
            hint = Hint("No one was checked in.")
        return Chart(slug, heading, "", [], [], hints=[hint])
    rows = list(_half_hours(counts))
    has_days = len({moment.date() for moment, _ in rows}) > 1
    words = "j M, H:i" if has_days else "H:i"
    return Chart(
        slug,
        heading,
        f"{came} of {count_of(registered, 'registered person', 'registered people')} came "
        f"({in_percent(came, registered)}).",
        ["From", "Checked in"],
        [[f"{moment:{_FORMAT}}", number] for moment, number in rows],
        draw_columns([(date_format(moment, words), number) for moment, number in rows]),
    )


def _half_hours(counts: Sequence[CountAt]) -> Iterator[tuple[datetime, int]]:
    """Each half hour between the first and the last of a day, with those without anybody."""
    known = {datetime.strptime(count["at"], _FORMAT): count["number"] for count in counts}
    for day in sorted({moment.date() for moment in known}):
        times = [moment for moment in known if moment.date() == day]
        moment = min(times)
        while moment <= max(times):
            yield moment, known.get(moment, 0)
            moment += _HALF_HOUR
