"""How long an edition keeps personal data, and what was erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.editions.models import Edition

_MOST_DAYS = 3650


class DataClass(models.TextChoices):
    """Data that is erased together, named as the privacy page does."""

    NEEDS = "needs", _("Technical needs, access needs, diet, and answers given with a confirmation")
    UNCONFIRMED = "unconfirmed", _("Entries that did not become part of the programme")
    LETTERS = "letters", _("The text of emails that were sent")
    CANCELLED = "cancelled", _("Registrations that were cancelled or stayed on the waiting list")
    ATTENDEES = "attendees", _("Registrations of people who had a place, with their consents")
    REVIEWS = "reviews", _("Reviews, reviewers' comments and chairs' notes")
    FEEDBACK = (
        "feedback",
        _("Sentences of feedback on talks, and which browser gave which feedback"),
    )


class Period(NamedTuple):
    """How long data of one class is kept after the last day; `days` is None for no limit."""

    data_class: DataClass
    days: int | None


def _days(data_class: DataClass, default: int) -> models.PositiveSmallIntegerField:
    # The label is in English: only the desk shows it.
    return models.PositiveSmallIntegerField(
        str(data_class.label),
        default=default,
        null=True,
        blank=True,
        validators=[MaxValueValidator(_MOST_DAYS)],
        help_text="Days after the last day of the workshop. Empty: kept until a chair erases it.",
    )


class RetentionPeriods(models.Model):
    """Days after its last day for which an edition keeps personal data; the defaults without a row.

    What was confirmed is kept with its name, address and abstract until the student or a chair
    erases it.
    """

    edition = models.OneToOneField(
        Edition, on_delete=models.CASCADE, related_name="retention_periods"
    )
    needs_days = _days(DataClass.NEEDS, 30)
    unconfirmed_days = _days(DataClass.UNCONFIRMED, 180)
    letters_days = _days(DataClass.LETTERS, 180)
    cancelled_days = _days(DataClass.CANCELLED, 180)
    attendees_days = _days(DataClass.ATTENDEES, 365)
    reviews_days = _days(DataClass.REVIEWS, 365)
    feedback_days = _days(DataClass.FEEDBACK, 180)

    class Meta:
        verbose_name = "storage periods"
        verbose_name_plural = "storage periods"

    def __str__(self) -> str:
        return f"Storage periods of {self.edition}"

    def __iter__(self) -> Iterator[Period]:
        """Yield the period of each class."""
        for data_class in DataClass:
            yield Period(data_class, getattr(self, f"{data_class}_days"))

    @classmethod
    def of(cls, edition: Edition) -> RetentionPeriods:
        """The stored periods of an edition, or an unsaved row with the defaults."""
        return cls.objects.filter(edition=edition).first() or cls(edition=edition)

    @property
    def counts_from(self) -> date | None:
        """The last day of the workshop; without dates the day its call closes, or None."""
        call = getattr(self.edition, "call", None)
        return self.edition.last_day or (call.closes_on if call else None)

    def due_on(self, days: int | None) -> date | None:
        """The first day on which data kept for `days` is erased; None if that is not known yet."""
        last_day = self.counts_from
        if last_day is None or days is None:
            return None
        return last_day + timedelta(days=days + 1)


class RetentionRun(models.Model):
    """What was erased of an edition because its period was over."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="retention_runs")
    data_class = models.CharField(max_length=12, choices=DataClass)
    erased = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_data_class_display()}: {self.erased}"


class EditionFigures(models.Model):
    """Numbers of an edition without persons, counted before its first entries were erased."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="figures")
    # As `count_figures` and `count_series` in figures.py return them.
    figures = models.JSONField()
    series = models.JSONField(default=dict)
    counted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "edition figures"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Figures of {self.edition}"


class Erasure(models.Model):
    """A request to erase that was carried out, without the data: it is applied again after a restore.

    `digest` is a keyed hash of an email address, of the reference of one entry, or of
    the ticket of one registration.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", "Everything about an address"
        ENTRY = "entry", "One entry"
        GUEST = "guest", "One registration"

    kind = models.CharField(max_length=7, choices=Kind)
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["erased_at", "pk"]
        default_permissions = ()
        constraints = [
            # An address may come back and be erased once more.
            models.UniqueConstraint(
                fields=["kind", "digest", "erased_at"], name="one_erasure_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.digest[:16]}"
