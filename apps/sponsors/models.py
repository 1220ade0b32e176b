"""Sponsors of an edition, grouped in levels."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Prefetch, Q
from simple_history.models import HistoricalRecords

from apps.core.images import random_logo_name
from apps.core.inline_markup import plain_title
from apps.core.models import Slugged
from apps.editions.models import Edition

LOGO_FIELDS = ("logo", "logo_dark")


class LevelQuerySet(models.QuerySet["Level"]):
    def with_shown_sponsors(self) -> LevelQuerySet:
        """Levels that show at least one sponsor, each with `shown_sponsors`; two queries."""
        shown = Sponsor.objects.filter(is_shown=True)
        return (
            self.filter(sponsors__is_shown=True)
            .distinct()
            .prefetch_related(Prefetch("sponsors", shown, to_attr="shown_sponsors"))
        )


class Level(Slugged, OrderableModel):
    """A group of sponsors such as "Gold" or "Hosts"; an edition may have one for all."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sponsor_levels")
    heading = models.CharField(
        max_length=200,
        blank=True,
        help_text="The name of the level. Leave empty if there is only one level; then no heading is shown.",
    )

    history = HistoricalRecords()
    objects = LevelQuerySet.as_manager()

    class Meta:
        verbose_name = "level of sponsors"
        verbose_name_plural = "levels of sponsors"
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_sponsor_level_per_slug")
        ]

    def __str__(self) -> str:
        return plain_title(self.heading) or "Sponsors"

    def get_absolute_url(self) -> str:
        return self.edition.get_absolute_url()


class Sponsor(Slugged, OrderableModel):
    """A sponsor of an edition. Without a logo, pages show the name in large letters."""

    slug_source = "name"
    slug_scope = "level"

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="sponsors")
    name = models.CharField(max_length=200, help_text="As they write it.")
    link = models.URLField(
        blank=True, max_length=500, help_text="Their website. Name and logo link to it."
    )
    description = models.CharField(
        "short description",
        max_length=300,
        blank=True,
        help_text="Shown below the name, for example “Supports the travel of students”.",
    )
    logo = models.ImageField(
        blank=True,
        upload_to=random_logo_name,
        width_field="logo_width",
        height_field="logo_height",
        help_text=(
            "An SVG, PNG, WebP or JPEG, preferably with a transparent background. Without a "
            "logo the name is shown in large type."
        ),
    )
    logo_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_digest = models.CharField(max_length=64, blank=True, editable=False)
    logo_dark = models.ImageField(
        "logo for dark mode",
        blank=True,
        upload_to=random_logo_name,
        width_field="logo_dark_width",
        height_field="logo_dark_height",
        help_text="Shown in dark mode. Without it the other logo is shown on a white background.",
    )
    logo_dark_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_dark_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_dark_digest = models.CharField(max_length=64, blank=True, editable=False)
    logo_alt = models.CharField(
        "description of the logo",
        max_length=300,
        blank=True,
        help_text="Screen readers read it before the name. Leave empty if the logo shows only the name.",
    )
    is_shown = models.BooleanField(
        "shown",
        default=True,
        help_text="Untick until the sponsorship is settled. Until then only organisers see it.",
    )

    # Logos have no history: the file of a replaced logo is deleted.
    history = HistoricalRecords(
        excluded_fields=[
            name + part for name in LOGO_FIELDS for part in ("", "_width", "_height", "_digest")
        ]
    )

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["level", "slug"], name="one_sponsor_per_slug"),
            models.CheckConstraint(
                name="dark_logo_beside_another",
                condition=Q(logo_dark="") | ~Q(logo=""),
                violation_error_message="A logo for dark mode needs a logo for light mode.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.level.get_absolute_url()
