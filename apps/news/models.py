"""What organisers announce, each at an address of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from apps.core import clock
from apps.core.markdown import fits_a_page, plain_text
from apps.core.models import Slugged
from apps.editions.models import Edition

# What has no date comes after what has one.
LATEST_FIRST = F("published_at").desc(nulls_last=True)
# Beyond, a clock elsewhere in the world may show a year that no calendar here has.
_OUR_TIME = "Choose a day between 1970 and 2999."


class NewsItemQuerySet(models.QuerySet["NewsItem"]):
    def for_edition(self, edition: Edition) -> NewsItemQuerySet:
        """Those of one edition, latest first; what has no date comes after what has."""
        return self.filter(edition=edition)

    def to_come(self, at: datetime | None = None) -> NewsItemQuerySet:
        """What will show itself after the moment `at`, which is now if nobody says."""
        return self.filter(is_published=True, published_at__gt=at or timezone.now())

    def published(self, at: datetime | None = None) -> NewsItemQuerySet:
        """What anybody may see at the moment `at`, or now, if the edition is public."""
        is_due = Q(published_at=None) | Q(published_at__lte=at or timezone.now())
        return self.filter(is_due, is_published=True)


class NewsItem(Slugged):
    """An announcement. One whose moment is still to come is seen by nobody until then."""

    slug_source = "shown_title"
    slug_route = "<slug:edition>/news/"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="news")
    title = models.CharField(
        max_length=200, blank=True, help_text="The headline. Lists show the text itself if empty."
    )
    body = models.TextField("text", validators=[fits_a_page], help_text="Markdown.")
    is_published = models.BooleanField(
        "published", default=False, help_text="Until then only organisers can read it."
    )
    published_at = models.DateTimeField(
        "from",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(datetime(1970, 1, 1, tzinfo=UTC), _OUR_TIME),
            MaxValueValidator(datetime(2999, 1, 1, tzinfo=UTC), _OUR_TIME),
        ],
        help_text="Its date on the page. A moment to come keeps it hidden until then, and shows it "
        "by itself. Left empty, it is the moment you publish it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True, editable=False)
    # Names it in feeds for ever, wherever the site moves (RFC 4287, 4.2.6).
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)

    history = HistoricalRecords()
    objects = NewsItemQuerySet.as_manager()

    class Meta:
        verbose_name = "news item"
        verbose_name_plural = "news"
        ordering = [LATEST_FIRST, "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_news_item_per_slug")
        ]

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("pages:news-item", args=[self.edition.slug, self.slug])

    @property
    def shown_title(self) -> str:
        """The headline, or the first words of the text."""
        return self.title or plain_text(self.body, 60) or "News"

    @property
    def is_visible(self) -> bool:
        """Whether anybody may see it now, if the edition is public."""
        is_due = self.published_at is None or clock.has_come(self.published_at)
        return self.is_published and is_due

    @property
    def published_on(self) -> date | None:
        """The day it was announced, by the edition's clock; None if that is not known."""
        if self.published_at is None:
            return None
        return self.published_at.astimezone(self.edition.zone).date()

    @property
    def updated_at(self) -> datetime:
        """When readers of a feed last had reason to look: it came out, or its words changed."""
        moments = [moment for moment in (self.published_at, self.changed_at) if moment]
        return max(moments, default=self.created_at)


def last_change(edition: Edition) -> datetime | None:
    """When anything that a feed of `edition` says last changed, removals and due moments included."""
    moments = [
        NewsItem.history.filter(edition=edition).aggregate(at=Max("history_date"))["at"],
        Edition.history.filter(id=edition.pk).aggregate(at=Max("history_date"))["at"],
        NewsItem.objects.for_edition(edition).published().aggregate(at=Max("published_at"))["at"],
    ]
    return max((moment for moment in moments if moment), default=None)
