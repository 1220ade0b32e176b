"""Groups of people in an edition."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from apps.core.inline_markup import plain_title
from apps.core.models import Slugged
from apps.editions.models import Edition
from apps.people.models.persons import Person, ShownPerson


class GroupQuerySet(models.QuerySet["Group"]):
    def of_open_editions(self) -> GroupQuerySet:
        """Groups of editions that are not archived, the current edition's first."""
        rows = self.exclude(edition__state=Edition.State.ARCHIVED).select_related("edition")
        return rows.order_by("-edition__is_current", "-edition__year", "edition", "ordering", "pk")

    def with_members(self) -> GroupQuerySet:
        """Load members and their people; one more query."""
        return self.prefetch_related(
            models.Prefetch("memberships", Membership.objects.select_related("person"))
        )


class Group(Slugged, OrderableModel):
    """People under one heading of an edition, such as "Organization Chairs"."""

    class Display(models.TextChoices):
        PORTRAITS = "portraits", "Portraits"
        SMALL_PORTRAITS = "small_portraits", "Small portraits"
        NAMES = "names", "Names and affiliations in columns"
        BIOGRAPHIES = "biographies", "Portraits with biographies beside them"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="groups")
    heading = models.CharField(max_length=200)
    display = models.CharField(
        "shown as",
        max_length=20,
        choices=Display,
        default=Display.PORTRAITS,
        help_text="Names in columns suit a committee of a hundred. Biographies that are not beside "
        "portraits can be unfolded below the group.",
    )

    history = HistoricalRecords()
    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_group_per_slug"),
            models.CheckConstraint(
                name="group_of_known_display",
                condition=Q(display__in=["portraits", "small_portraits", "names", "biographies"]),
                violation_error_message="Choose how the group is shown.",
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.heading)

    def get_absolute_url(self) -> str:
        return f"{reverse('pages:people', args=[self.edition.slug])}#{self.slug}"


class Membership(OrderableModel, models.Model):  # Model: for mypy, the first has no types
    """A person's membership in a group, with role and affiliation in it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    affiliation = models.TextField(
        "affiliation that year",
        blank=True,
        max_length=1000,
        help_text="One per line. If empty, the person's own is used.",
    )
    role = models.CharField(
        blank=True,
        max_length=100,
        help_text=("The role in the group, such as Publicity. Shown below the name."),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person"],
                name="once_in_a_group",
                violation_error_message="This person is already in the group. Change or remove that row.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.group}"

    @cached_property
    def shown_person(self) -> ShownPerson:
        """The person as the pages of the edition show them."""
        return self.person.shown_in(self.group.edition)

    @property
    def shown_affiliation(self) -> str:
        """Affiliation in the group, in the edition, or the person's own."""
        return self.affiliation or self.shown_person.affiliation
