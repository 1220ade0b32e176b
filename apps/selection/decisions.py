"""Pending decisions: made, changed, cleared, and released with their letters.

No student is told before the release.

Bulk actions carry a token for each expression as the chair saw it. If another person changed one of
them since, nothing is decided, and the conflict names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Event, Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor, is_allowed
from apps.mail.drafts import ReleaseReport, release_drafts, set_statuses, write_drafts
from apps.mail.models import Letter
from apps.selection.models import PendingDecision

_ACCEPT = PendingDecision.Verdict.ACCEPT
_NOT_LOADED = (
    *("abstract", "access_needs", "technical_needs", "diet", "supervisor", "school", "link"),
    "fingerprint",
)
_NO_VERDICT = "Choose “accept”, “waiting list” or “decline”."


class Choice(models.TextChoices):
    """Options of a chair for one expression or for many."""

    AS_ASKED = "as_asked", "Accept as asked"
    TALK = "talk", "Accept: lightning talk"
    POSTER = "poster", "Accept: poster"
    BOTH = "both", "Accept: lightning talk and poster"
    WAITLIST = "waitlist", "Waiting list"
    DECLINE = "decline", "Decline"
    CLEAR = "clear", "Take back"


class Decision(NamedTuple):
    """A verdict with its offer; empty for no pending decision."""

    verdict: str = ""
    offer: str = ""


class DecisionRefusal(NamedTuple):
    """An expression that cannot take the choice, and the reason as the end of a sentence."""

    expression: Expression
    why: str


@dataclass
class BulkPlan:
    """Effect of one choice on several expressions."""

    ready: list[tuple[Expression, Decision]] = field(default_factory=list)
    # The choice is pending already: the button was pressed twice, or a colleague decided the same.
    already: list[Expression] = field(default_factory=list)
    refused: list[DecisionRefusal] = field(default_factory=list)
    # Number of expressions that were erased since.
    gone: int = 0
    # Decisions pending now, by the key of their expression.
    pending: dict[int, PendingDecision] = field(default_factory=dict)

    @property
    def has_conflicts(self) -> bool:
        return bool(self.refused or self.gone)


class BulkConflict(ChangedMeanwhile):
    """Nothing was decided, because some of the expressions cannot take the choice."""

    def __init__(self, plan: BulkPlan) -> None:
        super().__init__("Some were changed meanwhile: nothing was decided.")
        self.plan = plan


def decide(*, expression: Expression, verdict: str, offer: str = "", by: User) -> PendingDecision:
    """Make a verdict pending for one expression as it is now; an acceptance has an `offer`.

    Raises NotAllowed or BulkConflict, see `decide_many`.
    """
    pending = PendingDecision.objects.filter(expression=expression).first()
    rows = {expression.pk: decision_token(expression, pending)}
    decide_many(edition=expression.edition, rows=rows, choice=offer or verdict, by=by)
    return PendingDecision.objects.get(expression=expression)


def clear_decision(*, expression: Expression, by: User | None = None, **signal: object) -> bool:
    """Delete the pending decision and discard its draft letter; whether there was one.

    It receives `pre_move`: an expression that moves has no pending decision any more.
    """
    if not PendingDecision.objects.filter(expression=expression).exists():
        return False
    with transaction.atomic():
        # The expression is locked first everywhere, against deadlocks.
        Expression.objects.select_for_update().get(pk=expression.pk)
        pending = PendingDecision.objects.filter(expression=expression).first()
        if pending is None:
            return False
        _replace([(expression, Decision())], {expression.pk: pending}, by)
    return True


def decide_many(*, edition: Edition, rows: Mapping[int, str], choice: str, by: User) -> int:
    """Make `choice` pending for all of `rows`, or raise BulkConflict and change none.

    `rows` maps keys of expressions to their `decision_token` as seen. Returns how many changed: a
    second press changes none. The number of queries does not grow with the rows.
    """
    with transaction.atomic():
        plan = _plan(edition, rows, choice, is_locked=True)
        if plan.has_conflicts:
            raise BulkConflict(plan)
        _replace(plan.ready, plan.pending, by)
    return len(plan.ready)


def plan_bulk(*, edition: Edition, rows: Mapping[int, str], choice: str) -> BulkPlan:
    """Return the effect that `decide_many` would have now."""
    return _plan(edition, rows, choice, is_locked=False)


def possible_choices(expression: Expression, pending: PendingDecision | None) -> list[Choice]:
    """The choices that would change what is pending for an expression."""
    current = Decision(pending.verdict, pending.offer) if pending else Decision()
    decisions = {
        choice: _decision_for(expression, choice)
        for choice in Choice
        if choice != Choice.AS_ASKED  # one of the others
    }
    return [
        choice
        for choice, decision in decisions.items()
        if decision != current and not _why_not(expression, decision)
    ]


def decision_token(expression: Expression, pending: PendingDecision | None) -> str:
    """Token of an expression's content, its state and its pending decision."""
    return version_token(expression.version, expression.state, pending and pending.made_at)


def _plan(edition: Edition, rows: Mapping[int, str], choice: str, *, is_locked: bool) -> BulkPlan:
    if choice not in Choice.values:
        raise NotAllowed(_NO_VERDICT)
    # In one order, against deadlocks of two bulk actions.
    found = Expression.objects.for_edition(edition).filter(pk__in=rows).order_by("pk")
    expressions = list(found.select_for_update() if is_locked else found)
    # Read under the locks, to see what a colleague made pending meanwhile.
    decisions = PendingDecision.objects.filter(expression__in=expressions).select_related("made_by")
    pending = {decision.expression_id: decision for decision in decisions}
    plan = BulkPlan(gone=len(rows) - len(expressions), pending=pending)
    for expression in expressions:
        current = pending.get(expression.pk)
        decision = _decision_for(expression, Choice(choice))
        if decision == (Decision(current.verdict, current.offer) if current else Decision()):
            plan.already.append(expression)
        elif rows[expression.pk] != decision_token(expression, current):
            plan.refused.append(DecisionRefusal(expression, _describe_change(expression, current)))
        elif why := _why_not(expression, decision):
            plan.refused.append(DecisionRefusal(expression, why))
        else:
            plan.ready.append((expression, decision))
    return plan


def _decision_for(expression: Expression, choice: Choice) -> Decision:
    match choice:
        case Choice.CLEAR:
            return Decision()
        case Choice.WAITLIST | Choice.DECLINE:
            return Decision(choice.value)
        case Choice.AS_ASKED:
            return Decision(_ACCEPT.value, expression.requested_format.value)
    return Decision(_ACCEPT.value, choice.value)


def _why_not(expression: Expression, decision: Decision) -> str:
    if not decision.verdict or is_allowed(Actor.CHAIR, Action(decision.verdict), expression.state):
        return ""
    return f"is {expression.get_state_display().lower()}: nothing to decide."


def _describe_change(expression: Expression, pending: PendingDecision | None) -> str:
    state = expression.get_state_display().lower()
    if pending is None:
        return f"was changed meanwhile: it is {state}, nothing is pending."
    verdict = pending.in_words[0].lower() + pending.in_words[1:]
    return f"was changed meanwhile: it is {state}, pending “{verdict}” by {pending.made_by}."


def _replace(
    decisions: Sequence[tuple[Expression, Decision]],
    pending: Mapping[int, PendingDecision],
    by: User | None,
) -> None:
    """Put each decision in place of what is `pending`, with its log line, in a few queries."""
    old = [pending[expression.pk] for expression, _ in decisions if expression.pk in pending]
    Letter.objects.filter(
        pk__in=[decision.letter_id for decision in old if decision.letter_id],
        state=Letter.State.DRAFT,
    ).update(state=Letter.State.DISCARDED)
    PendingDecision.objects.filter(pk__in=[decision.pk for decision in old]).delete()
    now = timezone.now()
    made = [
        PendingDecision(
            expression=expression,
            verdict=decision.verdict,
            offer=decision.offer,
            made_by=by,
            made_at=now,
        )
        for expression, decision in decisions
        if decision.verdict
    ]
    PendingDecision.objects.bulk_create(made)
    log_lines = {row.expression_id: f"Pending: {row.in_words}" for row in made}
    Event.objects.bulk_create(
        Event(
            expression=expression,
            what=log_lines.get(expression.pk, "Pending decision taken back"),
            by=by,
            is_for_chairs=True,
        )
        for expression, _ in decisions
    )


def pending_decisions(edition: Edition) -> list[PendingDecision]:
    """The edition's pending decisions in the order they were made, each with its `status`."""
    decisions = list(
        PendingDecision.objects.filter(expression__edition=edition)
        .select_related("expression", "letter", "made_by")
        .defer("letter__body_text", "letter__body_html", *(f"expression__{f}" for f in _NOT_LOADED))
    )
    for decision in decisions:
        decision.expression.edition = edition
    set_statuses(edition, decisions)
    return decisions


def draft_decision_letters(*, edition: Edition) -> int:
    """Draft the letter of each decision without one, and of each whose letter is outdated.

    Returns how many were written. Text edited by hand is kept, and filled in with today's values.
    """
    with transaction.atomic():
        expressions = {
            expression.pk: expression
            for expression in Expression.objects.select_for_update(of=("self",))
            .filter(edition=edition, pending_decision__isnull=False)
            .order_by("pk")
        }
        decisions = list(
            PendingDecision.objects.filter(expression__in=expressions).select_related("letter")
        )
        for decision in decisions:
            decision.expression = expressions[decision.expression_id]
            decision.expression.edition = edition
        return write_drafts(edition, decisions)


def release_decisions(*, edition: Edition, seen: Sequence[str], by: User) -> ReleaseReport:
    """Release the decisions whose drafts were read (`draft_key`) and are as they were then.

    Each decision is one transaction: the expression moves, the letter is queued, the pending
    decision ends, or none of it happens.
    """

    def move_expression(decision: PendingDecision) -> None:
        # Deleted first: a move clears what is pending, and would discard its letter.
        PendingDecision.objects.filter(pk=decision.pk).delete()
        try:
            decision.expression = move(
                expression=decision.expression,
                action=Action(decision.verdict),
                actor=Actor.CHAIR,
                by=by,
                offer=decision.offer,
                decided_by=decision.made_by,
                is_locked=True,
            )
        except NotAllowed as refusal:
            raise NotAllowed(f"{decision}: {refusal}") from refusal

    return release_drafts(edition, pending_decisions(edition), seen=seen, before=move_expression)
