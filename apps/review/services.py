"""Reviews: who is asked to read what next, what they say of it, and who reads that."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
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
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionQuerySet
from apps.interest.permissions import may_review, permissions_for
from apps.interest.workflow import UNDECIDED
from apps.review.models import Review


class SavedReview(NamedTuple):
    """The review as saved, and the reviewer's earlier review that it replaced."""

    review: Review
    before: Review | None


class Progress(NamedTuple):
    """How far somebody is: "12 of 40". What is not theirs to judge counts as done."""

    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done == self.total


@dataclass(frozen=True)
class Figures:
    """What the scores of one expression come to."""

    count: int
    mean: float | None
    # The sample's standard deviation; one score alone has none.
    spread: float | None

    @property
    def in_words(self) -> str:
        """ "4.3 ± 0.6, 3 reviews"."""
        if self.mean is None:
            return "no reviews"
        number = "1 review" if self.count == 1 else f"{self.count} reviews"
        spread = "" if self.spread is None else f" ± {self.spread:.1f}"
        return f"{self.mean:.1f}{spread}, {number}"


def save_review(
    *,
    expression: Expression,
    reviewer: User,
    score: int | None = None,
    remark: str = "",
    has_conflict: bool = False,
) -> SavedReview:
    """Keeps what `reviewer` says of `expression`, in place of what they said before.

    Either a `score` from 1 to 5 or `has_conflict`. It moves nothing and writes no line of the
    log: the student is told of a decision, not of who has read what. Raises NotAllowed.
    """
    with transaction.atomic():
        current = (
            Expression.objects.select_for_update(of=("self",))
            .select_related("edition")
            .get(pk=expression.pk)
        )
        if refusal := why_not(current, reviewer):
            raise NotAllowed(refusal)
        # Whoever writes holds the expression's row: two tabs write one after the other.
        earlier = Review.objects.filter(expression=current, reviewer=reviewer).first()
        before = copy(earlier)
        review = earlier or Review(expression=current, reviewer=reviewer)
        review.score = None if has_conflict else score
        review.remark = remark.strip()
        review.has_conflict = has_conflict
        try:
            review.full_clean()
        except ValidationError as fault:
            raise NotAllowed(" ".join(fault.messages)) from None
        review.save()
    return SavedReview(review, before)


def why_not(expression: Expression, reviewer: User) -> str:
    """Why `reviewer` cannot review `expression` now, in words for them; empty if they can."""
    if not may_review(reviewer, expression.edition):
        return f"You are not among the reviewers of {expression.edition}."
    if expression.is_test:
        return "It is a rehearsal: nobody reviews it."
    if expression.state not in UNDECIDED:
        state = expression.get_state_display().lower()
        return f"{expression.display_reference} is {state}: its review is over."
    return ""


def chair_names() -> list[str]:
    """Names of the chairs, whom a reviewer without an edition may ask."""
    return [str(user) for user in User.objects.filter(is_active=True, groups__name=Role.CHAIR)]


def reviewable(edition: Edition) -> ExpressionQuerySet:
    """What can be reviewed in `edition`: neither decided nor ended, and no rehearsals."""
    return _reviewable().for_edition(edition)


def queue(edition: Edition, reviewer: User) -> QuerySet[Expression]:
    """What `reviewer` has not reviewed yet: the least-reviewed first, of these the oldest."""
    waiting = reviewable(edition).filter(~Exists(_own(reviewer)))
    return _by_need(waiting)


def next_in_queue(waiting: QuerySet[Expression], after: int | None = None) -> Expression | None:
    """The first of a queue behind the expression `after`, else the first of all.

    None once there is nothing left to review.
    """
    behind = Expression.objects.filter(pk=after) if after is not None else None
    if behind is not None and (skipped := _by_need(behind).only("submitted_at").first()):
        count: int = vars(skipped)["review_count"]  # annotated by _by_need
        same = Q(review_count=count, submitted_at=skipped.submitted_at, pk__gt=skipped.pk)
        later = Q(review_count=count, submitted_at__gt=skipped.submitted_at)
        behind_it = Q(review_count__gt=count) | later | same
        round_again = Case(When(behind_it, then=0), default=1)
        waiting = waiting.order_by(round_again, *waiting.query.order_by)
    return waiting.first()


def progress(reviewer: User, *editions: Edition) -> dict[int, Progress]:
    """How far `reviewer` is in each of `editions`, by its key, in one question.

    What was decided since they reviewed it stays done; what was decided before is not asked of
    them any more.
    """
    pks = [edition.pk for edition in editions]
    answered = Q(Exists(_own(reviewer)))
    counted = (
        Expression.objects.exclude_tests()
        .filter(edition__in=pks)
        .order_by()
        .values("edition")
        .annotate(
            done=Count("pk", filter=answered),
            waiting=Count("pk", filter=Q(state__in=UNDECIDED) & ~answered),
        )
    )
    found = {row["edition"]: (row["done"], row["waiting"]) for row in counted}
    numbers = {pk: found.get(pk, (0, 0)) for pk in pks}
    return {pk: Progress(done, done + waiting) for pk, (done, waiting) in numbers.items()}


def editions_to_review(reviewer: User) -> list[Edition]:
    """Where `reviewer` reviews, the current edition first: the editions they were chosen for; for
    a chair those where something waits or where they reviewed."""
    sight = permissions_for(reviewer)
    editions = Edition.objects.order_by("-is_current", "-year", "-pk")
    if sight is None:
        return []
    if sight.editions is not None:
        return list(editions.filter(pk__in=sight.editions))
    if not sight.sees_reviews:
        return []
    waiting = _reviewable().filter(edition=OuterRef("pk"))
    own = Review.objects.filter(reviewer=reviewer, expression__edition=OuterRef("pk"))
    return list(editions.filter(Exists(waiting) | Exists(own)))


def own_reviews(edition: Edition, reviewer: User) -> QuerySet[Review]:
    """What `reviewer` said in `edition`, the last said first."""
    own = Review.objects.filter(
        reviewer=reviewer, expression__edition=edition, expression__is_test=False
    )
    return own.select_related("expression").order_by("-changed_at", "-pk")


def review_counts() -> Coalesce:
    """How many expressions each row of Reviewer has answered in its edition, to annotate with."""
    own = Review.objects.filter(
        reviewer=OuterRef("user"),
        expression__edition=OuterRef("edition"),
        expression__is_test=False,
    )
    number = own.order_by().values("reviewer").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def visible_reviews(expression: Expression, user: User) -> QuerySet[Review]:
    """The reviews of `expression` that `user` may read.

    Chairs read all. Reviewers read their own until the decision is out, so that nobody follows
    anybody, then all; whoever stood aside reads their own alone for ever.
    """
    reviews = expression.reviews.select_related("reviewer").order_by("reviewed_at", "pk")
    sight = permissions_for(user)
    if sight is not None and sight.sees_reviews:
        return reviews
    own = reviews.filter(reviewer=user)
    is_out = expression.decided_at is not None
    if not is_out or not may_review(user, expression.edition) or own.filter(has_conflict=True):
        return own
    return reviews


def figures(reviews: Iterable[Review]) -> Figures:
    """Mean and spread of the scores among `reviews`; who stood aside is not counted."""
    return figures_of([review.score for review in reviews if review.score is not None])


def figures_of(scores: Sequence[int]) -> Figures:
    """Mean and spread of `scores`."""
    if not scores:
        return Figures(0, None, None)
    mean = sum(scores) / len(scores)
    squares = sum((score - mean) ** 2 for score in scores)
    spread = math.sqrt(squares / (len(scores) - 1)) if len(scores) > 1 else None
    return Figures(len(scores), mean, spread)


def _reviewable() -> ExpressionQuerySet:
    found: ExpressionQuerySet = Expression.objects.exclude_tests().filter(state__in=UNDECIDED)
    return found


def _own(reviewer: User) -> QuerySet[Review]:
    return Review.objects.filter(expression=OuterRef("pk"), reviewer=reviewer)


def _scores() -> QuerySet:
    """The scores of one expression, in a row to reckon with."""
    given = Review.objects.filter(expression=OuterRef("pk"), has_conflict=False)
    return given.order_by().values("expression")


def _by_need(expressions: QuerySet[Expression]) -> QuerySet[Expression]:
    number = Subquery(_scores().annotate(number=Count("pk")).values("number"))
    counted = expressions.annotate(review_count=Coalesce(number, 0))
    return counted.order_by("review_count", "submitted_at", "pk")


# To order a list by, and asked only then. What has no score, or no spread, comes last.
MEAN = Subquery(_scores().annotate(mean=Avg("score")).values("mean"))
BY_MEAN = Coalesce(MEAN, 0.0)
_SQUARES = Sum(F("score") * F("score"))
_VARIANCE = ExpressionWrapper(
    Cast(F("number") * F("squares") - F("total") * F("total"), FloatField())
    / (F("number") * (F("number") - 1)),
    output_field=FloatField(),
)
BY_SPREAD = Coalesce(
    Subquery(
        _scores()
        .annotate(number=Count("pk"), total=Sum("score"), squares=_SQUARES)
        .filter(number__gt=1)
        .annotate(variance=_VARIANCE)
        .values("variance")
    ),
    -1.0,
)
