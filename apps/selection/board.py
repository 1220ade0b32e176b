"""The triage board: an edition's expressions in columns by their decision, with a page of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import F, Prefetch, Q, QuerySet, TextChoices

from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import UNDECIDED, State
from apps.review.models import Review
from apps.review.services import BY_MEAN, figures
from apps.selection.capacity import Capacity, capacity_of
from apps.selection.decisions import Choice, decision_token
from apps.selection.models import PendingDecision

PAGE = 50
_CARD_FIELDS = (
    *("edition_id", "reference", "name", "university", "title", "preference"),
    *("wants_talk", "wants_poster", "state", "offer", "confirmed_format", "version", "is_late"),
)
_PENDING_FIELDS = tuple(
    f"pending_decision__{name}" for name in ("expression", "verdict", "offer", "made_at", "is_held")
)


class ColumnKey(TextChoices):
    """Columns of the board. A pending decision puts its card where a release would put it."""

    TO_DECIDE = "to-decide", "To decide"
    ACCEPTED = "accepted", "Accepted"
    CONFIRMED = "confirmed", "Confirmed"
    WAITING_LIST = "waiting-list", "Waiting list"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"


_BY_VERDICT = {
    PendingDecision.Verdict.ACCEPT.value: ColumnKey.ACCEPTED,
    PendingDecision.Verdict.WAITLIST.value: ColumnKey.WAITING_LIST,
    PendingDecision.Verdict.DECLINE.value: ColumnKey.DECLINED,
}
_BY_STATE = {
    State.ACCEPTED.value: ColumnKey.ACCEPTED,
    State.CONFIRMED.value: ColumnKey.CONFIRMED,
    State.WAITLISTED.value: ColumnKey.WAITING_LIST,
    State.DECLINED.value: ColumnKey.DECLINED,
    **{state.value: ColumnKey.TO_DECIDE for state in UNDECIDED},
}
# States in which an expression takes a decision.
DECIDABLE = UNDECIDED | {State.WAITLISTED}


class BoardOrder(TextChoices):
    MEAN = "mean", "Best reviewed first"
    OLDEST = "oldest", "Oldest first"
    NEWEST = "newest", "Newest first"


_ORDERS = {
    BoardOrder.MEAN.value: (BY_MEAN.desc(), "submitted_at", "pk"),
    BoardOrder.OLDEST.value: ("submitted_at", "pk"),
    BoardOrder.NEWEST.value: ("-submitted_at", "-pk"),
}


@dataclass(frozen=True)
class BoardFilter:
    """Filters, order, one column or all, and the page of each column, as the address says."""

    topic: int | None = None
    formats: str = ""
    pending: str = ""  # "yes", "no", or empty for both
    order: str = BoardOrder.MEAN
    column: str = ""
    pages: Mapping[str, int] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """Query string with its "?", or an empty string."""
        values = {
            "topic": self.topic,
            "format": self.formats,
            "pending": self.pending,
            "sort": self.order if self.is_sorted else "",
            "column": self.column,
            **{f"page-{key}": page for key, page in self.pages.items() if page > 1},
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"?{query}" if query else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return bool(self.topic or self.formats or self.pending)

    @property
    def is_sorted(self) -> bool:
        """Whether another order than the default was chosen."""
        return self.order != BoardOrder.MEAN

    def expressions(self, edition: Edition) -> QuerySet[Expression]:
        """The expressions that the filters leave, in all columns, without rehearsals."""
        expressions: QuerySet[Expression] = Expression.objects.for_edition(edition).exclude_tests()
        if self.topic:
            expressions = expressions.filter(topics=self.topic)
        if self.formats:
            expressions = expressions.filter(
                wants_talk=self.formats in {Format.TALK, Format.BOTH},
                wants_poster=self.formats in {Format.POSTER, Format.BOTH},
            )
        if self.pending:
            expressions = expressions.filter(pending_decision__isnull=self.pending == "no")
        return expressions


@dataclass(frozen=True)
class Card:
    """One expression on the board."""

    expression: Expression

    @property
    def pending(self) -> PendingDecision | None:
        return getattr(self.expression, "pending_decision", None)

    @property
    def column(self) -> ColumnKey:
        return column_of(self.expression.state, self.pending.verdict if self.pending else None)

    @property
    def row(self) -> str:
        """Key and token, as forms send them."""
        return f"{self.expression.pk}:{decision_token(self.expression, self.pending)}"

    @property
    def is_decidable(self) -> bool:
        return self.expression.state in DECIDABLE

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Buttons: the formats asked for first, then the others, without the pending one."""
        if not self.is_decidable:
            return []
        expression, pending = self.expression, self.pending
        choices = []
        if expression.wants_talk:
            choices.append((Choice.TALK, "Talk"))
        if expression.wants_poster:
            choices.append((Choice.POSTER, "Poster"))
        if len(choices) == 2:
            choices.append((Choice.BOTH, "Both"))
        if expression.state != State.WAITLISTED:
            choices.append((Choice.WAITLIST, "Waiting list"))
        choices.append((Choice.DECLINE, "Decline"))
        if pending:
            choices.append((Choice.CLEAR, "Take back"))
        current = (pending.offer or pending.verdict) if pending else ""
        return [(choice.value, label) for choice, label in choices if choice != current]

    @property
    def note(self) -> str:
        """What its column does not say: "Offer: poster", "Under review", "Withdrawn"."""
        expression, state = self.expression, State(self.expression.state)
        if state == State.ACCEPTED:
            return f"Offer: {expression.get_offer_display().lower()}"
        if state == State.CONFIRMED:
            return expression.get_confirmed_format_display()
        is_plain = state in {State.DECLINED, State.SUBMITTED}
        if is_plain or (state == State.WAITLISTED and not self.pending):
            return ""
        return str(state.label)

    @property
    def topics(self) -> str:
        """ "Compression · Energy"."""
        return " · ".join(topic.heading for topic in self.expression.topics.all())

    @property
    def reviews(self) -> str:
        """ "4.3 ± 0.6, 3 reviews"."""
        return figures(self.expression.reviews.all()).in_words


@dataclass
class BoardColumn:
    """One column: how many cards are in it, and those of the page that is shown."""

    key: ColumnKey
    filter: BoardFilter
    pks: list[int] = field(default_factory=list)
    pending_count: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.pks)

    @property
    def is_shown(self) -> bool:
        """Whether its cards are on the page; ended ones only on request."""
        return self.filter.column in {"", self.key} and (
            self.key != ColumnKey.ENDED or bool(self.filter.column)
        )

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))

    @property
    def page(self) -> int:
        return min(self.filter.pages.get(self.key, 1), self.pages)

    @property
    def page_pks(self) -> list[int]:
        return self.pks[(self.page - 1) * PAGE : self.page * PAGE] if self.is_shown else []

    @property
    def own_address(self) -> str:
        """Address of this column alone."""
        return replace(self.filter, column=self.key, pages={}).query

    @property
    def previous_address(self) -> str:
        return self._page_address(self.page - 1) if self.page > 1 else ""

    @property
    def next_address(self) -> str:
        return self._page_address(self.page + 1) if self.page < self.pages else ""

    @property
    def bulk_label(self) -> str:
        """Name of all its decidable cards: "all 3 in “Declined” that are pending"."""
        is_part = self.key in {ColumnKey.ACCEPTED, ColumnKey.DECLINED}
        count = self.pending_count if is_part else self.count
        label = f"all {count} in “{self.key.label}”"
        return label + " that are pending" * is_part + ", by this filter" * self.filter.is_narrowed

    @property
    def pending_words(self) -> str:
        """ "3 pending"; empty if none is."""
        return f"{self.pending_count} pending" if self.pending_count else ""

    def _page_address(self, number: int) -> str:
        return replace(self.filter, pages={**self.filter.pages, self.key: number}).query


@dataclass(frozen=True)
class Board:
    """All columns of one edition."""

    filter: BoardFilter
    columns: list[BoardColumn]
    capacity: Capacity

    @property
    def shown(self) -> list[BoardColumn]:
        return [column for column in self.columns if column.is_shown]

    @property
    def decidable(self) -> list[BoardColumn]:
        """Columns whose cards may take a choice."""
        fixed = {ColumnKey.CONFIRMED, ColumnKey.ENDED}
        return [column for column in self.columns if column.key not in fixed]

    @property
    def pending_count(self) -> int:
        return sum(column.pending_count for column in self.columns)

    @property
    def all_address(self) -> str:
        """Address of all columns."""
        return replace(self.filter, column="", pages={}).query or "?"


def column_of(state: str, verdict: str | None) -> ColumnKey:
    """Column of an expression in `state` with `verdict` pending, or None."""
    return _BY_VERDICT[verdict] if verdict else _BY_STATE.get(state, ColumnKey.ENDED)


def load_board(edition: Edition, board_filter: BoardFilter, *, with_cards: bool = True) -> Board:
    """Read the board of an edition loaded with its call; the number of queries is constant."""
    columns = {key: BoardColumn(key, board_filter) for key in ColumnKey}
    rows = (
        board_filter.expressions(edition)
        .order_by(F("pending_decision").desc(nulls_last=True), *_ORDERS[board_filter.order])
        .values_list("pk", "state", "pending_decision__verdict")
    )
    for pk, state, verdict in rows:
        column = columns[column_of(state, verdict)]
        column.pks.append(pk)
        column.pending_count += verdict is not None
    if with_cards:
        cards = _load_cards([pk for column in columns.values() for pk in column.page_pks])
        for column in columns.values():
            column.cards = [cards[pk] for pk in column.page_pks if pk in cards]
    return Board(board_filter, list(columns.values()), capacity_of(edition))


def load_card(edition: Edition, pk: int) -> Card | None:
    """One card as it is now; None if the edition's board has no such card."""
    card = _load_cards([pk]).get(pk)
    return card if card and card.expression.edition_id == edition.pk else None


def decidable_rows(edition: Edition, board_filter: BoardFilter, column: str) -> dict[int, str]:
    """Keys and tokens of all expressions of a column that take a decision, on all its pages."""
    expressions = (
        board_filter.expressions(edition)
        .filter(Q(state__in=DECIDABLE))
        .select_related("pending_decision")
        .only("version", "state", *_PENDING_FIELDS)
        .order_by("pk")
    )
    cards = (Card(expression) for expression in expressions)
    return {
        card.expression.pk: decision_token(card.expression, card.pending)
        for card in cards
        if card.column == column
    }


def _load_cards(pks: list[int]) -> dict[int, Card]:
    expressions = (
        Expression.objects.exclude_tests()
        .filter(pk__in=pks)
        .select_related("pending_decision")
        .only(*_CARD_FIELDS, *_PENDING_FIELDS)
        .prefetch_related("topics", Prefetch("reviews", Review.objects.defer("remark")))
    )
    return {expression.pk: Card(expression) for expression in expressions}
