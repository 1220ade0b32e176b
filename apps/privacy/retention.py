"""Erasure of personal data whose period is over, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from apps.editions.models import Edition
from apps.feedback.models import Feedback
from apps.interest.models import Answer, Expression, Note, Question
from apps.interest.services import erase_expressions
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.privacy.figures import store_figures
from apps.privacy.models import DataClass, RetentionPeriods, RetentionRun
from apps.registration.models import AttendeeNeeds, Registration
from apps.registration.services import erase_registrations
from apps.review.models import Comment, Review

BATCH = 500
ERASED_TEXT = "[The text was erased when its storage period was over.]"


@dataclass(frozen=True)
class Due:
    """Data of one class of an edition, with the day from which it is erased, if that is known."""

    edition: Edition
    data_class: DataClass
    due_on: date | None
    count: int

    @property
    def is_due(self) -> bool:
        return bool(self.count and self.due_on and self.due_on <= self.edition.today)


@dataclass(frozen=True)
class _Part:
    """Rows of one table that belong to a class, and how a batch of them is erased."""

    find: Callable[[Edition], QuerySet[Any]]
    erase: Callable[[QuerySet[Any]], object]


def _with_needs(edition: Edition) -> QuerySet[Expression]:
    said_something = ~Q(technical_needs="") | ~Q(access_needs="") | ~Q(diet="")
    return Expression.objects.for_edition(edition).filter(said_something)


def _erase_needs(expressions: QuerySet[Expression]) -> None:
    expressions.update(technical_needs="", access_needs="", diet="")


def _answers_with_confirmation(edition: Edition) -> QuerySet[Answer]:
    return Answer.objects.filter(
        expression__edition=edition, question__asked_at=Question.AskedAt.ACCEPTANCE
    )


def _unconfirmed(edition: Edition) -> QuerySet[Expression]:
    return Expression.objects.for_edition(edition).exclude(state=State.CONFIRMED)


def _needs_of_attendees(edition: Edition) -> QuerySet[AttendeeNeeds]:
    return AttendeeNeeds.objects.filter(registration__edition=edition)


def _with_a_place(edition: Edition) -> QuerySet[Registration]:
    return Registration.objects.for_edition(edition).attending()


def _without_a_place(edition: Edition) -> QuerySet[Registration]:
    attending = Registration.Status.REGISTERED
    return Registration.objects.for_edition(edition).exclude(status=attending)


def _letters(edition: Edition) -> QuerySet[Letter]:
    unsent = (Letter.State.QUEUED, Letter.State.SENDING)
    return edition.letters.exclude(state__in=unsent).exclude(body_text=ERASED_TEXT)


def _erase_texts(letters: QuerySet[Letter]) -> None:
    letters.update(body_text=ERASED_TEXT, body_html="", calendar="", qr_text="")


def _feedback(edition: Edition) -> QuerySet[Feedback]:
    return Feedback.objects.for_edition(edition).exclude(sentence="", browser=None)


def _erase_sentences(feedback: QuerySet[Feedback]) -> None:
    """Keep the ratings, which are no one's then."""
    feedback.update(sentence="", browser=None, state=Feedback.State.WAITING)


def _of_entries(model: type[Model]) -> Callable[[Edition], QuerySet[Any]]:
    return lambda edition: model._default_manager.filter(expression__edition=edition)


def _delete(rows: QuerySet[Any]) -> None:
    rows.delete()


_PARTS: dict[DataClass, tuple[_Part, ...]] = {
    DataClass.NEEDS: (
        _Part(_with_needs, _erase_needs),
        _Part(_answers_with_confirmation, _delete),
        _Part(_needs_of_attendees, _delete),
    ),
    DataClass.CANCELLED: (_Part(_without_a_place, erase_registrations),),
    DataClass.ATTENDEES: (_Part(_with_a_place, erase_registrations),),
    DataClass.UNCONFIRMED: (_Part(_unconfirmed, erase_expressions),),
    DataClass.LETTERS: (_Part(_letters, _erase_texts),),
    DataClass.REVIEWS: tuple(
        _Part(_of_entries(model), _delete) for model in (Review, Comment, Note)
    ),
    DataClass.FEEDBACK: (_Part(_feedback, _erase_sentences),),
}


def list_data(edition: Edition) -> list[Due]:
    """How many rows of each class an edition has now, and from which day they are erased."""
    periods = RetentionPeriods.of(edition)
    return [
        Due(edition, data_class, periods.due_on(days), _count(edition, data_class))
        for data_class, days in periods
    ]


def apply_retention(*, edition: Edition | None = None, is_dry_run: bool = False) -> Iterator[Due]:
    """Erase what is due in one edition, or in all; yield what was, or would be, erased.

    Each batch is a transaction of its own, so that what was done stays done if it is interrupted,
    and others can write between. Two runs at the same time do no harm. The edition's figures are
    stored first.
    """
    editions = [edition] if edition else Edition.objects.select_related("call")
    for each in editions:
        for due in list_data(each):
            if due.is_due:
                if not is_dry_run:
                    _erase(each, due.data_class)
                yield due


def _count(edition: Edition, data_class: DataClass) -> int:
    return sum(part.find(edition).count() for part in _PARTS[data_class])


def _erase(edition: Edition, data_class: DataClass) -> None:
    store_figures(edition)
    run = RetentionRun.objects.create(edition=edition, data_class=data_class)
    for part in _PARTS[data_class]:
        while keys := list(part.find(edition).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                part.erase(part.find(edition).filter(pk__in=keys))
                RetentionRun.objects.filter(pk=run.pk).update(erased=F("erased") + len(keys))


def erase_what_is_due() -> None:
    """Apply the periods of all editions."""
    for _ in apply_retention():
        pass
