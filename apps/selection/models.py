"""Decisions that were made and not released yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionLetter, Format
from apps.interest.workflow import Action
from apps.mail.drafts import LetterDraft, LetterRecipient
from apps.mail.models import Letter
from apps.selection.letters import DECISION_KINDS, letter_subject, recipient_of, values_of


class PendingDecision(LetterDraft):
    """A decision that the student does not see yet, with the draft of its letter.

    A release moves the expression, queues the letter and deletes this row, in one transaction. The
    decision and its day stay on the expression and in its log.
    """

    class Verdict(models.TextChoices):
        ACCEPT = Action.ACCEPT.value, "Accept"
        WAITLIST = Action.WAITLIST.value, "Waiting list"
        DECLINE = Action.DECLINE.value, "Decline"

    expression = models.OneToOneField(
        Expression, on_delete=models.CASCADE, related_name="pending_decision"
    )
    verdict = models.CharField(max_length=10, choices=Verdict)
    offer = models.CharField(max_length=10, choices=Format, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pending_decisions"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="pending_offer_belongs_to_acceptance",
                condition=(Q(verdict="accept") & ~Q(offer=""))
                | (~Q(verdict="accept") & Q(offer="")),
                violation_error_message="Choose what is offered: lightning talk, poster or both.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.expression.display_reference}, {self.expression.name}"

    @property
    def in_words(self) -> str:
        """ "Accept: lightning talk", "Decline"."""
        verdict = self.get_verdict_display()
        return f"{verdict}: {self.get_offer_display().lower()}" if self.offer else verdict

    @property
    def pending_words(self) -> str:
        """ "Pending: accept, lightning talk", "Pending: decline"."""
        return f"Pending: {self.in_words.lower().replace(':', ',')}"

    # Its letter (apps.mail.drafts)

    read_with_lock = ("letter", "made_by")

    def get_edition(self) -> Edition:
        return self.expression.edition

    def get_letter_kind(self) -> str:
        return DECISION_KINDS[self.verdict, self.offer]

    def get_recipient(self) -> LetterRecipient:
        return recipient_of(self.expression)

    def get_values(self) -> Mapping[str, str]:
        return values_of(self.expression, offer=self.offer, reply_by_on=self.expression.reply_by_on)

    def get_facts(self) -> Sequence[Any]:
        return [self.expression.version]

    def build_letter(self, *, subject: str | None = None, body: str | None = None) -> Letter:
        """Return the letter as it would go out now; that of a test entry says so."""
        subject = self.draft_subject if subject is None else subject
        return super().build_letter(subject=letter_subject(self.expression, subject), body=body)

    def lock(self) -> Self | None:
        """Lock the expression, and return the decision; every change of a decision does so first."""
        locked = Expression.objects.select_for_update(of=("self",))
        expression = locked.filter(pk=self.expression_id).first()
        decision = super().lock()
        if decision and expression:
            expression.edition = self.expression.edition  # read once for a whole release
            decision.expression = expression
        return decision

    def link_letter(self) -> None:
        if self.letter:
            ExpressionLetter.objects.create(expression=self.expression, letter=self.letter)
