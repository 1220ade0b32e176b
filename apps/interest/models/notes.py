"""Internal notes of chairs on an expression."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from apps.interest.models.expression import Expression


class Remark(models.Model):
    """Abstract base of texts that users write about an expression, erased with it.

    A subclass has `expression` and `author`, which is None after the account was deleted.
    """

    MAX_LENGTH = 5_000

    text = models.TextField(validators=[MaxLengthValidator(MAX_LENGTH)])
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["written_at", "pk"]
        # Permissions on expressions and reviews cover them.
        default_permissions = ()

    def __str__(self) -> str:
        # Without the text: Django shows this in deletion lists.
        return f"{type(self).__name__} {self.pk}"


class Note(Remark):
    """A note for chairs; not shown to students, reviewers or the helpdesk."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="expression_notes",
    )
