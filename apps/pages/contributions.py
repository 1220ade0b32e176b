"""Lists of contributions: speakers with their talks, posters on their boards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from apps.core.questions import Question
from apps.core.text import normalize
from apps.editions.models import Edition
from apps.pages.programme import Place, places_of
from apps.programme.contributors import load_contributors
from apps.programme.models import Contribution, Contributor
from apps.programme.timetable import Timetable
from apps.topics.models import Topic

_INVITED = {
    Contribution.Kind.KEYNOTE: "Keynotes",
    Contribution.Kind.INVITED: "Invited talks",
}
_TALKS: Question[Contribution] = Question(
    lambda edition, keys: (
        Contribution.objects.for_edition(edition)
        .published()
        .filter(Q(kind__in=_INVITED) | Q(pk__in=keys))
        .order_by("pk")
    ),
    edition=int,
    keys=list,
)
_SOME: Question[Contribution] = Question(
    lambda edition, keys: (
        Contribution.objects.for_edition(edition).published().filter(pk__in=keys).order_by()
    ),
    edition=int,
    keys=list,
)


class Mark(NamedTuple):
    """A sign beside some names, and what it means."""

    sign: str
    words: str


def marks_of(contribution: Contribution) -> list[Mark]:
    """The signs its contributors carry."""
    named = list(contribution.contributors.all())
    marks = []
    if any(one.is_equal_contribution for one in named):
        marks.append(Mark("*", "contributed equally"))
    if any(one.is_corresponding for one in named):
        marks.append(Mark("†", "corresponding"))
    return marks


def credits_heading(contribution: Contribution) -> str:
    """What its contributors are together."""
    named = list(contribution.contributors.all())
    roles = {one.role for one in named}
    if roles & {Contributor.Role.PANELLIST, Contributor.Role.MODERATOR}:
        return "Panel" if Contributor.Role.PANELLIST in roles else "People"
    word = "Author" if Contributor.Role.AUTHOR in roles else "Speaker"
    return word if len(named) == 1 else f"{word}s"


@dataclass(frozen=True, slots=True)
class Talk:
    """A keynote or invited talk with its places in the programme."""

    contribution: Contribution
    places: list[Place]


@dataclass(frozen=True, slots=True)
class SpeakerGroup:
    """Talks of one kind."""

    kind: str
    heading: str
    talks: list[Talk]


def published_talks(edition: Edition, keys: Iterable[int] = ()) -> list[Contribution]:
    """Published keynotes, invited talks and what has one of `keys`, with contributors.

    Two queries, or one if there is none.
    """
    talks = _TALKS(edition=edition.pk, keys=sorted(keys))
    for talk in talks:
        talk.edition = edition
    load_contributors(talks)
    return talks


def speakers_of(
    talks: Iterable[Contribution], edition: Edition, timetable: Timetable | None
) -> list[SpeakerGroup]:
    """Those of `talks` that are keynotes or invited, by speakers who are known, in the programme's order.

    `timetable` is what is published of the programme, if anything is.
    """
    places = places_of(timetable, edition)
    ranks = {key: rank for rank, key in enumerate(places)}
    given = [
        Talk(row, places.get(row.pk, []))
        for row in talks
        if row.kind in _INVITED and row.presenters
    ]
    given.sort(key=lambda talk: ranks.get(talk.contribution.pk, len(ranks)))
    groups = [
        SpeakerGroup(kind, heading, [talk for talk in given if talk.contribution.kind == kind])
        for kind, heading in _INVITED.items()
    ]
    return [group for group in groups if group.talks]


@dataclass(frozen=True, slots=True)
class Poster:
    """A poster with where it hangs, as far as that is published."""

    contribution: Contribution
    place: Place | None
    topics: list[Topic] = field(default_factory=list)

    @property
    def board(self) -> str:
        """The number of its board, or nothing."""
        return self.place.slot.board if self.place else ""


class Posters(NamedTuple):
    """How many there are, and those that are shown."""

    total: int
    shown: list[Poster]


def posters_of(
    edition: Edition, timetable: Timetable | None, *, first: int | None = None
) -> Posters:
    """Published contributions that are posters, or have a board in the published programme.

    Those with boards come first, by their numbers; the others by title. Four queries, or three
    if only the `first` few are wanted, which then come without their topics.
    """
    hung = {
        key: next((place for place in places if place.entry.is_simultaneous), None)
        for key, places in places_of(timetable, edition).items()
    }
    on_boards = [key for key, place in hung.items() if place]
    rows = Contribution.objects.for_edition(edition).published()
    rows = rows.filter(Q(kind=Contribution.Kind.POSTER) | Q(pk__in=on_boards))
    keys = list(rows.order_by("title", "pk").values_list("pk", flat=True))
    boards = {key: place.slot.board for key, place in hung.items() if place}
    keys.sort(key=lambda key: (not boards.get(key), natural(boards.get(key, ""))))
    if first is None:
        loaded = list(rows.order_by().with_listing_data())
    else:
        loaded = _SOME(edition=edition.pk, keys=keys[:first])
        load_contributors(loaded)
    found = {row.pk: row for row in loaded}
    for row in found.values():
        row.edition = edition
    posters = [
        Poster(
            found[key], hung.get(key), [] if first is not None else list(found[key].topics.all())
        )
        for key in keys
        if key in found
    ]
    return Posters(len(keys), posters)


def natural(words: str) -> list[tuple[bool, int, str]]:
    """A key that sorts "P2" before "P10"."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part.casefold())
        for part in re.split(r"(\d+)", words)
        if part
    ]


def matching(posters: Iterable[Poster], *, words: str = "", topic: str = "") -> list[Poster]:
    """Those of the topic with the slug `topic` in which all `words` occur, accents and case aside."""
    wanted = _plain(words).split()
    return [
        poster
        for poster in posters
        if (not topic or any(row.slug == topic for row in poster.topics))
        and (not wanted or all(word in _said_of(poster) for word in wanted))
    ]


def _said_of(poster: Poster) -> str:
    row = poster.contribution
    names = (f"{one.shown_name} {one.shown_affiliation}" for one in row.contributors.all())
    return _plain(" ".join([row.title, row.abstract, poster.board, *names]))


def _plain(words: str) -> str:
    """Without case and accents, so that "muller" finds "Müller"."""
    parts = normalize(words.casefold(), "NFKD")
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
