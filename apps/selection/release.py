"""The release: a decision, its letter and the end of its being pending, in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.core.locks import fair_turn
from apps.editions.models import Edition
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.selection.drafts import PATIENCE, Standing, columns_of, locked, pending_of
from apps.selection.models import PendingDecision


class NotReleased(Exception):
    """This decision stays pending; the words say why, for people."""


class Held(NotReleased):
    """Because somebody holds it back."""


@dataclass
class Report:
    """What a release did with what was seen. `left` is what it did not come to in its time."""

    released: int = 0
    held: int = 0
    # Not pending any more: released in another window, taken back, or withdrawn by the student.
    gone: int = 0
    refused: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def ready_of(edition: Edition) -> list[str]:
    """What a release would release now, by the stamps of the drafts."""
    ready = pending_of(edition).filter(standing=Standing.READY, is_held=False)
    return [pending.draft_stamp for pending in ready.only("drafted_at")]


def release(
    *, edition: Edition, seen: Sequence[str], by: User, seconds: float = PATIENCE
) -> Report:
    """Releases of `edition` what was `seen` (stamps of drafts) and is still as it was then.

    Each decision is one transaction, so whatever ends this half-way leaves none half released.
    Stops after `seconds`; the report says what is left, for another call.
    """
    until = monotonic() + seconds
    report = Report()
    ours = set(
        PendingDecision.objects.filter(expression__edition=edition).values_list("pk", flat=True)
    )
    for number, stamp in enumerate(seen):
        if number and monotonic() >= until:
            report.left = list(seen[number:])
            break
        key = stamp.partition("-")[0]
        pk = int(key) if key.isdecimal() else 0
        try:
            is_released = pk in ours and release_one(pk=pk, stamp=stamp, by=by)
        except Held:
            report.held += 1
        except NotReleased as refusal:
            report.refused.append(str(refusal))
        else:
            report.released += is_released
            report.gone += not is_released
    return report


def release_one(*, pk: int, stamp: str, by: User) -> bool:
    """Moves the expression as was decided, queues the letter, ends the pending decision: all or none.

    False if the decision is not pending any more. Raises NotReleased if it is held, or if its draft
    is not the one that `stamp` names, or not true any more.
    """
    with fair_turn("submissions"), transaction.atomic():
        pending = locked(pk)
        if pending is None:
            return False
        _refuse_unless_ready(pending, stamp)
        # First, for a move takes back what is pending and discards its letter.
        PendingDecision.objects.filter(pk=pk).delete()
        try:
            pending.expression = move(
                expression=pending.expression,
                action=Action(pending.verdict),
                actor=Actor.CHAIR,
                by=by,
                offer=pending.offer,
                decided_by=pending.made_by,
            )
        except NotAllowed as refusal:
            raise NotReleased(_named(pending, str(refusal))) from refusal
        is_queued = Letter.objects.filter(
            pk=pending.letter_id or 0, state=Letter.State.DRAFT
        ).update(
            state=Letter.State.QUEUED,
            due_at=timezone.now(),
            **columns_of(pending, pending.expression.reply_by_on),
        )
        if not is_queued:
            raise NotReleased(_named(pending, Standing.UNDRAFTED.label))
    return True


def _refuse_unless_ready(pending: PendingDecision, stamp: str) -> None:
    if pending.is_held:
        raise Held(_named(pending, "held back"))
    if pending.standing != Standing.READY:
        raise NotReleased(_named(pending, f"{Standing(pending.standing).label}: draft it again"))
    if pending.draft_stamp != stamp:
        raise NotReleased(_named(pending, "the draft was changed since you looked"))


def _named(pending: PendingDecision, why: str) -> str:
    expression = pending.expression
    return f"{expression.display_reference}, {expression.name}: {why[:1].lower()}{why[1:]}."
