"""Where things happen."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from apps.core.markdown import fits_a_page
from apps.editions.models import Edition


class RoomQuerySet(models.QuerySet["Room"]):
    def for_edition(self, edition: Edition) -> RoomQuerySet:
        """Those of one edition, in its order."""
        return self.filter(edition=edition)


class Room(OrderableModel):
    """A room of one edition: where sessions are."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=100, help_text="As the signs at the place say it.")
    capacity = models.PositiveIntegerField(
        "seats", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    directions = models.TextField(
        "how to get there",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Floor, stairs and lifts, the door to look for.",
    )

    history = HistoricalRecords()
    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                "edition",
                Lower("name"),
                name="one_room_per_name",
                violation_error_message="This edition has a room with this name already.",
            ),
            models.CheckConstraint(
                name="room_seats_somebody",
                condition=models.Q(capacity=None) | models.Q(capacity__gte=1),
                violation_error_message="A room has at least one seat; leave it empty if unknown.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def validate_constraints(self, exclude=None) -> None:
        """Refuses a name that another room has, naming both."""
        if self.edition_id is not None and not {"edition", "name"} & set(exclude or ()):
            same = Room.objects.filter(edition_id=self.edition_id, name__iexact=self.name)
            other = same.exclude(pk=self.pk).first()
            if other is not None:
                raise ValidationError({"name": same_name(self.name, other.name)})
        super().validate_constraints(exclude)


def same_name(name: str, other: str) -> str:
    """What is said of two rooms of one name."""
    return f"“{name}” would be a second room with the name of “{other}”. Give one of them another name."
