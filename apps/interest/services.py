"""Changes of existing expressions, each in one transaction with its log line and its letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.images import digest
from apps.editions.models import Call, Edition
from apps.interest.letters import send_letter
from apps.interest.models import (
    AccessLink,
    Answer,
    CoAuthor,
    Expression,
    ExpressionPDF,
    Format,
    Note,
    Question,
    StudentLink,
    fingerprint,
)
from apps.interest.permissions import workflow_actor
from apps.interest.workflow import (
    DECIDED,
    MOVES,
    OFFERED,
    Action,
    Actor,
    State,
    is_allowed,
    pre_erase,
    pre_move,
)
from apps.mail.models import Letter
from apps.mail.services import discard_letters_with_link, queue_letter
from apps.private_links.models import ADDRESS_CHANGED, is_same_address, link_expiry

ADDRESS_UNCHECKED = (
    "The helpdesk corrected the address: no private link is sent until a chair confirms it."
)

_MAX_LETTERS = 10  # to one address that asks for a new link


def correct_expression(
    *,
    expression: Expression,
    version: int,
    fields: Mapping[str, Any],
    topics: Iterable,
    coauthors: Iterable[tuple[str, str]],
    answers: Mapping[Question, str],
    pdf: File | bool | None = None,
    what: str = "Corrected",
) -> Expression:
    """Replace the answers of the form; the address has a service of its own.

    `what` is the line of the log; with False as `pdf` the stored one is removed. Raises
    ChangedMeanwhile if the stored version is not `version`, and NotAllowed if the expression is no
    longer active.
    """
    now = timezone.now()
    with transaction.atomic():
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        if not current.is_active:
            raise NotAllowed("It can no longer be changed.")
        if current.version != version:
            raise ChangedMeanwhile
        for name, value in fields.items():
            if name != "email":
                setattr(current, name, value)
        current.version += 1
        current.changed_at = now
        current.fingerprint = fingerprint(current.edition, current.email, current.title)
        current.save()
        current.topics.set(topics)
        current.coauthors.all().delete()
        CoAuthor.objects.bulk_create(CoAuthor.build(current, coauthors))
        save_answers(current, answers)
        current.events.create(what=what)
        save_pdf(current, pdf)
    return current


def save_pdf(expression: Expression, pdf: File | bool | None) -> ExpressionPDF | None:
    """Store a PDF in place of an earlier one, or remove that with False; returns a new one.

    Called last in a transaction: a file that was written stays if a later step fails.
    """
    if pdf is None or pdf is True:
        return None
    stored = ExpressionPDF.objects.filter(expression=expression).first()
    if pdf is False:
        if stored:
            stored.delete()
        return None
    stored = stored or ExpressionPDF(expression=expression)
    stored.file, stored.size, stored.digest = pdf, pdf.size, digest(pdf)
    stored.save()
    return stored


def correct_address(*, expression: Expression, email: str, by: User | None = None) -> Expression:
    """Change the address, and end the access of all who could read letters to the old one.

    Private links are revoked, waiting letters with a link are discarded, and the old address is
    written to. `by` is None for the student. A chair's correction sends a new link to the new
    address. After one by the helpdesk, which may not read all of an expression, the organisers get
    a notice, and no link goes out until a chair confirms the address by calling this with it.
    The same address is no change otherwise.
    """
    email = email.strip()
    is_checked = by is None or workflow_actor(by) is Actor.CHAIR
    with transaction.atomic():
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        old = current.email
        is_confirmed = old == email and current.has_unchecked_address and is_checked
        if old == email and not is_confirmed:
            return current
        current.email, current.has_unchecked_address = email, not is_checked
        current.version += 1
        current.changed_at = timezone.now()
        current.fingerprint = fingerprint(current.edition, email, current.title)
        current.save()
        what = "Address confirmed" if is_confirmed else "Address corrected"
        current.events.create(what=what, by=by)
        if not is_confirmed:
            current.links.revoke()
            discard_letters_with_link(link_maker="interest", link_subject=current.pk)
            send_letter(current, "address_changed_old", to_email=old)
        send_letter(current, "address_changed" if is_checked else "address_notice")
    return current


def resend_link(*, expression: Expression, by: User | None = None) -> None:
    """Queue a letter with a new private link; earlier links keep working.

    Raises NotAllowed while a chair has to check the address.
    """
    if expression.has_unchecked_address:
        raise NotAllowed(ADDRESS_UNCHECKED)
    with transaction.atomic():
        expression.events.create(what="Link sent again", by=by)
        send_letter(expression, "link")


def send_student_links(edition: Edition, email: str) -> int:
    """Send a link to each active expression of an address that asked; return how many."""
    active = Expression.objects.for_edition(edition).active().of_address(email)
    expressions = active.select_related("edition")[:_MAX_LETTERS]
    for expression in expressions:
        resend_link(expression=expression)
    return len(expressions)


def revoke_links(*, expression: Expression, by: User | None = None) -> int:
    """Revoke all private links of an expression; return how many were open."""
    with transaction.atomic():
        count = expression.links.revoke()
        expression.events.create(what="Links ended", by=by)
    return count


def move(
    *,
    expression: Expression,
    action: Action,
    actor: Actor | None,
    by: User | None = None,
    reason: str = "",
    offer: str = "",
    confirmed_format: str = "",
    decided_by: User | None = None,
    is_locked: bool = False,
) -> Expression:
    """Move an expression to another state, with its log line and its letters.

    The state is checked under the lock of the row, so two clicks are one move. ACCEPT takes an
    `offer` (Format), CONFIRM a `confirmed_format` within the offer, REOPEN a `reason`. `decided_by`
    is the user who decided, if it is not `by`, who releases. With `is_locked` the caller read
    `expression` under its lock in this transaction. Raises NotAllowed.
    """
    move_rule = MOVES[action]
    with transaction.atomic():
        current = expression
        if not is_locked:
            rows = Expression.objects.select_for_update(of=("self",)).select_related("edition")
            current = rows.get(pk=expression.pk)
        if not is_allowed(actor, action, current.state):
            raise NotAllowed(
                f"“{action.label}” is not possible: it is {current.get_state_display().lower()}."
            )
        if move_rule.needs_reason and not reason.strip():
            raise NotAllowed("Say why.")
        pre_move.send(sender=Expression, expression=current, action=action, by=by)
        source, current.state = current.state, move_rule.target
        _set_decision(current, action, decided_by or by, offer, confirmed_format)
        current.save()
        current.events.create(
            what=action.label, from_state=source, to_state=current.state, by=by, reason=reason
        )
        if action in {Action.WITHDRAW, Action.CANCEL}:
            send_letter(current, "withdrawn" if action == Action.WITHDRAW else "cancelled")
            send_letter(current, "withdrawn_notice")
        if action == Action.CONFIRM and actor != Actor.STUDENT:
            send_letter(current, "confirmed_for")
        elif action in {Action.CONFIRM, Action.DECLINE_OFFER}:
            send_letter(current, action)
    return current


def reply_deadline(edition: Edition) -> date:
    """The last day to reply to an offer made now, in the time zone of the edition."""
    call: Call | None = getattr(edition, "call", None)
    days = call.reply_days if call else 10
    return edition.today + timedelta(days)


def _set_decision(
    current: Expression, action: Action, by: User | None, offer: str, confirmed_format: str
) -> None:
    state = State(current.state)
    if action == Action.ACCEPT:
        if offer not in Format.values:
            raise NotAllowed("Choose what is offered: lightning talk, poster or both.")
        current.offer = offer
        current.reply_by_on = reply_deadline(current.edition)
    if action == Action.CONFIRM:
        if confirmed_format not in Format.values or current.offer not in {
            confirmed_format,
            Format.BOTH,
        }:
            raise NotAllowed("Confirm what was offered.")
        current.confirmed_format = confirmed_format
    if action in {Action.ACCEPT, Action.WAITLIST, Action.DECLINE}:
        current.decided_by, current.decided_at = by, timezone.now()
    if state not in DECIDED and state not in {State.WITHDRAWN, State.CANCELLED}:
        current.decided_by = current.decided_at = None
    if state not in OFFERED and state not in {State.WITHDRAWN, State.CANCELLED}:
        current.offer, current.reply_by_on = "", None
    if state not in {State.CONFIRMED, State.WITHDRAWN, State.CANCELLED}:
        current.confirmed_format = ""


def add_note(*, expression: Expression, text: str, by: User) -> Note:
    """Add an internal note; the same text by the same author, sent twice, is one note."""
    with transaction.atomic():
        # The lock makes two presses of one button arrive one after the other.
        current = Expression.objects.select_for_update().only("pk").get(pk=expression.pk)
        latest = current.notes.last()
        if latest and (latest.text, latest.author_id) == (text, by.pk):
            return latest
        return Note.objects.create(expression=current, text=text, author=by)


def erase_expression(*, expression: Expression) -> None:
    """Delete an expression with its parts: answers, consents, notes, log, links, letters."""
    with transaction.atomic():
        pre_erase.send(sender=Expression, expression=expression)
        erase_expressions(Expression.objects.filter(pk=expression.pk))


def erase_expressions(expressions: QuerySet[Expression]) -> None:
    """Delete expressions with their parts, all or none."""
    with transaction.atomic():
        # It says for whom the late access was.
        AccessLink.objects.filter(used_by__in=expressions).update(for_whom="[erased]")
        Letter.objects.filter(expression_link__expression__in=expressions).delete()
        expressions.delete()


def erase_on_request(*, expression: Expression) -> None:
    """Erase an expression for its student, and write its reference to the organisers.

    The notice has no personal data and belongs to no expression.
    """
    edition = expression.edition
    with transaction.atomic():
        if expression.is_active and not expression.is_test and edition.contact_email:
            queue_letter(
                kind="interest/erased_notice",
                template="interest/letters/erased_notice",
                to_email=edition.contact_email,
                edition=edition,
                is_to_organisers=True,
                context={
                    "reference": expression.display_reference,
                    "state": State(expression.state).label,
                },
            )
        erase_expression(expression=expression)


def erase_tests(*, edition: Edition) -> int:
    """Delete the test entries of staff; return their number."""
    tests = Expression.objects.filter(edition=edition, is_test=True)
    count = tests.count()
    erase_expressions(tests)
    return count


def save_answers(expression: Expression, answers: Mapping[Question, str]) -> None:
    """Store the answer to each question, in place of an earlier one."""
    for question, answer in answers.items():
        Answer.objects.update_or_create(
            expression=expression, question=question, defaults={"text": answer}
        )


@transaction.atomic
def make_student_link(expression_pk: int, email: str) -> str:
    """Return a new private URL of an expression for a letter to `email`; earlier ones work on.

    Raises NotAllowed if `email` is not its address any more, or if a chair has to check it.
    """
    expressions = Expression.objects.select_related("edition").select_for_update(of=("self",))
    expression = expressions.get(pk=expression_pk)
    if not is_same_address(expression.email, email):
        raise NotAllowed(ADDRESS_CHANGED)
    if expression.has_unchecked_address:
        raise NotAllowed(ADDRESS_UNCHECKED)
    _, token = StudentLink.mint(
        expression=expression, expires_at=link_expiry(expression.edition), is_mailed=True
    )
    path = reverse("interest:link", args=[expression.edition.slug, token])
    return f"{settings.SITE_URL}{path}"
