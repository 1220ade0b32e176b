"""Numbers and sentences per contribution, for chairs and for presenters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.contributors.models import Speaker
from apps.contributors.speakers import contributions_of
from apps.editions.models import Edition
from apps.feedback.models import LEAST_SHOWN, Feedback, FeedbackQuerySet, FeedbackSettings
from apps.interest.models import Expression
from apps.programme.models import Contribution


@dataclass
class Summary:
    """Feedback on one contribution."""

    contribution: Contribution
    counts: Counter[int] = field(default_factory=Counter)  # by rating
    sentences: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def is_shown(self) -> bool:
        """Whether there are so many ratings that none tells who gave it."""
        return self.total >= LEAST_SHOWN

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """Each rating in words with its number, the best first."""
        return [(str(rating.label), self.counts[rating]) for rating in Feedback.Rating]


def summarise(contributions: Iterable[Contribution], sentences: FeedbackQuerySet) -> list[Summary]:
    """Summaries of all these contributions, with their `sentences`; two queries."""
    summaries = {row.pk: Summary(row) for row in contributions}
    given = Feedback.objects.filter(contribution__in=summaries).order_by()
    for key, rating, number in given.values_list("contribution", "rating").annotate(Count("pk")):
        summaries[key].counts[rating] = number
    by_key: dict[int, list[str]] = defaultdict(list)
    # By their words, so that the order does not tell when they came.
    rows = sentences.filter(contribution__in=summaries).order_by("sentence")
    for key, sentence in rows.values_list("contribution", "sentence"):
        by_key[key].append(sentence)
    for key, summary in summaries.items():
        summary.sentences = by_key[key]
    return list(summaries.values())


def summaries_for_presenters(
    edition: Edition, contributions: Sequence[Contribution]
) -> list[Summary]:
    """What presenters may see of the feedback on their contributions; empty while it is off."""
    settings = FeedbackSettings.of(edition)
    if not settings.is_on or not contributions:
        return []
    summaries = summarise(contributions, Feedback.objects.for_presenters(settings))
    return [summary for summary in summaries if summary.total]


def student_panel(expression: Expression, request: HttpRequest) -> SafeString:
    """Feedback on the contribution that an entry became, for the student's own page."""
    contributions = Contribution.objects.filter(origin__expression=expression)
    return _render(expression.edition, list(contributions), request)


def speaker_panel(speaker: Speaker, request: HttpRequest) -> SafeString:
    """Feedback on the contributions of a speaker, for their own page."""
    contributions = contributions_of(speaker.person, speaker.edition)
    return _render(speaker.edition, list(contributions), request)


def _render(
    edition: Edition, contributions: Sequence[Contribution], request: HttpRequest
) -> SafeString:
    summaries = summaries_for_presenters(edition, contributions)
    if not summaries:
        return SafeString("")
    return render_to_string("feedback/_own.html", {"summaries": summaries}, request)
