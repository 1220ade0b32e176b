"""Internal notes of chairs on an expression."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from apps.interest.models.expression import Expression


class Note(models.Model):
    """A note for chairs; not shown to students, reviewers or the helpdesk. Erased with its entry."""

    MAX_LENGTH = 5_000

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="expression_notes",
    )
    text = models.TextField(validators=[MaxLengthValidator(MAX_LENGTH)])
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["written_at", "pk"]
        # The permission of chairs (`decide_expression`) covers notes.
        default_permissions = ()

    def __str__(self) -> str:
        # Without the text: Django shows this in deletion lists.
        return f"Note {self.pk}"
