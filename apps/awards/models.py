"""Awards of an edition and their recipients: contributions, people or other papers."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.editions.models import Edition
from apps.people.models import Person, ShownPerson
from apps.programme.models import Contribution, Contributor

_ONE_OF_THREE = "Choose a contribution or a person, or enter a title: exactly one of the three."


class AwardQuerySet(models.QuerySet["Award"]):
    def published(self) -> AwardQuerySet:
        """Awards that visitors may see while their edition is public."""
        return self.filter(is_published=True)

    def with_public_recipients(self) -> AwardQuerySet:
        """Load `public_recipients` with all that a page shows of them; three more queries."""
        recipients = Recipient.objects.public().select_related("person", "contribution__edition")
        contributors = Prefetch(
            "contribution__contributors", Contributor.objects.select_related("person")
        )
        return self.prefetch_related(
            Prefetch(
                "recipients",
                recipients.prefetch_related(contributors, "contribution__links"),
                to_attr="public_recipients",
            )
        )


class Award(Slugged, OrderableModel):
    """An award of one edition."""

    class Kind(models.TextChoices):
        AWARD = "award", "Award"
        HONOURABLE_MENTION = "honourable_mention", "Honourable mention"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="awards")
    heading = models.CharField(max_length=200, help_text="The name, such as “Best paper”.")
    kind = models.CharField(
        max_length=20,
        choices=Kind,
        default=Kind.AWARD,
        help_text="Honourable mentions are shown smaller.",
    )
    description = models.TextField(
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. For example the reasons, and who decided.",
    )
    is_published = models.BooleanField(
        "published", default=False, help_text="Until then only organisers see it."
    )

    history = HistoricalRecords()
    objects = AwardQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_award_per_slug"),
            models.CheckConstraint(
                name="award_of_known_kind",
                condition=Q(kind__in=["award", "honourable_mention"]),
                violation_error_message="Choose whether it is an award or an honourable mention.",
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.heading)

    def get_absolute_url(self) -> str:
        return f"{reverse('pages:awards', args=[self.edition.slug])}#{self.slug}"


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def public(self) -> RecipientQuerySet:
        """Exclude contributions that are not published."""
        return self.filter(Q(contribution=None) | Q(contribution__is_published=True))


class Recipient(Slugged, OrderableModel):
    """A contribution, a person or another paper that received an award."""

    slug_source = "shown_title"
    slug_scope = "award"

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="recipients")
    contribution = models.ForeignKey(
        Contribution,
        # An award must not lose its recipient when the contribution is deleted.
        on_delete=models.RESTRICT,
        related_name="awards_received",
        null=True,
        blank=True,
    )
    person = models.ForeignKey(
        Person, on_delete=models.RESTRICT, related_name="awards_received", null=True, blank=True
    )
    title = models.CharField(
        max_length=300, blank=True, help_text="The title of a paper that is not on the programme."
    )
    authors = models.TextField(
        blank=True, max_length=5000, help_text="The authors of that paper, one per line."
    )
    link = models.URLField(blank=True, max_length=500, help_text="The address of that paper.")

    history = HistoricalRecords()
    objects = RecipientQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["award", "slug"], name="one_recipient_per_slug"),
            models.UniqueConstraint(
                fields=["award", "contribution"],
                name="one_award_per_contribution",
                violation_error_message="This contribution already has the award. Choose another one.",
            ),
            models.UniqueConstraint(
                fields=["award", "person"],
                name="one_award_per_person",
                violation_error_message="This person already has the award. Choose someone else.",
            ),
            models.CheckConstraint(
                name="recipient_is_one_of_three",
                condition=Q(contribution__isnull=False, person=None, title="")
                | Q(contribution=None, person__isnull=False, title="")
                | (Q(contribution=None, person=None) & ~Q(title="")),
                violation_error_message=_ONE_OF_THREE,
            ),
            models.CheckConstraint(
                name="recipient_has_authors_of_its_title",
                condition=~Q(title="") | Q(authors="", link=""),
                violation_error_message="Authors and link belong to a title; a contribution and a "
                "person have their own.",
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.shown_title)

    def clean(self) -> None:
        """Refuse a contribution of another edition."""
        if self.contribution and self.contribution.edition_id != self.award.edition_id:
            raise ValidationError({"contribution": "This contribution belongs to another edition."})

    @property
    def shown_title(self) -> str:
        """Title of the contribution or paper, or the person's name."""
        if self.contribution:
            return self.contribution.shown_title
        return self.person.name if self.person else self.title

    @cached_property
    def shown_person(self) -> ShownPerson | None:
        """The person as the pages of the edition show them, if it is a person."""
        return self.person.shown_in(self.award.edition) if self.person else None

    @property
    def names(self) -> list[str]:
        """Authors in order; for a person, their affiliations."""
        if self.contribution:
            return [author.shown_name for author in self.contribution.authors]
        text = self.shown_person.affiliation if self.shown_person else self.authors
        return [line.strip() for line in text.splitlines() if line.strip()]

    @property
    def url(self) -> str:
        """Address with more about the recipient, or ""."""
        if self.contribution:
            return self.contribution.get_absolute_url()
        return self.shown_person.name_url if self.shown_person else self.link
