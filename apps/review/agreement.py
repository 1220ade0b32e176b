"""How far the scores of different reviewers agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.review.models import Review

_MOST_DISPUTED = 10
_WIDE = 2  # points between the highest and the lowest score of a disputed expression


@dataclass
class Agreement:
    """Figures of the overall scores of an edition; None where there are too few scores."""

    expressions: int = 0  # with at least two scores
    difference: float | None = None  # mean difference between two scores of one expression
    alpha: float | None = None
    # Expressions with the widest range of scores, and the scores from the lowest to the highest.
    disputed: list[tuple[Expression, list[int]]] = field(default_factory=list)


def agreement_of(edition: Edition) -> Agreement:
    """Figures of all reviews of an edition; two queries."""
    scores: dict[int, list[int]] = defaultdict(list)
    reviews = Review.objects.filter(
        expression__edition=edition, expression__is_test=False, has_conflict=False
    )
    for expression_pk, score in reviews.order_by("pk").values_list("expression", "score"):
        scores[expression_pk].append(score or 0)  # a review without a conflict has a score
    several = {pk: sorted(given) for pk, given in scores.items() if len(given) > 1}
    wide = [pk for pk, given in several.items() if given[-1] - given[0] >= _WIDE]
    wide.sort(key=lambda pk: (several[pk][0] - several[pk][-1], pk))
    found = Expression.objects.only("reference", "title").in_bulk(wide[:_MOST_DISPUTED])
    return Agreement(
        len(several),
        mean_difference(several.values()),
        krippendorff_alpha(several.values()),
        [(found[pk], several[pk]) for pk in wide[:_MOST_DISPUTED] if pk in found],
    )


def mean_difference(units: Collection[Sequence[int]]) -> float | None:
    """Mean difference between two scores of one unit, over all pairs; None without any pair."""
    differences = [abs(one - other) for unit in units for one, other in combinations(unit, 2)]
    return sum(differences) / len(differences) if differences else None


def krippendorff_alpha(units: Collection[Sequence[int]]) -> float | None:
    """Krippendorff's alpha with the interval metric; None if there is nothing to compare.

    1 is full agreement, 0 what scores drawn at random from all would give (Krippendorff, "Content
    Analysis", chapter 12). Units with a single score do not count.
    """
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    number = len(values)
    if not number:
        return None
    expected = _squares(values) / (number - 1)
    observed = sum(_squares(unit) / (len(unit) - 1) for unit in units)
    return 1 - observed / expected if expected else None


def _squares(values: Sequence[int]) -> int:
    """Sum of the squared differences of all ordered pairs: 2 (n Σx² - (Σx)²)."""
    return 2 * (len(values) * sum(value * value for value in values) - sum(values) ** 2)
