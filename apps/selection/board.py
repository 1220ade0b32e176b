"""What the board shows: its cards, its columns with a page of them each, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import TextChoices

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import UNDECIDED, State
from apps.review.services import figures_of
from apps.selection.capacity import Capacity
from apps.selection.decisions import Choice, stamp_of
from apps.selection.models import PendingDecision

PAGE = 50


class Sort(TextChoices):
    MEAN = "mean", "Best reviewed first"
    OLDEST = "oldest", "Oldest first"
    NEWEST = "newest", "Newest first"


class Pending(TextChoices):
    YES = "yes", "Pending only"
    NO = "no", "Not pending"


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


class Column(TextChoices):
    """Where a card stands. One with a pending decision stands where that decision would put it."""

    TO_DECIDE = "to-decide", "To decide"
    ACCEPTED = "accepted", "Accepted"
    CONFIRMED = "confirmed", "Confirmed"
    WAITING_LIST = "waiting-list", "Waiting list"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"


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
DECIDABLE = UNDECIDED | {State.WAITLISTED}


def column_of(state: str, verdict: str | None) -> Column:
    """Where an expression in `state` stands with `verdict` pending, or nothing."""
    if verdict:
        return _VERDICT_COLUMNS[verdict]
    return _STATE_COLUMNS.get(state, Column.ENDED)


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
        return self.expression.state in DECIDABLE

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
        return self.expression.requested_format.value

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
