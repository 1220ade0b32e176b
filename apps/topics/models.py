"""Research topics of an edition."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.editions.models import Edition


class Topic(Slugged, OrderableModel):
    """A research topic: heading and description."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="topics")
    heading = models.CharField(max_length=200)
    description = models.TextField(blank=True, validators=[fits_a_page], help_text="Markdown.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_topic_per_slug")
        ]

    def __str__(self) -> str:
        return plain_title(self.heading)

    def get_absolute_url(self) -> str:
        return f"{reverse('pages:topics', args=[self.edition.slug])}#{self.slug}"
