"""What a search finds, read once where that is little.

Whatever the list counts and shows of a few is then worked out from these rows: each further
question would look through all expressions again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.interest.models import Expression

# More are not worth carrying back and forth.
MOST = 2_000
# Of an expression, what filters look at.
COLUMNS = ("edition_id", "state", "wants_talk", "wants_poster", "is_late", "is_test")


@dataclass(frozen=True)
class Found:
    """Some expressions by their keys: what filters look at, and their topics' keys."""

    rows: dict[int, dict[str, Any]]
    topics: dict[int, list[int]]


def topics_of(keys: list[int]) -> dict[int, list[int]]:
    """The keys of the topics of each of these expressions."""
    through = Expression.topics.through._default_manager.filter(expression_id__in=keys)
    found = defaultdict(list)
    for expression, topic in through.order_by().values_list("expression_id", "topic_id"):
        found[expression].append(topic)
    return found


def keep_few(request: HttpRequest, term: str, found: QuerySet[Expression]) -> Found | None:
    """What the search for `term` finds before any filter, if few; asked once for each request."""
    known = vars(request).setdefault("_found_by_search", {})
    if term not in known:
        rows = list(found.order_by().values("pk", *COLUMNS)[: MOST + 1])
        keys = [row["pk"] for row in rows]
        is_few = len(rows) <= MOST
        known[term] = Found(dict(zip(keys, rows, strict=True)), topics_of(keys)) if is_few else None
    few: Found | None = known[term]
    return few


def few_found(request: HttpRequest) -> Found | None:
    """What was kept for the one search of this request; None if there is none, or many were found."""
    return next(iter(vars(request).get("_found_by_search", {}).values()), None)
