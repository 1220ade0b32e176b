"""The decision board: an edition's expressions in columns by their decision, with a page of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Prefetch, QuerySet, TextChoices

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import UNDECIDED, State
from apps.review.models import Review
from apps.review.services import BY_MEAN, figures
from apps.selection.capacity import Capacity, capacity_of
from apps.selection.decisions import Choice, decision_token, possible_choices
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
_DECIDABLE = UNDECIDED | {State.WAITLISTED}
_SHORT_LABELS = {Choice.TALK: "Talk", Choice.POSTER: "Poster", Choice.BOTH: "Both"}


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
    """Filters and order; one column with its page, or the beginning of all columns."""

    topic: int | None = None
    formats: str = ""
    pending: str = ""  # "yes", "no", or empty for both
    order: str = BoardOrder.MEAN
    column: str = ""
    page: str = "1"

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return bool(self.topic or self.formats or self.pending)

    @property
    def is_sorted(self) -> bool:
        """Whether another order than the default was chosen."""
        return self.order != BoardOrder.MEAN

    def expressions(self, edition: Edition) -> QuerySet[Expression]:
        """The expressions that the filters leave, in all columns, without test entries."""
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
        return _column_of(self.expression.state, self.pending.verdict if self.pending else None)

    @property
    def token(self) -> str:
        return decision_token(self.expression, self.pending)

    @property
    def row(self) -> str:
        """Key and token, as forms send them."""
        return f"{self.expression.pk}:{self.token}"

    @property
    def is_decidable(self) -> bool:
        return self.expression.state in _DECIDABLE

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Buttons: value and label of each choice, of the formats asked for."""
        wants_talk, wants_poster = self.expression.wants_talk, self.expression.wants_poster
        is_asked = {
            Choice.TALK: wants_talk,
            Choice.POSTER: wants_poster,
            Choice.BOTH: wants_talk and wants_poster,
        }
        return [
            (choice.value, _SHORT_LABELS.get(choice, str(choice.label)))
            for choice in possible_choices(self.expression, self.pending)
            if is_asked.get(choice, True)
        ]

    @property
    def note(self) -> str:
        """Facts that its column does not say: "Offer: poster", "Under review", "Withdrawn"."""
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
    def notes(self) -> str:
        """ "2 notes", "" for none; of chairs, like the board."""
        count = getattr(self.expression, "note_count", 0)
        return count_of(count, "note") if count else ""

    @property
    def comments(self) -> str:
        """ "3 comments" of its discussion, "" for none."""
        count = getattr(self.expression, "comment_count", 0)
        return count_of(count, "comment") if count else ""

    @property
    def topics(self) -> str:
        """ "Compression · Energy"."""
        return " · ".join(str(topic) for topic in self.expression.topics.all())

    @property
    def reviews(self) -> str:
        """ "4.3 ± 0.6, 3 reviews"."""
        return figures(self.expression.reviews.all()).in_words


@dataclass
class BoardColumn:
    """One column with the keys of its expressions, those with a pending decision first."""

    key: ColumnKey
    pks: list[int] = field(default_factory=list)
    pending_count: int = 0
    # Empty for a column that is not shown.
    page: Page | None = None
    cards: list[Card] = field(default_factory=list)

    @property
    def pending_words(self) -> str:
        """ "3 pending"; empty if none is."""
        return f"{self.pending_count} pending" if self.pending_count else ""

    @property
    def bulk_label(self) -> str:
        """Name of all its decidable cards: "all 3 in “Declined” that are pending"."""
        is_part = self.key in {ColumnKey.ACCEPTED, ColumnKey.DECLINED}
        count = self.pending_count if is_part else len(self.pks)
        return f"all {count} in “{self.key.label}”" + " that are pending" * is_part


@dataclass(frozen=True)
class Board:
    """All columns of one edition."""

    filter: BoardFilter
    columns: dict[ColumnKey, BoardColumn]
    capacity: Capacity

    @property
    def shown(self) -> list[BoardColumn]:
        """The columns on the page; ended ones only if asked for."""
        if self.filter.column:
            return [self.columns[ColumnKey(self.filter.column)]]
        return [column for key, column in self.columns.items() if key != ColumnKey.ENDED]

    @property
    def decidable(self) -> list[BoardColumn]:
        """Columns whose cards may take a choice."""
        fixed = {ColumnKey.CONFIRMED, ColumnKey.ENDED}
        return [column for key, column in self.columns.items() if key not in fixed]

    @property
    def pending_count(self) -> int:
        return sum(column.pending_count for column in self.columns.values())


def load_board(edition: Edition, board_filter: BoardFilter) -> Board:
    """Read the board of an edition loaded with its call; the number of queries is constant."""
    board = Board(board_filter, {key: BoardColumn(key) for key in ColumnKey}, capacity_of(edition))
    rows = (
        board_filter.expressions(edition)
        .order_by(F("pending_decision").desc(nulls_last=True), *_ORDERS[board_filter.order])
        .values_list("pk", "state", "pending_decision__verdict")
    )
    for pk, state, verdict in rows:
        column = board.columns[_column_of(state, verdict)]
        column.pks.append(pk)
        column.pending_count += verdict is not None
    for column in board.shown:
        number = board_filter.page if board_filter.column else 1
        column.page = Paginator(column.pks, PAGE).get_page(number)
    pks = [pk for column in board.shown for pk in column.page or ()]
    cards = _load_cards(board_filter.expressions(edition), pks)
    for column in board.shown:
        column.cards = [cards[pk] for pk in column.page or () if pk in cards]
    return board


def load_card(edition: Edition, board_filter: BoardFilter, pk: int) -> Card | None:
    """The card of an expression; None if the filter leaves it out."""
    return _load_cards(board_filter.expressions(edition), [pk]).get(pk)


def decidable_rows(edition: Edition, board_filter: BoardFilter, column: str) -> dict[int, str]:
    """Keys and tokens of the expressions in a column that take a decision, on all its pages."""
    expressions = (
        board_filter.expressions(edition)
        .filter(state__in=_DECIDABLE)
        .select_related("pending_decision")
        .only("version", "state", *_PENDING_FIELDS)
        .order_by("pk")
    )
    cards = map(Card, expressions)
    return {card.expression.pk: card.token for card in cards if card.column == column}


def _column_of(state: str, verdict: str | None) -> ColumnKey:
    """A pending decision puts the card where a release would put it."""
    return _BY_VERDICT[verdict] if verdict else _BY_STATE.get(state, ColumnKey.ENDED)


def _load_cards(expressions: QuerySet[Expression], pks: list[int]) -> dict[int, Card]:
    found = (
        expressions.filter(pk__in=pks)
        .select_related("pending_decision")
        .annotate(
            note_count=Count("notes", distinct=True), comment_count=Count("comments", distinct=True)
        )
        .only(*_CARD_FIELDS, *_PENDING_FIELDS)
        .prefetch_related("topics", Prefetch("reviews", Review.objects.defer("remark")))
    )
    return {expression.pk: Card(expression) for expression in found}
