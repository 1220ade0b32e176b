"""Whom a session or a contribution names: a person of ours, or only a name."""

from __future__ import annotations

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.people.models import Person

_ONE_OF_BOTH = "Choose a person, or write a name: one of both."


class Credit(OrderableModel):
    """Somebody who is named: either a Person, or just a name with an affiliation."""

    person = models.ForeignKey(
        Person,
        # Who is on a programme is not deleted by the way; the desk says where they are named.
        on_delete=models.RESTRICT,
        related_name="%(class)s_credits",
        null=True,
        blank=True,
    )
    name = models.CharField(
        max_length=200, blank=True, help_text="For somebody who is not among the people."
    )
    affiliation = models.TextField(
        blank=True,
        max_length=1000,
        help_text="One per line; the person's own if empty.",
    )

    class Meta:
        abstract = True
        ordering = ["ordering", "pk"]
        constraints: list[models.BaseConstraint] = [
            models.CheckConstraint(
                name="%(class)s_is_person_or_name",
                condition=Q(person__isnull=False, name="") | (Q(person=None) & ~Q(name="")),
                violation_error_message=_ONE_OF_BOTH,
            )
        ]

    def __str__(self) -> str:
        return self.shown_name

    def clean(self) -> None:
        self.name = self.name.strip()
        if (self.person_id is None) == (self.name == ""):
            raise ValidationError(_ONE_OF_BOTH)

    @property
    def shown_name(self) -> str:
        """The person's name, or the one that was written."""
        return self.person.name if self.person else self.name

    @property
    def shown_affiliation(self) -> str:
        """One per line: that of this occasion, or the person's own."""
        return self.affiliation or (self.person.affiliation if self.person else "")

    @property
    def as_person(self) -> Person:
        """The person; of somebody who is only a name, one that is in no database, for a portrait."""
        return self.person or Person(name=self.name)

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two credits of the same human, as far as we can know.

        Two bare names are one human if name and affiliation are the same but for case.
        """
        if self.person_id is not None:
            return ("person", str(self.person_id))
        return ("name", self.name.casefold(), self.affiliation.strip().casefold())
