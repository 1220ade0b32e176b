"""Editions with their former addresses and deadlines, and the permission to see drafts."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, StepValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from apps.core.frozen import is_freezing, is_frozen
from apps.core.images import random_logo_name
from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.markdown_files import DOWNLOADS, PICTURES, LinkedFile, names_files
from apps.core.models import validate_edition_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User


_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")  # in the address of an edition

# "Anywhere on Earth": a day lasts until it is over everywhere (IEEE 802.16, UTC−12).
ANYWHERE_ON_EARTH = fixed_zone(timedelta(hours=-12), "AoE")


def last_moment(day: date, clock_time: time, zone: tzinfo) -> datetime:
    """End of the minute that people read: a closing time of 23:59 lasts until midnight."""
    return datetime.combine(day, clock_time.replace(second=59, microsecond=999_999), tzinfo=zone)


@cache
def time_zones() -> list[str]:
    """The time zones of the IANA database, sorted; Python reads hundreds of files to list them."""
    return sorted(available_timezones())


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is one of `time_zones`."""
    if name not in time_zones():
        raise ValidationError(
            f"“{name}” is not a time zone. Enter one such as Europe/London or Australia/Sydney."
        )


def language_code(language: str) -> str:
    """Django's name of a language of editions: British English for "en"."""
    return settings.LANGUAGE_CODE if language == "en" else language


def sees_drafts(user: User | AnonymousUser) -> bool:
    """Whether `user` may read drafts: staff with a role, and with a second factor if required."""
    return (
        user.is_active
        and user.is_staff
        and user.has_perm("editions.view_edition")
        and not (user.is_authenticated and user.lacks_second_factor)
    )


class EditionQuerySet(models.QuerySet["Edition"]):
    def public(self) -> EditionQuerySet:
        """Published and archived editions."""
        return self.exclude(state=Edition.State.DRAFT)

    def visible_to(self, user: User | AnonymousUser) -> EditionQuerySet:
        """Editions that `user` may see."""
        return self.all() if sees_drafts(user) else self.public()

    def current(self) -> EditionQuerySet:
        """The edition of the site's home page, if there is one."""
        return self.filter(is_current=True)


class Edition(models.Model):
    """One year of the workshop; unknown facts are empty and shown as "to be announced"."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft: only organisers see it"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived: a past edition"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        GERMAN = "de", "German"
        FRENCH = "fr", "French"

    slug = models.SlugField(
        "address",
        max_length=40,
        unique=True,
        validators=[validate_edition_slug],
        error_messages={"unique": "Another edition has this address. Enter another one."},
        help_text=(
            "The first part of the addresses, usually the year. If you change it after "
            "publication, the old addresses redirect to the new ones."
        ),
    )
    year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1900), MaxValueValidator(2999)],
        help_text="Editions are ordered by year, the latest first.",
    )
    title = models.CharField(max_length=200, help_text="The main heading of the home page.")
    short_name = models.CharField(
        max_length=60,
        blank=True,
        help_text="Shown in the header of every page. If empty, the title is used.",
    )
    summary = models.CharField(
        max_length=300,
        blank=True,
        help_text=(
            "One sentence for search engines and shared links. If empty, the beginning of "
            "the home page is used."
        ),
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    is_current = models.BooleanField("the site's home page", default=False, editable=False)
    is_cancelled = models.BooleanField(
        "cancelled", default=False, help_text="Every page of the edition shows this at the top."
    )
    language = models.CharField(
        max_length=2,
        choices=Language,
        default=Language.ENGLISH,
        help_text="The language of headings, buttons, forms and letters. Your own texts are not translated.",
    )
    hue = models.PositiveSmallIntegerField(
        default=205,
        validators=[MaxValueValidator(355), StepValueValidator(5)],
        help_text="The year's colour: an angle from 0 to 355 in steps of 5 (25 red, 85 ochre, "
        "145 green, 205 teal, 265 blue, 330 plum).",
    )

    logo = models.ImageField(
        "logo or banner",
        blank=True,
        upload_to=random_logo_name,
        width_field="logo_width",
        height_field="logo_height",
        help_text="An SVG, PNG, WebP or JPEG in the header of every page, beside the short name.",
    )
    logo_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_digest = models.CharField(max_length=64, blank=True, editable=False)
    logo_alt = models.CharField(
        "text in the logo",
        max_length=200,
        blank=True,
        help_text=(
            "If the logo contains the name of the workshop, enter that text here. Screen "
            "readers read it, and the short name is not shown beside the logo."
        ),
    )
    has_logo_plate = models.BooleanField(
        "on a white background",
        default=True,
        help_text=(
            "Untick if the logo is made for dark backgrounds or is a photo. It is then shown "
            "on the edition's colour."
        ),
    )

    starts_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField(
        "last day", null=True, blank=True, help_text="Leave empty for a single day."
    )
    date_note = models.CharField(
        "provisional date",
        max_length=100,
        blank=True,
        help_text="For example “Dec 12 or 13”. Shown until the first day is set.",
    )
    time_zone = models.CharField(
        max_length=60,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
        help_text="The time zone of all times of this edition, for example Europe/London.",
    )

    venue = models.CharField(
        "place",
        max_length=200,
        blank=True,
        help_text="Building and city. If empty, pages show “To be announced”.",
    )
    venue_address = models.TextField("street address", blank=True)
    venue_map_url = models.URLField("link to a map", blank=True)
    venue_access = models.TextField(
        "getting there and access",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. For example step-free access, hearing loops, parking, public transport.",
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
        "part of",
        max_length=200,
        blank=True,
        help_text="The conference that hosts the workshop, if any.",
    )
    parent_event_url = models.URLField("link to the event", blank=True)
    approves_speaker_edits = models.BooleanField(
        "approve changes by speakers",
        default=False,
        help_text="Otherwise changes by speakers on their own pages are public immediately.",
    )
    code_of_conduct = models.TextField(
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Shown on its own page, linked in every footer.",
    )

    # The logo has no history: the file of a replaced logo is deleted.
    history = HistoricalRecords(
        excluded_fields=["logo", "logo_width", "logo_height", "logo_digest"]
    )
    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="one_current_edition",
                violation_error_message="Another edition is already the site's home page.",
            ),
            models.CheckConstraint(
                name="current_edition_is_public",
                condition=Q(is_current=False) | ~Q(state="draft"),
                violation_error_message="A draft cannot be the site's home page. Publish it first.",
            ),
            models.CheckConstraint(
                name="edition_ends_after_start",
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                violation_error_message="The last day must not be before the first day.",
            ),
            models.CheckConstraint(
                name="edition_year_of_our_time",
                condition=Q(year__gte=1900, year__lte=2999),
                violation_error_message="The year has four digits, from 1900 to 2999.",
            ),
            models.CheckConstraint(
                name="edition_language_known",
                condition=Q(language__in=["en", "de", "fr"]),
                violation_error_message="The language is en, de or fr.",
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

    def clean(self) -> None:
        """Refuse the former address of another edition: links to that one would end here."""
        others = type(self).objects.filter(former_addresses__slug=self.slug).exclude(pk=self.pk)
        if other := others.first():
            raise ValidationError(
                f"“{self.slug}” is a former address of “{other}” and redirects there. Choose another one."
            )

    @property
    def language_code(self) -> str:
        """The language as Django names it, to activate it."""
        return language_code(self.language)

    @property
    def name(self) -> str:
        """The short name for headers, or the title."""
        return self.short_name or self.title

    @property
    def has_banner(self) -> bool:
        """Whether its logo is so wide that it takes a line of the header for itself."""
        return bool(self.logo) and (self.logo_width or 0) > 4 * (self.logo_height or 1)

    @property
    def title_with_year(self) -> str:
        """The title with the year, unless the title contains it."""
        return self.title if str(self.year) in self.title else f"{self.title}, {self.year}"

    @property
    def is_draft(self) -> bool:
        """Whether it is visible to staff only."""
        return self.state == self.State.DRAFT

    @property
    def is_frozen(self) -> bool:
        """Whether visitors see a copy of its pages, which edits do not change."""
        return is_frozen(self.slug)

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of all its clock times."""
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The date in its time zone."""
        return timezone.localdate(timezone=self.zone)

    @property
    def last_day(self) -> date | None:
        """The last day, or the only one; None while the date is unknown."""
        return self.ends_on or self.starts_on

    @property
    def day_count(self) -> int | None:
        """How many days it lasts; None while the date is unknown."""
        if self.starts_on is None or self.last_day is None:
            return None
        return (self.last_day - self.starts_on).days + 1

    @property
    def year_difference(self) -> str:
        """A sentence if the year or the address names another year than the first day; else ""."""
        first, last = self.starts_on, self.last_day
        if first is None or last is None:
            return ""
        years = {first.year, last.year}
        other = [] if self.year in years else [f"the year of the edition is {self.year}"]
        named = {int(year) for year in _YEAR.findall(self.slug)}
        if named and not named & years:
            other.append(f"its address is /{self.slug}/")
        return f"The first day is in {first.year}, but {' and '.join(other)}." if other else ""

    @property
    def is_past(self) -> bool:
        """Whether it is archived, or its last day is over in its time zone; always in a copy."""
        if self.state == self.State.ARCHIVED or is_freezing():
            return True
        return self.last_day is not None and self.last_day < self.today

    def is_replaced_by(self, current: Edition) -> bool:
        """Whether `current`, of a later year, is the home page, and this one is not past yet."""
        is_live = self.state == self.State.PUBLISHED and not self.is_past
        return is_live and current.is_current and self.year < current.year

    @property
    def has_begun(self) -> bool:
        """Whether it is archived, or its first day has come in its time zone; always in a copy."""
        if self.state == self.State.ARCHIVED or is_freezing():
            return True
        return self.starts_on is not None and self.starts_on <= self.today

    @property
    def is_registration_open(self) -> bool:
        """Whether the registration button is shown now."""
        if not self.registration_url or self.is_past or self.is_cancelled:
            return False
        closes_on = self.registration_closes_on
        return closes_on is None or closes_on >= self.today

    def files_in(self, text: str) -> tuple[LinkedFile, ...]:
        """The pictures and downloads that a Markdown `text` can name; no query if it names none.

        The first text that does loads those of the edition into this instance.
        """
        relations = [
            relation
            for folder, relation in ((PICTURES, "pictures"), (DOWNLOADS, "downloads"))
            if names_files(text, folder)
        ]
        if not relations:
            return ()
        models.prefetch_related_objects([self], *relations)
        rows = [row for relation in relations for row in getattr(self, relation).all()]
        return tuple(row.linked_file for row in rows if row.name in text)


def taken_addresses(**lookup: Any) -> set[str]:
    """Present and former addresses of editions, as far as `lookup` of `slug` finds them."""
    return {
        slug
        for rows in (Edition.objects.all(), FormerAddress.objects.all())
        for slug in rows.filter(**lookup).values_list("slug", flat=True)
    }


class FormerAddress(models.Model):
    """An address at which an edition was public; it redirects to the present one."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="former_addresses")
    slug = models.SlugField("address", max_length=40, unique=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "former addresses"

    def __str__(self) -> str:
        return f"/{self.slug}/"


class Deadline(models.Model):
    """A date and clock time, in the edition's time zone or "anywhere on Earth" (UTC−12)."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="deadlines")
    group = models.CharField(
        max_length=100,
        blank=True,
        help_text=(
            "A heading for several deadlines, such as “Workshop papers”. Deadlines without a "
            "group are first."
        ),
    )
    title = models.CharField(max_length=200)
    due_on = models.DateField("date")
    due_time = models.TimeField(
        "time",
        null=True,
        blank=True,
        help_text=(
            "In the edition's time zone, or anywhere on Earth. If empty, until the end of "
            "the day; pages then show only the day."
        ),
    )
    is_anywhere_on_earth = models.BooleanField("anywhere on Earth", default=False)
    extended_from_on = models.DateField(
        "extended from",
        null=True,
        blank=True,
        help_text="The old date, shown struck through. Set automatically when you move a "
        "deadline later; clear it if the old date was a mistake.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["due_on", F("due_time").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "group", "title"],
                name="one_deadline_per_group_and_title",
                violation_error_message=(
                    "This edition already has a deadline with this title in this group. Change one "
                    "of the titles."
                ),
            ),
            models.CheckConstraint(
                name="deadline_extended_later",
                condition=Q(extended_from_on=None) | Q(extended_from_on__lt=F("due_on")),
                violation_error_message="A deadline can only be extended to a later day.",
            ),
        ]

    def __str__(self) -> str:
        title = f"{self.group}: {self.title}" if self.group else self.title
        return plain_title(title)

    def clean(self) -> None:
        self.group = self.group.strip()

    @property
    def due_at(self) -> datetime:
        """End of the announced minute or, without a time, day, in the time zone it was announced in."""
        zone = ANYWHERE_ON_EARTH if self.is_anywhere_on_earth else self.edition.zone
        return last_moment(self.due_on, self.due_time or time(23, 59), zone)

    @property
    def is_over(self) -> bool:
        """Whether it has passed."""
        return self.due_at < timezone.now()
