"""Assignment of expressions to reviewers: by hand, by topic, and automatic with equal loads."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.core.exceptions import ChangedMeanwhile
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionQuerySet
from apps.interest.workflow import UNDECIDED
from apps.review.conflicts import find_conflicts_of_interest
from apps.review.models import Assignment, Review, Reviewer
from apps.topics.models import Topic

MOST_EACH = 10  # reviews of one expression


@dataclass
class AssignmentReport:
    """Outcome of an assignment."""

    created: int = 0
    # Expressions that were not assigned, with the reason.
    left_out: list[tuple[Expression, str]] = field(default_factory=list)


def assignable(edition: Edition) -> ExpressionQuerySet:
    """Expressions of an edition that reviewers may be asked to review, the oldest first."""
    expressions: ExpressionQuerySet = Expression.objects.exclude_tests().for_edition(edition)
    return expressions.filter(state__in=UNDECIDED).order_by("submitted_at", "pk")


def reviewers_of(edition: Edition) -> list[Reviewer]:
    """Reviewers of an edition with their accounts and topics, by the order of their addition."""
    rows = Reviewer.objects.filter(edition=edition, user__is_active=True)
    return list(rows.select_related("user").prefetch_related("topics").order_by("pk"))


def assignment_token(expression: Expression) -> str:
    """Token of the reviewers that an expression is assigned to."""
    keys = Assignment.objects.filter(expression=expression).values_list("reviewer", flat=True)
    return version_token(sorted(keys))


@transaction.atomic
def assign_automatically(*, edition: Edition, each: int) -> AssignmentReport:
    """Assign reviewers until each expression has `each` of them, without conflicts of interest.

    Present assignments stay, and reviews without one count. Loads differ by at most one as far as
    conflicts and present assignments allow. Reviewers with one of the topics are preferred. The same
    data give the same result.
    """
    _lock(edition)
    expressions = list(
        assignable(edition)
        .only("name", "email", "university", "school", "supervisor", "title", "reference")
        .prefetch_related("coauthors", "topics")
    )
    reviewers = reviewers_of(edition)
    by_user = {reviewer.user_id: reviewer.pk for reviewer in reviewers}
    taken: dict[int, set[int]] = {expression.pk: set() for expression in expressions}
    pairs = Assignment.objects.filter(expression__in=expressions, reviewer__in=reviewers)
    for expression_pk, reviewer_pk in pairs.values_list("expression", "reviewer"):
        taken[expression_pk].add(reviewer_pk)
    reviews = Review.objects.filter(expression__in=expressions, has_conflict=False)
    for expression_pk, user_pk in reviews.values_list("expression", "reviewer"):
        if user_pk in by_user:
            taken[expression_pk].add(by_user[user_pk])
    topics = {row.pk: {topic.pk for topic in row.topics.all()} for row in reviewers}
    new = distribute(
        each,
        taken,
        [reviewer.pk for reviewer in reviewers],
        forbidden=find_conflicts_of_interest(reviewers, expressions),
        preferred={
            (expression.pk, pk)
            for expression in expressions
            for pk, known in topics.items()
            if any(topic.pk in known for topic in expression.topics.all())
        },
    )
    Assignment.objects.bulk_create(
        Assignment(expression_id=expression_pk, reviewer_id=reviewer_pk)
        for expression_pk, reviewer_pks in new.items()
        for reviewer_pk in reviewer_pks
    )
    short = [
        (expression, f"{len(taken[expression.pk] | set(new[expression.pk]))} of {each}")
        for expression in expressions
        if len(taken[expression.pk] | set(new[expression.pk])) < each
    ]
    return AssignmentReport(sum(map(len, new.values())), short)


@transaction.atomic
def assign_to(
    *, reviewer: Reviewer, expressions: Iterable[Expression] | QuerySet[Expression]
) -> AssignmentReport:
    """Assign expressions of the reviewer's edition to one reviewer, except those in conflict."""
    _lock(reviewer.edition)
    keys = [expression.pk for expression in expressions]
    has_it = Assignment.objects.filter(expression=OuterRef("pk"), reviewer=reviewer)
    rows = assignable(reviewer.edition).filter(~Exists(has_it), pk__in=keys)
    chosen = list(rows.prefetch_related("coauthors"))
    conflicts = find_conflicts_of_interest([reviewer], chosen)
    report = AssignmentReport()
    new = []
    for expression in chosen:
        if reason := conflicts.get((expression.pk, reviewer.pk)):
            report.left_out.append((expression, reason))
        else:
            new.append(Assignment(expression=expression, reviewer=reviewer))
    report.created = len(Assignment.objects.bulk_create(new))
    return report


def assign_topic(*, reviewer: Reviewer, topic: Topic) -> AssignmentReport:
    """Assign all expressions about a topic to one reviewer, except those in conflict."""
    return assign_to(
        reviewer=reviewer, expressions=assignable(reviewer.edition).filter(topics=topic)
    )


@transaction.atomic
def set_reviewers(*, expression: Expression, reviewers: Collection[int], seen: str) -> None:
    """Assign an expression to exactly these reviewers (keys); one in conflict is not added.

    Raises ChangedMeanwhile if `seen` is not its `assignment_token`.
    """
    _lock(expression.edition)
    if assignment_token(expression) != seen:
        raise ChangedMeanwhile
    present = Assignment.objects.filter(expression=expression)
    present.exclude(reviewer__in=reviewers).delete()
    wanted = set(reviewers) - set(present.values_list("reviewer", flat=True))
    possible = reviewers_of(expression.edition)
    conflicts = find_conflicts_of_interest(possible, [expression])
    Assignment.objects.bulk_create(
        Assignment(expression=expression, reviewer=reviewer)
        for reviewer in possible
        if reviewer.pk in wanted and (expression.pk, reviewer.pk) not in conflicts
    )


@transaction.atomic
def clear_assignments(*, edition: Edition) -> int:
    """Delete the assignments that have no review yet; return their number."""
    _lock(edition)
    written = Review.objects.filter(
        expression=OuterRef("expression"), reviewer=OuterRef("reviewer__user")
    )
    open_ones = Assignment.objects.filter(~Exists(written), expression__in=assignable(edition))
    keys = list(open_ones.values_list("pk", flat=True))
    Assignment.objects.filter(pk__in=keys).delete()
    return len(keys)


def distribute(
    each: int,
    taken: Mapping[int, Collection[int]],
    reviewers: Sequence[int],
    *,
    forbidden: Collection[tuple[int, int]] = (),
    preferred: Collection[tuple[int, int]] = (),
) -> dict[int, list[int]]:
    """Choose new reviewers for each expression until it has `each`, with equal loads.

    `taken` has the reviewers of each expression so far, who count; pairs are (expression, reviewer).
    Every expression takes the least loaded reviewers, then assignments are moved along the shortest
    chain from a reviewer to one with at least two fewer, until there is no such chain. Then no other
    choice is more even (Harvey et al., "Semi-matchings for bipartite graphs", theorem 3.1).
    """
    loads = dict.fromkeys(reviewers, 0)
    for present in taken.values():
        for reviewer in present:
            loads[reviewer] += 1
    forbidden = set(forbidden) | {
        (expression, reviewer) for expression, present in taken.items() for reviewer in present
    }
    new: dict[int, set[int]] = {reviewer: set() for reviewer in reviewers}  # by reviewer
    order = {reviewer: place for place, reviewer in enumerate(reviewers)}
    for expression, present in taken.items():
        eligible = [pk for pk in reviewers if (expression, pk) not in forbidden]
        # A topic is worth two assignments, which the moves below take back where it must be.
        eligible.sort(key=lambda pk: (loads[pk] - 2 * ((expression, pk) in preferred), order[pk]))
        for reviewer in eligible[: max(0, each - len(present))]:
            new[reviewer].add(expression)
            loads[reviewer] += 1
    while chain := _chain(new, loads, forbidden, preferred):
        for giver, taker, expression in chain:
            new[giver].remove(expression)
            new[taker].add(expression)
        loads[chain[0][0]] -= 1
        loads[chain[-1][1]] += 1
    return {expression: [pk for pk in reviewers if expression in new[pk]] for expression in taken}


def _chain(
    new: Mapping[int, set[int]],
    loads: Mapping[int, int],
    forbidden: Collection[tuple[int, int]],
    preferred: Collection[tuple[int, int]],
) -> list[tuple[int, int, int]]:
    """The shortest moves (giver, taker, expression) that make the loads more even; [] if none do."""
    least = min(loads.values(), default=0)
    for start in sorted(loads, key=lambda pk: -loads[pk]):
        if loads[start] < least + 2:
            break
        came_from: dict[int, tuple[int, int]] = {}
        waiting = deque([start])
        while waiting:
            giver = waiting.popleft()
            for taker in sorted(loads, key=lambda pk: loads[pk]):
                if taker == start or taker in came_from:
                    continue
                movable = [
                    expression
                    for expression in new[giver]
                    if expression not in new[taker] and (expression, taker) not in forbidden
                ]
                if not movable:
                    continue
                # A move is best where the giver does not know the topic, and the taker does.
                best = min(
                    (((pk, giver) in preferred) - ((pk, taker) in preferred), pk) for pk in movable
                )
                came_from[taker] = (giver, best[1])
                if loads[taker] <= loads[start] - 2:
                    return _moves_to(taker, start, came_from)
                waiting.append(taker)
    return []


def _moves_to(
    taker: int, start: int, came_from: Mapping[int, tuple[int, int]]
) -> list[tuple[int, int, int]]:
    moves: list[tuple[int, int, int]] = []
    while taker != start:
        giver, expression = came_from[taker]
        moves.append((giver, taker, expression))
        taker = giver
    return moves[::-1]


def _lock(edition: Edition) -> None:
    """Let two clicks assign one after the other."""
    Edition.objects.select_for_update().get(pk=edition.pk)
