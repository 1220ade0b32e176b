"""What a page shows of an edition's sponsors."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from apps.core.questions import Question
from apps.editions.models import Edition
from apps.sponsors.models import Level, Sponsor

_SPONSORS: Question[Sponsor] = Question(
    lambda edition: Sponsor.objects.for_edition(edition).shown(), edition=int
)


class ShownLevel(NamedTuple):
    """A level with those of its sponsors that anybody may see: one at least."""

    level: Level
    sponsors: list[Sponsor]


def shown_levels(edition: Edition) -> list[ShownLevel]:
    """Those with somebody to show, in order; one query."""
    sponsors = _SPONSORS(edition=edition.pk)
    return [
        ShownLevel(level, list(of_level))
        for level, of_level in groupby(sponsors, key=lambda sponsor: sponsor.level)
    ]
