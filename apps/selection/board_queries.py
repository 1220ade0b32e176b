"""The board as it is read from the database: in the same few questions, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.review.models import Review
from apps.review.services import BY_MEAN
from apps.selection.board import (
    DECIDABLE,
    PAGE,
    Asked,
    Board,
    Card,
    Column,
    Pending,
    Sort,
    Stack,
    column_of,
)
from apps.selection.capacity import capacity_of
from apps.topics.models import Topic

_CARD_FIELDS = (
    *("edition_id", "reference", "name", "university", "title", "preference"),
    *("wants_talk", "wants_poster", "state", "offer", "confirmed_format", "version", "is_late"),
)
_PENDING_FIELDS = tuple(
    f"pending_decision__{name}" for name in ("expression", "verdict", "offer", "made_at", "is_held")
)
# What is pending stands first: that is what somebody is at work on.
_PENDING_FIRST = F("pending_decision").desc(nulls_last=True)
_ORDERS: dict[str, tuple[Any, ...]] = {
    Sort.MEAN: (BY_MEAN.desc(), "submitted_at", "pk"),
    Sort.OLDEST: ("submitted_at", "pk"),
    Sort.NEWEST: ("-submitted_at", "-pk"),
}


def board_of(edition: Edition, asked: Asked) -> Board:
    """Reads the board of `edition`, whose call is loaded with it."""
    keys: dict[Column, list[int]] = {column: [] for column in Column}
    pending = Counter[Column]()
    # Of every expression only where it stands: which fifty of each column are shown follows.
    standing = found(edition, asked).order_by(_PENDING_FIRST, *_ORDERS[asked.sort])
    for pk, state, verdict in standing.values_list("pk", "state", "pending_decision__verdict"):
        column = column_of(state, verdict)
        keys[column].append(pk)
        pending[column] += verdict is not None
    stacks = [Stack(column, len(keys[column]), pending[column], asked) for column in Column]
    shown = {
        stack.column: keys[stack.column][(stack.page - 1) * PAGE : stack.page * PAGE]
        for stack in stacks
        if stack.is_shown
    }
    cards = _cards([pk for page in shown.values() for pk in page])
    for stack in stacks:
        stack.cards.extend(cards[pk] for pk in shown.get(stack.column, []) if pk in cards)
    return Board(edition, asked, stacks, capacity_of(edition))


def heads_of(edition: Edition, asked: Asked) -> list[Stack]:
    """The columns without their cards: how many stand in each."""
    numbers, pending = Counter[Column](), Counter[Column]()
    rows = found(edition, asked).order_by().values_list("state", "pending_decision__verdict")
    for state, verdict, number in rows.annotate(number=Count("pk")):
        column = column_of(state, verdict)
        numbers[column] += number
        pending[column] += number if verdict else 0
    return [Stack(column, numbers[column], pending[column], asked) for column in Column]


def found(edition: Edition, asked: Asked) -> QuerySet[Expression]:
    """What the filters leave of `edition`, in whatever column; rehearsals are left out."""
    expressions = Expression.objects.for_edition(edition).exclude_tests()
    if asked.topic:
        of_topic = Expression.topics.through._default_manager.filter(topic=asked.topic)
        expressions = expressions.filter(pk__in=of_topic.values("expression"))
    if asked.formats:
        expressions = expressions.filter(
            wants_talk=asked.formats in {Format.TALK, Format.BOTH},
            wants_poster=asked.formats in {Format.POSTER, Format.BOTH},
        )
    if asked.pending:
        is_pending = Q(pending_decision__isnull=False)
        expressions = expressions.filter(
            is_pending if asked.pending == Pending.YES else ~is_pending
        )
    return expressions


def rows_of(edition: Edition, asked: Asked, column: str) -> dict[int, str]:
    """Every expression of a column that may take a choice, on its page or not, with its stamp."""
    expressions = (
        found(edition, asked)
        .filter(state__in=DECIDABLE)
        .select_related("pending_decision")
        .only("version", "state", *_PENDING_FIELDS)
    )
    cards = [Card(row) for row in expressions.order_by("pk")]
    return {card.expression.pk: card.stamp for card in cards if card.column == column}


def card_of(edition: Edition, pk: int) -> Card | None:
    """One card as it stands now; None if it stands on no board of this edition."""
    card = _cards([pk]).get(pk)
    is_here = card is not None and card.expression.edition_id == edition.pk
    return card if is_here else None


def topics_of(edition: Edition) -> list[tuple[str, str]]:
    """What the filter by topic offers."""
    topics = Topic.objects.filter(edition=edition)
    return [(str(pk), heading) for pk, heading in topics.values_list("pk", "heading")]


def _cards(pks: list[int]) -> dict[int, Card]:
    """The cards of these expressions by their keys; of those that are there, rehearsals apart."""
    expressions = (
        Expression.objects.exclude_tests()
        .filter(pk__in=pks)
        .order_by()
        .select_related("pending_decision")
        .only(*_CARD_FIELDS, *_PENDING_FIELDS)
    )
    chosen = Expression.topics.through._default_manager.filter(expression__in=pks)
    headings = _gathered(
        chosen.order_by("topic__ordering", "topic").values_list("expression_id", "topic__heading")
    )
    given = Review.objects.filter(expression__in=pks, has_conflict=False)
    scores = _gathered(given.order_by("pk").values_list("expression_id", "score"))
    return {
        row.pk: Card(row, tuple(headings.get(row.pk, ())), tuple(scores.get(row.pk, ())))
        for row in expressions
    }


def _gathered(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    """The second of each pair, by the first."""
    lists: dict[int, list[Any]] = {}
    for key, value in pairs:
        lists.setdefault(key, []).append(value)
    return lists
