"""The call a visitor asks for, with all that its form asks, kept in memory while no row of it changes.

At a deadline the same edition, call, topics and questions are wanted hundreds of times a second.
Their rows are read each time all the same, so that nothing is ever out of date; what is saved is
asking for them through the ORM and making objects of them, which takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Hashable
from copy import copy
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.editions.models import Call, Edition
from apps.interest.models import Question
from apps.topics.models import Topic

_Rows = list[list[tuple[Any, ...]]]


class _Kept(NamedTuple):
    rows: _Rows
    edition: Edition
    made: dict[Hashable, Any]


_kept: dict[str, _Kept] = {}


def find_edition(slug: str, user: User | AnonymousUser) -> Edition | None:
    """The edition with its call; None if there is none, or none that `user` may see.

    For somebody who is not signed in its `topics` and `questions` answer from memory. It is the
    caller's own; its call, topics and questions are everybody's, and not to be changed.
    """
    if user.is_authenticated:
        return _editions(user, slug).first()
    rows = _rows(slug)
    if not rows[0]:
        return None
    kept = _kept.get(slug)
    if kept and kept.rows == rows:
        return copy(kept.edition)
    edition = _editions(user, slug).prefetch_related("topics", "questions").first()
    # Somebody may have changed them in between: then these objects are not of those rows.
    if edition and _rows(slug) == rows:
        _kept[slug] = _Kept(rows, copy(edition), {})
    return edition


def made_of(edition: Edition, call: Call | None) -> dict[Hashable, Any]:
    """What was made of an edition and its call, to put in and to find again: while no row of them,
    their topics or their questions changes. Of what is not kept in memory, an empty one."""
    kept = _kept.get(edition.slug)
    return kept.made if kept and call is not None and call is kept.edition.call else {}


def forget() -> None:
    """Nothing is kept: for tests, which change what no row tells of."""
    _kept.clear()


def _editions(user: User | AnonymousUser, slug: str) -> QuerySet[Edition]:
    editions = Edition.objects.visible_to(user).filter(call__isnull=False, slug=slug)
    return editions.select_related("call")


def _rows(slug: str) -> _Rows:
    """What the database holds now of an edition that all may see, as it holds it."""
    found = []
    with connection.cursor() as cursor:
        for sql, values in _statements(connection.vendor, slug):
            found.append(cursor.execute(sql, values).fetchall())
    return found


@lru_cache(maxsize=64)  # by whatever address was asked for
def _statements(vendor: str, slug: str) -> list[tuple[str, tuple[Any, ...]]]:
    querysets: tuple[QuerySet[Any], ...] = (
        _editions(AnonymousUser(), slug),
        Topic.objects.filter(edition__slug=slug),
        Question.objects.filter(edition__slug=slug),
    )
    return [queryset.query.sql_with_params() for queryset in querysets]
