"""Who gives what, and where we may write to them: students, and speakers who were sent a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.editions.models import Edition
from apps.interest.letter_texts import dates_in_words
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin, Speaker

PLACEHOLDERS = {
    "name": "Their name",
    "title": "The title of what they give",
    "workshop": "The workshop's name: the edition's short name, or its title",
    "dates": "When the workshop takes place, with the day of the week",
    "place": "Where it takes place",
    "contact": "The edition's contact address",
    "private_link": "The link that opens their own page; made as the letter is sent",
}


@dataclass(frozen=True)
class Addressee:
    """Somebody who has a part in a contribution and whose address is on record."""

    contribution: Contribution
    name: str
    email: str
    who: Expression | Speaker

    @property
    def key(self) -> tuple[int, int | None]:
        """The contribution's key, and the speaker's; None for the student who offered it."""
        return self.contribution.pk, self.who.pk if isinstance(self.who, Speaker) else None

    @property
    def link_maker(self) -> str:
        """Who makes the private link in a letter to them (apps.mail.links)."""
        return "programme" if isinstance(self.who, Speaker) else "interest"

    def values(self, edition: Edition) -> Mapping[str, str]:
        """What PLACEHOLDERS stand for, but for the link."""
        return {
            "name": self.name,
            "title": str(self.contribution),
            "workshop": edition.name,
            "dates": dates_in_words(edition),
            "place": edition.venue or "to be announced",
            "contact": edition.contact_email or "the organisers",
        }


def addressees_of(edition: Edition) -> list[Addressee]:
    """All of one edition, by the title of what they give; three queries."""
    students = Origin.objects.for_edition(edition).filter(
        expression__state=State.CONFIRMED, expression__is_test=False
    )
    found = [
        Addressee(one.contribution, one.expression.name, one.expression.email, one.expression)
        for one in students.select_related("expression", "contribution")
    ]
    speakers = {
        speaker.person_id: speaker
        for speaker in Speaker.objects.for_edition(edition)
        .exclude(email="")
        .select_related("person")
    }
    theirs = Contributor.objects.filter(contribution__edition=edition, person__in=list(speakers))
    for part in theirs.select_related("contribution").order_by("contribution", "ordering", "pk"):
        if part.person_id is not None:
            speaker = speakers[part.person_id]
            found.append(Addressee(part.contribution, speaker.person.name, speaker.email, speaker))
    return sorted(found, key=lambda one: (one.contribution.title.casefold(), one.name))
