"""One person's data, to take along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from apps.interest.models import Expression
from apps.mail.models import Letter

# Drafts hold what is not decided yet; notices are the organisers' own post.
_UNSENT = (Letter.State.DRAFT, Letter.State.DISCARDED)
_COLUMNS = [
    *("reference", "name", "email", "university", "career_stage", "supervisor", "school", "link"),
    *("wants_talk", "wants_poster", "preference", "title", "abstract", "state", "offer"),
    *("confirmed_format", "decided_at", "reply_by_on", "reminded_at", "can_attend"),
    *("technical_needs", "access_needs", "diet"),
    *("is_late", "is_test", "submitted_at", "changed_at"),
]

# What the apps above keep of an expression, by the word it stands under in the file.
_others: dict[str, Callable[[Expression], Any]] = {}


def register_student_data(name: str, tell: Callable[[Expression], Any]) -> None:
    """`tell` returns what is kept, ready for JSON; None if nothing."""
    _others[name] = tell


def everything_about(expression: Expression) -> dict[str, Any]:
    """All that is kept about the person who sent `expression`, ready for JSON, and what it is.

    The organisers' remarks and names, and letters that were not sent, are not among it.
    """
    letters = (
        Letter.objects.filter(expression_link__expression=expression)
        .exclude(Q(state__in=_UNSENT) | Q(kind__endswith="notice"))
        .order_by("created_at", "pk")
    )
    return {
        "edition": expression.edition.title,
        "expression": {name: getattr(expression, name) for name in _COLUMNS},
        "topics": [topic.heading for topic in expression.topics.all()],
        "coauthors": [
            {"name": author.name, "affiliation": author.affiliation}
            for author in expression.coauthors.all()
        ],
        "answers": [
            {"question": answer.question.words, "answer": answer.words}
            for answer in expression.answers.all()
        ],
        "consents": [
            {
                "wording": consent.wording,
                "is_given": consent.is_given,
                "said_at": consent.said_at,
            }
            for consent in expression.consents.all()
        ],
        "letters": list(
            letters.values("to_email", "subject", "body_text", "state", "created_at", "sent_at")
        ),
        "log": [
            {
                "happened_at": event.happened_at,
                "what": event.what,
                "from_state": event.from_state,
                "to_state": event.to_state,
                "by": "organisers" if event.by_id else "student",
            }
            for event in expression.events.filter(is_for_chairs=False).order_by("happened_at", "pk")
        ],
        "links": list(
            expression.links.order_by("pk").values("created_at", "expires_at", "revoked_at")
        ),
        **{name: told for name, tell in _others.items() if (told := tell(expression)) is not None},
    }
