"""Deadlines."""

from __future__ import annotations

from datetime import datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from apps.editions.models.edition import ANYWHERE_ON_EARTH, Edition, last_moment


class Deadline(models.Model):
    """A date and clock time, in the edition's time zone or "anywhere on Earth" (UTC−12)."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="deadlines")
    title = models.CharField(max_length=200)
    due_on = models.DateField("date")
    due_time = models.TimeField(
        "time",
        null=True,
        blank=True,
        help_text="In the edition's time zone, or anywhere on Earth. Until the end of the day if "
        "empty; pages then show the day alone.",
    )
    is_anywhere_on_earth = models.BooleanField("anywhere on Earth", default=False)
    extended_from_on = models.DateField(
        "extended from",
        null=True,
        blank=True,
        help_text="The old date, shown struck through. Set by itself when you move a deadline "
        "later; clear it if the old date was only a slip.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["due_on", F("due_time").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "title"],
                name="one_deadline_per_title",
                violation_error_message="This edition has a deadline with this title already.",
            ),
            models.CheckConstraint(
                name="deadline_extended_later",
                condition=Q(extended_from_on=None) | Q(extended_from_on__lt=F("due_on")),
                violation_error_message="A deadline can only be extended to a later day.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def due_at(self) -> datetime:
        """End of the announced minute or, without a time, day, in the time zone it was announced in."""
        zone = ANYWHERE_ON_EARTH if self.is_anywhere_on_earth else self.edition.zone
        return last_moment(self.due_on, self.due_time or time(23, 59), zone)

    @property
    def is_over(self) -> bool:
        """Whether it has passed."""
        return self.due_at < timezone.now()
