"""Bulk letters: one text to all expressions of a list, one letter each.

A letter whose text names the expression (title, reference, formats, private link) goes once for
each expression. One that names none goes once to each address, however many expressions have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.version_token import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionLetter, ExpressionQuerySet
from apps.mail.models import Letter, Mailing
from apps.selection.letters import OF_EVERY_LETTER, build_text_letter

KIND = "interest/mailing"
PLACEHOLDERS = OF_EVERY_LETTER
_NAMING_ONE = ("title", "reference", "formats", "private_link")
_BATCH = 500


@dataclass(frozen=True)
class Recipients:
    """Expressions of one edition to write about, oldest first, and how many were left out."""

    edition: Edition
    expressions: Sequence[Expression]
    left_out: int = 0

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
    """The expressions of a list without rehearsals, and without ended ones (withdrawn, declined …)
    unless the list was filtered by state (`is_by_state`)."""
    chosen = listed.exclude_tests() if is_by_state else listed.exclude_tests().active()
    fields = ("reference", "name", "email", "title", "wants_talk", "wants_poster", "state")
    chosen = chosen.prefetch_related(None).select_related(None).only(*fields, "is_test")
    expressions = list(chosen.order_by("submitted_at", "pk"))
    for expression in expressions:
        expression.edition = edition
    return Recipients(edition, expressions, listed.order_by().count() - len(expressions))


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
            build_text_letter(expression, kind=KIND, subject=subject, body=body)
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
