"""The programme as it was published, again and again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.editions.models import Edition, validate_time_zone


class ProgrammeReleaseQuerySet(models.QuerySet["ProgrammeRelease"]):
    def for_edition(self, edition: Edition | int) -> ProgrammeReleaseQuerySet:
        """Those of one edition, the latest first."""
        return self.filter(edition=edition).order_by("-number")


class ProgrammeRelease(models.Model):
    """Days, times, rooms and order as they were made public once. Never changed afterwards.

    What is said of them (abstracts, names, slides) is not in it: that goes live by itself.
    """

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="programme_releases"
    )
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="programme_releases",
        null=True,
        blank=True,
    )
    note = models.CharField(
        max_length=300, blank=True, help_text="Why, for the organisers. Nobody else reads it."
    )
    time_zone = models.CharField(max_length=60, validators=[validate_time_zone])
    first_day = models.DateField(null=True, blank=True)
    # Written by timetable.snapshot and Cancelled.as_json.
    plan = models.JSONField(default=list)
    cancelled = models.JSONField(default=list)

    objects = ProgrammeReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "number"],
                name="one_programme_release_per_number",
                violation_error_message="A release with this number was published already.",
            ),
            models.CheckConstraint(
                name="programme_releases_count_from_one",
                condition=Q(number__gte=1),
                violation_error_message="Releases are counted from 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"Release {self.number} of the programme"

    @property
    def zone(self) -> ZoneInfo:
        """Where its clocks run."""
        return ZoneInfo(self.time_zone)
