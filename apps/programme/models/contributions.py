"""Contributions and their contributors."""

from __future__ import annotations

from typing import ClassVar

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from simple_history.models import HistoricalRecords

from apps.core.files import PrivateFileField
from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.core.search import Fold
from apps.editions.models import Edition
from apps.people.models import Person, ShownPerson
from apps.programme.models.kinds import ContributionKind, label_of_contributions
from apps.programme.models.links import PAPER_LINKS, ContributionLink, LinkKind, ShownLink
from apps.programme.models.uploads import random_slides_name, validate_slides
from apps.topics.models import Topic


class Credit(OrderableModel, models.Model):  # Model: for mypy, the first has no types
    """A named participant: either a Person, or a bare name with an affiliation."""

    person = models.ForeignKey(
        Person,
        # Deleting a person is refused while a programme names them.
        on_delete=models.RESTRICT,
        related_name="%(class)s_credits",
        null=True,
        blank=True,
    )
    name = models.CharField(
        max_length=200, blank=True, help_text="For someone who is not in the list of people."
    )
    affiliation = models.TextField(
        blank=True,
        max_length=1000,
        help_text="One per line; the person's own if empty.",
    )

    class Meta:
        abstract = True
        ordering = ["ordering", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(class)s_has_person_or_name",
                condition=Q(person__isnull=False) | ~Q(name=""),
                violation_error_message="Choose a person, or enter a name.",
            ),
            models.CheckConstraint(
                name="%(class)s_has_not_both",
                condition=Q(person=None) | Q(name=""),
                violation_error_message="Choose a person, or enter a name, not both.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    def clean(self) -> None:
        self.name = self.name.strip()

    @property
    def shown_name(self) -> str:
        """The name of the person, or the bare name."""
        return self.person.name if self.person else self.name

    @property
    def edition(self) -> Edition:
        """The edition whose programme has this credit."""
        raise NotImplementedError

    @cached_property
    def shown_person(self) -> ShownPerson:
        """The person as the pages of the edition show them; a bare name has no other facts."""
        if self.person:
            return self.person.shown_in(self.edition)
        return ShownPerson(Person(name=self.name))

    @property
    def shown_affiliation(self) -> str:
        """Affiliations, one per line: those of this credit, or the person's in the edition."""
        return self.affiliation or self.shown_person.affiliation

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two credits of the same person; bare names by name and affiliation."""
        if self.person_id is not None:
            return ("person", str(self.person_id))
        return ("name", self.name.casefold(), self.affiliation.strip().casefold())


INVITED_KINDS = {
    ContributionKind.KEYNOTE,
    ContributionKind.INVITED,
    ContributionKind.INDUSTRY,
}
OTHER_TALK_KINDS = {
    ContributionKind.CONTRIBUTED,
    ContributionKind.TALK,
    ContributionKind.LIGHTNING,
    ContributionKind.TUTORIAL,
    ContributionKind.DEMO,
}
_KINDS_WITH_PAPERS = {
    ContributionKind.CONTRIBUTED,
    ContributionKind.TALK,
    ContributionKind.LIGHTNING,
    ContributionKind.POSTER,
    ContributionKind.DEMO,
}


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def for_edition(self, edition: Edition | int) -> ContributionQuerySet:
        """Contributions of one edition."""
        return self.filter(edition=edition)

    def published(self) -> ContributionQuerySet:
        """Contributions that the public may read, if the edition is public."""
        return self.filter(is_published=True)

    def with_content(self) -> ContributionQuerySet:
        """Contributions that are not empty: with a title, an abstract or a name."""
        return self.exclude(self._is_empty())

    def published_or_empty(self) -> ContributionQuerySet:
        """Those that the public may read, and empty ones, which need no hiding."""
        return self.filter(Q(is_published=True) | self._is_empty())

    @staticmethod
    def _is_empty() -> Q:
        names = Contributor.objects.filter(contribution=OuterRef("pk"))
        return Q(~Exists(names), title="", abstract="")

    def with_contributors(self) -> ContributionQuerySet:
        """Load contributors and their people; one query more."""
        return self.prefetch_related(
            Prefetch("contributors", Contributor.objects.select_related("person"))
        )

    def with_listing_data(self) -> ContributionQuerySet:
        """Load contributors with people, topics and links; three queries more."""
        return self.with_contributors().prefetch_related("topics", "links")

    def papers(self) -> ContributionQuerySet:
        """Papers, and what its contributors gave as a talk, poster or demo with a link to a paper."""
        links = ContributionLink.objects.filter(contribution=OuterRef("pk"), kind__in=PAPER_LINKS)
        has_paper = ~Q(paper_url="") | ~Q(arxiv_url="") | Exists(links)
        return self.filter(
            Q(kind=ContributionKind.PAPER) | (Q(kind__in=_KINDS_WITH_PAPERS) & has_paper)
        )

    def talks(self) -> ContributionQuerySet:
        """Talks of all kinds, tutorials and demos."""
        return self.filter(kind__in=INVITED_KINDS | OTHER_TALK_KINDS)

    def in_listed_order(self) -> ContributionQuerySet:
        """Those with a place in lists first, the others by title."""
        return self.order_by(F("list_position").asc(nulls_last=True), Fold("title"), "pk")


class Contribution(Slugged):
    """A talk, poster or panel, in any number of sessions."""

    slug_source = "slug_title"
    slug_route = "<slug:edition>/contributions/"

    Kind = ContributionKind

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="contributions")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.TALK)
    title = models.CharField(max_length=300, blank=True, help_text="“To be announced” if empty.")
    abstract = models.TextField(blank=True, validators=[fits_a_page], help_text="Markdown.")
    topics = models.ManyToManyField(Topic, blank=True, related_name="contributions")
    is_remote = models.BooleanField(
        "given remotely", default=False, help_text="The programme shows this."
    )
    is_published = models.BooleanField(
        "published",
        default=False,
        help_text=(
            "Until then only signed-in organisers see it. Then title, abstract and links are "
            "public immediately; day, time and room with the next release of the programme."
        ),
    )
    list_position = models.PositiveSmallIntegerField(
        "place in lists",
        null=True,
        blank=True,
        help_text=(
            "In the lists of papers, talks and posters 1 is first. Entries without a number "
            "follow by title."
        ),
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
        "link to more", blank=True, max_length=500, help_text="For example the authors' own page."
    )

    # Slides have no history: a replaced file is deleted.
    history = HistoricalRecords(excluded_fields=["slides"])
    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ["edition", Fold("title"), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_contribution_per_slug"),
            models.CheckConstraint(
                name="contribution_of_known_kind",
                condition=Q(kind__in=ContributionKind.values),
                violation_error_message="Choose the kind of contribution.",
            ),
        ]

    def __str__(self) -> str:
        if self.title:
            return plain_title(self.title)
        return gettext("%(kind)s, to be announced") % {
            "kind": self.kind_label or gettext("Contribution")
        }

    def get_absolute_url(self) -> str:
        return reverse("pages:contribution", args=[self.edition.slug, self.slug])

    @property
    def file_address(self) -> str:
        """The URL of the slides."""
        return reverse("pages:slides", args=[self.edition.slug, self.slug])

    @property
    def file_label(self) -> str:
        """The name of its PDF: “Poster” or “Slides”."""
        return gettext("Poster") if self.kind == ContributionKind.POSTER else gettext("Slides")

    @property
    def shown_links(self) -> list[ShownLink]:
        """All links for visitors: those of its own fields, then `links`."""
        is_poster = self.kind == ContributionKind.POSTER
        file_kind = LinkKind.POSTER if is_poster else LinkKind.SLIDES
        file_url = self.file_address if self.slides else ""
        fields = (
            ShownLink(LinkKind.PAPER, gettext("Paper"), self.paper_url),
            ShownLink(LinkKind.PREPRINT, "arXiv", self.arxiv_url),
            ShownLink(file_kind, self.file_label, file_url, "PDF"),
            ShownLink(LinkKind.SLIDES, gettext("Slides"), self.slides_url),
            ShownLink(LinkKind.POSTER, gettext("Poster"), self.poster_url),
            ShownLink(LinkKind.VIDEO, gettext("Recording"), self.video_url),
            ShownLink(LinkKind.CODE, gettext("Code"), self.code_url),
            ShownLink(LinkKind.OTHER, gettext("More"), self.more_url),
        )
        links = [link for link in fields if link.url]
        return links + [link.shown for link in self.links.all()]

    @property
    def slug_title(self) -> str:
        """The text that the slug is made from: the title, or the kind as in every edition."""
        is_other = self.kind == self.Kind.OTHER
        return self.title or ("Contribution" if is_other else self.get_kind_display())

    @property
    def kind_label(self) -> str:
        """The edition's name for its kind; "" for another kind without a name."""
        return label_of_contributions(self.edition, self.kind)

    @property
    def shown_title(self) -> str:
        """The title; without one “To be announced”, or the kind if the edition is past."""
        if self.title:
            return self.title
        if self.edition.is_past:
            return self.kind_label or gettext("Contribution")
        return gettext("To be announced")

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: no title, abstract or name. It may fill time in a session."""
        return not (self.title or self.abstract or self.contributors.all())

    @property
    def presenters(self) -> list[Contributor]:
        """Contributors who have to be present: all but authors, or else the first author."""
        credits = list(self.contributors.all())
        present = [credit for credit in credits if credit.role != Contributor.Role.AUTHOR]
        return present or credits[:1]

    @property
    def authors(self) -> list[Contributor]:
        """Authors and speakers in order, without moderators and panellists."""
        roles = {Contributor.Role.AUTHOR, Contributor.Role.SPEAKER}
        return [credit for credit in self.contributors.all() if credit.role in roles]


class Contributor(Credit):
    """The part of a person or name in one contribution."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", gettext_lazy("Speaker")
        AUTHOR = "author", gettext_lazy("Author")
        MODERATOR = "moderator", gettext_lazy("Moderator")
        PANELLIST = "panellist", gettext_lazy("Panellist")

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="contributors"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.SPEAKER)
    is_equal_contribution = models.BooleanField(
        "equal contribution", default=False, help_text="Shown as a mark beside the name."
    )
    is_corresponding = models.BooleanField(
        "corresponding", default=False, help_text="Shown as a mark beside the name."
    )

    history = HistoricalRecords()

    class Meta(Credit.Meta):
        constraints = [
            *Credit.Meta.constraints,
            models.UniqueConstraint(
                fields=["contribution", "person"],
                name="once_in_a_contribution",
                violation_error_message=(
                    "This person is already one of the contributors. Remove one of the two rows."
                ),
            ),
            models.CheckConstraint(
                name="contributor_in_known_role",
                condition=Q(role__in=["speaker", "author", "moderator", "panellist"]),
                violation_error_message="Choose a role.",
            ),
        ]

    @property
    def edition(self) -> Edition:
        return self.contribution.edition

    @property
    def panel_role(self) -> str:
        """ "Moderator" or "Panellist"; "" in any other role."""
        is_on_panel = self.role in {self.Role.MODERATOR, self.Role.PANELLIST}
        return self.get_role_display() if is_on_panel else ""
