"""Everything that changes an expression of interest. Each change is one transaction with its log
line and its letters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.links import hash_token
from apps.core.locks import fair_turn
from apps.editions.models import Call, Edition
from apps.interest.letters import send_letter
from apps.interest.links import expires_at
from apps.interest.models import (
    AccessLink,
    Answer,
    CoAuthor,
    Consent,
    Event,
    Expression,
    Format,
    Question,
    StudentLink,
)
from apps.interest.workflow import DECIDED, MOVES, OFFERED, Action, State, Who, may
from apps.mail.services import queue_letter
from apps.topics.models import Topic

# Within this time the same address and title are the same submission, sent twice.
SAME_FOR = timedelta(days=1)


class NotPossible(Exception):
    """The step is not possible from where the expression stands; its words are for people."""


class ChangedMeanwhile(Exception):
    """Somebody else changed it since it was read."""


def who_is(user: User | None) -> Who | None:
    """What a signed-in person is to expressions: a chair, or nobody."""
    return Who.CHAIR if user and user.has_perm("interest.decide_expression") else None


def fingerprint(edition: Edition, email: str, title: str) -> str:
    """What makes two submissions the same: edition, address and title, whatever case and spaces."""
    words = "\n".join(
        [str(edition.pk), email.strip().casefold(), " ".join(title.casefold().split())]
    )
    return hashlib.sha256(words.encode()).hexdigest()


def submit_expression(
    *,
    edition: Edition,
    fields: Mapping[str, Any],
    topics: Iterable,
    coauthors: Iterable[tuple[str, str]] = (),
    answers: Mapping[Question, str] | None = None,
    is_late: bool = False,
    is_test: bool = False,
    access_link: AccessLink | None = None,
    browser_key: str = "",
) -> tuple[Expression, bool]:
    """Puts a submission on record with its receipt; on disk before this returns.

    `fields` are the form's, by the names of the model. Returns the expression and whether it is
    new: the same submission within a day is the one there is already, and sends no second letter.
    A `browser_key`, a secret of the page it was sent from, becomes the token of a StudentLink in
    the same transaction, by which that page is known when it sends the same again. Raises
    NotPossible if the access link was used meanwhile.
    """
    email, title = fields["email"].strip(), fields["title"].strip()
    now = timezone.now()
    print_ = fingerprint(edition, email, title)
    with fair_turn("submissions"), transaction.atomic():
        # One submission of an edition at a time on PostgreSQL, too, so that two clicks are one.
        call = Call.objects.select_for_update().filter(edition=edition).first()
        same = Expression.objects.filter(
            edition=edition, fingerprint=print_, is_test=is_test, submitted_at__gt=now - SAME_FOR
        ).exclude(state=State.WITHDRAWN)
        if found := same.first():
            return found, False
        if access_link and not _take(access_link):
            raise NotPossible("This link has been used already.")
        expression = Expression.objects.create(
            edition=edition,
            is_late=is_late,
            is_test=is_test,
            submitted_at=now,
            changed_at=now,
            fingerprint=print_,
            **{**fields, "email": email, "title": title},
        )
        _put_first_parts(expression, list(topics), coauthors, answers or {})
        _log(expression, "Submitted" + (" late" if is_late else ""), to_state=State.SUBMITTED)
        if access_link:
            AccessLink.objects.filter(pk=access_link.pk).update(used_by=expression)
        if browser_key:
            link = StudentLink(
                token_hash=hash_token(browser_key),
                expression=expression,
                expires_at=expires_at(edition),
            )
            # The page may have sent the same before, and it was withdrawn since.
            StudentLink.objects.bulk_create(
                [link],
                update_conflicts=True,
                unique_fields=["token_hash"],
                update_fields=["expression", "expires_at", "revoked_at"],
            )
        if call is None or call.sends_receipt:
            send_letter(expression, "receipt")
        if not is_test and call and call.notice == Call.Notice.EACH:
            send_letter(expression, "notice")
    return expression, True


def correct_expression(
    *,
    expression: Expression,
    version: int,
    fields: Mapping[str, Any],
    topics: Iterable,
    coauthors: Iterable[tuple[str, str]],
    answers: Mapping[Question, str],
) -> Expression:
    """Replaces what the student sent, if nobody changed it since `version` was read.

    Raises ChangedMeanwhile if somebody did, NotPossible if it is past changing. The address is
    not among the fields: `correct_address` does that, with its letters.
    """
    now = timezone.now()
    with transaction.atomic():
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        if not current.is_living:
            raise NotPossible("It can no longer be changed.")
        if current.version != version:
            raise ChangedMeanwhile
        for name, value in fields.items():
            if name != "email":
                setattr(current, name, value)
        current.version += 1
        current.changed_at = now
        current.fingerprint = fingerprint(current.edition, current.email, current.title)
        current.save()
        _put_parts(current, topics, coauthors, answers)
        _log(current, "Corrected")
    return current


def correct_address(*, expression: Expression, email: str, by: User | None = None) -> Expression:
    """Changes the address and tells the old one and the new one. The same address is no change."""
    email = email.strip()
    with transaction.atomic():
        current = Expression.objects.select_for_update().get(pk=expression.pk)
        old = current.email
        if old == email:
            return current
        current.email = email
        current.version += 1
        current.changed_at = timezone.now()
        current.fingerprint = fingerprint(current.edition, email, current.title)
        current.save()
        _log(current, "Address corrected", by=by)
        send_letter(current, "address_changed_old", to_email=old)
        send_letter(current, "address_changed")
    return current


def resend_link(*, expression: Expression, by: User | None = None) -> None:
    """Queues a letter with a new private link; earlier links keep working."""
    with transaction.atomic():
        _log(expression, "Link sent again", by=by)
        send_letter(expression, "link")


def revoke_links(*, expression: Expression, by: User | None = None) -> int:
    """Ends all private links of an expression; returns how many worked until now."""
    with transaction.atomic():
        count = expression.links.open().update(revoked_at=timezone.now())
        _log(expression, "Links ended", by=by)
    return count


def move(
    *,
    expression: Expression,
    action: Action,
    who: Who | None,
    by: User | None = None,
    reason: str = "",
    offer: str = "",
    confirmed_format: str = "",
) -> Expression:
    """Makes one move of the table, with its log line and its letters, or raises NotPossible.

    The state is checked under the row's lock, so two clicks are one move. ACCEPT takes an `offer`
    (Format), CONFIRM a `confirmed_format` within the offer, REOPEN a `reason`.
    """
    line = MOVES[action]
    with transaction.atomic():
        current = (
            Expression.objects.select_for_update().select_related("edition").get(pk=expression.pk)
        )
        if not may(who, action, current.state):
            raise NotPossible(
                f"“{action.label}” is not possible: it is {current.get_state_display().lower()}."
            )
        if line.needs_reason and not reason.strip():
            raise NotPossible("Say why.")
        source, current.state = current.state, line.target
        _set_decision(current, action, by, offer, confirmed_format)
        current.save()
        _log(current, action.label, source, line.target, by=by, reason=reason)
        if action in {Action.WITHDRAW, Action.CANCEL}:
            send_letter(current, "withdrawn" if action == Action.WITHDRAW else "cancelled")
            send_letter(current, "withdrawn_notice")
        if action in {Action.CONFIRM, Action.DECLINE_OFFER}:
            send_letter(current, action)
    return current


def _set_decision(
    current: Expression, action: Action, by: User | None, offer: str, confirmed_format: str
) -> None:
    state = State(current.state)
    if action == Action.ACCEPT:
        if offer not in Format.values:
            raise NotPossible("Say what is offered: lightning talk, poster or both.")
        current.offer = offer
        call = Call.objects.filter(edition=current.edition).first()
        days = call.reply_days if call else 10
        current.reply_by_on = (timezone.now().astimezone(current.edition.zone)).date() + timedelta(
            days
        )
    if action == Action.CONFIRM:
        if confirmed_format not in Format.values or current.offer not in {
            confirmed_format,
            Format.BOTH,
        }:
            raise NotPossible("Confirm what was offered.")
        current.confirmed_format = confirmed_format
    if action in {Action.ACCEPT, Action.WAITLIST, Action.DECLINE}:
        current.decided_by, current.decided_at = by, timezone.now()
    if state not in DECIDED and state not in {State.WITHDRAWN, State.CANCELLED}:
        current.decided_by = current.decided_at = None
    if state not in OFFERED and state not in {State.WITHDRAWN, State.CANCELLED}:
        current.offer, current.reply_by_on = "", None
    if state not in {State.CONFIRMED, State.WITHDRAWN, State.CANCELLED}:
        current.confirmed_format = ""


def confirm_offer(
    *,
    expression: Expression,
    confirmed_format: str,
    needs: Mapping[str, Any],
    consents: Mapping[str, bool],
    answers: Mapping[Question, str],
) -> Expression:
    """The student takes the offer and answers what is asked then.

    `needs` are can_attend, technical_needs, access_needs and diet; `consents` by Consent.About,
    kept with the words they were asked in and the moment.
    """
    now = timezone.now()
    with transaction.atomic():
        current = move(
            expression=expression,
            action=Action.CONFIRM,
            who=Who.STUDENT,
            confirmed_format=confirmed_format,
        )
        for name in ("can_attend", "technical_needs", "access_needs", "diet"):
            setattr(current, name, needs[name])
        current.save()
        for about in Consent.About:
            Consent.objects.update_or_create(
                expression=current,
                about=about,
                defaults={
                    "wording": about.label,
                    "is_given": consents.get(about, False),
                    "said_at": now,
                },
            )
        _put_answers(current, answers)
    return current


def erase_expression(*, expression: Expression) -> None:
    """Removes an expression with its co-authors, answers, consents, log, links and letters."""
    with transaction.atomic():
        for link in expression.letter_links.select_related("letter"):
            link.letter.delete()
        expression.delete()


def erase_on_request(*, expression: Expression) -> None:
    """Erases what its student wants erased; organisers who counted on it are told its reference.

    That notice belongs to no expression and says nothing of the person.
    """
    edition = expression.edition
    with transaction.atomic():
        if expression.is_living and not expression.is_test and edition.contact_email:
            queue_letter(
                kind="interest/erased_notice",
                template="interest/letters/erased_notice",
                to_email=edition.contact_email,
                edition=edition,
                context={
                    "reference": expression.spoken_reference,
                    "state": expression.get_state_display(),
                },
            )
        erase_expression(expression=expression)


def erase_tests(*, edition: Edition) -> int:
    """Removes what staff sent to rehearse; returns how many there were."""
    tests = list(Expression.objects.filter(edition=edition, is_test=True))
    with transaction.atomic():
        for expression in tests:
            erase_expression(expression=expression)
    return len(tests)


def _take(access_link: AccessLink) -> bool:
    """Ends the link for everybody else; whether it still worked until now."""
    open_ones = AccessLink.objects.open().filter(pk=access_link.pk, used_by=None)
    return open_ones.update(revoked_at=timezone.now()) == 1


def _put_first_parts(
    expression: Expression,
    topics: list[Topic],
    coauthors: Iterable[tuple[str, str]],
    answers: Mapping[Question, str],
) -> None:
    """The parts of a new expression, where nothing has to give way: one INSERT of each kind.

    At a deadline everybody waits for this; the receipt that follows reads them from memory.
    """
    topics = list(dict.fromkeys(topics))
    through = Expression.topics.through
    through._default_manager.bulk_create(
        through(expression_id=expression.pk, topic_id=topic.pk) for topic in topics
    )
    authors = _coauthor_rows(expression, coauthors)
    CoAuthor.objects.bulk_create(authors)
    given = [
        Answer(expression=expression, question=question, words=words)
        for question, words in answers.items()
    ]
    Answer.objects.bulk_create(given)
    _remember(expression, topics=topics, coauthors=authors, answers=given)


def _remember(expression: Expression, **parts: list) -> None:
    """Lets the relations named in `parts` answer from memory, as prefetch_related would."""
    known: dict[str, Any] = {}
    for name, rows in parts.items():
        known[name] = getattr(expression, name).all()
        known[name]._result_cache, known[name]._prefetch_done = rows, True
    expression._prefetched_objects_cache = known  # type: ignore[attr-defined]  # Django's own place


def _coauthor_rows(expression: Expression, coauthors: Iterable[tuple[str, str]]) -> list[CoAuthor]:
    return [
        CoAuthor(expression=expression, name=name, affiliation=affiliation, ordering=10 * number)
        for number, (name, affiliation) in enumerate(coauthors, start=1)
    ]


def _put_parts(
    expression: Expression,
    topics: Iterable,
    coauthors: Iterable[tuple[str, str]],
    answers: Mapping[Question, str],
) -> None:
    expression.topics.set(topics)
    expression.coauthors.all().delete()
    CoAuthor.objects.bulk_create(_coauthor_rows(expression, coauthors))
    _put_answers(expression, answers)


def _put_answers(expression: Expression, answers: Mapping[Question, str]) -> None:
    for question, words in answers.items():
        Answer.objects.update_or_create(
            expression=expression, question=question, defaults={"words": words}
        )


def _log(
    expression: Expression,
    what: str,
    from_state: str = "",
    to_state: str = "",
    *,
    by: User | None = None,
    reason: str = "",
) -> None:
    Event.objects.create(
        expression=expression,
        what=what,
        from_state=from_state,
        to_state=to_state,
        by=by,
        reason=reason,
    )
