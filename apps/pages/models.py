"""Sections of the home page, and free pages."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged, validate_link, validate_page_slug
from apps.editions.models import Edition
from apps.pages.site_pages import SITE_PAGES
from apps.people.models import Group, Membership
from apps.programme.models import Contribution


class SectionQuerySet(models.QuerySet["Section"]):
    def for_home(self) -> SectionQuerySet:
        """Sections that the home page shows, with their groups' members; two queries."""
        members = Prefetch("group__memberships", Membership.objects.select_related("person"))
        return self.filter(is_shown=True).select_related("group").prefetch_related(members)


class Section(Slugged, OrderableModel):
    """A section of the home page: a text, a list from the database, or both."""

    class Shows(models.TextChoices):
        NOTHING = "", "Text only"
        TOPICS = "topics", "Topics"
        GROUP = "group", "A group of people"
        PROGRAMME = "programme", "Programme, in short"
        SPEAKERS = "speakers", "Speakers"
        PANELS = "panels", "Panels"
        PAPERS = "papers", "Papers"
        POSTERS = "posters", "Posters"
        CONTRIBUTIONS = "contributions", "Contributions of one kind"
        DEADLINES = "deadlines", "Deadlines"
        VENUE = "venue", "Place and getting there"
        AWARDS = "awards", "Awards"
        SPONSORS = "sponsors", "Sponsors"
        NEWS = "news", "The newest news"
        UNDATED_NEWS = "undated_news", "All news without a date"
        NUMBERS = "numbers", "The edition in numbers"
        LINKS = "links", "Links and buttons"
        PAST_EDITIONS = "past_editions", "Past editions"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sections")
    heading = models.CharField(
        max_length=200,
        blank=True,
        help_text=(
            "Leave empty for the introduction. A section with a group then uses the heading "
            "of the group."
        ),
    )
    body = models.TextField("text", blank=True, validators=[fits_a_page], help_text="Markdown.")
    aside = models.TextField(
        "text beside it",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown: a contact, a hint or a link, at the right of a wide screen and below the "
        "text on others.",
    )
    shows = models.CharField(
        max_length=20, choices=Shows, blank=True, default=Shows.NOTHING, help_text="Below the text."
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="sections"
    )
    kind = models.CharField(
        "kind of contribution",
        max_length=20,
        choices=Contribution.Kind,
        blank=True,
        help_text="Only for sections with contributions of one kind.",
    )
    at_most = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text="The number of news, papers, posters or contributions. If empty: 3 news, 8 of the others.",
    )
    shows_acceptance = models.BooleanField(
        "with accepted entries",
        default=False,
        help_text="Only for the edition in numbers: also how many entries were accepted, once all are "
        "decided and if at least five were accepted and five were not.",
    )
    is_shown = models.BooleanField("shown", default=True, help_text="Untick to hide the section.")

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
                violation_error_message="Choose a group only for a section that shows a group of people.",
            ),
            models.CheckConstraint(
                name="section_shows_its_kind",
                condition=(Q(shows="contributions") & ~Q(kind=""))
                | (~Q(shows="contributions") & Q(kind="")),
                violation_error_message=(
                    "Choose a kind only for a section that shows contributions of one kind."
                ),
            ),
            models.CheckConstraint(
                name="section_in_numbers_shows_acceptance",
                condition=Q(shows_acceptance=False) | Q(shows="numbers"),
                violation_error_message=(
                    "Tick “with accepted entries” only for a section that shows the edition in numbers."
                ),
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.shown_heading) or "Introduction"

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


class SectionLink(OrderableModel, models.Model):  # Model: for mypy, the first has no types
    """A link below the text of a section that shows its links."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(max_length=100)
    url = models.CharField(
        "address",
        max_length=500,
        validators=[validate_link],
        help_text="A web address, or the path of a page of this site, such as /2031/programme/.",
    )
    is_button = models.BooleanField("button", default=False, help_text="Show the link as a button.")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "link of a section"
        verbose_name_plural = "links of sections"
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "label"],
                name="one_section_link_per_label",
                violation_error_message=(
                    "The section already has a link with this label. Choose another label."
                ),
            )
        ]

    def __str__(self) -> str:
        return plain_title(self.label)


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
        help_text="Leave empty for a page of the whole site.",
    )
    title = models.CharField(max_length=200)
    slug = models.SlugField(
        "address",
        max_length=60,
        validators=[validate_page_slug],
        help_text="The last part of the page's address. It cannot be changed later.",
    )
    body = models.TextField("text", validators=[fits_a_page], help_text="Markdown.")
    is_in_navigation = models.BooleanField(
        "in the header", default=False, help_text="Otherwise the link is in the footer."
    )
    menu = models.CharField(
        "menu in the header",
        max_length=40,
        blank=True,
        help_text="Pages with the same word here, such as “Authors”, share a menu of that name.",
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
                violation_error_message="Another page has this address. Choose another one.",
            ),
            # NULL is never equal to NULL in SQL, so the site's pages need a rule of their own.
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(edition=None),
                name="one_site_page_per_slug",
                violation_error_message="Another page has this address. Choose another one.",
            ),
            models.CheckConstraint(
                name="page_belongs_to_an_edition",
                condition=Q(edition__isnull=False) | Q(slug__in=sorted(SITE_PAGES)),
                violation_error_message="Choose an edition for this page.",
            ),
            models.CheckConstraint(
                name="page_in_a_menu_is_in_the_header",
                condition=Q(menu="") | Q(is_in_navigation=True),
                violation_error_message="Tick “in the header”, or leave the menu empty.",
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.title)

    def get_absolute_url(self) -> str:
        if self.edition is None:
            return reverse(f"pages:{self.slug}")
        return reverse("pages:page-detail", args=[self.edition.slug, self.slug])
