"""Reviewers of an edition, and their reviews of expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from admin_ordering.models import OrderableModel
from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression, Remark
from apps.mail.drafts import LetterDraft, LetterRecipient
from apps.mail.texts import EDITION_PLACEHOLDERS, edition_values
from apps.topics.models import Topic

REVIEW_REMINDER = "review/reminder"
REVIEW_REMINDER_PLACEHOLDERS = {
    "name": "The reviewer's name",
    "done": "How many they have reviewed",
    "left": "How many are left",
    "total": "How many they were asked for",
    **EDITION_PLACEHOLDERS,
    "private_link": "The link to their queue, for which they sign in",
}


class Progress(NamedTuple):
    """Number of expressions reviewed, out of those to review. Conflicts count as reviewed."""

    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done == self.total

    @property
    def left(self) -> int:
        return self.total - self.done


class Reviewer(models.Model):
    """A user who reviews one edition. The role gives the permission, this row the edition."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="reviewers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="reviewing",
        verbose_name="person",
    )
    affiliation = models.CharField(
        max_length=200,
        blank=True,
        help_text="Nothing from the same university or lab is assigned to this reviewer.",
    )
    topics = models.ManyToManyField(
        Topic,
        blank=True,
        related_name="reviewers",
        help_text="Entries about these topics are preferred in an automatic assignment.",
    )
    conflicts = models.TextField(
        "conflicts of interest",
        blank=True,
        validators=[MaxLengthValidator(5_000)],
        help_text="One person, university or lab on each line. Nothing by them is assigned to this "
        "reviewer.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "user"],
                name="one_reviewer_once",
                violation_error_message="This person already reviews this edition. Choose someone else.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} reviews {self.edition}"


class InvitedReviewer(models.Model):
    """An address that becomes a reviewer of an edition once its owner accepts an invitation."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="invited_reviewers")
    email = models.EmailField("email address", max_length=254)

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "email"],
                name="one_invited_reviewer_per_address",
                violation_error_message="This address is invited already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.edition}"


class Assignment(models.Model):
    """An expression that a reviewer is asked to review."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="assignments")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["expression", "reviewer"],
                name="one_assignment_each",
                violation_error_message="This entry is assigned to this reviewer already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.expression.display_reference} for {self.reviewer.user}"


# OrderableModel is untyped: without Model, mypy does not know that this is a model.
class Criterion(OrderableModel, models.Model):
    """What reviewers of an edition score beside the overall score, with a weight."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="review_criteria")
    label = models.CharField(max_length=100)
    description = models.CharField(
        max_length=300, blank=True, help_text="Shown to reviewers below the label."
    )
    weight = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How much it counts in the weighted mean: 2 counts twice as much as 1.",
    )

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "label"],
                name="one_criterion_per_label",
                violation_error_message="The edition already has this criterion. Change its label.",
            ),
            models.CheckConstraint(
                name="criterion_has_weight",
                condition=Q(weight__gte=1, weight__lte=100),
                violation_error_message="Enter a weight from 1 to 100.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Review(models.Model):
    """One reviewer's score and remark on one expression, or their conflict of interest."""

    class Score(models.IntegerChoices):
        POOR = 1, "Does not fit"
        WEAK = 2, "Weak"
        FAIR = 3, "Fair"
        GOOD = 4, "Good"
        EXCELLENT = 5, "Excellent"

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews"
    )
    score = models.PositiveSmallIntegerField(choices=Score, null=True, blank=True)
    remark = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(5_000)],
        help_text="For the chairs. Students never see it.",
    )
    has_conflict = models.BooleanField("conflict of interest", default=False)
    reviewed_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["expression", "reviewer"],
                name="one_review_each",
                violation_error_message="This reviewer has reviewed this entry already.",
            ),
            models.CheckConstraint(
                name="review_scores_or_stands_aside",
                condition=Q(has_conflict=True, score=None)
                # Explicit, since a comparison with NULL is neither true nor false in SQL.
                | Q(has_conflict=False, score__isnull=False, score__gte=1, score__lte=5),
                violation_error_message="Give a score from 1 to 5, or declare a conflict of interest.",
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.expression.display_reference}"

    @property
    def version_token(self) -> str:
        """Token of what the reviewer said."""
        scores = dict(self.criterion_scores.values_list("criterion", "score")) if self.pk else {}
        return self.token_with(scores)

    def token_with(self, scores: Mapping[int, int]) -> str:
        """Token of the review with these scores of criteria, by their keys."""
        return version_token(self.score, self.remark, self.has_conflict, sorted(scores.items()))

    @property
    def weighted_mean(self) -> float | None:
        """Mean of the scores of criteria by their weights; None without any."""
        scores = self.criterion_scores.all()
        total = sum(score.criterion.weight for score in scores)
        return sum(s.score * s.criterion.weight for s in scores) / total if total else None

    @property
    def in_words(self) -> str:
        """ "4, Good", "conflict of interest"."""
        if self.has_conflict:
            return "conflict of interest"
        return f"{self.score}, {self.get_score_display()}"


class CriterionScore(models.Model):
    """The score of one criterion in a review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="criterion_scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    score = models.PositiveSmallIntegerField(choices=Review.Score)

    class Meta:
        ordering = ["criterion__ordering", "criterion", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="one_score_per_criterion"),
            models.CheckConstraint(
                name="criterion_score_from_1_to_5",
                condition=Q(score__gte=1, score__lte=5),
                violation_error_message="Give a score from 1 to 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.score}"


class Comment(Remark):
    """A contribution to the discussion of an expression by its reviewers and the chairs."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="review_comments",
    )


class ReviewReminder(LetterDraft):
    """A letter that tells a reviewer how much is left; a draft until a chair releases it."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="reminders")
    # Set by apps.review.reminders: what the reviewer has done by now.
    progress: Progress = Progress(0, 0)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Reminder to {self.reviewer.user}"

    read_with_lock = ("letter", "reviewer__user", "reviewer__edition")

    def get_edition(self) -> Edition:
        return self.reviewer.edition

    def get_letter_kind(self) -> str:
        return REVIEW_REMINDER

    def get_recipient(self) -> LetterRecipient:
        user = self.reviewer.user
        return LetterRecipient(str(user), user.email, "review", self.reviewer_id)

    def get_values(self) -> Mapping[str, str]:
        return {
            "name": str(self.reviewer.user),
            "done": str(self.progress.done),
            "left": str(self.progress.left),
            "total": str(self.progress.total),
            **edition_values(self.reviewer.edition),
        }

    def get_facts(self) -> Sequence[Any]:
        return [self.reviewer.user.email, *self.progress]

    def lock(self) -> Self | None:
        row = super().lock()
        if row is not None:
            row.progress = self.progress
        return row
