"""Slides that students bring through their private link."""

from __future__ import annotations

from django.core.files.base import File
from django.db import transaction

from apps.core.rate_limit import Limit, count
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.services import queue_letter
from apps.programme.models import Contribution, Origin

# Notices in ten minutes: who uploads five versions in a row is told of by the first ones.
_MOST_NOTICES = 2


def may_bring_slides(expression: Expression) -> bool:
    """Whether it is confirmed and on the programme."""
    return expression.state == State.CONFIRMED and (
        Origin.objects.filter(expression=expression).exists()
    )


def keep_slides(*, expression: Expression, slides: File | None) -> Contribution:
    """Puts sound `slides` in the place of those there are; None takes them away. Organisers are told.

    The file there was goes for good. Raises Contribution.DoesNotExist if it is off the programme.
    """
    with transaction.atomic():
        rows = Contribution.objects.select_for_update(of=("self",)).select_related("edition")
        contribution = rows.get(origin__expression=expression)
        if not slides and not contribution.slides:
            return contribution
        contribution.slides = slides or ""
        contribution.save(update_fields=["slides"])
        _tell(contribution, expression)
    return contribution


def _tell(contribution: Contribution, expression: Expression) -> None:
    edition = contribution.edition
    if not edition.contact_email:
        return
    if not count([Limit(f"slides-notice:{contribution.pk}", _MOST_NOTICES)]):
        return
    queue_letter(
        kind="contributors/slides_notice",
        template="contributors/letters/slides_notice",
        to_email=edition.contact_email,
        edition=edition,
        context={
            "reference": expression.display_reference,
            "title": contribution.shown_title,
            "has_slides": bool(contribution.slides),
        },
    )
