"""Submission of a new expression: one transaction with its parts, log line and letters."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core import signing
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from apps.core.exceptions import NotAllowed
from apps.core.tokens import hash_token
from apps.editions.models import Call, Edition
from apps.interest.letters import SENT_AGAIN, send_letter, send_receipt
from apps.interest.models import (
    AccessLink,
    Answer,
    CoAuthor,
    Event,
    Expression,
    ExpressionPDF,
    Question,
    StudentLink,
    fingerprint,
    new_reference,
)
from apps.interest.services import correct_expression, save_pdf
from apps.interest.student.display import change_window
from apps.interest.workflow import State
from apps.private_links.models import link_expiry

# Within this time the same address and title are one submission, sent twice.
DUPLICATE_WINDOW = timedelta(days=1)


class Submitted(NamedTuple):
    """Result of a submission; `link` is the new StudentLink of the page it was sent from."""

    expression: Expression
    is_new: bool
    link: StudentLink | None = None


def submit_expression(
    *,
    edition: Edition,
    fields: Mapping[str, Any],
    topics: Iterable,
    coauthors: Iterable[tuple[str, str]] = (),
    answers: Mapping[Question, str] | None = None,
    pdf: File | None = None,
    is_late: bool = False,
    is_test: bool = False,
    access_link: AccessLink | None = None,
    browser_key: str = "",
) -> Submitted:
    """Store a submission and queue its letters, in one transaction.

    `fields` are those of the form, by the names of the model. The same submission within a day
    returns the existing expression and sends no second letter. A `browser_key`, a secret of the
    page it was sent from, becomes the token of a StudentLink: by it the page is recognised when it
    sends the same again. The caller has checked that the call takes entries (`_access` in
    interest/views.py). Raises NotAllowed if the access link was used meanwhile.
    """
    email, title = fields["email"].strip(), fields["title"].strip()
    now = timezone.now()
    expression = Expression(
        edition=edition,
        is_late=is_late,
        is_test=is_test,
        submitted_at=now,
        changed_at=now,
        fingerprint=fingerprint(edition, email, title),
        **{**fields, "email": email, "title": title},
    )
    chosen_topics = list(topics)
    coauthor_rows = CoAuthor.build(expression, coauthors)
    answer_rows = [
        Answer(expression=expression, question=question, text=text)
        for question, text in (answers or {}).items()
    ]
    with transaction.atomic():
        # The lock on the call makes two clicks arrive one after the other.
        calls = Call.objects.select_for_update().only("sends_receipt", "notice")
        call = calls.filter(edition=edition).first()
        if duplicate := _find_duplicate(expression):
            return Submitted(duplicate, is_new=False)
        while Expression.objects.filter(reference=expression.reference).exists():
            expression.reference = new_reference()
        expression.save(force_insert=True)
        expression.topics.add(*chosen_topics)
        CoAuthor.objects.bulk_create(coauthor_rows)
        Answer.objects.bulk_create(answer_rows)
        what = "Submitted late" if is_late else "Submitted"
        Event.objects.create(expression=expression, what=what, to_state=State.SUBMITTED)
        if access_link:
            _use(access_link, expression)
        link = _link_browser(expression, browser_key) if browser_key else None
        stored_pdf = save_pdf(expression, pdf)
        if call is None or call.sends_receipt:
            send_receipt(
                expression,
                topics=chosen_topics,
                coauthors=coauthor_rows,
                answers=answer_rows,
                pdf=stored_pdf,
            )
        if call and call.notice == Call.Notice.EACH and not is_test:
            send_letter(expression, "notice")
    return Submitted(expression, True, link)


def _find_duplicate(expression: Expression) -> Expression | None:
    same = expression.edition.expressions.exclude(state=State.WITHDRAWN).filter(
        fingerprint=expression.fingerprint,
        is_test=expression.is_test,
        submitted_at__gt=expression.submitted_at - DUPLICATE_WINDOW,
    )
    # Nearly always there is none, which the short query tells in a fifth of the time.
    return same.first() if same.exists() else None


def update_submission(
    *, expression: Expression, version: int, fields: Mapping[str, Any], **parts: Any
) -> Expression:
    """Replace the answers by those of the form, sent again by its sender, and write to them.

    Takes the arguments of `correct_expression`, and raises the same.
    """
    with transaction.atomic():
        current = correct_expression(
            expression=expression, version=version, fields=fields, what=SENT_AGAIN, **parts
        )
        call = Call.objects.filter(edition=current.edition).first()
        if call is None or call.sends_receipt:
            send_receipt(
                current,
                is_update=True,
                topics=current.topics.all(),
                coauthors=current.coauthors.all(),
                answers=current.answers.select_related("question"),
                pdf=ExpressionPDF.objects.filter(expression=current).first(),
            )
    return current


def version_of_form(expression: Expression) -> int:
    """The version that the form of the call last wrote; 0 if it was changed in another way since."""
    written = 1 + expression.events.filter(what=SENT_AGAIN).count()
    return written if written == expression.version else 0


def tell_owner_of_resend(*, expression: Expression) -> None:
    """Write to the address of an entry that was sent again from another browser.

    Nothing is sent to an address that a chair has to check.
    """
    if expression.has_unchecked_address:
        return
    may_change, change_until = change_window(expression)
    with transaction.atomic():
        expression.events.create(what="Sent again from another browser")
        send_letter(expression, "sent_again", can_change=may_change, change_until=change_until)


def _use(access_link: AccessLink, expression: Expression) -> None:
    """End the link for everyone else. Raises NotAllowed if it is no longer open."""
    unused = AccessLink.objects.open().filter(pk=access_link.pk, used_by=None)
    if not unused.update(revoked_at=timezone.now(), used_by=expression):
        raise NotAllowed(gettext("This link has been used already."))


def _link_browser(expression: Expression, browser_key: str) -> StudentLink:
    link = StudentLink(
        token_hash=hash_token(browser_key),
        expression=expression,
        expires_at=link_expiry(expression.edition),
    )
    # The page may have sent the same before, and that expression was withdrawn meanwhile.
    StudentLink.objects.bulk_create(
        [link],
        update_conflicts=True,
        unique_fields=["token_hash"],
        update_fields=["expression", "created_at", "expires_at", "revoked_at"],
    )
    return link


MAX_AGE = timedelta(hours=24)
_SALT = "interest.form_token"


@dataclass(frozen=True)
class FormToken:
    """The first view of a page with the form; the random `nonce` identifies the page."""

    nonce: str
    issued_at: datetime
    is_test: bool
    signed: str

    def browser_key(self, edition: Edition, email: str, title: str) -> str:
        """Key that only this page can have sent, for the same edition, address and title.

        It opens the submission, so it is an HMAC with the site's secret and is on no page.
        """
        values = [self.nonce, fingerprint(edition, email, title), str(self.is_test)]
        return salted_hmac("interest.browser", "\n".join(values), algorithm="sha256").hexdigest()


def issue_token(edition: Edition, *, is_test: bool) -> FormToken:
    """A token for a page that is shown for the first time now."""
    nonce, now = secrets.token_urlsafe(16), timezone.now()
    signed = signing.Signer(salt=_SALT).sign_object([edition.pk, nonce, is_test, now.timestamp()])
    return FormToken(nonce, now, is_test, signed)


def read_token(edition: Edition, signed: str) -> FormToken | None:
    """The token in the sent form; None if it is forged, of another edition or too old."""
    try:
        pk, nonce, is_test, timestamp = signing.Signer(salt=_SALT).unsign_object(signed)
    except signing.BadSignature:
        return None
    token = FormToken(nonce, datetime.fromtimestamp(timestamp, tz=UTC), is_test, signed)
    is_valid = pk == edition.pk and timezone.now() - token.issued_at <= MAX_AGE
    return token if is_valid else None
