"""Parts of an expression in rows of their own: co-authors, answers to questions, consents."""

from __future__ import annotations

from collections.abc import Iterable

from admin_ordering.models import OrderableModel
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.editions.models import Edition, FormQuestion
from apps.interest.models.expression import Expression, Format


# OrderableModel is untyped: without Model, mypy does not know that this is a model.
class CoAuthor(OrderableModel, models.Model):
    """A co-author, by name only."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="coauthors")
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["ordering", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.affiliation})" if self.affiliation else self.name

    @classmethod
    def build(cls, expression: Expression, pairs: Iterable[tuple[str, str]]) -> list[CoAuthor]:
        """Unsaved co-authors from names and affiliations, in their order."""
        return [
            cls(expression=expression, name=name, affiliation=affiliation, ordering=10 * number)
            for number, (name, affiliation) in enumerate(pairs, start=1)
        ]


class Question(FormQuestion):
    """A question of the organisers, asked in the form or at acceptance."""

    class AskedAt(models.TextChoices):
        SUBMISSION = "submission", "With the form"
        ACCEPTANCE = "acceptance", "When an offer is confirmed"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="questions")
    asked_at = models.CharField(max_length=10, choices=AskedAt, default=AskedAt.SUBMISSION)


class Answer(models.Model):
    """The answer to one question."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["question__ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["expression", "question"], name="one_answer_each")
        ]

    def __str__(self) -> str:
        # Not the answer itself: Django shows this in deletion lists and error messages, where no
        # permission is checked.
        return f"Answer {self.pk}"

    @property
    def in_words(self) -> str:
        """The answer as it is displayed."""
        return self.question.say(self.text)


class Consent(models.Model):
    """A consent given or refused at acceptance, with the wording of the question."""

    class About(models.TextChoices):
        PHOTO = "photo", _("I may be photographed at the workshop.")
        RECORDING = "recording", _("My talk may be recorded and the recording published.")
        ABSTRACT = "abstract", _("My abstract may be published on the workshop's website.")
        CONTACT = "contact", _("You may write to me about later editions.")

        @classmethod
        def asked_for(cls, shown: str) -> list[Consent.About]:
            """Those to ask of a person who shows `shown`, a Format; a poster is not recorded."""
            return [about for about in cls if about != cls.RECORDING or shown != Format.POSTER]

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
