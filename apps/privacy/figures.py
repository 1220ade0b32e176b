"""Figures of an edition's call, without persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypedDict

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.core.search import fold
from apps.core.text import one_line
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import OFFERED, UNDECIDED, State
from apps.pages.numbers import Totals
from apps.privacy.models import EditionFigures
from apps.registration.models import Registration
from apps.review.models import Review

# Groups of fewer persons are not kept by name.
SMALLEST_GROUP = 5


class Row(TypedDict):
    """Numbers of one group of entries."""

    label: str
    applied: int
    accepted: int
    confirmed: int


class CountAt(TypedDict):
    """A number of one day ("2027-05-03") or half hour ("2027-05-03 09:30")."""

    at: str
    number: int


class Figures(NamedTuple):
    """Tables and series by their names, and whether they were stored before entries were erased."""

    tables: dict[str, list[Row]]
    series: dict[str, list[CountAt]]
    is_stored: bool

    @property
    def total(self) -> Row:
        """The numbers of all entries."""
        return self.tables["All entries"][0]


_NUMBERS = {
    "applied": Count("pk", distinct=True),
    "accepted": Count("pk", filter=Q(state__in=sorted(OFFERED)), distinct=True),
    "confirmed": Count("pk", filter=Q(state=State.CONFIRMED), distinct=True),
}


def figures_of(edition: Edition) -> Figures:
    """The stored figures of an edition, or those of now if nothing was erased yet."""
    stored = EditionFigures.objects.filter(edition=edition).first()
    if stored:
        return Figures(stored.figures, stored.series, is_stored=True)
    return Figures(count_figures(edition), count_series(edition), is_stored=False)


def store_figures(edition: Edition) -> None:
    """Keep the figures of an edition as they are now, unless some are kept already.

    Affiliations of fewer than five entries are kept in one sum.
    """
    if not EditionFigures.objects.filter(edition=edition).exists():
        figures = count_figures(edition)
        figures["By affiliation"] = _without_small_groups(figures["By affiliation"])
        EditionFigures.objects.get_or_create(
            edition=edition, defaults={"figures": figures, "series": count_series(edition)}
        )


def count_figures(edition: Edition) -> dict[str, list[Row]]:
    """Count how many applied, were accepted and confirmed: in all, and by topic, career stage,
    state, format and affiliation.

    Test entries do not count. An entry with two topics counts for both.
    """
    entries = _entries(edition)
    stages = dict(Expression.CareerStage.choices)
    return {
        "All entries": [_row("All", entries.aggregate(**_NUMBERS))],
        "By topic": [_row(row["topics__heading"], row) for row in _by(entries, "topics__heading")],
        "By career stage": [
            _row(str(stages.get(row["career_stage"], "Not asked")), row)
            for row in _by(entries, "career_stage")
        ],
        "By state": [_row(str(State(row["state"]).label), row) for row in _by(entries, "state")],
        "By format": [
            _row(
                Expression(wants_talk=row["wants_talk"], wants_poster=row["wants_poster"]).formats,
                row,
            )
            for row in _by(entries, "wants_talk", "wants_poster")
        ],
        "By affiliation": _merge_spellings(_by(entries, "university")),
    }


def count_series(edition: Edition) -> dict[str, list[CountAt]]:
    """Count entries, reviews and registrations by day, check-ins by half hour, in local time.

    "places" are the registrations that take one of the places.
    """
    reviews = Review.objects.filter(expression__in=_entries(edition)).order_by()
    coming = Registration.objects.for_edition(edition).attending().order_by()
    placed = coming.filter(Q(kind=None) | Q(kind__takes_place=True))
    return {
        "registrations": _by_day(coming, "created_at", edition),
        "places": _by_day(placed, "created_at", edition),
        "check-ins": _by_half_hour(coming, edition),
        "entries": _by_day(_entries(edition), "submitted_at", edition),
        "reviews": _by_day(reviews, "reviewed_at", edition),
    }


def entries_by_day(edition: Edition) -> list[CountAt]:
    """How many entries of an edition were sent on each day that has some; stored, or of now."""
    stored = EditionFigures.objects.filter(edition=edition).first()
    if stored:
        return stored.series.get("entries", [])
    return _by_day(_entries(edition), "submitted_at", edition)


def count_totals(edition: Edition) -> Totals:
    """The sums that the home page may show; of the stored figures if there are some."""
    stored = EditionFigures.objects.filter(edition=edition).first()
    if stored:
        figures = Figures(stored.figures, stored.series, is_stored=True)
        came, registered = (
            sum(count["number"] for count in figures.series.get(name, []))
            for name in ("check-ins", "registrations")
        )
        return Totals(figures.total["applied"], figures.total["accepted"], True, came or registered)
    entries = _entries(edition).aggregate(
        applied=_NUMBERS["applied"],
        accepted=_NUMBERS["accepted"],
        undecided=Count("pk", filter=Q(state__in=sorted(UNDECIDED))),
    )
    coming = Registration.objects.for_edition(edition).attending().order_by()
    people = coming.aggregate(all=Count("pk"), came=Count("checked_in_at"))
    attendees = people["came"] or people["all"]
    return Totals(entries["applied"], entries["accepted"], not entries["undecided"], attendees)


def _entries(edition: Edition) -> QuerySet[Expression]:
    return Expression.objects.for_edition(edition).exclude_tests().order_by()


def _by(entries: QuerySet[Expression], *columns: str) -> list[dict]:
    return list(entries.values(*columns).annotate(**_NUMBERS).order_by(*columns))


def _by_day(rows: QuerySet, column: str, edition: Edition) -> list[CountAt]:
    day = TruncDate(column, tzinfo=edition.zone)
    days = rows.annotate(day=day).values("day").annotate(number=Count("pk")).order_by("day")
    return [{"at": row["day"].isoformat(), "number": row["number"]} for row in days]


def _by_half_hour(coming: QuerySet[Registration], edition: Edition) -> list[CountAt]:
    """People who were checked in, by the beginning of the half hour."""
    moments = coming.exclude(checked_in_at=None).values_list("checked_in_at", flat=True)
    local = (moment.astimezone(edition.zone) for moment in moments if moment)
    counts = Counter(f"{each:%Y-%m-%d %H}:{each.minute // 30 * 30:02}" for each in local)
    return [{"at": at, "number": number} for at, number in sorted(counts.items())]


def _merge_spellings(rows: Iterable[dict]) -> list[Row]:
    """Sums of the affiliations that differ in case, accents and spaces only; the largest first."""
    spellings: dict[str, Counter[str]] = {}
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        label = one_line(row["university"])
        key = fold(label)
        spellings.setdefault(key, Counter())[label] += row["applied"]
        sums.setdefault(key, Counter()).update({name: row[name] for name in _NUMBERS})
    merged = [_row(spellings[key].most_common(1)[0][0], sums[key]) for key in sums]
    return sorted(merged, key=lambda row: (-row["applied"], fold(row["label"])))


def _without_small_groups(rows: Iterable[Row]) -> list[Row]:
    large, others = [], Counter(dict.fromkeys(_NUMBERS, 0))
    for row in rows:
        if row["applied"] >= SMALLEST_GROUP:
            large.append(row)
        else:
            others.update(
                {
                    "applied": row["applied"],
                    "accepted": row["accepted"],
                    "confirmed": row["confirmed"],
                }
            )
    return [*large, _row("Others", others)] if others["applied"] else large


def _row(label: str | None, numbers: dict) -> Row:
    return {
        "label": label or "None",
        "applied": numbers["applied"],
        "accepted": numbers["accepted"],
        "confirmed": numbers["confirmed"],
    }
