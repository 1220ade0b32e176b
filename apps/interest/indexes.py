"""What makes looking through a hundred thousand expressions quick, in each database's own way.

Django has no words for these that both databases take. They are made after each migration: SQLite
makes a table anew to alter it, and forgets what Django does not know of.
"""

from __future__ import annotations

import logging

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

_logger = logging.getLogger(__name__)

# In the order of the list sorted by name; with all that a search looks at and filters count, so that
# the rows with their long abstracts are not read. PostgreSQL takes no index as wide as that.
_SQLITE = """
CREATE INDEX IF NOT EXISTS expression_looked_through ON interest_expression (
    edition_id, name, submitted_at DESC, id DESC, title, reference, email,
    state, wants_talk, wants_poster, is_late, is_test
)
"""
_POSTGRESQL = """
CREATE INDEX IF NOT EXISTS expression_by_name ON interest_expression (
    edition_id, name, submitted_at DESC, id DESC
)
"""
# As Django writes `icontains`: upper(...) LIKE upper(...).
_POSTGRESQL_SEARCH = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX IF NOT EXISTS expression_searched ON interest_expression USING gin (
    upper(name) gin_trgm_ops, upper(title) gin_trgm_ops,
    upper(reference) gin_trgm_ops, upper(email) gin_trgm_ops
)
"""


def make_indexes(using: str = DEFAULT_DB_ALIAS, **signal: object) -> None:
    """Makes those that are missing.

    Where PostgreSQL has no pg_trgm, or does not let us have it, searching is slower and works.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(_SQLITE)
            return
        cursor.execute(_POSTGRESQL)
        try:
            with transaction.atomic(using):
                cursor.execute(_POSTGRESQL_SEARCH)
        except DatabaseError as fault:
            _logger.warning("Searching expressions stays slow: %s", fault)
