"""Letters to students: about decisions and offers, and bulk letters to a list of expressions.

A bulk letter whose text names the expression (title, reference, formats, private link) goes once
for each expression. One that names none goes once to each address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.tokens import version_token
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionLetter, ExpressionQuerySet, Format
from apps.interest.workflow import Action
from apps.mail.drafts import LetterRecipient
from apps.mail.models import Letter, Mailing
from apps.mail.services import as_test, text_letter
from apps.mail.texts import (
    EDITION_PLACEHOLDERS,
    edition_values,
    read_text,
    register_text,
    text_of,
)

REMINDER = "interest/reminder"
BULK_LETTER = "interest/mailing"
# Placeholders that differ between two expressions of one person.
_NAMING_ONE = ("title", "reference", "formats", "private_link")
_BATCH = 500  # rows in one INSERT
# Kind of letter by verdict and offer.
DECISION_KINDS: dict[tuple[str, str], str] = {
    (Action.ACCEPT, Format.TALK): "interest/offer_talk",
    (Action.ACCEPT, Format.POSTER): "interest/offer_poster",
    (Action.ACCEPT, Format.BOTH): "interest/offer_both",
    (Action.WAITLIST, ""): "interest/waitlisted",
    (Action.DECLINE, ""): "interest/declined",
}

LETTER_PLACEHOLDERS = {
    "name": "The student's name",
    "title": "The title of what they sent",
    "reference": "The reference, such as R7K-2QD",
    "formats": "The requested format: “lightning talk”, “poster”, or “lightning talk or poster”",
    **EDITION_PLACEHOLDERS,
    "private_link": "The link to the student's own page; created when the email is sent",
}
OFFER_PLACEHOLDERS = {
    **LETTER_PLACEHOLDERS,
    "offer": "The offer: “lightning talk”, “poster” or “lightning talk and poster”",
    "reply_by": "The last day to reply, such as “Friday 3 May 2024”",
}

_TEXTS = Path(__file__).parent / "letter_texts"


def register_texts() -> None:
    """Register the default texts of the letters; called once, when the app is ready."""
    kinds = [
        ("offer_talk", "Offer of a lightning talk", "Released acceptances as a lightning talk."),
        ("offer_poster", "Offer of a poster", "Released acceptances as a poster."),
        (
            "offer_both",
            "Offer of a lightning talk and a poster",
            "Released acceptances as a lightning talk and a poster.",
        ),
        (
            "waitlisted",
            "On the waiting list",
            "Released decisions for the waiting list.",
        ),
        ("declined", "Not this time", "Released decisions to decline."),
        (
            "reminder",
            "Reminder",
            "Sent automatically, once, before the reply to an offer is due.",
        ),
        ("thanks", "Thank you", "What “Thank the presenters” begins with, after the last day."),
    ]
    for name, label, when in kinds:
        is_of_offer = name.startswith("offer_") or name == "reminder"
        register_text(
            f"interest/{name}",
            label=label,
            when=when,
            placeholders=OFFER_PLACEHOLDERS if is_of_offer else LETTER_PLACEHOLDERS,
            **read_text(_TEXTS, name),
        )


def values_of(
    expression: Expression, *, offer: str = "", reply_by_on: date | None = None
) -> Mapping[str, str]:
    """Return the values of the placeholders in a letter about `expression`.

    Those of an offer are there if there is one, with a note in place of an unknown reply-by date.
    Reads the expression and its edition, nothing else. Never access needs, diet or answers.
    """
    with translation.override(expression.edition.language_code):
        values = {
            "name": expression.name,
            "title": expression.plain_title,
            "reference": expression.display_reference,
            "formats": _in_sentence(expression, expression.formats),
            **edition_values(expression.edition),
        }
        if offer:
            values["offer"] = _in_sentence(expression, str(Format(offer).label))
            # In drafts on record: the release sets the date.
            no_day_yet = gettext("[reply-by date]")
            values["reply_by"] = format_day(reply_by_on) if reply_by_on else no_day_yet
    return values


def _in_sentence(expression: Expression, text: str) -> str:
    """The name of a format within a sentence: German nouns keep their capital letter."""
    return text if expression.edition.language == "de" else text.lower()


def recipient_of(expression: Expression) -> LetterRecipient:
    """The student, with the private link to their own page."""
    return LetterRecipient(expression.name, expression.email, "interest", expression.pk)


def letter_subject(expression: Expression, subject: str) -> str:
    """The subject, marked if the expression is a test entry."""
    if not expression.is_test:
        return subject
    with translation.override(expression.edition.language_code):
        mark = gettext("Test entry:")
    return f"{mark} {subject}"


def build_text_letter(
    expression: Expression,
    *,
    kind: str,
    subject: str,
    body: str,
    offer: str = "",
    reply_by_on: date | None = None,
) -> Letter:
    """Return a letter with placeholders filled in for one expression, unsaved."""
    to = recipient_of(expression)
    return text_letter(
        edition=expression.edition,
        kind=kind,
        subject=letter_subject(expression, subject),
        body=body,
        values=values_of(expression, offer=offer, reply_by_on=reply_by_on),
        to_email=to.email,
        to_name=to.name,
        link_maker=to.link_maker,
        link_subject=to.link_subject,
    )


def queue_test(letter: Letter, *, expression: Expression, to: User) -> None:
    """Queue an unsaved letter about `expression` to a chair, to see it in a mailbox.

    It is erased with the expression, whose data it has.
    """
    with transaction.atomic():
        as_test(letter, to=to).save()
        if expression.pk:  # not an invented one
            ExpressionLetter.objects.create(expression=expression, letter=letter)


def queue_reminder(expression: Expression) -> None:
    """Queue the reminder of the present offer, with the edition's text."""
    text = text_of(expression.edition, REMINDER)
    letter = build_text_letter(
        expression,
        kind=REMINDER,
        subject=text.subject,
        body=text.body,
        offer=expression.offer,
        reply_by_on=expression.reply_by_on,
    )
    letter.save()
    ExpressionLetter.objects.create(expression=expression, letter=letter)


@dataclass(frozen=True)
class Recipients:
    """Expressions of one edition to write about, oldest first, and how many were left out.

    With `is_by_state` these are test entries only.
    """

    edition: Edition
    expressions: Sequence[Expression]
    left_out: int
    is_by_state: bool

    @property
    def token(self) -> str:
        return version_token(*sorted(expression.pk for expression in self.expressions))

    def for_text(self, *, subject: str, body: str) -> list[Expression]:
        """One expression for each letter with this text."""
        if names_one_expression(subject, body):
            return list(self.expressions)
        first: dict[str, Expression] = {}
        for expression in self.expressions:
            first.setdefault(expression.email.casefold(), expression)
        return list(first.values())


def names_one_expression(subject: str, body: str) -> bool:
    """Whether the text is about one expression and no other."""
    return any(f"{{{name}}}" in f"{subject}\n{body}" for name in _NAMING_ONE)


def choose_recipients(
    edition: Edition, listed: ExpressionQuerySet, *, is_by_state: bool
) -> Recipients:
    """The expressions of a list without test entries, and without ended ones (withdrawn, declined …)
    unless the list was filtered by state (`is_by_state`)."""
    chosen = listed.exclude_tests() if is_by_state else listed.exclude_tests().active()
    fields = ("reference", "name", "email", "title", "wants_talk", "wants_poster", "state")
    chosen = chosen.prefetch_related(None).select_related(None).only(*fields, "is_test")
    expressions = list(chosen.order_by("submitted_at", "pk"))
    for expression in expressions:
        expression.edition = edition
    left_out = listed.order_by().count() - len(expressions)
    return Recipients(edition, expressions, left_out, is_by_state)


def send_mailing(
    *, recipients: Recipients, token: str, key: str, subject: str, body: str, chosen: str, by: User
) -> tuple[Mailing, bool]:
    """Queue the letters of one mailing; returns it, and whether it is new.

    `key` comes from the page: a page sent twice is one mailing. `chosen` describes the list. Raises
    ChangedMeanwhile, and writes nothing, if `token` is not that of the recipients.
    """
    if existing := Mailing.objects.filter(key=key).first():
        return existing, False
    if recipients.token != token or not recipients.expressions:
        raise ChangedMeanwhile
    edition = recipients.edition
    fields = {
        "edition": edition,
        "subject": subject,
        "body": body,
        "chosen": chosen,
        "made_by": by,
    }
    with transaction.atomic():
        mailing, is_new = Mailing.objects.get_or_create(key=key, defaults=fields)
        if not is_new:
            return mailing, False
        keys = [expression.pk for expression in recipients.expressions]
        if Expression.objects.filter(edition=edition, pk__in=keys).count() != len(keys):
            raise ChangedMeanwhile
        expressions = recipients.for_text(subject=subject, body=body)
        letters = [
            build_text_letter(expression, kind=BULK_LETTER, subject=subject, body=body)
            for expression in expressions
        ]
        for letter in letters:
            letter.mailing = mailing
        Letter.objects.bulk_create(letters, batch_size=_BATCH)
        ExpressionLetter.objects.bulk_create(
            [
                ExpressionLetter(expression=expression, letter=letter)
                for expression, letter in zip(expressions, letters, strict=True)
            ],
            batch_size=_BATCH,
        )
    return mailing, True
