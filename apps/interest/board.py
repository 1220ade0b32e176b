"""The triage board: an edition's expressions in columns by what is decided of them, a page of each.

However many there are, it is read in the same few questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, TextChoices

from apps.editions.models import Edition
from apps.interest.capacity import Capacity, capacity_of
from apps.interest.decisions import Choice, stamp_of
from apps.interest.models import Expression, Format, PendingDecision, Review
from apps.interest.reviewing import BY_MEAN, figures_of
from apps.interest.workflow import UNDECIDED, State
from apps.topics.models import Topic

PAGE = 50


class Column(TextChoices):
    """Where a card stands. One with a pending decision stands where that decision would put it."""

    TO_DECIDE = "to-decide", "To decide"
    ACCEPTED = "accepted", "Accepted"
    CONFIRMED = "confirmed", "Confirmed"
    WAITING_LIST = "waiting-list", "Waiting list"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"


class Sort(TextChoices):
    MEAN = "mean", "Best reviewed first"
    OLDEST = "oldest", "Oldest first"
    NEWEST = "newest", "Newest first"


class Pending(TextChoices):
    YES = "yes", "Pending only"
    NO = "no", "Not pending"


_VERDICT_COLUMNS: dict[str, Column] = {
    PendingDecision.Verdict.ACCEPT: Column.ACCEPTED,
    PendingDecision.Verdict.WAITLIST: Column.WAITING_LIST,
    PendingDecision.Verdict.DECLINE: Column.DECLINED,
}
_STATE_COLUMNS: dict[str, Column] = {
    State.ACCEPTED: Column.ACCEPTED,
    State.CONFIRMED: Column.CONFIRMED,
    State.WAITLISTED: Column.WAITING_LIST,
    State.DECLINED: Column.DECLINED,
    **dict.fromkeys(UNDECIDED, Column.TO_DECIDE),
}
# What is decided stands still: the cards of these columns take no choice.
_DECIDABLE = UNDECIDED | {State.WAITLISTED}
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


@dataclass(frozen=True)
class Asked:
    """What a chair wants to see of the board: filters, order, one column or all, pages."""

    topic: int | None = None
    formats: str = ""
    pending: str = ""
    sort: str = Sort.MEAN
    column: str = ""
    pages: Mapping[str, int] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """As the address says it, with a ? in front; empty where nothing is asked."""
        said = {
            "topic": self.topic,
            "format": self.formats,
            "pending": self.pending,
            "sort": "" if self.sort == Sort.MEAN else self.sort,
            "column": self.column,
            **{f"page-{name}": page for name, page in self.pages.items() if page > 1},
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"?{words}" if words else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return bool(self.topic or self.formats or self.pending)

    @property
    def is_sorted(self) -> bool:
        """Whether another order was asked for than ours."""
        return self.sort != Sort.MEAN

    def page_of(self, column: str) -> int:
        return self.pages.get(column, 1)


@dataclass(frozen=True)
class Card:
    """One expression on the board, loaded with its pending decision."""

    expression: Expression
    # In the order of the edition's topics.
    headings: tuple[str, ...] = ()
    scores: tuple[int, ...] = ()

    @property
    def pending(self) -> PendingDecision | None:
        return getattr(self.expression, "pending_decision", None)

    @property
    def column(self) -> Column:
        return column_of(self.expression.state, self.pending.verdict if self.pending else None)

    @property
    def stamp(self) -> str:
        return stamp_of(self.expression, self.pending)

    @property
    def row(self) -> str:
        """What a form sends of it: its key and its stamp."""
        return f"{self.expression.pk}:{self.stamp}"

    @property
    def is_decidable(self) -> bool:
        return self.expression.state in _DECIDABLE

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The buttons: what it asks for first, then the others; what is pending needs none."""
        if not self.is_decidable:
            return []
        expression = self.expression
        wanted: list[tuple[Choice, str]] = []
        if expression.wants_talk:
            wanted.append((Choice.TALK, "Talk"))
        if expression.wants_poster:
            wanted.append((Choice.POSTER, "Poster"))
        if len(wanted) > 1:
            wanted.append((Choice.BOTH, "Both"))
        if expression.state != State.WAITLISTED:
            wanted.append((Choice.WAITLIST, "Waiting list"))
        wanted.append((Choice.DECLINE, "Decline"))
        now = self._choice_now
        buttons = [(value.value, words) for value, words in wanted if value != now]
        return [*buttons, (Choice.TAKE_BACK.value, "Take back")] if self.pending else buttons

    @property
    def as_asked(self) -> str:
        """The choice that accepts it as asked."""
        return self.expression.asked_for.value

    @property
    def standing(self) -> str:
        """What its column does not say: "Offer: poster", "Under review", "Withdrawn"."""
        expression = self.expression
        state = State(expression.state)
        if state == State.ACCEPTED:
            return f"Offer: {expression.get_offer_display().lower()}"
        if state == State.CONFIRMED:
            return expression.get_confirmed_format_display()
        if state in {State.DECLINED, State.SUBMITTED} or (
            state == State.WAITLISTED and not self.pending
        ):
            return ""
        return state.label

    @property
    def topics(self) -> str:
        """ "Compression · Energy"."""
        return " · ".join(self.headings)

    @property
    def reviews(self) -> str:
        """ "4.3 ± 0.6, 3 reviews"."""
        return figures_of(self.scores).in_words

    @property
    def _choice_now(self) -> str:
        if self.pending is None:
            return ""
        return self.pending.offer or self.pending.verdict


@dataclass(frozen=True)
class Stack:
    """One column: how many stand in it, and the cards of the page that is shown."""

    column: Column
    count: int
    pending_count: int
    asked: Asked
    cards: list[Card] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        """Whether its cards are on the page; what has ended is folded until it is asked for."""
        if self.asked.column:
            return self.asked.column == self.column
        return self.column != Column.ENDED

    @property
    def page(self) -> int:
        return min(self.asked.page_of(self.column), self.pages)

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))

    @property
    def alone(self) -> str:
        """The address of this column alone."""
        return replace(self.asked, column=self.column, pages={}).query

    @property
    def before(self) -> str:
        """The address of the page before; empty on the first."""
        return self._page(self.page - 1) if self.page > 1 else ""

    @property
    def after(self) -> str:
        """The address of the next page; empty on the last."""
        return self._page(self.page + 1) if self.page < self.pages else ""

    @property
    def decidable_count(self) -> int:
        """How many in it may take a choice."""
        takes_all = self.column in {Column.TO_DECIDE, Column.WAITING_LIST}
        return self.count if takes_all else self.pending_count

    @property
    def bulk_label(self) -> str:
        """What "decide many" calls all of these: "all 3 in “Declined” that are pending"."""
        is_part = self.column in {Column.ACCEPTED, Column.DECLINED}
        words = f"all {self.decidable_count} in “{self.column.label}”"
        return words + " that are pending" * is_part + ", by this filter" * self.asked.is_narrowed

    @property
    def pending_words(self) -> str:
        """ "3 pending"; empty where none is."""
        return f"{self.pending_count} pending" if self.pending_count else ""

    def _page(self, number: int) -> str:
        return replace(self.asked, pages={**self.asked.pages, self.column: number}).query


@dataclass(frozen=True)
class Board:
    """What the page shows."""

    edition: Edition
    asked: Asked
    stacks: list[Stack]
    capacity: Capacity

    @property
    def shown(self) -> list[Stack]:
        return [stack for stack in self.stacks if stack.is_shown]

    @property
    def decidable(self) -> list[Stack]:
        """The columns whose cards may take a choice."""
        fixed = {Column.CONFIRMED, Column.ENDED}
        return [stack for stack in self.stacks if stack.column not in fixed]

    @property
    def count(self) -> int:
        return sum(stack.count for stack in self.stacks)

    @property
    def pending_count(self) -> int:
        return sum(stack.pending_count for stack in self.stacks)

    @property
    def whole(self) -> str:
        """The address of all columns."""
        return replace(self.asked, column="", pages={}).query or "?"


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
    expressions = Expression.objects.for_edition(edition).counted()
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
        .filter(state__in=_DECIDABLE)
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


def column_of(state: str, verdict: str | None) -> Column:
    """Where an expression in `state` stands with `verdict` pending, or nothing."""
    if verdict:
        return _VERDICT_COLUMNS[verdict]
    return _STATE_COLUMNS.get(state, Column.ENDED)


def topics_of(edition: Edition) -> list[tuple[str, str]]:
    """What the filter by topic offers."""
    topics = Topic.objects.filter(edition=edition)
    return [(str(pk), heading) for pk, heading in topics.values_list("pk", "heading")]


def _cards(pks: list[int]) -> dict[int, Card]:
    """The cards of these expressions by their keys; of those that are there, rehearsals apart."""
    expressions = (
        Expression.objects.counted()
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
