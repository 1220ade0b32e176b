"""What chairs mean to decide, before anybody is told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.interest.models.expression import Expression, Format
from apps.interest.workflow import Action
from apps.mail.models import Letter


class PendingDecision(models.Model):
    """A decision that is made and not released: the student sees nothing of it.

    Releasing moves the expression, queues the letter and ends this row, in one transaction. What
    was decided and when stays on the expression and in its log.
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
    is_held = models.BooleanField("held back", default=False)
    # The draft that tells of it, and which version of the expression it was written from.
    letter = models.OneToOneField(
        Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="pending_decision"
    )
    drafted_version = models.PositiveIntegerField(null=True, blank=True)
    # When it was last drafted or edited: what somebody read is known again by it.
    drafted_at = models.DateTimeField(null=True, blank=True)
    # The draft's own words with their placeholders, filled in once more as it is released.
    draft_subject = models.CharField(max_length=300, blank=True)
    draft_body = models.TextField(blank=True)
    is_edited = models.BooleanField("edited by hand", default=False)

    # How its letter stands (apps.selection.drafts.Standing), on rows that `pending_of` gives.
    standing: str

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="pending_offer_belongs_to_acceptance",
                condition=(Q(verdict="accept") & ~Q(offer=""))
                | (~Q(verdict="accept") & Q(offer="")),
                violation_error_message="Say what is offered: lightning talk, poster or both.",
            )
        ]

    def __str__(self) -> str:
        return self.in_words

    @property
    def in_words(self) -> str:
        """ "Accept: lightning talk", "Decline"."""
        verdict = self.get_verdict_display()
        return f"{verdict}: {self.get_offer_display().lower()}" if self.offer else verdict

    @property
    def draft_stamp(self) -> str:
        """Names its draft as it is now; another one after every change of its words."""
        return f"{self.pk}-{self.drafted_at:%Y%m%d%H%M%S%f}" if self.drafted_at else f"{self.pk}-"

    @property
    def pending_words(self) -> str:
        """ "Pending: accept, lightning talk", "Pending: decline"."""
        return f"Pending: {self.in_words.lower().replace(':', ',')}"
