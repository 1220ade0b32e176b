"""Who is named with contributions, for what every page asks."""

from __future__ import annotations

from collections.abc import Sequence

from apps.core.questions import Question, hand_out
from apps.programme.models import Contribution, Contributor

_OF: Question[Contributor] = Question(
    lambda contributions: Contributor.objects.filter(contribution__in=contributions).with_people(),
    contributions=list,
)


def load_contributors(contributions: Sequence[Contribution]) -> None:
    """As `with_contributors` does, with its SQL made once; one query, or none without any."""
    if contributions:
        keys = sorted({contribution.pk for contribution in contributions})
        hand_out(contributions, "contributors", _OF(contributions=keys))
