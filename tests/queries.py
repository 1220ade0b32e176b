"""Counting queries, as lists must cost the same with one row and with many; and watching writes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

_WRITE = re.compile(r'(INSERT|UPDATE|DELETE)[ A-Z]* "(\w+)"')


def count_queries(action: Callable[[], object]) -> int:
    """The number of queries that `action` makes."""
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


@contextmanager
def written_tables() -> Iterator[set[str]]:
    """The tables in which the queries of the block changed at least one row.

    SQLite counts the rows of an INSERT with RETURNING only after they are read.
    """
    tables: set[str] = set()

    def watch(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        result = execute(sql, params, many, context)
        write = _WRITE.match(sql)
        if write and (write[1] == "INSERT" or context["cursor"].rowcount):
            tables.add(write[2])
        return result

    with connection.execute_wrapper(watch):
        yield tables
