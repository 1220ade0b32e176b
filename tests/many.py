"""Thousands of expressions, for tests and benchmarks of pages and exports."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.models import Answer, CoAuthor, Expression, Question
from apps.interest.workflow import DECIDED, OFFERED, State
from apps.review.models import Review, Reviewer
from apps.topics.models import Topic

_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = (
    "we measure what is lost when small models answer large questions and why it matters that "
    "nobody looked for other reasons; our “graphs” (drawn by hand) show, in “Zürich” & Łódź: a "
    "<b>bold</b> claim costs 7 % of energy, memory or patience, while 'quoted' results hold from "
    'one machine to another without being "trained"'
)
_BATCH = 5000


def make_many_expressions(
    edition: Edition,
    count: int,
    *,
    topics: list[Topic],
    decider: User,
    question: Question | None = None,
) -> None:
    """Create `count` expressions with different states, formats, topics (one to three), co-authors
    and answers to `question`; the same on every run."""
    chance = random.Random(count)  # noqa: S311  no secret
    numbers = iter(range(count))
    start = Expression.objects.count()
    while batch := list(islice(numbers, _BATCH)):
        rows = [_expression(edition, decider, start + number, chance) for number in batch]
        Expression.objects.bulk_create(rows)
        through = Expression.topics.through
        through._default_manager.bulk_create(
            through(expression_id=row.pk, topic_id=topic.pk)
            for row in rows
            for topic in chance.sample(topics, min(len(topics), chance.randint(1, 3)))
        )
        CoAuthor.objects.bulk_create(
            CoAuthor(expression=row, name=f"Bo Helper {place}", affiliation="Institute of Help")
            for row in rows
            for place in range(chance.choice((0, 0, 1, 3)))
        )
        if question:
            Answer.objects.bulk_create(
                Answer(expression=row, question=question, text="The second year.") for row in rows
            )


def make_many_reviews(edition: Edition, reviewers: list[User], *, each: int = 3) -> None:
    """Create `each` reviews of every expression of `edition`, by `reviewers` in turn."""
    Reviewer.objects.bulk_create(
        [Reviewer(edition=edition, user=user) for user in reviewers], ignore_conflicts=True
    )
    chance = random.Random(each)  # noqa: S311  no secret
    places = iter(range(1_000_000))
    unread = edition.expressions.filter(reviews=None).order_by("pk").values_list("pk", flat=True)
    reviews = (
        Review(
            expression_id=pk,
            reviewer=reviewers[next(places) % len(reviewers)],
            score=chance.randint(1, 5),
            remark="Sound, and fit for a talk.",
        )
        for pk in list(unread)
        for _ in range(each)
    )
    while batch := list(islice(reviews, _BATCH)):
        Review.objects.bulk_create(batch)


def _expression(edition: Edition, decider: User, number: int, chance: random.Random) -> Expression:
    state = chance.choice(State.values)
    is_decided = state in DECIDED
    talk, poster = chance.choice([(True, False), (False, True), (True, True)])
    submitted_at = _BEGAN + timedelta(minutes=7 * number)
    return Expression(
        edition=edition,
        reference=_reference(number),
        name=f"Sam Student {number}",
        email=f"student{number}@example.net",
        university=f"University of Examples {number % 97}",
        title=f"Expression {number} of small models that answer large questions",
        abstract=_abstract(chance),
        wants_talk=talk,
        wants_poster=poster,
        state=state,
        offer="talk" if state in OFFERED else "",
        confirmed_format="talk" if state == State.CONFIRMED else "",
        decided_by=decider if is_decided else None,
        decided_at=submitted_at if is_decided else None,
        is_late=chance.random() < 0.02,
        submitted_at=submitted_at,
        changed_at=submitted_at,
        fingerprint=f"{number:064d}",
    )


def _abstract(chance: random.Random) -> str:
    """Two paragraphs, 220 words, with special characters of CSV, XML and spreadsheets."""
    words = _WORDS.split()
    return "\n\n".join(" ".join(chance.choices(words, k=110)) for _ in range(2))


def _reference(number: int) -> str:
    """Six digits, which differ from all real references."""
    return f"{number:06d}"
