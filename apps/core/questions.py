"""Questions to the database whose SQL is made once: for what every page asks, whoever edits when.

Django works the SQL of a queryset out anew each time, which takes several times what the database
needs to answer. Here it is worked out at the first asking, and later ones fill in what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)
_Value = int | str | datetime
_Name = str | tuple[str, int]  # of a value, or of a list and a number in it
# How many of each list there is room for: a question of 5 keys is that of 8, three of them nobody's.
_Rooms = tuple[int, ...]
_NOBODY = 0


class Question(Generic[Row]):
    """What a queryset asks, for values that are said each time.

    `make` returns the queryset for such values: numbers, texts and moments, each given by its name
    and type in `takes`, and each compared with as it is; and lists of keys (`list`), of any length,
    for conditions such as `pk__in`. Whether a condition is there at all may not hang on a value.
    What the queryset prefetches is not loaded.
    """

    def __init__(
        self, make: Callable[..., models.QuerySet[Row]], **takes: type[int | str | datetime | list]
    ) -> None:
        self._make = make
        self._takes = takes
        self._lists = [name for name, kind in takes.items() if kind is list]
        self._kept: dict[tuple[str, _Rooms], _Statement[Row]] = {}

    def __call__(self, **values: _Value | list[int]) -> list[Row]:
        """The rows for these values; one query."""
        database = connections[DEFAULT_DB_ALIAS]
        rooms = tuple(_room_for(values[name]) for name in self._lists)
        kept = self._kept.get((database.vendor, rooms))
        if kept is None:
            kept = self._kept[database.vendor, rooms] = self._work_out(database, rooms)
        return list(kept.rows(database, _one_by_one(values)))

    def first(self, **values: _Value | list[int]) -> Row | None:
        """The first of the rows, or None; for questions that have one answer at most."""
        return next(iter(self(**values)), None)

    def _work_out(self, database: BaseDatabaseWrapper, rooms: _Rooms) -> _Statement[Row]:
        """The SQL, and which of its parameters is which value: told from two examples."""
        one, other = (self._example(number, rooms) for number in (1, 2))
        compiler, sql, params = _compiled(self._make(**one), database)
        _, same_sql, other_params = _compiled(self._make(**other), database)
        names = {_adapted(value, database): name for name, value in _one_by_one(one).items()}
        places = {}
        for place, (mine, theirs) in enumerate(zip(params, other_params, strict=True)):
            if mine != theirs:
                # The clock, say: it would stand still.
                if mine not in names:
                    raise TypeError(f"The queryset depends on {mine!r}, which is no value of it.")
                places[place] = names[mine]
        if sql != same_sql or set(places.values()) != set(names.values()):
            raise TypeError("The queryset asks something else for other values.")
        return _Statement(compiler, sql, tuple(params), places)

    def _example(self, number: int, rooms: _Rooms) -> dict[str, _Value | list[int]]:
        """A value of each type that no other is like."""
        examples: dict[str, _Value | list[int]] = {}
        room = iter(rooms)
        for place, (name, kind) in enumerate(self._takes.items()):
            unlike = 100_000_000 * number + 1_000_000 * place
            if kind is list:
                examples[name] = list(range(unlike, unlike + next(room)))
            elif issubclass(kind, datetime):
                examples[name] = datetime.fromtimestamp(unlike, UTC)
            else:
                examples[name] = unlike if issubclass(kind, int) else f"example {unlike}"
        return examples


def hand_out(rows: Sequence[models.Model], relation: str, found: Iterable[models.Model]) -> None:
    """Gives each row what was `found` of its `relation`, as if the queryset had prefetched it."""
    if not rows:
        return
    back: Any = rows[0]._meta.get_field(relation).remote_field  # the key that leads to the row
    of_row: dict[int, list[models.Model]] = {}
    for one in found:
        of_row.setdefault(getattr(one, back.attname), []).append(one)
    for row in rows:
        kept = getattr(row, relation).all()
        kept._result_cache, kept._prefetch_done = of_row.get(row.pk, []), True
        for one in kept._result_cache:
            back.set_cached_value(one, row)
        vars(row).setdefault("_prefetched_objects_cache", {})[relation] = kept


def _room_for(keys: Any) -> int:
    """The next power of two, so that there are few statements to keep."""
    return 1 << max(0, len(keys) - 1).bit_length()


def _one_by_one(values: Mapping[str, _Value | list[int]]) -> dict[_Name, _Value]:
    """Each value by its name, and each key of a list by the list's name and its number there."""
    parts: dict[_Name, _Value] = {}
    for name, value in values.items():
        if isinstance(value, list):
            filled = value + [_NOBODY] * (_room_for(value) - len(value))
            parts |= {(name, number): key for number, key in enumerate(filled)}
        else:
            parts[name] = value
    return parts


class _Statement(Generic[Row]):
    """SQL with room for values, and what makes its rows into objects, as Django's own would."""

    def __init__(
        self,
        compiler: SQLCompiler,
        sql: str,
        params: tuple[Any, ...],
        places: Mapping[int, _Name],  # of the values among the parameters
    ) -> None:
        self._compiler, self._sql, self._params, self._places = compiler, sql, params, places
        shown: Any = compiler.klass_info
        fields = shown["select_fields"]
        self._model: type[Row] = shown["model"]
        self._own = slice(fields[0], fields[-1] + 1)
        self._names = [column[0].target.attname for column in compiler.select[self._own]]
        self._related = get_related_populators(shown, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the types are those of Django 6.1, which takes one more
        self._annotated = (compiler.annotation_col_map or {}).items()

    def rows(self, database: BaseDatabaseWrapper, values: Mapping[_Name, _Value]) -> Iterator[Row]:
        """What it finds for these values."""
        params = list(self._params)
        for place, name in self._places.items():
            params[place] = _adapted(values[name], database)
        with database.cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        converters = self._converters(database)
        for columns in map(list, found):
            for place, column, functions in converters:
                for function in functions:
                    columns[place] = function(columns[place], column, database)
            row = self._model.from_db(database.alias, self._names, columns[self._own])
            for related in self._related:
                related.populate(columns, row)
            for name, place in self._annotated:
                setattr(row, name, columns[place])
            yield row

    def _converters(self, database: BaseDatabaseWrapper) -> list[tuple[int, Any, list]]:
        """What makes columns into values of Python; kept on the connection they belong to."""
        kept = vars(database).setdefault("_converters_of_questions", {})
        if self._sql not in kept:
            compiler = copy(self._compiler)  # everybody shares this one
            compiler.connection = database
            columns = [column[0] for column in compiler.select[: compiler.col_count]]
            kept[self._sql] = [
                (place, column, functions)
                for place, (functions, column) in compiler.get_converters(columns).items()
            ]
        converters: list[tuple[int, Any, list]] = kept[self._sql]
        return converters


def _compiled(
    queryset: models.QuerySet, database: BaseDatabaseWrapper
) -> tuple[SQLCompiler, str, tuple]:
    compiler = queryset.query.get_compiler(connection=database)
    sql, params = compiler.as_sql()
    return compiler, sql, tuple(params)


def _adapted(value: _Value, database: BaseDatabaseWrapper) -> Any:
    """As a parameter of SQL."""
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    return value
