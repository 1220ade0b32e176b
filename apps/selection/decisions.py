"""Decisions that are made and not released yet: made, changed and taken back in silence.

One by one, and for many expressions at once: those chosen on a page carry a stamp of how they stood
when a chair saw them, and whatever somebody else changed since is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.models import Event, Expression, Format
from apps.interest.workflow import Action, Actor, may
from apps.mail.models import Letter
from apps.selection.models import PendingDecision

_ACCEPT = PendingDecision.Verdict.ACCEPT


class Choice(models.TextChoices):
    """What a chair may choose for an expression, for one or for many."""

    AS_ASKED = "as_asked", "Accept as asked"
    TALK = "talk", "Accept: lightning talk"
    POSTER = "poster", "Accept: poster"
    BOTH = "both", "Accept: lightning talk and poster"
    WAITLIST = "waitlist", "Waiting list"
    DECLINE = "decline", "Decline"
    TAKE_BACK = "take_back", "Take back"


class Wish(NamedTuple):
    """What is to be pending of one expression; without a verdict, nothing."""

    verdict: str = ""
    offer: str = ""


class Refusal(NamedTuple):
    """One expression that cannot take the choice, and why, in words for people."""

    expression: Expression
    why: str


@dataclass
class Sorting:
    """What one choice would do to the expressions somebody chose."""

    ready: list[tuple[Expression, Wish]] = field(default_factory=list)
    # There already: another press of the same button, or a colleague of the same mind.
    already: list[Expression] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    # Erased since.
    gone: int = 0
    # What is pending of them now, by their keys.
    pending: dict[int, PendingDecision] = field(default_factory=dict)

    @property
    def is_hindered(self) -> bool:
        """Whether some of what was chosen cannot take the choice."""
        return bool(self.refused or self.gone)


class NotDecidable(Exception):
    """The decision cannot be made from where the expression stands; its words are for people."""


class Hindered(Exception):
    """Nothing was decided: of the chosen ones some cannot take it. `sorting` names them."""

    def __init__(self, sorting: Sorting) -> None:
        super().__init__("Some were changed meanwhile: nothing was decided.")
        self.sorting = sorting


def decide(*, expression: Expression, verdict: str, offer: str = "", by: User) -> PendingDecision:
    """Makes `verdict` (PendingDecision.Verdict) pending, in place of what was pending before.

    An acceptance has an `offer` (Format). The unsent letter of another decision is discarded; the
    same decision again changes nothing. Raises NotDecidable.
    """
    if verdict not in PendingDecision.Verdict.values:
        raise NotDecidable("Choose to accept, to put on the waiting list, or to decline.")
    if verdict != _ACCEPT:
        offer = ""
    elif offer not in Format.values:
        raise NotDecidable("Say what is offered: lightning talk, poster or both.")
    with transaction.atomic():
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        wish = Wish(verdict, offer)
        if why := _why_not(current, wish):
            raise NotDecidable(f"{current.display_reference} {why}")
        pending = PendingDecision.objects.filter(expression=current).first()
        if pending and (pending.verdict, pending.offer) == wish:
            return pending
        (made,) = _replace([(current, wish)], {current.pk: pending} if pending else {}, by)
    return made


def take_back(*, expression: Expression, by: User | None = None) -> bool:
    """Ends the pending decision with its unsent letter; whether there was one."""
    with transaction.atomic():
        # The expression first, as everywhere: two who lock in another order wait for each other.
        Expression.objects.select_for_update().get(pk=expression.pk)
        pending = PendingDecision.objects.filter(expression=expression).first()
        if pending is None:
            return False
        _replace([(expression, Wish())], {expression.pk: pending}, by)
    return True


def clear_before_move(
    sender: type[Expression], *, expression: Expression, by: User | None, **kwargs: object
) -> None:
    """Receiver of `pre_move`: an expression that moves has no decision pending any more."""
    take_back(expression=expression, by=by)


def decide_many(*, edition: Edition, rows: Mapping[int, str], choice: str, by: User) -> int:
    """Makes `choice` pending for all of `rows` or, with Hindered, for none of them.

    `rows` are keys of expressions with the stamp each had when it was seen (`stamp_of`). Returns
    how many changed: a second press changes none. The number of queries grows with batches, not
    with rows.
    """
    with transaction.atomic():
        sorting = _sort(edition, rows, choice, is_locked=True)
        if sorting.is_hindered:
            raise Hindered(sorting)
        _replace(sorting.ready, sorting.pending, by)
    return len(sorting.ready)


def sort_rows(*, edition: Edition, rows: Mapping[int, str], choice: str) -> Sorting:
    """What decide_many would do now, without doing it."""
    return _sort(edition, rows, choice, is_locked=False)


def stamp_of(expression: Expression, pending: PendingDecision | None) -> str:
    """How an expression stands: another after each change of it, its state, or what is pending."""
    made_at = f"{pending.made_at:%Y%m%d%H%M%S%f}" if pending else "0"
    return f"{expression.version}.{expression.state}.{made_at}"


def discard_draft(pending: PendingDecision) -> None:
    """The letter that would have told of it will not be sent; one that was sent is left alone.

    Call it under the expression's lock.
    """
    _discard_drafts([pending])
    PendingDecision.objects.filter(pk=pending.pk).update(
        letter=None,
        drafted_version=None,
        drafted_at=None,
        draft_subject="",
        draft_body="",
        is_edited=False,
    )


def _sort(edition: Edition, rows: Mapping[int, str], choice: str, *, is_locked: bool) -> Sorting:
    if choice not in Choice.values:
        raise NotDecidable("Choose to accept, to put on the waiting list, or to decline.")
    found: QuerySet[Expression] = Expression.objects.for_edition(edition).filter(pk__in=rows)
    # In one order, so that two presses wait for each other and do not lock each other out.
    found = found.order_by("pk")
    expressions = list(found.select_for_update() if is_locked else found)
    # Asked after the lock: what a colleague made pending while we waited is seen.
    made = PendingDecision.objects.filter(expression__in=expressions).select_related("made_by")
    pending = {decision.expression_id: decision for decision in made}
    sorting = Sorting(gone=len(rows) - len(expressions), pending=pending)
    for expression in expressions:
        decision = pending.get(expression.pk)
        wish = _wish(expression, Choice(choice))
        now = Wish(decision.verdict, decision.offer) if decision else Wish()
        if wish == now:
            sorting.already.append(expression)
        elif rows[expression.pk] != stamp_of(expression, decision):
            sorting.refused.append(Refusal(expression, _changed(expression, decision)))
        elif why := _why_not(expression, wish):
            sorting.refused.append(Refusal(expression, why))
        else:
            sorting.ready.append((expression, wish))
    return sorting


def _wish(expression: Expression, choice: Choice) -> Wish:
    match choice:
        case Choice.TAKE_BACK:
            return Wish()
        case Choice.WAITLIST | Choice.DECLINE:
            return Wish(choice.value)
        case Choice.AS_ASKED:
            return Wish(_ACCEPT.value, expression.requested_format.value)
    return Wish(_ACCEPT.value, choice.value)


def _why_not(expression: Expression, wish: Wish) -> str:
    if not wish.verdict or may(Actor.CHAIR, Action(wish.verdict), expression.state):
        return ""
    return f"is {expression.get_state_display().lower()}: nothing to decide."


def _changed(expression: Expression, decision: PendingDecision | None) -> str:
    state = expression.get_state_display().lower()
    if decision is None:
        return f"was changed meanwhile: it is {state}, nothing is pending."
    words = decision.in_words[0].lower() + decision.in_words[1:]
    return f"was changed meanwhile: it is {state}, pending “{words}” by {decision.made_by}."


def _replace(
    wishes: Iterable[tuple[Expression, Wish]],
    pending: Mapping[int, PendingDecision],
    by: User | None,
) -> list[PendingDecision]:
    """Puts each wish in place of what was pending, with its log line, in a few queries for all.

    `pending` has what is pending now, by the key of its expression.
    """
    wishes = list(wishes)
    old = [pending[expression.pk] for expression, _ in wishes if expression.pk in pending]
    _discard_drafts(old)
    PendingDecision.objects.filter(pk__in=[decision.pk for decision in old]).delete()
    now = timezone.now()
    made = [
        PendingDecision(
            expression=expression, verdict=wish.verdict, offer=wish.offer, made_by=by, made_at=now
        )
        for expression, wish in wishes
        if wish.verdict
    ]
    PendingDecision.objects.bulk_create(made)
    words = {decision.expression_id: f"Pending: {decision.in_words}" for decision in made}
    Event.objects.bulk_create(
        Event(
            expression=expression,
            what=words.get(expression.pk, "Pending decision taken back"),
            by=by,
            is_for_chairs=True,
        )
        for expression, _ in wishes
    )
    return made


def _discard_drafts(pending: Iterable[PendingDecision]) -> None:
    letters = [decision.letter_id for decision in pending if decision.letter_id]
    Letter.objects.filter(pk__in=letters, state=Letter.State.DRAFT).update(
        state=Letter.State.DISCARDED
    )
