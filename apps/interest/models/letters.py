"""Which letters are about which expression, and those written to many at once."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.editions.models import Edition
from apps.interest.models.expression import Expression
from apps.mail.models import Letter


class Mailing(models.Model):
    """One text sent to many: whoever was chosen gets one letter of it, however often it is pressed."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="mailings")
    # Made with the page it is written on: the same page sent twice is one mailing.
    key = models.CharField(max_length=64, unique=True, editable=False)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    chosen = models.TextField("to whom", blank=True, help_text="Which list it was written to.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mailings"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.subject


class ExpressionLetter(models.Model):
    """Which letters are about which expression; the letters themselves do not know."""

    expression = models.ForeignKey(
        Expression, on_delete=models.CASCADE, related_name="letter_links"
    )
    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, related_name="expression_link")
    mailing = models.ForeignKey(
        Mailing, null=True, blank=True, on_delete=models.SET_NULL, related_name="letter_links"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "expression"], name="one_letter_of_a_mailing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} about {self.expression}"


class DailyNotice(models.Model):
    """How far the organisers of an edition were told, day by day, of what students did."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="daily_notice")
    told_until_on = models.DateField(help_text="Not of this day any more, in the edition's zone.")

    def __str__(self) -> str:
        return f"{self.edition}: told until {self.told_until_on}"
