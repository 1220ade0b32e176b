"""Who gives or chairs what, and where we may write to them: students, and whoever was sent a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.editions.models import Edition
from apps.interest.letter_texts import dates_in_words
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.letter_texts import MOVED, MOVED_SESSION
from apps.programme.models import (
    Contribution,
    Contributor,
    Origin,
    Session,
    SessionChair,
    Speaker,
)


@dataclass(frozen=True)
class Addressee:
    """Somebody who has a part in a contribution, or chairs a session, and whose address is on record."""

    about: Contribution | Session
    name: str
    email: str
    who: Expression | Speaker

    @property
    def place(self) -> tuple[str, int]:
        """Of what they are told the place: its kind, and its key."""
        return about_key(self.about)

    @property
    def key(self) -> tuple[str, int, int | None]:
        """The same with the speaker's key; None for the student who offered it."""
        return *self.place, self.who.pk if isinstance(self.who, Speaker) else None

    @property
    def kind(self) -> str:
        """Which kind of text they get."""
        return MOVED_SESSION if isinstance(self.about, Session) else MOVED

    @property
    def link_maker(self) -> str:
        """Who makes the private link in a letter to them (apps.mail.links)."""
        return "programme" if isinstance(self.who, Speaker) else "interest"

    def values(self, edition: Edition) -> Mapping[str, str]:
        """What the placeholders of its text stand for, but for link and places."""
        return {
            "name": self.name,
            "title": str(self.about),
            "workshop": edition.name,
            "dates": dates_in_words(edition),
            "place": edition.venue or "to be announced",
            "contact": edition.contact_email or "the organisers",
        }


def addressees_of(edition: Edition) -> list[Addressee]:
    """All of one edition, by the title of what they give or chair; four queries."""
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
    chairs = SessionChair.objects.filter(session__edition=edition, person__in=list(speakers))
    for chair in chairs.select_related("session").order_by("session", "ordering", "pk"):
        if chair.person_id is not None:
            speaker = speakers[chair.person_id]
            found.append(Addressee(chair.session, speaker.person.name, speaker.email, speaker))
    return sorted(found, key=lambda one: (str(one.about).casefold(), one.name))


def about_key(about: Contribution | Session) -> tuple[str, int]:
    """By which a contribution and a session are told apart."""
    return ("session" if isinstance(about, Session) else "contribution"), about.pk
