"""Releases of the programme, the sources of contributions, and letters about changes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q

from apps.editions.models import Edition, validate_time_zone
from apps.interest.models import Expression, Format
from apps.programme.models.contributions import Contribution, Contributor


class ProgrammeReleaseQuerySet(models.QuerySet["ProgrammeRelease"]):
    def for_edition(self, edition: Edition | int) -> ProgrammeReleaseQuerySet:
        """Releases of one edition, the latest first."""
        return self.filter(edition=edition).order_by("-number")


class ProgrammeRelease(models.Model):
    """Days, times, rooms and order as published once; never changed afterwards.

    Titles, abstracts, names and slides are not in it: their changes are public at once.
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
    plan = models.JSONField(default=list)  # timetable.snapshot
    cancelled = models.JSONField(default=list)  # Cancelled.as_json

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
        """The time zone of its clock times."""
        return ZoneInfo(self.time_zone)


class OriginQuerySet(models.QuerySet["Origin"]):
    def for_edition(self, edition: Edition) -> OriginQuerySet:
        """Origins of one edition's contributions, by title."""
        return self.filter(contribution__edition=edition).order_by("contribution__title", "pk")

    def with_expressions(self) -> OriginQuerySet:
        """Load the expression with its topics, co-authors and consents; three queries more."""
        return self.select_related("expression__edition").prefetch_related(
            "expression__topics", "expression__coauthors", "expression__consents"
        )

    def with_both_sides(self) -> OriginQuerySet:
        """Load the expression and the contribution; six queries more."""
        contributors = Prefetch("contribution__contributors", Contributor.objects.with_people())
        return (
            self.with_expressions()
            .select_related("contribution")
            .prefetch_related("contribution__topics", contributors)
        )


class Origin(models.Model):
    """The expression of interest that became a contribution, with the answers taken over.

    Private answers and the public contribution are joined only here. Erasing the expression
    deletes this row; `signals.py` decides whether the contribution stays.
    """

    contribution = models.OneToOneField(
        Contribution, on_delete=models.CASCADE, related_name="origin"
    )
    expression = models.OneToOneField(
        Expression,
        on_delete=models.CASCADE,
        related_name="origin",
        error_messages={"unique": "This expression of interest is on the programme already."},
    )
    format = models.CharField(max_length=10, choices=Format)
    brought_in_at = models.DateTimeField(auto_now_add=True)
    # By contributors.snapshot.Field: the answers last taken over, and later answers rejected.
    taken = models.JSONField()
    left = models.JSONField(default=dict, blank=True)

    objects = OriginQuerySet.as_manager()

    class Meta:
        default_permissions = ()  # private answers: no role may read these rows
        constraints = [
            models.CheckConstraint(
                name="origin_of_known_format",
                condition=Q(format__in=["talk", "poster", "both"]),
                violation_error_message="Say whether it is a talk, a poster or both.",
            )
        ]

    def __str__(self) -> str:
        # Without a name, because lists of rows to be deleted show it.
        return f"Origin {self.pk}"
