"""The waiting list: who is next, whether a place is free for them, and the offer that fills it.

The order is the mean of the scores, highest first, those without a score last; of equals, whoever
was put on the list first. It is a proposal: the chair may offer the place to anybody on the list.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest.models import Event, Expression, ExpressionQuerySet, Format
from apps.interest.services import move
from apps.interest.workflow import Action, Actor, State
from apps.review.services import MEAN
from apps.selection.capacity import Capacity, capacity_of, kinds_of
from apps.selection.letter_texts import DECISION_KINDS, send_text


@dataclass(frozen=True)
class Opening:
    """Places of one kind that are free, and who of the waiting list comes first for one."""

    kind: Format
    number: int
    next: Expression  # with its mean_score

    @property
    def in_words(self) -> str:
        """ "A poster is free", "3 lightning talks are free"."""
        noun = self.kind.label.lower()
        return f"A {noun} is free" if self.number == 1 else f"{self.number} {noun}s are free"


def in_order(edition: Edition) -> ExpressionQuerySet:
    """Those who wait and about whom nothing else is pending, next first, with their `mean_score`."""
    waiting: ExpressionQuerySet = Expression.objects.for_edition(edition).exclude_tests()
    return (
        waiting.filter(state=State.WAITLISTED, pending_decision=None)
        .annotate(mean_score=MEAN)
        .order_by(F("mean_score").desc(nulls_last=True), "decided_at", "pk")
    )


def openings(edition: Edition, capacity: Capacity | None = None) -> list[Opening]:
    """The free places for which somebody waits who asked for them; nobody is named for two."""
    free = {kind: number for kind, number in free_places(edition, capacity).items() if number}
    if not free:
        return []
    waiting = in_order(edition).defer("abstract", "technical_needs", "access_needs", "diet")
    wanted = {Format.TALK: Q(wants_talk=True), Format.POSTER: Q(wants_poster=True)}
    first = Q(pk__in=[])
    for kind in free:
        # Two, for the first of them may come first for the other kind, too.
        first |= Q(pk__in=waiting.filter(wanted[kind]).values("pk")[:2])
    found = list(waiting.filter(first))
    result = []
    for kind, number in sorted(free.items(), key=lambda place: _is_poster_first(place[0], found)):
        one = next((one for one in found if kind in formats_of(one)), None)
        if one is not None:
            found.remove(one)
            result.append(Opening(kind, number, one))
    return result


def _is_poster_first(kind: Format, found: list[Expression]) -> bool:
    """Sorts talks before posters, unless whoever comes first would rather show a poster."""
    rather = bool(found) and found[0].preference == Expression.Preference.POSTER
    return (kind == Format.POSTER) != rather


def free_places(edition: Edition, capacity: Capacity | None = None) -> dict[Format, int]:
    """How many talks and posters somebody on the waiting list could have now.

    Where nobody counts places, those that became free: offers that ended, less the offers made
    from the waiting list.
    """
    capacity = capacity or capacity_of(edition)
    free: dict[Format, int] = {}
    freed: dict[Format, int] | None = None
    for kind, places in ((Format.TALK, capacity.talks), (Format.POSTER, capacity.posters)):
        if places.free is None:
            freed = _freed(edition) if freed is None else freed
            free[kind] = max(0, freed[kind] - places.pending)
        else:
            free[kind] = places.free
    return free


def formats_of(expression: Expression) -> tuple[Format, ...]:
    """What was asked for, one by one."""
    wanted = ((Format.TALK, expression.wants_talk), (Format.POSTER, expression.wants_poster))
    return tuple(kind for kind, is_wanted in wanted if is_wanted)


def offers_for(expression: Expression, free: dict[Format, int]) -> list[Format]:
    """What could be offered to somebody who waits, the most welcome first."""
    possible = [kind for kind in formats_of(expression) if free[kind]]
    if expression.preference == Expression.Preference.POSTER:
        possible.reverse()
    return [*possible, Format.BOTH] if len(possible) > 1 else possible


def offer_place(
    *, expression: Expression, offer: str, by: User, subject: str = "", body: str = ""
) -> Expression:
    """Offers a free place to somebody on the waiting list: state, log and letter in one transaction.

    The letter has the edition's words for such an offer, or `subject` and `body` with placeholders.
    Raises NotAllowed, in words for people, if they wait no longer or no such place is free.
    """
    with transaction.atomic():
        # One offer of an edition at a time: of two chairs with one place, the second is told.
        Edition.objects.select_for_update(no_key=True).get(pk=expression.edition_id)
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        if current.state != State.WAITLISTED:
            raise NotAllowed(
                f"{current.display_reference} is not on the waiting list any more: it is "
                f"{current.get_state_display().lower()}. Nothing was offered."
            )
        if offer not in Format.values or not set(kinds_of(offer)) <= set(formats_of(current)):
            raise NotAllowed("Choose what is offered, of what was asked for.")
        free = free_places(current.edition)
        if missing := [kind.label.lower() for kind in kinds_of(offer) if not free[kind]]:
            raise NotAllowed(
                f"No {' and no '.join(missing)} is free any more. Nothing was offered to "
                f"{current.display_reference}."
            )
        words = f"A place became free: {Format(offer).label.lower()}."
        current = move(
            expression=current,
            action=Action.ACCEPT,
            actor=Actor.CHAIR,
            by=by,
            offer=offer,
            reason=words,
        )
        kind = DECISION_KINDS[Action.ACCEPT, Format(offer)]
        send_text(current, kind, subject=subject, body=body)
    return current


def _freed(edition: Edition) -> dict[Format, int]:
    """Places once offered and held no longer, less those offered to people on the waiting list."""
    from_the_list = Event.objects.filter(
        expression=OuterRef("pk"), from_state=State.WAITLISTED, to_state=State.ACCEPTED
    )
    offered = (
        Expression.objects.for_edition(edition)
        .exclude_tests()
        .exclude(offer="")
        .annotate(was_waiting=Exists(from_the_list))
        .order_by()
        .values_list("state", "offer", "confirmed_format", "was_waiting")
        .annotate(number=Count("pk"))
    )
    freed = dict.fromkeys((Format.TALK, Format.POSTER), 0)
    for state, offer, confirmed_format, was_waiting, number in offered:
        held = {State.ACCEPTED: offer, State.CONFIRMED: confirmed_format}.get(State(state), "")
        for kind in kinds_of(offer):
            freed[kind] += number * ((kind not in kinds_of(held)) - was_waiting)
    return freed
