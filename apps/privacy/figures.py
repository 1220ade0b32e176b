"""Figures of an edition's call, without persons."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

from django.db.models import Count, Q, QuerySet

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import OFFERED, State
from apps.privacy.models import EditionFigures


class Row(TypedDict):
    """Numbers of one group of entries."""

    label: str
    applied: int
    accepted: int
    confirmed: int


class Figures(NamedTuple):
    """Tables of numbers by their headings, and whether they were stored before entries were erased."""

    tables: dict[str, list[Row]]
    is_stored: bool


_NUMBERS = {
    "applied": Count("pk", distinct=True),
    "accepted": Count("pk", filter=Q(state__in=sorted(OFFERED)), distinct=True),
    "confirmed": Count("pk", filter=Q(state=State.CONFIRMED), distinct=True),
}


def figures_of(edition: Edition) -> Figures:
    """The stored figures of an edition, or those of now if nothing was erased yet."""
    stored = EditionFigures.objects.filter(edition=edition).first()
    if stored:
        return Figures(stored.figures, is_stored=True)
    return Figures(count_figures(edition), is_stored=False)


def store_figures(edition: Edition) -> None:
    """Keep the figures of an edition as they are now, unless some are kept already."""
    if not EditionFigures.objects.filter(edition=edition).exists():
        figures = count_figures(edition)
        EditionFigures.objects.get_or_create(edition=edition, defaults={"figures": figures})


def count_figures(edition: Edition) -> dict[str, list[Row]]:
    """Count how many applied, were accepted and confirmed: in all, by topic, career stage and state.

    Test entries do not count. An entry with two topics counts for both.
    """
    entries = Expression.objects.for_edition(edition).exclude_tests().order_by()
    stages = dict(Expression.CareerStage.choices)
    return {
        "All entries": [_row("All", entries.aggregate(**_NUMBERS))],
        "By topic": [_row(row["topics__heading"], row) for row in _by(entries, "topics__heading")],
        "By career stage": [
            _row(str(stages.get(row["career_stage"], "Not asked")), row)
            for row in _by(entries, "career_stage")
        ],
        "By state": [_row(str(State(row["state"]).label), row) for row in _by(entries, "state")],
    }


def _by(entries: QuerySet[Expression], column: str) -> list[dict]:
    return list(entries.values(column).annotate(**_NUMBERS).order_by(column))


def _row(label: str | None, numbers: dict) -> Row:
    return {
        "label": label or "None",
        "applied": numbers["applied"],
        "accepted": numbers["accepted"],
        "confirmed": numbers["confirmed"],
    }
