"""Letters about expressions, and the daily notice to the organisers."""

from __future__ import annotations

from django.db import models

from apps.editions.models import Edition
from apps.interest.models.expression import Expression
from apps.mail.models import Letter


class ExpressionLetter(models.Model):
    """Which letters are about which expression; the letters themselves do not know."""

    expression = models.ForeignKey(
        Expression, on_delete=models.CASCADE, related_name="letter_links"
    )
    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, related_name="expression_link")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.letter} about {self.expression}"


class DailyNotice(models.Model):
    """How far the organisers of an edition were told, day by day, of what students did."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="daily_notice")
    told_until_on = models.DateField(help_text="Not of this day any more, in the edition's zone.")

    def __str__(self) -> str:
        return f"{self.edition}: told until {self.told_until_on}"
