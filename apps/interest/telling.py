"""What a student tells us with an offer and after it, and nobody in their place: whether they can
come, what they need, what they consent to, and the answers to the questions asked then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.interest.models import Consent, Event, Expression, Question
from apps.interest.services import ChangedMeanwhile, NotPossible, move, put_answers
from apps.interest.workflow import Action, Who

NEEDS = ("can_attend", "technical_needs", "access_needs", "diet")


def confirm_offer(
    *,
    expression: Expression,
    confirmed_format: str,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> Expression:
    """The student takes the offer and answers what is asked then.

    `needs` are those of NEEDS; `consents` by Consent.About, kept with the words they were asked
    in and the moment. Raises NotPossible.
    """
    with transaction.atomic():
        current = move(
            expression=expression,
            action=Action.CONFIRM,
            who=Who.STUDENT,
            confirmed_format=confirmed_format,
        )
        _put(current, needs, consents, answers)
    return current


def tell(
    *,
    expression: Expression,
    seen: str,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> Expression:
    """The student says afterwards what is asked with an offer, or says it differently.

    A consent that stays as it was keeps its moment. Raises NotPossible if it is too late,
    ChangedMeanwhile if what was told is not what `digest` called `seen`.
    """
    with transaction.atomic():
        current = (
            Expression.objects.select_for_update().select_related("edition").get(pk=expression.pk)
        )
        if not current.may_tell:
            raise NotPossible("This can no longer be changed here. Please write to us.")
        if digest(current) != seen:
            raise ChangedMeanwhile
        _put(current, needs, consents, answers)
        if digest(current) != seen:
            Event.objects.create(expression=current, what="Needs and consents told")
    return current


def digest(expression: Expression) -> str:
    """A short name of all that was told so far; another one after every change."""
    consents = expression.consents.order_by("about").values_list("about", "wording", "is_given")
    asked = expression.answers.filter(question__asked_at=Question.AskedAt.ACCEPTANCE)
    answers = asked.order_by("question").values_list("question", "words")
    told = [getattr(expression, name) for name in NEEDS], list(consents), list(answers)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _put(
    expression: Expression,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> None:
    for name in NEEDS:
        setattr(expression, name, needs[name])
    expression.save(update_fields=NEEDS)
    now = timezone.now()
    for about in Consent.About:
        said = {"wording": about.label, "is_given": consents.get(about, False)}
        if not expression.consents.filter(about=about, **said).exists():
            expression.consents.update_or_create(about=about, defaults={**said, "said_at": now})
    put_answers(expression, answers)
