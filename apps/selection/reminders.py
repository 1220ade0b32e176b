"""Offers without a reply: one reminder some days before the reply is due; afterwards a chair ends them.

Reminders are written by the worker as a chore (apps.core.periodic_tasks), again and again, by any number
of workers.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.locks import fair_turn
from apps.editions.models import Call, Edition
from apps.interest.models import Event, Expression, ExpressionQuerySet
from apps.interest.services import move
from apps.interest.workflow import Action, Actor, State
from apps.mail.models import Letter
from apps.selection.letter_texts import REMINDER, send_text


def send_reminders() -> int:
    """Queues the reminders that are due now, and takes back those nobody needs any more.

    Returns how many were queued.
    """
    count = 0
    for call in _calls_with_open_offers():
        today = timezone.now().astimezone(call.edition.zone).date()
        _take_back_unsent(call.edition, today)
        if call.sends_reminders and not call.edition.is_cancelled:
            for expression in _to_be_reminded(call, today):
                count += _remind(expression)
    return count


def without_reply(edition: Edition) -> ExpressionQuerySet:
    """Those whose offer has ended by its date, and who have said neither yes nor no."""
    today = timezone.now().astimezone(edition.zone).date()
    offered: ExpressionQuerySet = Expression.objects.for_edition(edition).exclude_tests()
    return offered.filter(state=State.ACCEPTED, reply_by_on__lt=today).order_by("reply_by_on", "pk")


def let_lapse(*, edition: Edition, keys: Collection[int], by: User) -> int:
    """Ends the offers without reply, if these are still exactly those with `keys`; how many.

    Raises ChangedMeanwhile, and ends none, if a reply came or another date went by.
    """
    with transaction.atomic():
        found = list(without_reply(edition).select_for_update(of=("self",)))
        if {expression.pk for expression in found} != set(keys):
            raise ChangedMeanwhile
        for expression in found:
            move(expression=expression, action=Action.LAPSE, actor=Actor.CHAIR, by=by)
    return len(found)


def _calls_with_open_offers() -> QuerySet[Call]:
    offered = Expression.objects.filter(state=State.ACCEPTED).values("edition")
    unsent = Letter.objects.waiting().filter(kind=REMINDER).values("edition")
    wanted = Q(edition__in=offered) | Q(edition__in=unsent)
    return Call.objects.filter(wanted).select_related("edition")


def _to_be_reminded(call: Call, today: date) -> ExpressionQuerySet:
    """Whose reply is due within the call's days, from the day after the offer was made on.

    Whose date has gone by is not reminded: whether that offer lapses, a chair decides.
    """
    offered: ExpressionQuerySet = Expression.objects.for_edition(call.edition).exclude_tests()
    last = today + timedelta(days=call.remind_days)
    begins = datetime.combine(today, datetime.min.time(), tzinfo=call.edition.zone)
    return offered.filter(
        _not_reminded_yet(),
        state=State.ACCEPTED,
        reply_by_on__range=(today, last),
        decided_at__lt=begins,
    )


def _not_reminded_yet() -> Q:
    """An offer made anew is reminded of anew."""
    return Q(reminded_at=None) | Q(reminded_at__lt=F("decided_at"))


def _remind(expression: Expression) -> bool:
    """Claims the one reminder of this offer and queues it; False if another worker did, or if a
    reply came in the meantime."""
    still = Expression.objects.filter(
        _not_reminded_yet(),
        pk=expression.pk,
        state=State.ACCEPTED,
        decided_at=expression.decided_at,
    )
    with fair_turn("submissions"), transaction.atomic():
        if not still.update(reminded_at=timezone.now()):
            return False
        current = Expression.objects.select_related("edition").get(pk=expression.pk)
        send_text(current, REMINDER)
        Event.objects.create(expression=current, what="Reminded of the offer")
    return True


def _take_back_unsent(edition: Edition, today: date) -> None:
    """A reminder that was never sent is of no use after its date, or after the reply."""
    open_offers = Expression.objects.filter(
        edition=edition, state=State.ACCEPTED, reply_by_on__gte=today
    )
    unsent = Letter.objects.waiting().filter(edition=edition, kind=REMINDER)
    useless = unsent.exclude(expression_link__expression__in=open_offers.values("pk"))
    keys = list(useless.values_list("pk", flat=True))
    if keys:
        with fair_turn("submissions"):
            Letter.objects.waiting().filter(pk__in=keys).update(state=Letter.State.DISCARDED)
