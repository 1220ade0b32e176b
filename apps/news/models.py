"""News items and change notices of an edition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from simple_history.models import HistoricalRecords

from apps.core.frozen import is_freezing
from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page, plain_text
from apps.core.models import Slugged, validate_link
from apps.core.tokens import version_token
from apps.editions.models import Edition

# Items without a date come last.
LATEST_FIRST = F("published_at").desc(nulls_last=True)
# In other time zones, a moment outside these years may fall out of Python's calendar.
_DATE_RANGE = "Choose a day between 1970 and 2999."
WITHIN_CALENDAR: list[Callable[[Any], None]] = [
    MinValueValidator(datetime(1970, 1, 1, tzinfo=UTC), _DATE_RANGE),
    MaxValueValidator(datetime(2999, 1, 1, tzinfo=UTC), _DATE_RANGE),
]


class NewsItemQuerySet(models.QuerySet["NewsItem"]):
    def published(self) -> NewsItemQuerySet:
        """Items that visitors may see now while their edition is public."""
        is_due = Q(published_at=None) | Q(published_at__lte=timezone.now())
        return self.filter(is_due, is_published=True)


class NewsItem(Slugged):
    """An announcement; hidden until `published_at` if that is in the future."""

    slug_source = "shown_title"
    slug_route = "<slug:edition>/news/"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="news")
    title = models.CharField(
        max_length=200, blank=True, help_text="The headline. If empty, lists show the text."
    )
    body = models.TextField("text", validators=[fits_a_page], help_text="Markdown.")
    is_published = models.BooleanField(
        "published", default=False, help_text="Until then only organisers see it."
    )
    published_at = models.DateTimeField(
        "from",
        null=True,
        blank=True,
        validators=WITHIN_CALENDAR,
        help_text=(
            "The date on the page. News with a future date is shown automatically from then "
            "on. If empty, the time of publication is used."
        ),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True, editable=False)
    # Permanent id in feeds, whatever the site's address (RFC 4287, 4.2.6).
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
        return plain_title(self.shown_title)

    def get_absolute_url(self) -> str:
        return reverse("pages:news-item", args=[self.edition.slug, self.slug])

    @property
    def shown_title(self) -> str:
        """Headline, or the first words of the text."""
        return self.title or plain_text(self.body, 60) or gettext("News")

    @property
    def is_visible(self) -> bool:
        """Whether visitors may see it now while its edition is public."""
        is_due = self.published_at is None or self.published_at <= timezone.now()
        return self.is_published and is_due

    @property
    def published_on(self) -> date | None:
        """Day of publication in the edition's time zone; None if unknown."""
        if self.published_at is None:
            return None
        return self.published_at.astimezone(self.edition.zone).date()

    @property
    def updated_at(self) -> datetime:
        """Time of the publication or of the last change of the text, whichever is later."""
        times = [time for time in (self.published_at, self.changed_at) if time]
        return max(times, default=self.created_at)


def last_change(edition: Edition) -> datetime | None:
    """Time at which the feed of `edition` last changed, also by a deletion or a date that passed."""
    times = [
        NewsItem.history.filter(edition=edition).aggregate(at=Max("history_date"))["at"],
        Edition.history.filter(id=edition.pk).aggregate(at=Max("history_date"))["at"],
        NewsItem.objects.filter(edition=edition)
        .published()
        .aggregate(at=Max("published_at"))["at"],
    ]
    return max((time for time in times if time), default=None)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_at(self, at: datetime) -> NoticeQuerySet:
        """Notices that pages show at the moment `at`; none in a static copy, which has no end."""
        return self.none() if is_freezing() else self.filter(starts_at__lte=at, ends_at__gt=at)

    def current(self, edition: Edition, at: datetime | None = None) -> NoticeQuerySet:
        """Notices that the pages of `edition` show at the moment `at` (now), the newest first."""
        return self.filter(edition=edition).shown_at(at or timezone.now())


class Notice(models.Model):
    """A short message at the top of an edition's pages for a time, such as “Room change: …”."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(
        max_length=200,
        help_text="One or two sentences, in the language of the edition: “Room change: …”.",
    )
    url = models.CharField(
        "link",
        max_length=500,
        blank=True,
        validators=[validate_link],
        help_text="Optional. A web address, or the path of a page of this site, such as /2031/programme/.",
    )
    link_label = models.CharField(
        "words of the link",
        max_length=60,
        blank=True,
        help_text="What readers find there, such as “Map of the building”. If empty, “More about this”.",
    )
    starts_at = models.DateTimeField("from", default=timezone.now)
    ends_at = models.DateTimeField("until")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "change notice"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="notice_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message="The notice must end after it starts.",
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def version_token(self) -> str:
        """Token of all that its form shows."""
        return version_token(self.text, self.url, self.link_label, self.starts_at, self.ends_at)

    @property
    def shown_label(self) -> str:
        """The words of its link, in the active language if it has none of its own."""
        return self.link_label or gettext("More about this")
