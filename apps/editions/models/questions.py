"""Questions that organisers add to a form of their edition."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext


# OrderableModel is untyped: without Model, mypy does not know that this is a model.
class FormQuestion(OrderableModel, models.Model):
    """A question of the organisers; the concrete model adds the edition."""

    class Kind(models.TextChoices):
        TEXT = "text", "A line of text"
        LONG_TEXT = "long_text", "Several lines of text"
        CHOICE = "choice", "One of several answers"
        YES_NO = "yes_no", "Yes or no"

    label = models.CharField("question", max_length=300)
    help_text = models.CharField("hint", max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.TextField(
        "answers to choose from",
        blank=True,
        help_text="One per line, for “one of several answers”.",
    )
    is_required = models.BooleanField("must be answered", default=False)

    class Meta:
        abstract = True
        ordering = ["ordering", "pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_has_its_choices",
                condition=~Q(kind="choice") | ~Q(choices=""),
                violation_error_message="Give the answers to choose from, one per line.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def choice_list(self) -> list[str]:
        """The choices, without empty lines."""
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def say(self, text: str) -> str:
        """The display text of an answer; yes and no are stored as the form sends them."""
        if self.kind == self.Kind.YES_NO:
            return {"yes": gettext("Yes"), "no": gettext("No")}.get(text, text)
        return text
