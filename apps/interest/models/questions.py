"""What organisers ask beyond the form's own fields, what was answered, and what was agreed to."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Q

from apps.editions.models import Edition
from apps.interest.models.expression import Expression


class Question(OrderableModel):
    """One of the organisers' own questions, asked with the form or at acceptance."""

    class Kind(models.TextChoices):
        TEXT = "text", "A line of text"
        LONG_TEXT = "long_text", "Several lines of text"
        CHOICE = "choice", "One of several answers"
        YES_NO = "yes_no", "Yes or no"

    class AskedAt(models.TextChoices):
        SUBMISSION = "submission", "With the form"
        ACCEPTANCE = "acceptance", "When an offer is confirmed"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="questions")
    words = models.CharField("question", max_length=300)
    help_words = models.CharField("hint", max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.TextField(
        "answers to choose from",
        blank=True,
        help_text="One per line, for “one of several answers”.",
    )
    is_required = models.BooleanField("must be answered", default=False)
    asked_at = models.CharField(max_length=10, choices=AskedAt, default=AskedAt.SUBMISSION)

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.CheckConstraint(
                name="question_has_its_choices",
                condition=~Q(kind="choice") | ~Q(choices=""),
                violation_error_message="Give the answers to choose from, one per line.",
            )
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def choice_list(self) -> list[str]:
        """The answers to choose from, without empty lines."""
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def say(self, words: str) -> str:
        """An answer as people read it: yes and no are stored as the form sends them."""
        if self.kind == self.Kind.YES_NO:
            return {"yes": "Yes", "no": "No"}.get(words, words)
        return words


class Answer(models.Model):
    """What was said to one of the organisers' questions."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["question__ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["expression", "question"], name="one_answer_each")
        ]

    def __str__(self) -> str:
        # Not what was said: this stands where Django names a row, in lists of what it would
        # delete and in messages of faults, and nobody there was asked who may read it.
        return f"Answer {self.pk}"

    @property
    def in_words(self) -> str:
        """As people read it."""
        return self.question.say(self.words)


class Consent(models.Model):
    """What somebody agreed to or refused at acceptance, in the words they were asked with."""

    class About(models.TextChoices):
        PHOTO = "photo", "I may be photographed at the workshop."
        RECORDING = "recording", "My talk may be recorded and the recording published."
        ABSTRACT = "abstract", "My abstract may be published on the workshop's site."
        CONTACT = "contact", "I may be written to about later editions."

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="consents")
    about = models.CharField(max_length=10, choices=About)
    wording = models.TextField()
    is_given = models.BooleanField()
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["expression", "about"], name="one_consent_each")
        ]

    def __str__(self) -> str:
        return f"{self.wording}: {'yes' if self.is_given else 'no'}"
