"""Rows written and looked for with their SQL made once: for the minutes when all write at once.

Django works a statement out anew each time, which costs several times what the database needs for
it. What is written here is as valid as what `bulk_create` writes: no signals, no history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models


def insert(rows: Sequence[models.Model], *, overwrite_on: str = "") -> None:
    """Writes new rows of one model with one statement; each row knows its key afterwards.

    A row that has the same value in the unique field `overwrite_on` gives way and keeps its key.
    """
    if rows:
        _write(rows, overwrite_on, "overwrite" if overwrite_on else "")


def insert_unless_taken(row: models.Model, unique_field: str) -> bool:
    """Writes a new row unless another has its value in `unique_field`; whether it was written."""
    return _write([row], unique_field, "leave") == 1


def is_there(model: type[models.Model], field: str, value: str) -> bool:
    """Whether any row has this value in an indexed field that holds text."""
    with connection.cursor() as cursor:
        cursor.execute(_look_up(connection.vendor, model, field), [value])
        return cursor.fetchone() is not None


def _write(rows: Sequence[models.Model], unique_field: str, on_conflict: str) -> int:
    # The connection itself: each look at Django's `connection` finds this thread's anew.
    database = connections[DEFAULT_DB_ALIAS]
    columns = _columns(type(rows[0]))
    sql = _insertion(database.vendor, type(rows[0]), len(rows), unique_field, on_conflict)
    values: list[Any] = []
    for row in rows:
        of_row = list(columns.values_of(row))
        for place, field in columns.converted:
            value = field.pre_save(row, add=True)
            if value is not None:
                value = field.get_db_prep_save(value, database)
            of_row[place] = value
        values += of_row
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk, row._state.adding, row._state.db = key, False, database.alias
    return len(keys)


# Of these the database takes what the row holds; of all others what the field makes of it.
_PLAIN = {
    *(models.CharField, models.EmailField, models.URLField, models.TextField),
    *(models.BooleanField, models.IntegerField, models.ForeignKey),
    *(
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.PositiveBigIntegerField,
    ),
}


class _Columns(NamedTuple):
    fields: list[models.Field[Any, Any]]
    values_of: Callable[[models.Model], tuple[Any, ...]]
    converted: list[tuple[int, models.Field[Any, Any]]]


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> _Columns:
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    # Two at least, or else attrgetter would not make a tuple of them.
    names = [field.attname for field in fields]
    converted = [(n, field) for n, field in enumerate(fields) if type(field) not in _PLAIN]
    return _Columns(fields, attrgetter(*names), converted)


@lru_cache(maxsize=256)
def _insertion(
    vendor: str, model: type[models.Model], count: int, unique_field: str, on_conflict: str
) -> str:
    columns = [_quoted(field) for field in _columns(model).fields]
    row = f"({', '.join(['%s'] * len(columns))})"
    sql = f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES "  # noqa: S608  # nosec  (our own names)
    sql += ", ".join([row] * count)
    if on_conflict:
        news = ", ".join(f"{column} = excluded.{column}" for column in columns)
        does = f"UPDATE SET {news}" if on_conflict == "overwrite" else "NOTHING"  # nosec  (as above)
        sql += f" ON CONFLICT ({_quoted(model._meta.get_field(unique_field))}) DO {does}"
    return f"{sql} RETURNING {_quoted(model._meta.pk)}"


@lru_cache(maxsize=64)
def _look_up(vendor: str, model: type[models.Model], field: str) -> str:
    column = _quoted(model._meta.get_field(field))
    return f"SELECT 1 FROM {_table(model)} WHERE {column} = %s LIMIT 1"  # noqa: S608  # nosec  (our own names)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)
