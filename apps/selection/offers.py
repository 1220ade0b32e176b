"""Offers outside a release: the waiting list, reminders, and offers that lapse.

The waiting list is ordered by mean score, highest first, those without a score last; equals by the
day they were put on the list. The order is a proposal: a chair may offer a place to anyone on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Call, Edition
from apps.interest.models import Event, Expression, ExpressionQuerySet, Format
from apps.interest.services import move
from apps.interest.workflow import Action, Actor, State
from apps.mail.drafts import write_drafts
from apps.mail.models import Letter
from apps.review.services import MEAN
from apps.selection.capacity import Capacity, capacity_of, kinds_of
from apps.selection.decisions import decide
from apps.selection.letters import REMINDER, queue_reminder
from apps.selection.models import PendingDecision


@dataclass(frozen=True)
class Opening:
    """Free places of one kind, and the first on the waiting list for one of them."""

    kind: Format
    number: int
    next: Expression  # annotated with mean_score

    @property
    def in_words(self) -> str:
        """ "1 poster place left", "3 lightning-talk places left"."""
        return f"{self.number} {self.label}"

    @property
    def label(self) -> str:
        """The same without the number."""
        return f"{_adjective(self.kind)} place{'' if self.number == 1 else 's'} left"


def _adjective(kind: Format) -> str:
    """ "poster" or "lightning-talk", before “place”."""
    return kind.label.lower().replace(" ", "-")


def waiting_list(edition: Edition) -> ExpressionQuerySet:
    """Waiting expressions without a pending decision, next first, annotated with `mean_score`."""
    waiting: ExpressionQuerySet = Expression.objects.for_edition(edition).exclude_tests()
    return (
        waiting.filter(state=State.WAITLISTED, pending_decision=None)
        .annotate(mean_score=MEAN)
        .order_by(F("mean_score").desc(nulls_last=True), "decided_at", "pk")
        .defer("abstract", "technical_needs", "access_needs", "diet")
    )


def openings(edition: Edition, capacity: Capacity | None = None) -> list[Opening]:
    """Free places that a waiting expression asked for; no expression is named for two of them."""
    free = {kind: number for kind, number in free_places(edition, capacity).items() if number}
    waiting = list(waiting_list(edition)) if free else []
    # Talks before posters, unless the first on the list prefers a poster.
    prefers_poster = bool(waiting) and waiting[0].preference == Expression.Preference.POSTER
    result: list[Opening] = []
    for kind in sorted(free, key=lambda kind: (kind == Format.POSTER) != prefers_poster):
        first = next((row for row in waiting if kind in formats_of(row)), None)
        if first is not None:
            waiting.remove(first)
            result.append(Opening(kind, free[kind], first))
    return result


def free_places(edition: Edition, capacity: Capacity | None = None) -> dict[Format, int]:
    """Numbers of talks and posters that can be offered to the waiting list now.

    Where places are not limited: those of ended offers, less offers made from the waiting list.
    """
    capacity = capacity or capacity_of(edition)
    kinds = {Format.TALK: capacity.talks, Format.POSTER: capacity.posters}
    is_unlimited = any(places.free is None for places in kinds.values())
    freed = _freed_places(edition) if is_unlimited else {}
    return {
        kind: max(0, freed[kind] - places.pending) if places.free is None else places.free
        for kind, places in kinds.items()
    }


def formats_of(expression: Expression) -> tuple[Format, ...]:
    """The formats asked for, one by one."""
    wanted = ((Format.TALK, expression.wants_talk), (Format.POSTER, expression.wants_poster))
    return tuple(kind for kind, is_wanted in wanted if is_wanted)


def offers_for(expression: Expression, free: dict[Format, int]) -> list[Format]:
    """Offers possible for a waiting expression, its preferred one first."""
    possible = [kind for kind in formats_of(expression) if free[kind]]
    if expression.preference == Expression.Preference.POSTER:
        possible.reverse()
    return [*possible, Format.BOTH] if len(possible) > 1 else possible


def offer_place(*, expression: Expression, offer: str, by: User) -> PendingDecision:
    """Make the offer of a free place to a waiting expression pending, and draft its letter.

    Raises NotAllowed if the expression waits no longer or no such place is left.
    """
    with transaction.atomic():
        # Offers of one edition wait for each other: two chairs cannot give away the same place.
        edition = Edition.objects.select_for_update(no_key=True).get(pk=expression.edition_id)
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        if current.state != State.WAITLISTED:
            raise NotAllowed(
                f"{current.display_reference} is no longer on the waiting list: it is "
                f"{current.get_state_display().lower()}. Nothing was offered."
            )
        if offer not in Format.values or not set(kinds_of(offer)) <= set(formats_of(current)):
            raise NotAllowed("Choose an offer among the requested formats.")
        free = free_places(edition)
        if missing := [_adjective(kind) for kind in kinds_of(offer) if not free[kind]]:
            raise NotAllowed(
                f"No {' and no '.join(missing)} place is left. Nothing was offered to "
                f"{current.display_reference}."
            )
        decision = decide(expression=current, verdict=Action.ACCEPT, offer=offer, by=by)
        write_drafts(edition, [decision])
    return decision


def overdue_offers(edition: Edition) -> ExpressionQuerySet:
    """Offers without a reply whose reply-by date has passed."""
    offered: ExpressionQuerySet = Expression.objects.for_edition(edition).exclude_tests()
    return offered.filter(state=State.ACCEPTED, reply_by_on__lt=edition.today).order_by(
        "reply_by_on", "pk"
    )


def let_lapse(*, edition: Edition, keys: Collection[int], by: User) -> int:
    """End the offers without a reply, if they are exactly those with `keys`; returns how many.

    Raises ChangedMeanwhile, and ends none, if a reply came or another date passed.
    """
    with transaction.atomic():
        offers = list(overdue_offers(edition).select_for_update(of=("self",)))
        if {expression.pk for expression in offers} != set(keys):
            raise ChangedMeanwhile
        for expression in offers:
            move(expression=expression, action=Action.LAPSE, actor=Actor.CHAIR, by=by)
    return len(offers)


def send_reminders() -> int:
    """Queue the reminders that are due, discard those that became useless; returns how many queued.

    A periodic task; several workers may run it at once.
    """
    offered = Expression.objects.filter(state=State.ACCEPTED).values("edition")
    unsent = Letter.objects.waiting().filter(kind=REMINDER).values("edition")
    calls = Call.objects.filter(Q(edition__in=offered) | Q(edition__in=unsent))
    count = 0
    for call in calls.select_related("edition"):
        _discard_useless_reminders(call.edition)
        if call.sends_reminders and not call.edition.is_cancelled:
            count += sum(_remind(expression) for expression in _due_for_reminder(call))
    return count


def _due_for_reminder(call: Call) -> ExpressionQuerySet:
    """Offers whose reply is due within the call's days, from the day after the offer was made.

    An offer past its date gets no reminder: a chair decides whether it lapses.
    """
    edition, today = call.edition, call.edition.today
    offered: ExpressionQuerySet = Expression.objects.for_edition(edition).exclude_tests()
    return offered.filter(
        _not_reminded(),
        state=State.ACCEPTED,
        reply_by_on__range=(today, today + timedelta(days=call.remind_days)),
        decided_at__lt=datetime.combine(today, datetime.min.time(), tzinfo=edition.zone),
    )


def _not_reminded() -> Q:
    """No reminder yet of the present offer."""
    return Q(reminded_at=None) | Q(reminded_at__lt=F("decided_at"))


def _remind(expression: Expression) -> bool:
    """Claim and queue the one reminder of this offer; False if it was claimed or answered."""
    unclaimed = Expression.objects.filter(
        _not_reminded(), pk=expression.pk, state=State.ACCEPTED, decided_at=expression.decided_at
    )
    with transaction.atomic():
        if not unclaimed.update(reminded_at=timezone.now()):
            return False
        current = Expression.objects.select_related("edition").get(pk=expression.pk)
        queue_reminder(current)
        Event.objects.create(expression=current, what="Reminded of the offer")
    return True


def _discard_useless_reminders(edition: Edition) -> None:
    """Discard unsent reminders past the reply-by date, or whose offer was answered."""
    open_offers = Expression.objects.filter(
        edition=edition, state=State.ACCEPTED, reply_by_on__gte=edition.today
    )
    useless = (
        Letter.objects.waiting()
        .filter(edition=edition, kind=REMINDER)
        .exclude(expression_link__expression__in=open_offers.values("pk"))
    )
    # By keys: an UPDATE cannot join.
    keys = list(useless.values_list("pk", flat=True))
    Letter.objects.waiting().filter(pk__in=keys).update(state=Letter.State.DISCARDED)


def _freed_places(edition: Edition) -> dict[Format, int]:
    """Places offered once and held no longer, less those offered to the waiting list."""
    from_waiting_list = Event.objects.filter(
        expression=OuterRef("pk"), from_state=State.WAITLISTED, to_state=State.ACCEPTED
    )
    offers = (
        Expression.objects.for_edition(edition)
        .exclude_tests()
        .exclude(offer="")
        .annotate(was_waiting=Exists(from_waiting_list))
        .order_by()
        .values_list("state", "offer", "confirmed_format", "was_waiting")
        .annotate(number=Count("pk"))
    )
    freed = dict.fromkeys((Format.TALK, Format.POSTER), 0)
    for state, offer, confirmed_format, was_waiting, number in offers:
        held = {State.ACCEPTED: offer, State.CONFIRMED: confirmed_format}.get(State(state), "")
        for kind in kinds_of(offer):
            freed[kind] += number * ((kind not in kinds_of(held)) - was_waiting)
    return freed
