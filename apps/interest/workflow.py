"""States of an expression of interest, and the table of allowed moves.

`apps.interest.services.move` makes every move and reads this table; pages ask `is_allowed`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Sent by `services.move` inside its transaction, with the row locked and the action allowed, before
# anything is written. Arguments: expression (Expression in its old state), action (Action) and
# by (User or None). A receiver that raises stops the move.
pre_move = Signal()
# Sent by `services.erase_expression` inside its transaction, for each expression that is erased on
# request, not because its storage period is over. Argument: expression.
pre_erase = Signal()


class State(TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    ACCEPTED = "accepted", _("Accepted")
    WAITLISTED = "waitlisted", _("On the waiting list")
    DECLINED = "declined", _("Declined")
    CONFIRMED = "confirmed", _("Confirmed")
    OFFER_DECLINED = "offer_declined", _("Offer declined")
    LAPSED = "lapsed", _("Lapsed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", pgettext_lazy("expression of interest", "Cancelled")


ACTIVE = frozenset(
    {
        State.SUBMITTED,
        State.UNDER_REVIEW,
        State.ACCEPTED,
        State.WAITLISTED,
        State.CONFIRMED,
    }
)
ENDED = frozenset(State) - ACTIVE
UNDECIDED = frozenset({State.SUBMITTED, State.UNDER_REVIEW})
# States after an offer.
OFFERED = frozenset({State.ACCEPTED, State.CONFIRMED, State.OFFER_DECLINED, State.LAPSED})
DECIDED = OFFERED | {State.WAITLISTED, State.DECLINED}


class Actor(TextChoices):
    """The role of the person who acts on an expression; other people may do nothing."""

    STUDENT = "student", "The student"
    CHAIR = "chair", "A chair"


class Action(TextChoices):
    BEGIN_REVIEW = "begin_review", "Begin the review"
    ACCEPT = "accept", "Accept"
    WAITLIST = "waitlist", "Put on the waiting list"
    DECLINE = "decline", "Decline"
    CONFIRM = "confirm", "Confirm the offer"
    DECLINE_OFFER = "decline_offer", "Decline the offer"
    LAPSE = "lapse", "Let the offer lapse"
    WITHDRAW = "withdraw", "Withdraw"
    CANCEL = "cancel", "Cancel"
    REOPEN = "reopen", "Take back into review"


# Actions that are made pending first, and moved by their release.
DECISIONS = frozenset({Action.ACCEPT, Action.WAITLIST, Action.DECLINE})


@dataclass(frozen=True)
class Move:
    """One line of the table: from `sources` to `target`, by one of `actors`."""

    sources: frozenset[State]
    target: State
    actors: frozenset[Actor]
    needs_reason: bool = False


_CHAIR = frozenset({Actor.CHAIR})
_BOTH = frozenset({Actor.CHAIR, Actor.STUDENT})

MOVES: dict[Action, Move] = {
    Action.BEGIN_REVIEW: Move(frozenset({State.SUBMITTED}), State.UNDER_REVIEW, _CHAIR),
    Action.ACCEPT: Move(UNDECIDED | {State.WAITLISTED}, State.ACCEPTED, _CHAIR),
    Action.WAITLIST: Move(UNDECIDED, State.WAITLISTED, _CHAIR),
    Action.DECLINE: Move(UNDECIDED | {State.WAITLISTED}, State.DECLINED, _CHAIR),
    Action.CONFIRM: Move(frozenset({State.ACCEPTED}), State.CONFIRMED, _BOTH),
    Action.DECLINE_OFFER: Move(frozenset({State.ACCEPTED}), State.OFFER_DECLINED, _BOTH),
    Action.LAPSE: Move(frozenset({State.ACCEPTED}), State.LAPSED, _CHAIR),
    Action.WITHDRAW: Move(ACTIVE, State.WITHDRAWN, _BOTH),
    Action.CANCEL: Move(ACTIVE, State.CANCELLED, _CHAIR),
    Action.REOPEN: Move(ENDED, State.UNDER_REVIEW, _CHAIR, needs_reason=True),
}


def is_allowed(actor: Actor | None, action: Action, state: str) -> bool:
    """Whether `actor` may do `action` to an expression in `state`; None may do nothing."""
    move = MOVES[action]
    return actor in move.actors and state in move.sources


def actions_for(actor: Actor | None, state: str) -> list[Action]:
    """The actions that `actor` may do now, in the order of the table."""
    return [action for action in Action if is_allowed(actor, action, state)]
