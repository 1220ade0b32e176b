"""Which column of the board an expression stands in, and whether it takes a choice there."""

from __future__ import annotations

from django.db.models import TextChoices

from apps.interest.models import PendingDecision
from apps.interest.workflow import UNDECIDED, State


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
