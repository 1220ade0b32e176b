"""What a page shows of an edition's awards."""

from __future__ import annotations

from typing import NamedTuple

from apps.awards.models import Award, Recipient
from apps.core.questions import Question
from apps.editions.models import Edition
from apps.programme.contributors import load_contributors

_AWARDS: Question[Award] = Question(
    lambda edition: Award.objects.for_edition(edition).published(), edition=int
)
_RECIPIENTS: Question[Recipient] = Question(
    lambda edition: (
        Recipient.objects.public()
        .filter(award__edition=edition, award__is_published=True)
        .select_related("person", "contribution")
    ),
    edition=int,
)


class ShownAward(NamedTuple):
    """An award with those of its recipients that anybody may see."""

    award: Award
    recipients: list[Recipient]


def shown_awards(edition: Edition) -> list[ShownAward]:
    """What is published, in order; at most three queries, one if there is none."""
    awards = _AWARDS(edition=edition.pk)
    recipients = _RECIPIENTS(edition=edition.pk) if awards else []
    contributions = [one.contribution for one in recipients if one.contribution]
    for contribution in contributions:
        contribution.edition = edition
    load_contributors(contributions)
    return [
        ShownAward(award, [one for one in recipients if one.award_id == award.pk])
        for award in awards
    ]
