"""One year of the workshop, and the moments it promises."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, StepValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone as django_timezone
from simple_history.models import HistoricalRecords

from apps.accounts.second_factor import lacks_second_factor
from apps.core.markdown import fits_a_page
from apps.core.routes import validate_edition_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User

# "Anywhere on Earth": the day is not over while it lasts somewhere (IEEE 802.16, UTC−12).
ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12), "AoE")


def validate_time_zone(name: str) -> None:
    """Raises ValidationError unless `name` is a time zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError(
            f"“{name}” is not a time zone. Enter one such as Europe/London or Australia/Sydney."
        )


def sees_drafts(user: User | AnonymousUser) -> bool:
    """Whether `user` may read what is not published: staff with a role and the factors asked of it."""
    return (
        user.is_active
        and user.is_staff
        and user.has_perm("editions.view_edition")
        and not (user.is_authenticated and lacks_second_factor(user))
    )


class EditionQuerySet(models.QuerySet["Edition"]):
    def public(self) -> EditionQuerySet:
        """What anybody may see."""
        return self.exclude(state=Edition.State.DRAFT)

    def visible_to(self, user: User | AnonymousUser) -> EditionQuerySet:
        """What `user` may see."""
        return self.all() if sees_drafts(user) else self.public()

    def current(self) -> EditionQuerySet:
        """The one that stands at the site's root, or none."""
        return self.filter(is_current=True)


class Edition(models.Model):
    """One year of the workshop. What is not known is left empty and shown as "to be announced"."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft: only organisers see it"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived: a past edition"

    slug = models.SlugField(
        "address",
        max_length=40,
        unique=True,
        validators=[validate_edition_slug],
        help_text="The edition stands at /address/ for ever, so this is set once. Usually the year.",
    )
    year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1900), MaxValueValidator(2999)],
        help_text="Orders the editions; latest first.",
    )
    title = models.CharField(
        max_length=200, help_text="The large words at the top of the home page."
    )
    short_name = models.CharField(
        max_length=60,
        blank=True,
        help_text="Stands in the header of every page; the title if empty.",
    )
    summary = models.CharField(
        max_length=300,
        blank=True,
        help_text="One sentence for search engines and shared links; the home page's first words if empty.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    is_current = models.BooleanField("the site's home page", default=False, editable=False)
    is_cancelled = models.BooleanField(
        "cancelled", default=False, help_text="Every page of the edition then says so at its top."
    )
    hue = models.PositiveSmallIntegerField(
        default=205,
        validators=[MaxValueValidator(355), StepValueValidator(5)],
        help_text="The year's colour: an angle from 0 to 355 in steps of 5 (25 red, 85 ochre, "
        "145 green, 205 teal, 265 blue, 330 plum).",
    )

    starts_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField(
        "last day", null=True, blank=True, help_text="Empty if it is one day."
    )
    date_note = models.CharField(
        "date, while it is not settled",
        max_length=100,
        blank=True,
        help_text="For example “Dec 12 or 13”. Shown until the first day is set.",
    )
    time_zone = models.CharField(
        max_length=60,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
        help_text="All times of this edition are in it. For example Europe/London.",
    )

    venue = models.CharField(
        "place",
        max_length=200,
        blank=True,
        help_text="Building and city. “To be announced” if empty.",
    )
    venue_address = models.TextField("street address", blank=True)
    venue_map_url = models.URLField("link to a map", blank=True)
    venue_access = models.TextField(
        "getting there and access",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Step-free ways, hearing loops, parking, transport.",
    )

    contact_email = models.EmailField(
        "contact address", blank=True, help_text="Shown in every footer."
    )
    registration_url = models.URLField("link to registration", blank=True)
    registration_closes_on = models.DateField(
        "registration closes on",
        null=True,
        blank=True,
        help_text="The button is shown until the end of this day in the edition's time zone.",
    )
    parent_event_name = models.CharField(
        "part of", max_length=200, blank=True, help_text="The conference it belongs to, if any."
    )
    parent_event_url = models.URLField("link to that event", blank=True)
    code_of_conduct = models.TextField(
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Gets its own page, linked in every footer.",
    )

    history = HistoricalRecords()
    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="one_current_edition",
                violation_error_message="Another edition is the site's home page already.",
            ),
            models.CheckConstraint(
                name="current_edition_is_public",
                condition=Q(is_current=False) | ~Q(state="draft"),
                violation_error_message="A draft cannot be the site's home page. Publish it first.",
            ),
            models.CheckConstraint(
                name="edition_ends_after_start",
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                violation_error_message="The last day must not come before the first.",
            ),
            models.CheckConstraint(
                name="edition_year_of_our_time",
                condition=Q(year__gte=1900, year__lte=2999),
                violation_error_message="The year has four digits, from 1900 to 2999.",
            ),
            models.CheckConstraint(
                name="edition_hue_in_circle",
                condition=Q(hue__lte=355),
                violation_error_message="The colour is an angle from 0 to 355.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.title}" if self.year else self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:edition-home", args=[self.slug])

    @property
    def name(self) -> str:
        """The short name for headers, or the title."""
        return self.short_name or self.title

    @property
    def title_with_year(self) -> str:
        """The title for where no year stands beside it; a title that names its year has it already."""
        return self.title if str(self.year) in self.title else f"{self.title}, {self.year}"

    @property
    def is_draft(self) -> bool:
        """Whether only staff may see it."""
        return self.state == self.State.DRAFT

    @property
    def zone(self) -> ZoneInfo:
        """Where its clocks run."""
        return ZoneInfo(self.time_zone)

    @property
    def last_day(self) -> date | None:
        """The day after which it is past; None while the date is unknown."""
        return self.ends_on or self.starts_on

    @property
    def is_past(self) -> bool:
        """Whether it is over: archived, or its last day has gone by where it is held.

        An undated edition is never inferred past.
        """
        if self.state == self.State.ARCHIVED:
            return True
        today = datetime.now(self.zone).date()
        return self.last_day is not None and self.last_day < today

    @property
    def has_begun(self) -> bool:
        """Whether its first day has come where it is held; of an undated one, never."""
        if self.state == self.State.ARCHIVED:
            return True
        return self.starts_on is not None and self.starts_on <= datetime.now(self.zone).date()

    @property
    def is_registration_open(self) -> bool:
        """Whether the button to register is to be shown now."""
        if not self.registration_url or self.is_past or self.is_cancelled:
            return False
        closes_on = self.registration_closes_on
        return closes_on is None or datetime.now(self.zone).date() <= closes_on


class Deadline(models.Model):
    """A promise with a moment.

    Kept as the date and the clock time people read; the moment follows from the
    edition's time zone, or from "anywhere on Earth" (UTC−12).
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="deadlines")
    title = models.CharField(max_length=200)
    due_on = models.DateField("date")
    due_time = models.TimeField(
        "time", default=time(23, 59), help_text="In the edition's time zone, or anywhere on Earth."
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
        ordering = ["due_on", "due_time", "pk"]
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
        """The moment, in the zone it was promised in."""
        zone = ANYWHERE_ON_EARTH if self.is_anywhere_on_earth else self.edition.zone
        return datetime.combine(self.due_on, self.due_time, tzinfo=zone)

    @property
    def due_at_utc(self) -> datetime:
        """The same moment for machines; the last one there is for what lies beyond the year 9999."""
        try:
            return self.due_at.astimezone(UTC)
        except OverflowError:
            return (datetime.max if self.due_on.year > 1 else datetime.min).replace(tzinfo=UTC)

    @property
    def zone_name(self) -> str:
        """What the zone is called on that day: "BST", "AoE", or "+10" where it has no name."""
        return self.due_at.tzname() or ""

    @property
    def is_over(self) -> bool:
        """Whether the moment has passed."""
        return self.due_at <= django_timezone.now()


class Call(models.Model):
    """What an edition asks of students, from when to when, and what its form wants to know."""

    class Status(models.TextChoices):
        UNDATED = "undated", "Dates to be announced"
        BEFORE = "before", "Not open yet"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Notice(models.TextChoices):
        EACH = "each", "A letter for each"
        DAILY = "daily", "One letter a day"
        NONE = "none", "None"

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="call")
    text = models.TextField(
        blank=True,
        help_text="Markdown, above the form: who may apply, what is offered, what happens next.",
    )
    opens_on = models.DateField("opens on", null=True, blank=True)
    opens_time = models.TimeField("at", default=time(9, 0))
    closes_on = models.DateField("closes on", null=True, blank=True)
    closes_time = models.TimeField("at", default=time(23, 59))
    is_anywhere_on_earth = models.BooleanField(
        "closes anywhere on Earth", default=False, help_text="Otherwise in the edition's time zone."
    )
    edits_close_on = models.DateField(
        "changes until",
        null=True,
        blank=True,
        help_text="Students may correct what they sent until the end of this day; until the call "
        "closes if empty.",
    )
    decisions_on = models.DateField("decisions by", null=True, blank=True)
    offers_talks = models.BooleanField("lightning talks", default=True)
    offers_posters = models.BooleanField("posters", default=True)
    talk_minutes = models.PositiveSmallIntegerField("minutes of a lightning talk", default=3)
    poster_size = models.CharField("size of a poster", max_length=100, blank=True)
    abstract_words = models.PositiveSmallIntegerField(
        "most words of an abstract", default=250, validators=[MinValueValidator(20)]
    )
    asks_career_stage = models.BooleanField("ask for the career stage", default=True)
    asks_supervisor = models.BooleanField("ask for the supervisor", default=False)
    asks_school = models.BooleanField("ask for the school or lab", default=False)
    asks_link = models.BooleanField("ask for a link", default=False)
    notice = models.CharField(
        "notice to organisers",
        max_length=5,
        choices=Notice,
        default=Notice.EACH,
        help_text="Goes to the edition's contact address, if it has one.",
    )
    sends_receipt = models.BooleanField("send receipts", default=True)
    reply_days = models.PositiveSmallIntegerField(
        "days to reply to an offer", default=10, validators=[MinValueValidator(1)]
    )

    sends_reminders = models.BooleanField("send reminders", default=True)
    remind_days = models.PositiveSmallIntegerField(
        "days before the reply is due",
        default=3,
        validators=[MinValueValidator(1)],
        help_text="When those who have not replied to an offer are reminded, once.",
    )
    talk_places = models.PositiveSmallIntegerField(
        "places for lightning talks",
        null=True,
        blank=True,
        help_text="What there is room for; decisions are counted against it. Empty if nobody counts.",
    )
    poster_places = models.PositiveSmallIntegerField(
        "places for posters", null=True, blank=True, help_text="Likewise, of poster boards."
    )
    is_review_anonymous = models.BooleanField(
        "anonymous review",
        default=False,
        help_text="Reviewers then see no names, universities, supervisors, co-authors or links.",
    )

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="call_offers_something",
                condition=Q(offers_talks=True) | Q(offers_posters=True),
                violation_error_message="Offer lightning talks, posters or both.",
            ),
            models.CheckConstraint(
                name="call_closes_after_opening",
                condition=Q(closes_on=None) | Q(opens_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message="The call must not close before it opens.",
            ),
        ]

    def __str__(self) -> str:
        return f"Call of {self.edition}"

    @property
    def opens_at(self) -> datetime | None:
        """The moment it opens, in the edition's zone; None while unknown."""
        return self._moment(self.opens_on, self.opens_time, self.edition.zone)

    @property
    def closes_at(self) -> datetime | None:
        """The moment it closes, in the zone it was promised in; None while unknown."""
        zone = ANYWHERE_ON_EARTH if self.is_anywhere_on_earth else self.edition.zone
        return self._moment(self.closes_on, self.closes_time, zone)

    @property
    def edits_close_at(self) -> datetime | None:
        """Until when students may correct what they sent; None while unknown."""
        if self.edits_close_on is None:
            return self.closes_at
        last = self._moment(self.edits_close_on, time(23, 59, 59), self.edition.zone)
        return max(moment for moment in (last, self.closes_at) if moment)

    @staticmethod
    def _moment(on: date | None, at: time, zone: tzinfo) -> datetime | None:
        return None if on is None else datetime.combine(on, at, tzinfo=zone)

    @property
    def status(self) -> Status:
        """Where it stands now. Without a closing date it never opens: nobody knew until when."""
        opens_at, closes_at, now = self.opens_at, self.closes_at, django_timezone.now()
        if opens_at is None or closes_at is None:
            return self.Status.UNDATED
        if now < opens_at:
            return self.Status.BEFORE
        return self.Status.OPEN if now < closes_at else self.Status.CLOSED

    @property
    def is_editable(self) -> bool:
        """Whether students may still correct what they sent."""
        edits_close_at = self.edits_close_at
        return edits_close_at is not None and django_timezone.now() < edits_close_at
