"""Attendee details: needs, consents and answers that a student gives with an offer or after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.interest.models import NEEDS, Consent, Expression, Question
from apps.interest.services import move, save_answers
from apps.interest.workflow import Action, Actor


def confirm_offer(
    *,
    expression: Expression,
    confirmed_format: str,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> Expression:
    """Confirm the offer and store the student's details.

    `needs` are those of NEEDS; `consents` by Consent.About, stored with their wording and the
    time. Raises NotAllowed.
    """
    with transaction.atomic():
        current = move(
            expression=expression,
            action=Action.CONFIRM,
            actor=Actor.STUDENT,
            confirmed_format=confirmed_format,
        )
        _store(current, needs, consents, answers)
    return current


def update_details(
    *,
    expression: Expression,
    version: int,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> Expression:
    """Replace the student's details after the confirmation.

    A consent that does not change keeps its time. Raises NotAllowed if it is too late, and
    ChangedMeanwhile if the stored version is not `version`.
    """
    with transaction.atomic():
        current = (
            Expression.objects.select_for_update().select_related("edition").get(pk=expression.pk)
        )
        if not current.can_edit_details:
            raise NotAllowed(gettext("This can no longer be changed here. Please write to us."))
        if current.version != version:
            raise ChangedMeanwhile
        current.version += 1
        _store(current, needs, consents, answers)
        current.events.create(what="Needs and consents given")
    return current


def _store(
    expression: Expression,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> None:
    for name in NEEDS:
        setattr(expression, name, needs[name])
    expression.save(update_fields=[*NEEDS, "version"])
    now = timezone.now()
    for about in Consent.About.asked_for(expression.confirmed_format):
        consent = {"wording": str(about.label), "is_given": consents.get(about, False)}
        if not expression.consents.filter(about=about, **consent).exists():
            expression.consents.update_or_create(about=about, defaults={**consent, "said_at": now})
    save_answers(expression, answers)
