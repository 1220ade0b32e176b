"""Counting queries: lists must cost the same with one row and with many."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def count_queries(action: Callable[[], object]) -> int:
    """The number of queries that `action` makes."""
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)
