"""Private links: a student's to their own expression, and a late person's to the closed form."""

from __future__ import annotations

from django.db import models

from apps.editions.models import Edition
from apps.interest.models.expression import Expression
from apps.private_links.models import PrivateLink


class StudentLink(PrivateLink):
    """A student's way to their own expression."""

    cookie_name = "mine"

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="links")

    def __str__(self) -> str:
        return f"Link to {self.expression}"


class AccessLink(PrivateLink):
    """Lets one person in to the form although the call is closed; made by hand in the admin."""

    cookie_name = "let-in"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="access_links")
    for_whom = models.CharField(
        max_length=200, help_text="Who asked for it. Only organisers see this."
    )
    used_by = models.OneToOneField(
        Expression,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="access_link",
    )

    def __str__(self) -> str:
        return f"Late access for {self.for_whom}"
