"""Recipients of letters about a contribution or a session: students, and people of the programme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.texts import edition_values
from apps.people.models import Person
from apps.programme.letter_texts import MOVED, MOVED_SESSION
from apps.programme.models import Contribution, Origin, Session


@dataclass(frozen=True)
class Addressee:
    """The recipient of a letter about one contribution or session, and the private link in it.

    `expression` is given for the student who submitted the contribution, `person` for others.
    """

    about: Contribution | Session
    name: str
    email: str
    link_maker: str  # as registered with apps.mail.links
    link_subject: int
    expression: Expression | None = None
    person: Person | None = None

    @property
    def place(self) -> tuple[str, int]:
        """Kind and key of what the letter is about."""
        return about_key(self.about)

    @property
    def key(self) -> tuple[str, int, int | None]:
        """`place` with the key of the person; None for the student."""
        return *self.place, self.person.pk if self.person else None

    @property
    def kind(self) -> str:
        """The kind of letter text."""
        return MOVED_SESSION if isinstance(self.about, Session) else MOVED

    def values(self, edition: Edition) -> Mapping[str, str]:
        """Values of the placeholders of the letter text, except for the link and the places."""
        return {
            "name": self.name,
            "title": str(self.about),
            **edition_values(edition),
        }


_sources: list[Callable[[Edition], Iterable[Addressee]]] = []


def register_addressees(source: Callable[[Edition], Iterable[Addressee]]) -> None:
    """Register a function of an app above that returns further addressees of an edition."""
    _sources.append(source)


def addressees_of(edition: Edition) -> list[Addressee]:
    """Return all addressees of an edition, sorted by the title of the contribution or session."""
    students = Origin.objects.for_edition(edition).filter(
        expression__state=State.CONFIRMED, expression__is_test=False
    )
    addressees = [
        Addressee(
            about=origin.contribution,
            name=origin.expression.name,
            email=origin.expression.email,
            link_maker="interest",
            link_subject=origin.expression.pk,
            expression=origin.expression,
        )
        for origin in students.select_related("expression", "contribution")
    ]
    for source in _sources:
        addressees += source(edition)
    return sorted(addressees, key=lambda to: (str(to.about).casefold(), to.name))


def about_key(about: Contribution | Session) -> tuple[str, int]:
    """Return a key that tells contributions and sessions apart."""
    return ("session" if isinstance(about, Session) else "contribution"), about.pk
