"""What the board shows: its cards, its columns with a page of them each, and the whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apps.editions.models import Edition
from apps.interest.board.asked import Asked
from apps.interest.board.columns import DECIDABLE, Column, column_of
from apps.interest.capacity import Capacity
from apps.interest.decisions import Choice, stamp_of
from apps.interest.models import Expression, PendingDecision
from apps.interest.reviewing import figures_of
from apps.interest.workflow import State

PAGE = 50


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
