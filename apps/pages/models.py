"""Sections of the home page, and free pages."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.markdown import fits_a_page
from apps.core.models import Slugged, validate_page_slug
from apps.editions.models import Edition
from apps.people.models import Group, Membership

# Slugs and titles of the pages that every site has.
SITE_PAGES = {"privacy": "Privacy", "accessibility": "Accessibility"}


class SectionQuerySet(models.QuerySet["Section"]):
    def for_home(self) -> SectionQuerySet:
        """Sections that the home page shows, with their groups' members; two queries."""
        members = Prefetch("group__memberships", Membership.objects.select_related("person"))
        return self.filter(is_shown=True).select_related("group").prefetch_related(members)


class Section(Slugged, OrderableModel):
    """A section of the home page: a text, a list from the database, or both."""

    class Shows(models.TextChoices):
        NOTHING = "", "Only the text"
        TOPICS = "topics", "Topics"
        GROUP = "group", "A group of people"
        PROGRAMME = "programme", "Programme, in short"
        SPEAKERS = "speakers", "Speakers"
        POSTERS = "posters", "Posters"
        DEADLINES = "deadlines", "Deadlines"
        VENUE = "venue", "Place and getting there"
        AWARDS = "awards", "Awards"
        SPONSORS = "sponsors", "Sponsors"
        NEWS = "news", "The newest news"
        PAST_EDITIONS = "past_editions", "Past editions"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sections")
    heading = models.CharField(
        max_length=200,
        blank=True,
        help_text="Empty for the introduction; a group's own heading if empty.",
    )
    body = models.TextField("text", blank=True, validators=[fits_a_page], help_text="Markdown.")
    shows = models.CharField(
        max_length=20, choices=Shows, blank=True, default=Shows.NOTHING, help_text="Below the text."
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="sections"
    )
    is_shown = models.BooleanField("shown", default=True, help_text="Untick to keep it for later.")

    history = HistoricalRecords()
    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_section_per_slug"),
            models.CheckConstraint(
                name="section_shows_its_group",
                condition=Q(shows="group", group__isnull=False)
                | (~Q(shows="group") & Q(group__isnull=True)),
                violation_error_message="Choose a group just when the section shows a group of people.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_heading or "Introduction"

    def get_absolute_url(self) -> str:
        return f"{self.edition.get_absolute_url()}#{self.slug}"

    def clean(self) -> None:
        """Refuse a group of another edition."""
        if self.group and self.group.edition_id != self.edition_id:
            raise ValidationError({"group": "This group belongs to another edition."})

    @property
    def shown_heading(self) -> str:
        """Its own heading, or that of its group."""
        try:
            return self.heading or (self.group.heading if self.group else "")
        except Group.DoesNotExist:
            return ""  # an older version whose group has been deleted


class PageQuerySet(models.QuerySet["Page"]):
    def published(self) -> PageQuerySet:
        """Pages that visitors may see while their edition is public."""
        return self.filter(is_published=True)


class Page(OrderableModel, models.Model):  # Model: for mypy, the first has no types
    """A free page of an edition, or of the whole site (privacy, accessibility)."""

    edition = models.ForeignKey(
        Edition,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="pages",
        help_text="Empty for a page of the whole site.",
    )
    title = models.CharField(max_length=200)
    slug = models.SlugField(
        "address",
        max_length=60,
        validators=[validate_page_slug],
        help_text="The last word of the page's address; set once and kept.",
    )
    body = models.TextField("text", validators=[fits_a_page], help_text="Markdown.")
    is_in_navigation = models.BooleanField(
        "in the header", default=False, help_text="Otherwise in the footer."
    )
    is_published = models.BooleanField("published", default=False)

    history = HistoricalRecords()
    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "slug"],
                name="one_page_per_slug",
                violation_error_message="There is a page with this address already.",
            ),
            # NULL is never equal to NULL in SQL, so the site's pages need a rule of their own.
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(edition=None),
                name="one_site_page_per_slug",
                violation_error_message="There is a page with this address already.",
            ),
            models.CheckConstraint(
                name="page_belongs_to_an_edition",
                condition=Q(edition__isnull=False) | Q(slug__in=sorted(SITE_PAGES)),
                violation_error_message="Choose the edition this page belongs to.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        if self.edition is None:
            return reverse(f"pages:{self.slug}")
        return reverse("pages:page-detail", args=[self.edition.slug, self.slug])
