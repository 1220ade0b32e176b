"""A new expression of interest comes in: once, with all its parts, its log line and its letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from apps.core.rows import insert, insert_unless_taken, is_there
from apps.core.together import together
from apps.core.tokens import hash_token
from apps.editions.models import Call, Edition
from apps.interest.letters import send_first_letters
from apps.interest.models import (
    AccessLink,
    Answer,
    Event,
    Expression,
    Question,
    StudentLink,
    new_reference,
)
from apps.interest.services import NotPossible, coauthor_rows, fingerprint
from apps.interest.student_words import Parts
from apps.interest.workflow import State
from apps.private_links.models import link_expiry
from apps.topics.models import Topic

# Within this time the same address and title are the same submission, sent twice.
SAME_FOR = timedelta(days=1)


class Submitted(NamedTuple):
    """What came of a submission; `link` is the new StudentLink of the page it was sent from."""

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
    is_late: bool = False,
    is_test: bool = False,
    access_link: AccessLink | None = None,
    browser_key: str = "",
    call: Call | None = None,
) -> Submitted:
    """Puts a submission on record with its receipt; on disk before this returns.

    `fields` are the form's, by the names of the model. The same submission within a day is the
    one there is already, and sends no second letter. A `browser_key`, a secret of the page it was
    sent from, becomes the token of a StudentLink in the same transaction, by which that page is
    known when it sends the same again. `call` is the edition's, if the caller has just read it.
    Raises NotPossible if the access link was used meanwhile.
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

    def put_on_record() -> Submitted:
        call_now = _lock(edition, call)
        if same := _same_as(expression):
            return Submitted(same, is_new=False)
        if access_link and not _take(access_link):
            raise NotPossible("This link has been used already.")
        while not insert_unless_taken(expression, "reference"):
            expression.reference = new_reference()
        parts = _put_first_parts(expression, list(topics), coauthors, answers or {})
        if access_link:
            AccessLink.objects.filter(pk=access_link.pk).update(used_by=expression)
        link = _link_browser(expression, browser_key) if browser_key else None
        send_first_letters(expression, _kinds_of_letters(expression, call_now), parts)
        return Submitted(expression, is_new=True, link=link)

    return together("submissions", put_on_record)


def _lock(edition: Edition, call: Call | None) -> Call | None:
    """Holds up other submissions to this edition until the transaction ends; its call.

    So that two clicks are one. In SQLite the transaction itself has shut out all others.
    """
    if call and connection.vendor == "sqlite":
        return call
    return Call.objects.select_for_update().filter(edition=edition).first()


def _same_as(expression: Expression) -> Expression | None:
    """What was sent before and is the same, if anything was."""
    # Of nearly all there is none, and that is asked for in the quickest way.
    if not is_there(Expression, "fingerprint", expression.fingerprint):
        return None
    return (
        Expression.objects.filter(
            edition=expression.edition,
            fingerprint=expression.fingerprint,
            is_test=expression.is_test,
            submitted_at__gt=expression.submitted_at - SAME_FOR,
        )
        .exclude(state=State.WITHDRAWN)
        .first()
    )


def _kinds_of_letters(expression: Expression, call: Call | None) -> list[str]:
    kinds = ["receipt"] if call is None or call.sends_receipt else []
    if call and call.notice == Call.Notice.EACH and not expression.is_test:
        kinds.append("notice")
    return kinds


def _link_browser(expression: Expression, browser_key: str) -> StudentLink:
    link = StudentLink(
        token_hash=hash_token(browser_key),
        expression=expression,
        expires_at=link_expiry(expression.edition),
    )
    # The page may have sent the same before, and it was withdrawn since.
    insert([link], overwrite_on="token_hash")
    return link


def _take(access_link: AccessLink) -> bool:
    """Ends the link for everybody else; whether it still worked until now."""
    open_ones = AccessLink.objects.open().filter(pk=access_link.pk, used_by=None)
    return open_ones.update(revoked_at=timezone.now()) == 1


def _put_first_parts(
    expression: Expression,
    topics: list[Topic],
    coauthors: Iterable[tuple[str, str]],
    answers: Mapping[Question, str],
) -> Parts:
    """The parts of a new expression, where nothing has to give way: one INSERT of each kind."""
    topics = list(dict.fromkeys(topics))
    through = Expression.topics.through
    insert([through(expression_id=expression.pk, topic_id=topic.pk) for topic in topics])
    authors = coauthor_rows(expression, coauthors)
    insert(authors)
    given = [
        Answer(expression=expression, question=question, words=words)
        for question, words in answers.items()
    ]
    insert(given)
    what = "Submitted late" if expression.is_late else "Submitted"
    insert([Event(expression=expression, what=what, to_state=State.SUBMITTED)])
    return Parts(topics, authors, given)
