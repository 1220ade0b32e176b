"""Reviews: the queue, saving, who reads them, and their figures."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import Role, User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionQuerySet
from apps.interest.permissions import may_review, permissions_for
from apps.interest.workflow import UNDECIDED
from apps.review.models import Assignment, CriterionScore, Progress, Review, Reviewer


@dataclass(frozen=True)
class Figures:
    """Number, mean and sample standard deviation of scores; one score alone has no spread."""

    count: int
    mean: float | None
    spread: float | None

    @property
    def in_words(self) -> str:
        """ "4.3 ± 0.6, 3 reviews"."""
        if self.mean is None:
            return "no reviews"
        spread = "" if self.spread is None else f" ± {self.spread:.1f}"
        return f"{self.mean:.1f}{spread}, {count_of(self.count, 'review')}"


def save_review(
    *,
    expression: Expression,
    reviewer: User,
    score: int | None = None,
    remark: str = "",
    has_conflict: bool = False,
    criteria: Mapping[int, int] | None = None,
    seen: str | None = None,
) -> Review:
    """Save a score from 1 to 5 or a conflict, in place of the reviewer's earlier review.

    `criteria` has the scores of the edition's criteria by their keys; None keeps those on record.
    It neither moves the expression nor writes to its log. Raises NotAllowed, and ChangedMeanwhile
    if `seen` is given and not the `version_token` of an earlier review that says something else.
    """
    with transaction.atomic():
        # The lock makes two tabs save one after the other.
        current = (
            Expression.objects.select_for_update(of=("self",))
            .select_related("edition")
            .get(pk=expression.pk)
        )
        if refusal := why_not(current, reviewer):
            raise NotAllowed(refusal)
        earlier = Review.objects.filter(expression=current, reviewer=reviewer).first()
        said = earlier.version_token if earlier else ""
        review = earlier or Review(expression=current, reviewer=reviewer)
        review.score = None if has_conflict else score
        review.remark = remark.strip()
        review.has_conflict = has_conflict
        scores = _criterion_scores(current.edition, review, criteria)
        if earlier and seen not in {None, said} and review.token_with(scores) != said:
            raise ChangedMeanwhile
        try:
            review.full_clean()
        except ValidationError as fault:
            raise NotAllowed(" ".join(fault.messages)) from None
        review.save()
        review.criterion_scores.exclude(criterion__in=scores).delete()
        for criterion_pk, given in scores.items():
            CriterionScore.objects.update_or_create(
                review=review, criterion_id=criterion_pk, defaults={"score": given}
            )
    return review


def _criterion_scores(
    edition: Edition, review: Review, given: Mapping[int, int] | None
) -> dict[int, int]:
    """The scores of criteria that a review is to have; none with a conflict of interest."""
    if review.has_conflict:
        return {}
    if given is None:
        rows = review.criterion_scores.all() if review.pk else CriterionScore.objects.none()
        return dict(rows.values_list("criterion", "score"))
    known = set(edition.review_criteria.values_list("pk", flat=True))
    if not set(given) <= known or not set(given.values()) <= set(Review.Score.values):
        raise NotAllowed("Give each criterion a score from 1 to 5.")
    return dict(given)


def why_not(expression: Expression, reviewer: User) -> str:
    """Why `reviewer` cannot review `expression` now, as a sentence; empty if they can."""
    if not may_review(reviewer, expression.edition):
        return f"You are not among the reviewers of {expression.edition}."
    if expression.is_test:
        return "This is a test entry. It is not reviewed."
    if expression.state not in UNDECIDED:
        state = expression.get_state_display().lower()
        return f"{expression.display_reference} is {state} and can no longer be reviewed."
    return ""


def is_reviewable(expression: Expression) -> bool:
    """Whether the expression may be reviewed now."""
    return not expression.is_test and expression.state in UNDECIDED


def chair_names() -> list[str]:
    """Names of the chairs, whom a reviewer without an edition may ask."""
    return [str(user) for user in User.objects.filter(is_active=True, groups__name=Role.CHAIR)]


def queue(edition: Edition, reviewer: User) -> QuerySet[Expression]:
    """Expressions that `reviewer` is asked for: the least reviewed first, then the oldest.

    Those assigned to them; all, where nothing is assigned at all, and for chairs who are not
    among the reviewers.
    """
    asked = _reviewable().for_edition(edition).filter(_is_asked_of(reviewer))
    return _by_need(asked.filter(~Exists(_reviews_by(reviewer))))


def next_in_queue(waiting: QuerySet[Expression], after: int | None = None) -> Expression | None:
    """The first of a queue behind the expression with key `after`, else the first of all."""
    skipped = _by_need(Expression.objects.filter(pk=after)).first() if after is not None else None
    if skipped:
        count = getattr(skipped, "review_count", 0)  # annotated by _by_need
        same = Q(review_count=count, submitted_at=skipped.submitted_at, pk__gt=skipped.pk)
        later = Q(review_count=count, submitted_at__gt=skipped.submitted_at)
        is_before = Case(When(Q(review_count__gt=count) | later | same, then=0), default=1)
        waiting = waiting.order_by(is_before, *_NEED)
    return waiting.first()


def progress(reviewer: User, *editions: Edition) -> dict[int, Progress]:
    """Progress of `reviewer` by the key of each of `editions`, in one query.

    A reviewed expression stays done once it is decided; one decided before is not asked for.
    """
    is_done = Q(Exists(_reviews_by(reviewer)))
    rows = (
        Expression.objects.exclude_tests()
        .filter(edition__in=editions)
        .order_by()
        .values("edition")
        .annotate(
            done=Count("pk", filter=is_done),
            waiting=Count("pk", filter=Q(state__in=UNDECIDED) & ~is_done & _is_asked_of(reviewer)),
        )
    )
    result = {edition.pk: Progress(0, 0) for edition in editions}
    for row in rows:
        result[row["edition"]] = Progress(row["done"], row["done"] + row["waiting"])
    return result


def editions_to_review(reviewer: User) -> list[Edition]:
    """Editions that `reviewer` reviews, the current one first.

    Those they were chosen for; for a chair, those with something to review or reviewed by them.
    """
    permissions = permissions_for(reviewer)
    editions = Edition.objects.order_by("-is_current", "-year", "-pk")
    if permissions is None:
        return []
    if permissions.editions is not None:
        return list(editions.filter(pk__in=permissions.editions))
    if not permissions.sees_reviews:
        return []
    waiting = _reviewable().filter(edition=OuterRef("pk"))
    own = Review.objects.filter(reviewer=reviewer, expression__edition=OuterRef("pk"))
    return list(editions.filter(Exists(waiting) | Exists(own)))


def own_reviews(edition: Edition, reviewer: User) -> QuerySet[Review]:
    """Reviews by `reviewer` in `edition`, the latest first."""
    own = Review.objects.filter(
        reviewer=reviewer, expression__edition=edition, expression__is_test=False
    )
    own = own.annotate(comment_count=Count("expression__comments"))
    return own.select_related("expression").order_by("-changed_at", "-pk")


def reviewer_of(edition: Edition, user: User) -> Reviewer | None:
    """The row that makes `user` a reviewer of `edition`; chairs may have none."""
    return Reviewer.objects.filter(edition=edition, user=user).first()


def review_counts() -> Coalesce:
    """Number of reviews by each Reviewer in its edition, as an annotation."""
    own = Review.objects.filter(
        reviewer=OuterRef("user"),
        expression__edition=OuterRef("edition"),
        expression__is_test=False,
    )
    number = own.order_by().values("reviewer").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def assignment_counts() -> Coalesce:
    """Number of expressions assigned to each Reviewer, as an annotation."""
    own = Assignment.objects.filter(reviewer=OuterRef("pk"), expression__is_test=False)
    number = own.order_by().values("reviewer").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def visible_reviews(expression: Expression, user: User) -> QuerySet[Review]:
    """Reviews of `expression` that `user` may read.

    Chairs read all. Reviewers read their own until the decision is released, then all; with a
    conflict they read only their own for ever.
    """
    reviews = expression.reviews.select_related("reviewer").order_by("reviewed_at", "pk")
    reviews = reviews.prefetch_related("criterion_scores__criterion")
    permissions = permissions_for(user)
    if permissions is not None and permissions.sees_reviews:
        return reviews
    own = reviews.filter(reviewer=user)
    is_released = expression.decided_at is not None
    may_read_all = is_released and may_review(user, expression.edition)
    return reviews if may_read_all and not own.filter(has_conflict=True) else own


def figures(reviews: Iterable[Review]) -> Figures:
    """Figures of the scores among `reviews`; conflicts have none."""
    scores = [review.score for review in reviews if review.score is not None]
    return Figures(
        len(scores),
        statistics.mean(scores) if scores else None,
        statistics.stdev(scores) if len(scores) > 1 else None,
    )


def criteria_mean(reviews: Iterable[Review]) -> float | None:
    """Mean of the weighted means of `reviews`; None if no criterion was scored."""
    means = [mean for review in reviews if (mean := review.weighted_mean) is not None]
    return statistics.mean(means) if means else None


def _is_asked_of(reviewer: User) -> Q:
    """Whether the outer expression is in the queue of `reviewer`."""
    assignments = Assignment.objects.all()
    own = assignments.filter(expression=OuterRef("pk"), reviewer__user=reviewer)
    any_in_edition = assignments.filter(reviewer__edition=OuterRef("edition"))
    is_reviewer = Reviewer.objects.filter(edition=OuterRef("edition"), user=reviewer)
    return Q(Exists(own)) | ~Q(Exists(any_in_edition)) | ~Q(Exists(is_reviewer))


def _reviewable() -> ExpressionQuerySet:
    expressions: ExpressionQuerySet = Expression.objects.exclude_tests()
    return expressions.filter(state__in=UNDECIDED)


def _reviews_by(reviewer: User) -> QuerySet[Review]:
    return Review.objects.filter(expression=OuterRef("pk"), reviewer=reviewer)


def _scores() -> QuerySet:
    """The scores of the outer expression, grouped for an aggregate."""
    scores = Review.objects.filter(expression=OuterRef("pk"), has_conflict=False)
    return scores.order_by().values("expression")


_NEED = ("review_count", "submitted_at", "pk")


def _by_need(expressions: QuerySet[Expression]) -> QuerySet[Expression]:
    number = Subquery(_scores().annotate(number=Count("pk")).values("number"))
    return expressions.annotate(review_count=Coalesce(number, 0)).order_by(*_NEED)


# Expressions to order a list by. Those without a score or a spread come last.
MEAN = Subquery(_scores().annotate(mean=Avg("score")).values("mean"))
BY_MEAN = Coalesce(MEAN, 0.0)
# The mean of the scores of criteria by their weights.
CRITERIA_MEAN = Subquery(
    CriterionScore.objects.filter(review__expression=OuterRef("pk"))
    .order_by()
    .values("review__expression")
    .annotate(
        mean=Cast(Sum(F("score") * F("criterion__weight")), FloatField())
        / Cast(Sum("criterion__weight"), FloatField())
    )
    .values("mean")
)
BY_CRITERIA = Coalesce(CRITERIA_MEAN, 0.0)
# n Σx² - (Σx)² over n (n - 1): the sample variance.
_VARIANCE = Cast(
    F("number") * Sum(F("score") * F("score")) - F("total") * F("total"), FloatField()
) / (F("number") * (F("number") - 1))
BY_SPREAD = Coalesce(
    Subquery(
        _scores()
        .annotate(number=Count("pk"), total=Sum("score"))
        .filter(number__gt=1)
        .annotate(variance=_VARIANCE)
        .values("variance")
    ),
    -1.0,
)
