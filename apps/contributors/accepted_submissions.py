"""Accepted expressions become contributions: confirmed ones, one each, however often it is pressed.

What can come in does; what cannot is named with its reason, and holds nothing else up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from apps.contributors.snapshot import Field, Said, abstract_of, said_by
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

# A link to one of these says what it is by its host; of another we know only that there is more.
_HOSTS = {
    "arxiv.org": "arxiv_url",
    "github.com": "code_url",
    "gitlab.com": "code_url",
    "codeberg.org": "code_url",
}
LINKS = ("arxiv_url", "code_url", "more_url")


def waiting_to_come(edition: Edition) -> QuerySet[Expression]:
    """The confirmed expressions of `edition` that are not on its programme, in the order they came."""
    confirmed = (
        Expression.objects.for_edition(edition).exclude_tests().filter(state=State.CONFIRMED)
    )
    return confirmed.filter(origin=None).order_by("submitted_at", "pk")


@dataclass(frozen=True)
class LeftOut:
    """Somebody's expression that did not come in, and why, as the end of a sentence."""

    title: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"“{self.title}” by {self.name}"


@dataclass
class Brought:
    """What a press brought in, which of those asked for it did not, and how many of these nobody knows."""

    contributions: list[Contribution] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unknown: int = 0


def bring_in(*, edition: Edition, expressions: Iterable[int], is_published: bool) -> Brought:
    """Makes a contribution of each of `expressions` (keys) that is confirmed and not brought in yet.

    A confirmed talk and poster is one contribution, whose slots say what it is there. Without
    consent to publish it holds title and name alone. Each comes in whole or not at all, and the
    others whatever becomes of it; of two presses at once the second finds nothing left to do.
    """
    asked = set(expressions)
    brought = Brought()
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        found = waiting_to_come(edition).select_for_update(of=("self",)).filter(pk__in=asked)
        rows = list(found.prefetch_related("topics", "coauthors", "consents"))
        for row in rows:
            try:
                with transaction.atomic():
                    brought.contributions.append(_made_of(edition, row, is_published))
            except ValidationError as fault:
                words = " ".join(dict.fromkeys(fault.messages))
                brought.left_out.append(
                    LeftOut(row.title, row.name, f"cannot be taken over: {words}")
                )
        others = asked - {row.pk for row in rows}
        stayed = (
            Expression.objects.for_edition(edition)
            .filter(pk__in=others)
            .select_related("origin")
            .order_by("submitted_at", "pk")
        )
        brought.left_out += [LeftOut(row.title, row.name, _why_not(row)) for row in stayed]
        brought.unknown = len(others) - len(stayed)
    return brought


def _why_not(expression: Expression) -> str:
    """Why it does not wait to come in."""
    if hasattr(expression, "origin"):
        return "is on the programme already"
    if expression.is_test:
        return "is a rehearsal"
    return f"is not confirmed any more: {expression.get_state_display().lower()}"


def hidden_ones(edition: Edition) -> QuerySet[Contribution]:
    """Those that came from students and that nobody but organisers can read yet."""
    found = Contribution.objects.for_edition(edition).filter(is_published=False)
    return found.exclude(origin=None).order_by("title", "pk")


def publish_brought_in(*, edition: Edition, contributions: Iterable[int]) -> int:
    """Lets anybody read those of `contributions` (keys) that came from students; how many they were."""
    with transaction.atomic():
        rows = list(
            hidden_ones(edition).select_for_update(of=("self",)).filter(pk__in=contributions)
        )
        for row in rows:
            row.is_published = True
            row.save()
    return len(rows)


def kind_of(format_: str) -> str:
    """What a contribution is by itself; one that is both is a talk, and a poster in its other slot."""
    is_poster = format_ == Format.POSTER
    return Contribution.Kind.POSTER if is_poster else Contribution.Kind.LIGHTNING


def links_of(said: Said) -> dict[str, str]:
    """In which of LINKS a student's link belongs; the others are empty."""
    links = dict.fromkeys(LINKS, "")
    if link := said[Field.LINK]:
        host = (urlsplit(link).hostname or "").removeprefix("www.")
        links[_HOSTS.get(host, "more_url")] = link
    return links


def author_rows(contribution: Contribution, said: Said) -> Iterator[Contributor]:
    """Who gives it, then who worked on it too, in order; not yet saved."""
    names = [(said[Field.NAME], said[Field.UNIVERSITY]), *said[Field.COAUTHORS]]
    for number, (name, affiliation) in enumerate(names, start=1):
        role = Contributor.Role.SPEAKER if number == 1 else Contributor.Role.AUTHOR
        yield Contributor(
            contribution=contribution,
            name=name,
            affiliation=affiliation,
            role=role,
            ordering=10 * number,
        )


def _made_of(edition: Edition, expression: Expression, is_published: bool) -> Contribution:
    """Raises ValidationError if it is what a programme cannot hold; some of it may be saved then."""
    said = said_by(expression)
    contribution = Contribution(
        edition=edition,
        kind=kind_of(expression.confirmed_format),
        title=said[Field.TITLE],
        abstract=abstract_of(said),
        is_published=is_published,
        **links_of(said),
    )
    contribution.full_clean(exclude=["edition", "slug"])  # this is set as it is saved
    contribution.save()
    for row in author_rows(contribution, said):
        row.full_clean(exclude=["contribution"])
        row.save()
    contribution.topics.set(Topic.objects.filter(pk__in=said[Field.TOPICS]))
    Origin.objects.create(
        contribution=contribution,
        expression=expression,
        format=expression.confirmed_format,
        taken=said,
    )
    return contribution
