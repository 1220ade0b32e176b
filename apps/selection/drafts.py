"""The letters that will tell of pending decisions: drafted, edited, held back, discarded.

A draft is a letter on record that nothing sends. Its words keep their placeholders beside it (on
the pending decision) and are filled in once more as it is released: the reply-by date in it is
then that of the offer, whatever day it was drafted on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, TextChoices, Value, When
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile
from apps.core.locks import fair_turn
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionLetter
from apps.mail.models import Letter
from apps.mail.services import Written, write_text_letter
from apps.mail.texts import carries_link, text_of, texts_of
from apps.selection.decisions import discard_draft
from apps.selection.letter_texts import DECISION_KINDS, values_of
from apps.selection.models import PendingDecision

# How long one request may draft or release before it answers, in seconds.
PATIENCE = 2.0


class Standing(TextChoices):
    """How the letter of a pending decision stands."""

    UNDRAFTED = "undrafted", "No letter yet"
    CHANGED = "changed", "Changed since it was drafted"
    REWORDED = "reworded", "Drafted with older words"
    READY = "ready", "Ready"


class NoDraft(Exception):
    """There is no draft any more: it was released, discarded or taken back."""


@dataclass(frozen=True)
class Drafted:
    """What drafting did: how many letters it wrote, how many decisions still wait for theirs."""

    count: int
    left: int


def pending_of(edition: Edition) -> QuerySet[Any]:
    """The edition's pending decisions in the order they were made, each with its `standing`."""
    texts = texts_of(edition, list(DECISION_KINDS.values()))
    has_our_words = Q(pk=None)
    for (verdict, offer), kind in DECISION_KINDS.items():
        words = {"draft_subject": texts[kind].subject, "draft_body": texts[kind].body}
        has_our_words |= Q(verdict=verdict, offer=offer, **words)
    no_draft = Q(letter=None) | ~Q(letter__state=Letter.State.DRAFT)
    standing = Case(
        When(no_draft, then=Value(Standing.UNDRAFTED)),
        When(~Q(drafted_version=F("expression__version")), then=Value(Standing.CHANGED)),
        When(Q(is_edited=False) & ~has_our_words, then=Value(Standing.REWORDED)),
        default=Value(Standing.READY),
        output_field=CharField(),
    )
    return (
        PendingDecision.objects.filter(expression__edition=edition)
        .order_by("made_at", "pk")
        # The model declares the name for its readers, which the types would call a second one.
        .annotate(**{"standing": standing})  # noqa: PIE804  (see above)
    )


def locked(pk: int) -> PendingDecision | None:
    """The pending decision with its `standing`, under its expression's lock; None if it is gone.

    Call it in a transaction. Everything that changes a decision locks the expression first.
    """
    found = PendingDecision.objects.filter(pk=pk).values_list("expression_id", flat=True).first()
    if found is None:
        return None
    expression = (
        Expression.objects.select_for_update(of=("self",))
        .select_related("edition")
        .filter(pk=found)
        .first()
    )
    if expression is None:
        return None
    pending = pending_of(expression.edition).select_related("made_by").filter(pk=pk).first()
    if pending:
        pending.expression = expression
    return pending


def draft_letters(*, edition: Edition, seconds: float = PATIENCE) -> Drafted:
    """Drafts the letter of each pending decision that has none, and anew where something changed.

    Words that were edited by hand are kept, and filled in with what is true now. Stops after
    `seconds`; another call goes on. Two at once make one draft each.
    """
    until = monotonic() + seconds
    waiting = pending_of(edition).exclude(standing=Standing.READY)
    count = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        if count and monotonic() >= until:
            break
        count += draft_letter(pk=pk)
    return Drafted(count, waiting.count())


def draft_letter(*, pk: int) -> bool:
    """Drafts the letter of one pending decision, unless there is one that is true."""
    with fair_turn("submissions"), transaction.atomic():
        pending = locked(pk)
        if pending is None or pending.standing == Standing.READY:
            return False
        if not pending.is_edited or pending.standing == Standing.UNDRAFTED:
            text = text_of(pending.expression.edition, kind_of(pending))
            pending.draft_subject, pending.draft_body = text.subject, text.body
            pending.is_edited = False
        _put(pending)
    return True


def edit_draft(*, pending: PendingDecision, stamp: str, subject: str, body: str) -> None:
    """Gives one draft words of its own, with placeholders, if it is as it was when it was read.

    Raises NoDraft, or ChangedMeanwhile if it is not the draft that `stamp` names.
    """
    with fair_turn("submissions"), transaction.atomic():
        current = locked(pending.pk)
        if current is None or current.standing == Standing.UNDRAFTED:
            raise NoDraft
        if current.draft_stamp != stamp:
            raise ChangedMeanwhile
        text = text_of(current.expression.edition, kind_of(current))
        current.draft_subject, current.draft_body = subject, body
        current.is_edited = (subject, body) != (text.subject, text.body)
        _put(current)


def hold(*, pending: PendingDecision, is_held: bool) -> bool:
    """Keeps a decision back from the next release, or lets it go; False if it is gone."""
    with fair_turn("submissions"), transaction.atomic():
        current = locked(pending.pk)
        if current is None:
            return False
        PendingDecision.objects.filter(pk=current.pk).update(is_held=is_held)
    return True


def discard_letter(*, pending: PendingDecision) -> bool:
    """Throws a draft away. The decision stays pending; False if there was no draft any more."""
    with fair_turn("submissions"), transaction.atomic():
        current = locked(pending.pk)
        if current is None or current.standing == Standing.UNDRAFTED:
            return False
        discard_draft(current)
    return True


def kind_of(pending: PendingDecision) -> str:
    """The kind of letter that tells of it."""
    return DECISION_KINDS[pending.verdict, pending.offer]


def write(
    expression: Expression,
    *,
    subject: str,
    body: str,
    offer: str = "",
    reply_by_on: date | None = None,
) -> Written:
    """The letter about `expression` as it will be read, in the words `subject` and `body`."""
    values = values_of(expression, offer=offer, reply_by_on=reply_by_on)
    if expression.is_test:
        subject = f"Rehearsal: {subject}"
    return write_text_letter(edition=expression.edition, subject=subject, body=body, values=values)


def columns_of(pending: PendingDecision, reply_by_on: date | None = None) -> dict[str, object]:
    """The columns of the letter that tells of it, as they are true now."""
    expression = pending.expression
    written = write(
        expression,
        subject=pending.draft_subject,
        body=pending.draft_body,
        offer=pending.offer,
        reply_by_on=reply_by_on,
    )
    has_link = carries_link(pending.draft_body)
    return {
        "to_name": expression.name,
        "to_email": expression.email,
        "reply_to": expression.edition.contact_email,
        "link_maker": "interest" if has_link else "",
        "link_subject": expression.pk if has_link else None,
        **written._asdict(),
    }


def _put(pending: PendingDecision) -> None:
    """The draft on record, anew or in place of what it said before."""
    columns = columns_of(pending)
    drafts = Letter.objects.filter(pk=pending.letter_id or 0, state=Letter.State.DRAFT)
    if not drafts.update(**columns):
        pending.letter = Letter.objects.create(
            edition=pending.expression.edition,
            kind=kind_of(pending),
            state=Letter.State.DRAFT,
            **columns,
        )
        ExpressionLetter.objects.create(expression=pending.expression, letter=pending.letter)
    pending.drafted_version = pending.expression.version
    pending.drafted_at = timezone.now()
    pending.save()
