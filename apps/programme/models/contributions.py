"""What is said or shown, and by whom."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.files import PrivateFileField
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.editions.models import Edition
from apps.programme.models.credits import Credit
from apps.programme.slides import random_slides_name, validate_slides
from apps.topics.models import Topic


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def for_edition(self, edition: Edition | int) -> ContributionQuerySet:
        """Those of one edition."""
        return self.filter(edition=edition)

    def published(self) -> ContributionQuerySet:
        """What anybody may see, if the edition is public."""
        return self.filter(is_published=True)

    def with_contributors(self) -> ContributionQuerySet:
        """Loads contributors and their people with one query, however many there are."""
        return self.prefetch_related(Prefetch("contributors", Contributor.objects.with_people()))

    def with_listing_data(self) -> ContributionQuerySet:
        """Loads what a list shows with three queries: contributors with people, and topics."""
        return self.with_contributors().prefetch_related("topics")


class Contribution(Slugged):
    """A talk, a poster, a panel: in no, one or several sessions."""

    slug_source = "slug_words"
    slug_route = "<slug:edition>/contributions/"

    class Kind(models.TextChoices):
        KEYNOTE = "keynote", "Keynote"
        INVITED = "invited", "Invited talk"
        CONTRIBUTED = "contributed", "Contributed talk"
        LIGHTNING = "lightning", "Lightning talk"
        POSTER = "poster", "Poster"
        PAPER = "paper", "Paper"
        PANEL = "panel", "Panel"
        DEMO = "demo", "Demo"
        TUTORIAL = "tutorial", "Tutorial"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="contributions")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INVITED)
    title = models.CharField(max_length=300, blank=True, help_text="“To be announced” if empty.")
    abstract = models.TextField(blank=True, validators=[fits_a_page], help_text="Markdown.")
    topics = models.ManyToManyField(Topic, blank=True, related_name="contributions")
    is_remote = models.BooleanField(
        "given remotely", default=False, help_text="The programme then says so."
    )
    is_published = models.BooleanField(
        "published",
        default=False,
        help_text="Until then only organisers who are signed in can read it. Title, abstract and "
        "links are then public at once; day, time and room with the programme.",
    )
    slides = PrivateFileField(
        blank=True,
        upload_to=random_slides_name,
        validators=[validate_slides],
        help_text="A PDF of at most 50 MB.",
    )
    slides_url = models.URLField("link to the slides", blank=True, max_length=500)
    video_url = models.URLField("link to the recording", blank=True, max_length=500)
    paper_url = models.URLField("link to the paper", blank=True, max_length=500)
    arxiv_url = models.URLField("link to arXiv", blank=True, max_length=500)
    code_url = models.URLField("link to the code", blank=True, max_length=500)
    poster_url = models.URLField("link to the poster", blank=True, max_length=500)
    more_url = models.URLField(
        "link to more", blank=True, max_length=500, help_text="Its authors' own page, for example."
    )

    # Slides have no history: once replaced their file is gone for good.
    history = HistoricalRecords(excluded_fields=["slides"])
    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_contribution_per_slug"),
            models.CheckConstraint(
                name="contribution_of_known_kind",
                condition=Q(
                    kind__in=[
                        "keynote",
                        "invited",
                        "contributed",
                        "lightning",
                        "poster",
                        "paper",
                        "panel",
                        "demo",
                        "tutorial",
                    ]
                ),
                violation_error_message="Choose what kind of contribution it is.",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_kind_display()}, to be announced"

    def get_absolute_url(self) -> str:
        return reverse("pages:contribution", args=[self.edition.slug, self.slug])

    @property
    def file_address(self) -> str:
        """Of its slides, for those who may read of it."""
        return reverse("pages:slides", args=[self.edition.slug, self.slug])

    @property
    def slug_words(self) -> str:
        """What its address is made of."""
        return self.title or self.get_kind_display()

    @property
    def shown_title(self) -> str:
        """The title, or that it is to be announced."""
        return self.title or "To be announced"

    @property
    def presenters(self) -> list[Contributor]:
        """Who has to be there: speakers, moderators, panellists; without any, the first author."""
        named = list(self.contributors.all())
        present = [one for one in named if one.role != Contributor.Role.AUTHOR]
        return present or named[:1]

    @property
    def authors(self) -> list[Contributor]:
        """Who made it, in order: its authors and speakers, without moderators and panellists."""
        makers = {Contributor.Role.AUTHOR, Contributor.Role.SPEAKER}
        return [one for one in self.contributors.all() if one.role in makers]


class ContributorQuerySet(models.QuerySet["Contributor"]):
    def with_people(self) -> ContributorQuerySet:
        """Loads their people in the same query."""
        return self.select_related("person")


class Contributor(Credit):
    """Somebody's part in one contribution."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", "Speaker"
        AUTHOR = "author", "Author"
        MODERATOR = "moderator", "Moderator"
        PANELLIST = "panellist", "Panellist"

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="contributors"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.SPEAKER)
    is_equal_contribution = models.BooleanField(
        "equal contribution", default=False, help_text="A mark says so beside the name."
    )
    is_corresponding = models.BooleanField(
        "corresponding", default=False, help_text="A mark says so beside the name."
    )

    history = HistoricalRecords()
    objects = ContributorQuerySet.as_manager()

    class Meta(Credit.Meta):
        constraints = [
            *Credit.Meta.constraints,
            models.UniqueConstraint(
                fields=["contribution", "person"],
                name="once_in_a_contribution",
                violation_error_message="This person is among the contributors already.",
            ),
            models.CheckConstraint(
                name="contributor_in_known_role",
                condition=Q(role__in=["speaker", "author", "moderator", "panellist"]),
                violation_error_message="Choose in which role.",
            ),
        ]

    def validate_constraints(self, exclude=None) -> None:
        """Refuses somebody who is named already, by name."""
        known = {"contribution", "person"} - set(exclude or ())
        if len(known) == 2 and self.person_id is not None:
            others = Contributor.objects.filter(
                contribution=self.contribution_id, person=self.person_id
            )
            if others.exclude(pk=self.pk).exists():
                raise ValidationError(
                    {"person": f"{self.shown_name} is among the contributors already."}
                )
        super().validate_constraints(exclude)
