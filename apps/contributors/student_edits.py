"""What students said differently since it was taken over: shown, and taken over or left by a chair.

The published text never changes by itself. Each difference is one field of one contribution and
carries a stamp of what was seen, so that a press never takes over what nobody has read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from apps.contributors.accepted_submissions import LINKS, author_rows, kind_of, links_of
from apps.contributors.snapshot import WITH_CONSENT, Field, Said, abstract_of, is_coming, said_by
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic


class NotAllowed(Exception):
    """The step is not possible as things stand; its words are for people."""


class ChangedMeanwhile(Exception):
    """The student said something else since it was read, or another chair was faster."""


@dataclass(frozen=True)
class Difference:
    """One field: what the programme says now, what the student says now, in people's words.

    Of an abstract both are Markdown.
    """

    field: Field
    here: str
    theirs: str
    stamp: str
    may_leave: bool = True

    @property
    def sent(self) -> str:
        """What a form sends of it."""
        return f"{self.field.value}:{self.stamp}"

    @property
    def is_urgent(self) -> bool:
        """Whether it is about what may be on the programme at all."""
        return self.field in {Field.STANDING, Field.CONSENT}


@dataclass(frozen=True)
class Corrected:
    """A contribution with what differs, the gravest first."""

    origin: Origin
    differences: list[Difference]

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is not confirmed any more."""
        return any(difference.field is Field.STANDING for difference in self.differences)

    @property
    def is_urgent(self) -> bool:
        """Whether it is about what may be on the programme at all."""
        return any(difference.is_urgent for difference in self.differences)


def corrections_of(edition: Edition) -> list[Corrected]:
    """What waits for a look, withdrawn ones first; eight queries, however much it is."""
    headings = _headings(edition)
    found = [
        Corrected(origin, differences)
        for origin in Origin.objects.for_edition(edition).with_both_sides()
        if (differences := differences_of(origin, headings))
    ]
    return sorted(found, key=lambda one: (not one.is_withdrawn, not one.is_urgent))


def count_corrections(edition: Edition) -> int:
    """How many `corrections_of` has: four queries while none has, eight if some, one without students."""
    origins = Origin.objects.for_edition(edition).with_expressions()
    differing = [one for one in origins if _fields_that_differ(one, said_by(one.expression))]
    if not differing:
        return 0
    headings = _headings(edition)
    contributors = Contributor.objects.with_people()
    prefetch_related_objects(
        differing, "contribution__topics", Prefetch("contribution__contributors", contributors)
    )
    return sum(bool(differences_of(one, headings)) for one in differing)


def differences_of(origin: Origin, headings: Mapping[int, str]) -> list[Difference]:
    """What its student says otherwise than what was taken over or left; `headings` of topics by key."""
    said = said_by(origin.expression)
    here = _words_here(origin.contribution, origin, headings)
    return [
        Difference(
            field=field,
            here=here[field],
            theirs=_words(field, said, headings),
            stamp=_stamp(said[field]),
            may_leave=not (field is Field.CONSENT and not said[field]),
        )
        for field in _fields_that_differ(origin, said)
        if here[field] != _words(field, said, headings) or field in {Field.STANDING, Field.CONSENT}
    ]


def _fields_that_differ(origin: Origin, said: Said) -> list[Field]:
    taken = origin.taken
    if not is_coming(said):
        fields = [Field.STANDING]
    elif said[Field.CONSENT] != taken[Field.CONSENT]:
        # Given or taken back, it decides on all that stands on it; there is nothing to compare.
        fields = [field for field in Field if field not in WITH_CONSENT]
    else:
        fields = list(Field)
    return [
        field
        for field in fields
        if said[field] != taken[field] and said[field] != origin.left.get(field, taken[field])
    ]


def take_over(*, origin: int, seen: Mapping[str, str]) -> Contribution:
    """Writes what the student says in each of the fields `seen` (field: stamp) into the programme.

    Raises ChangedMeanwhile if it is not what was seen, NotAllowed in words.
    """
    with transaction.atomic():
        row, said = _locked(origin, seen)
        fields = [Field(name) for name in seen]
        if Field.STANDING in fields and not is_coming(said):
            raise NotAllowed("Take it off the programme, or leave it.")
        contribution = row.contribution
        for field in fields:
            _write(row, contribution, said, field)
        contribution.save()
        row.save()
    return contribution


def leave(*, origin: int, seen: Mapping[str, str]) -> Contribution:
    """Keeps what the programme says, and remembers what was left until the student changes it again.

    Raises as `take_over` does; a consent taken back cannot be left.
    """
    with transaction.atomic():
        row, said = _locked(origin, seen)
        if Field.CONSENT in seen and not said[Field.CONSENT]:
            raise NotAllowed("A consent that was taken back cannot be left: take it over.")
        for name in seen:
            row.left[name] = said[name]
        row.save()
    return row.contribution


def take_off(*, origin: int, seen: Mapping[str, str]) -> str:
    """Removes the contribution of somebody who no longer comes, from its sessions too; its title.

    Raises as `take_over` does; somebody who comes is not taken off here.
    """
    with transaction.atomic():
        row, said = _locked(origin, seen)
        if is_coming(said):
            raise NotAllowed("It is confirmed.")
        title = row.contribution.shown_title
        row.contribution.delete()
    return title


def _locked(origin: int, seen: Mapping[str, str]) -> tuple[Origin, Said]:
    if not seen:
        raise NotAllowed("Choose what to take over.")
    # The expression first, as whoever corrects, withdraws or erases it locks it: nothing of either
    # side changes between reading and writing.
    locked = Expression.objects.select_for_update(of=("self",)).filter(origin=origin).first()
    if locked is None or not Origin.objects.select_for_update().filter(pk=origin).exists():
        raise ChangedMeanwhile
    row = Origin.objects.with_both_sides().get(pk=origin)
    said = said_by(row.expression)
    differing = {str(field): _stamp(said[field]) for field in _fields_that_differ(row, said)}
    if any(differing.get(name) != stamp for name, stamp in seen.items()):
        raise ChangedMeanwhile
    return row, said


def _write(row: Origin, contribution: Contribution, said: Said, field: Field) -> None:
    match field:
        case Field.CONSENT:
            for detail in WITH_CONSENT:
                _write(row, contribution, said, detail)
        case Field.FORMAT:
            row.format = said[field]
            if contribution.kind in {Contribution.Kind.LIGHTNING, Contribution.Kind.POSTER}:
                contribution.kind = kind_of(said[field])
        case Field.TITLE:
            contribution.title = said[field]
        case Field.ABSTRACT:
            contribution.abstract = abstract_of(said)
        case Field.TOPICS:
            contribution.topics.set(Topic.objects.filter(pk__in=said[field]))
        case Field.LINK:
            before, now = links_of(row.taken), links_of(said)
            for name in LINKS:
                # One that an organiser put there is not the student's to change.
                if getattr(contribution, name) == before[name] and before[name] != now[name]:
                    setattr(contribution, name, now[name])
        case Field.NAME | Field.UNIVERSITY:
            _write_first(contribution, said, field)
        case Field.COAUTHORS:
            _write_coauthors(contribution, row.taken, said)
        case Field.STANDING:
            pass
    row.taken[field.value] = said[field]
    row.left.pop(field.value, None)


def _write_first(contribution: Contribution, said: Said, field: Field) -> None:
    first = contribution.contributors.order_by("ordering", "pk").first()
    if first is None:
        first = next(author_rows(contribution, said))
    elif first.person and field is Field.NAME:
        raise NotAllowed(
            f"“{first.person}” stands there as one of the people: change the name on their own page."
        )
    elif field is Field.NAME:
        first.name = said[field]
    else:
        first.affiliation = said[field]
    first.save()


def _write_coauthors(contribution: Contribution, taken: Said, said: Said) -> None:
    """In the student's order, with marks that organisers gave them; whom organisers added stays."""
    rows = list(contribution.contributors.order_by("ordering", "pk"))
    others = rows[1:]
    theirs = {name for name, _ in taken[Field.COAUTHORS]} | {
        name for name, _ in said[Field.COAUTHORS]
    }
    by_name = {row.name: row for row in reversed(others) if row.name in theirs}
    wanted = list(author_rows(contribution, said))[1:]
    kept = [_with_place(by_name.pop(row.name, row), row) for row in wanted]
    for row in by_name.values():
        row.delete()
    added = [row for row in others if row.name not in theirs]
    for place, row in enumerate([*rows[:1], *kept, *added], start=1):
        row.ordering = 10 * place
        row.save()


def _with_place(row: Contributor, theirs: Contributor) -> Contributor:
    row.affiliation = theirs.affiliation
    return row


def _words(field: Field, said: Said, headings: Mapping[int, str]) -> str:
    value = said[field]
    match field:
        case Field.STANDING:
            return State(value).label
        case Field.CONSENT:
            return "Given" if value else "Not given: title and name only"
        case Field.FORMAT:
            return Format(value).label if value else ""
        case Field.COAUTHORS:
            return _people(value)
        case Field.TOPICS:
            return ", ".join(heading for key, heading in headings.items() if key in value)
        case Field.ABSTRACT:
            return abstract_of(said)
        case _:
            return str(value)


def _words_here(
    contribution: Contribution, origin: Origin, headings: Mapping[int, str]
) -> dict[Field, str]:
    """What the programme says now, in the same words: it may have been edited since."""
    first, *others = list(contribution.contributors.all()) or [Contributor()]
    links = [getattr(contribution, name) for name in LINKS]
    mine = {topic.pk for topic in contribution.topics.all()}
    return {
        Field.STANDING: "On the programme",
        Field.CONSENT: _words(Field.CONSENT, origin.taken, headings),
        Field.FORMAT: Format(origin.format).label,
        Field.TITLE: contribution.title,
        Field.NAME: first.shown_name,
        Field.UNIVERSITY: first.shown_affiliation,
        Field.COAUTHORS: _people([(one.shown_name, one.shown_affiliation) for one in others]),
        Field.ABSTRACT: contribution.abstract,
        Field.TOPICS: ", ".join(heading for key, heading in headings.items() if key in mine),
        Field.LINK: next((link for link in links if link), ""),
    }


def _people(pairs: Any) -> str:
    return ", ".join(f"{name} ({where})" if where else name for name, where in pairs)


def _headings(edition: Edition) -> dict[int, str]:
    return dict(edition.topics.values_list("pk", "heading"))


def _stamp(value: Any) -> str:
    """A short name of what a student says; another one after every change."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
