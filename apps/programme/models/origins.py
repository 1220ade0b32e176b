"""Where a contribution came from, if a student offered it."""

from __future__ import annotations

from django.db import models
from django.db.models import Prefetch, Q

from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.programme.models.contributions import Contribution, Contributor


class OriginQuerySet(models.QuerySet["Origin"]):
    def for_edition(self, edition: Edition) -> OriginQuerySet:
        """Those of one edition, by title."""
        found = self.filter(contribution__edition=edition)
        return found.order_by("contribution__title", "pk")

    def with_what_students_say(self) -> OriginQuerySet:
        """Loads what the student says, with four queries in all; one if there is none."""
        return self.select_related("expression__edition").prefetch_related(
            "expression__topics", "expression__coauthors", "expression__consents"
        )

    def with_both_sides(self) -> OriginQuerySet:
        """Loads what the student says and what the programme says, with seven queries in all."""
        return self.select_related("expression__edition", "contribution").prefetch_related(
            "expression__topics",
            "expression__coauthors",
            "expression__consents",
            "contribution__topics",
            Prefetch("contribution__contributors", Contributor.objects.with_people()),
        )


class Origin(models.Model):
    """The one expression of interest behind a contribution, and what was taken over from it.

    What a student says in private and what the public reads are joined here and nowhere else.
    Erasing the expression ends this row; whether the contribution stays, `forgetting.py` says.
    """

    contribution = models.OneToOneField(
        Contribution, on_delete=models.CASCADE, related_name="origin"
    )
    expression = models.OneToOneField(
        Expression,
        on_delete=models.CASCADE,
        related_name="origin",
        error_messages={"unique": "This expression of interest is on the programme already."},
    )
    format = models.CharField(max_length=10, choices=Format)
    brought_in_at = models.DateTimeField(auto_now_add=True)
    # By the words of students.Field: what the student said when it was last taken over…
    taken = models.JSONField()
    # …and what they said since and organisers chose to leave; a further change shows again.
    left = models.JSONField(default=dict, blank=True)

    objects = OriginQuerySet.as_manager()

    class Meta:
        # Nobody edits these rows by hand, and no role has a right to them: they hold private words.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="origin_of_known_format",
                condition=Q(format__in=["talk", "poster", "both"]),
                violation_error_message="Say whether it is a talk, a poster or both.",
            )
        ]

    def __str__(self) -> str:
        # Not who or what: this stands in lists of what would be deleted.
        return f"Origin {self.pk}"

    @property
    def is_talk(self) -> bool:
        """Whether it belongs in a lightning round."""
        return self.format in {Format.TALK, Format.BOTH}

    @property
    def is_poster(self) -> bool:
        """Whether it needs a board."""
        return self.format in {Format.POSTER, Format.BOTH}
