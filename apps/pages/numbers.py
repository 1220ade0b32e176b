"""The section “In numbers” of a home page: sums of an edition, none of which singles out a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext, ngettext

from apps.core.search import fold
from apps.editions.models import Edition
from apps.pages.all_editions import list_editions
from apps.people.models import PersonProfile
from apps.programme.models import Contributor

# A sum of fewer people could single out one of them, or one who is not in it.
FEWEST = 5


class Totals(NamedTuple):
    """Sums of private rows. `attendees` are those who came, or were registered without check-in."""

    applied: int = 0
    accepted: int = 0
    is_decided: bool = False
    attendees: int = 0


class Number(NamedTuple):
    """ "24 talks" in three parts, of which the middle one is shown large; with the list's address."""

    before: str
    number: str
    after: str
    url: str = ""


_sources: list[Callable[[Edition], Totals]] = []


def register_totals(source: Callable[[Edition], Totals]) -> None:
    """Have the sums of private rows counted by the app that also keeps them after an erasure."""
    _sources[:] = [source]


def list_numbers(edition: Edition, *, with_acceptance: bool) -> list[Number]:
    """What an edition has in numbers: of its public pages, its attendees, and its acceptance."""
    [listed] = list_editions([edition])
    phrases = [(figure.words, figure.url) for figure in listed.figures]
    topics, affiliations = edition.topics.count(), _count_affiliations(edition)
    if topics:
        words = ngettext("%(number)d topic", "%(number)d topics", topics)
        phrases.append((words % {"number": topics}, ""))
    if affiliations:
        words = ngettext("%(number)d affiliation", "%(number)d affiliations", affiliations)
        phrases.append((words % {"number": affiliations}, ""))
    phrases += [(words, "") for words in _count_people(edition, with_acceptance=with_acceptance)]
    return [_split(words, url) for words, url in phrases]


def _count_affiliations(edition: Edition) -> int:
    """Affiliations of the people that published contributions name, each spelling once."""
    profiles = PersonProfile.objects.filter(edition=edition).exclude(affiliation="")
    of_edition = dict(profiles.values_list("person", "affiliation"))
    credits = Contributor.objects.filter(
        contribution__edition=edition, contribution__is_published=True
    )
    texts = (
        own or of_edition.get(person, "") or general or ""
        for own, person, general in credits.values_list(
            "affiliation", "person", "person__affiliation"
        )
    )
    return len({fold(line.strip()) for text in texts for line in text.splitlines() if line.strip()})


def _count_people(edition: Edition, *, with_acceptance: bool) -> list[str]:
    """Attendees after the last day, and accepted entries once all of them are decided."""
    is_attended = _is_over(edition) and not edition.is_cancelled
    if not (is_attended or with_acceptance) or not _sources:
        return []
    totals, phrases = _sources[0](edition), []
    if is_attended and totals.attendees >= FEWEST:
        words = ngettext("%(number)d attendee", "%(number)d attendees", totals.attendees)
        phrases.append(words % {"number": totals.attendees})
    rejected = totals.applied - totals.accepted
    if with_acceptance and totals.is_decided and min(totals.accepted, rejected) >= FEWEST:
        words = gettext("%(accepted)d of %(applied)d entries accepted")
        phrases.append(words % {"accepted": totals.accepted, "applied": totals.applied})
    return phrases


def _is_over(edition: Edition) -> bool:
    """Whether its last day is over; unlike `is_past` not before, in a static copy of it."""
    if edition.last_day is None:
        return edition.state == Edition.State.ARCHIVED
    return edition.last_day < edition.today


def _split(words: str, url: str) -> Number:
    """The words around their first number."""
    start = next((place for place, letter in enumerate(words) if letter.isdecimal()), 0)
    end = start
    while end < len(words) and words[end].isdecimal():
        end += 1
    return Number(words[:start], words[start:end], words[end:], url)
