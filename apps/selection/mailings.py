"""One text to many: to everybody a list of expressions shows, one letter each.

A letter whose words name the expression (its title, its reference, what was asked for, the private
link) goes once for each expression, since no letter can name two. One that names none goes once to
each address, however many expressions came from it: nobody reads the same words twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.locks import fair_turn
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionLetter, ExpressionQuerySet
from apps.mail.models import Letter, Mailing
from apps.mail.services import text_letter
from apps.selection.letter_texts import OF_EVERY_LETTER, values_of

KIND = "interest/mailing"
PLACEHOLDERS = OF_EVERY_LETTER
# What is different in each of somebody's expressions.
_OF_ONE_EXPRESSION = ("title", "reference", "formats", "private_link")
_BATCH = 500


@dataclass(frozen=True)
class Selection:
    """The expressions of one edition that are written about, oldest first, and how many were left out."""

    edition: Edition
    expressions: Sequence[Expression]
    left_out: int = 0

    @property
    def stamp(self) -> str:
        """The same for the same expressions: by it a selection is known again."""
        return _stamp(expression.pk for expression in self.expressions)

    def recipients(self, *, subject: str, body: str) -> list[Expression]:
        """Those who get a letter with these words."""
        if names_an_expression(subject, body):
            return list(self.expressions)
        first: dict[str, Expression] = {}
        for expression in self.expressions:
            first.setdefault(expression.email.casefold(), expression)
        return list(first.values())


def names_an_expression(subject: str, body: str) -> bool:
    """Whether the words are about one expression and no other."""
    return any(f"{{{name}}}" in f"{subject}\n{body}" for name in _OF_ONE_EXPRESSION)


def select(edition: Edition, found: ExpressionQuerySet, *, is_by_state: bool) -> Selection:
    """What was `found` in a list, without rehearsals; those that ended in one way or another
    (withdrawn, declined, lapsed …) only where the list was filtered by state (`is_by_state`)."""
    wanted = _wanted(found, is_by_state=is_by_state)
    fields = ("reference", "name", "email", "title", "wants_talk", "wants_poster", "state")
    rows = list(wanted.only(*fields))
    for expression in rows:
        expression.edition = edition
    return Selection(edition, rows, found.order_by().count() - len(rows))


def _wanted(found: ExpressionQuerySet, *, is_by_state: bool) -> QuerySet[Expression]:
    counted = found.exclude_tests() if is_by_state else found.exclude_tests().active()
    return counted.prefetch_related(None).select_related(None).order_by("submitted_at", "pk")


def send_mailing(
    *, selection: Selection, stamp: str, key: str, subject: str, body: str, chosen: str, by: User
) -> tuple[Mailing, bool]:
    """Queues the letters of one mailing; returns it, and whether it is new.

    `key` comes from the page it is written on: the same page sent twice is one mailing, the one
    there is already. `chosen` says in words who was chosen. Raises ChangedMeanwhile if `stamp` is
    not that of the selection, in which case nothing is written.
    """
    if there := Mailing.objects.filter(key=key).first():
        return there, False
    if selection.stamp != stamp or not selection.expressions:
        raise ChangedMeanwhile
    edition = selection.edition
    recipients = selection.recipients(subject=subject, body=body)
    # Written before the turn is taken: a student who submits does not wait for a thousand letters.
    letters = [
        text_letter(
            edition=edition,
            kind=KIND,
            subject=subject,
            body=body,
            values=values_of(expression),
            to_email=expression.email,
            to_name=expression.name,
            link_maker="interest",
            link_subject=expression.pk,
        )
        for expression in recipients
    ]
    with fair_turn("submissions"), transaction.atomic():
        mailing, is_new = Mailing.objects.get_or_create(
            key=key,
            defaults={
                "edition": edition,
                "subject": subject,
                "body": body,
                "chosen": chosen,
                "made_by": by,
            },
        )
        if not is_new:
            return mailing, False
        keys = [expression.pk for expression in selection.expressions]
        if Expression.objects.filter(edition=edition, pk__in=keys).count() != len(keys):
            raise ChangedMeanwhile
        for letter in letters:
            letter.mailing = mailing
        Letter.objects.bulk_create(letters, batch_size=_BATCH)
        links = [
            ExpressionLetter(expression=expression, letter=letter)
            for expression, letter in zip(recipients, letters, strict=True)
        ]
        ExpressionLetter.objects.bulk_create(links, batch_size=_BATCH)
    return mailing, True


def _stamp(keys: Iterable[int]) -> str:
    words = ",".join(str(key) for key in sorted(keys))
    return hashlib.sha256(words.encode()).hexdigest()[:32]
