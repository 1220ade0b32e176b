"""Release of decisions: draft their letters, then publish each decision with its letter."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.drafts import DraftStatus, ReleaseReport, draft_letters, release_drafts
from apps.mail.texts import texts_of
from apps.selection.letters import DECISION_KINDS
from apps.selection.models import PendingDecision

_UNREAD = (
    *("abstract", "access_needs", "technical_needs", "diet", "supervisor", "school", "link"),
    "fingerprint",
)


def pending_decisions(edition: Edition) -> list[PendingDecision]:
    """The edition's pending decisions in the order they were made, each with its `status`."""
    texts = texts_of(edition, list(DECISION_KINDS.values()))
    decisions = list(
        PendingDecision.objects.filter(expression__edition=edition)
        .select_related("expression", "letter", "made_by")
        .defer("letter__body_text", "letter__body_html", *(f"expression__{f}" for f in _UNREAD))
    )
    for decision in decisions:
        decision.expression.edition = edition
        decision.status = decision.get_status(texts[decision.get_letter_kind()])
    return decisions


def is_ready(decision: PendingDecision) -> bool:
    """Whether a release now would include a decision from `pending_decisions`."""
    return decision.status == DraftStatus.READY and not decision.is_held


def draft_decision_letters(*, edition: Edition) -> int:
    """Draft the letter of each decision without one, and of each whose letter is outdated.

    Returns how many were written. Text edited by hand is kept, and filled in with today's values.
    """
    texts = texts_of(edition, list(DECISION_KINDS.values()))
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
        return draft_letters(decisions, texts=texts)


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
            )
        except NotAllowed as refusal:
            raise NotAllowed(f"{decision}: {refusal}") from refusal

    decisions = PendingDecision.objects.filter(expression__edition=edition)
    return release_drafts(decisions, seen=seen, before=move_expression)
