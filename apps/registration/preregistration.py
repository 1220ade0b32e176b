"""Speakers and accepted students, whom organisers know already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from apps.contributors.models import Speaker
from apps.contributors.speakers import presenters_of
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.people.models import Person
from apps.registration.letters import send_letter
from apps.registration.models import AttendanceKind, Registration
from apps.registration.services import Answers, register

_Known = Expression | Speaker


def known_answers(known: _Known, kind: AttendanceKind | None = None) -> tuple[str, Answers]:
    """The source and the answers of a person whom we know; an only kind is taken for granted."""
    edition = known.edition
    if kind is None:
        kinds = list(edition.attendance_kinds.filter(is_extra=False)[:2])
        kind = kinds[0] if len(kinds) == 1 else None
    if isinstance(known, Expression):
        fields = {"name": known.name, "email": known.email, "affiliation": known.university}
        return Registration.Source.STUDENT, Answers(fields=fields, kind=kind)
    affiliation = known.person.shown_in(edition).affiliation
    fields = {
        "name": known.person.name,
        "email": known.email,
        "affiliation": ", ".join(affiliation.split("\n"))[:200],
    }
    return Registration.Source.SPEAKER, Answers(fields=fields, kind=kind)


def list_unregistered(edition: Edition) -> list[_Known]:
    """Speakers and confirmed students without a registration, also one that they cancelled.

    A speaker who was sent no link is here without an address.
    """
    registered = Registration.objects.for_edition(edition)
    speakers = {
        speaker.person_id: speaker
        for speaker in Speaker.objects.filter(edition=edition).select_related("edition")
    }
    people: list[Person] = list(
        presenters_of(edition).exclude(pk__in=registered.exclude(person=None).values("person"))
    )
    found: list[_Known] = []
    for person in people:
        speaker = speakers.get(person.pk) or Speaker(edition=edition, person=person)
        speaker.person = person
        found.append(speaker)
    students = (
        Expression.objects.for_edition(edition)
        .exclude_tests()
        .filter(state=State.CONFIRMED)
        .exclude(pk__in=registered.exclude(expression=None).values("expression"))
    )
    return [*found, *students.select_related("edition")]


def register_known(
    *,
    edition: Edition,
    speaker_kind: AttendanceKind | None = None,
    student_kind: AttendanceKind | None = None,
) -> list[Registration]:
    """Register all speakers and confirmed students, and ask each by letter whether they will come.

    Those whose address is registered already are left out. All or none are registered; when the
    places are taken the rest wait.
    """
    with transaction.atomic():
        return list(_register_each(edition, speaker_kind, student_kind))


def _register_each(
    edition: Edition, speaker_kind: AttendanceKind | None, student_kind: AttendanceKind | None
) -> Iterator[Registration]:
    for known in list_unregistered(edition):
        about: dict[str, Any]
        if isinstance(known, Expression):
            kind, about = student_kind, {"expression": known}
        else:
            kind, about = speaker_kind, {"person": known.person}
        source, given = known_answers(known, kind)
        registration, is_new, _link = register(
            edition=edition, given=given, source=source, sends_letter=False, **about
        )
        if is_new:
            send_letter(registration, "invited")
            yield registration
