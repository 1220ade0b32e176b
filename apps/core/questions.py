"""Questions to the database whose SQL is made once: for what every page asks, whoever edits when.

Django works the SQL of a queryset out anew each time, which takes several times what the database
needs to answer. Here it is worked out at the first asking, and later ones fill in what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)
_Value = int | str | datetime
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
        self._kept: dict[tuple[str, _Rooms], _Kept] = {}

    def __call__(self, **values: _Value | list[int]) -> list[Row]:
        """The rows for these values; one query."""
        database = connections[DEFAULT_DB_ALIAS]
        rooms = tuple(_room_for(values[name]) for name in self._lists)
        kept = self._kept.get((database.vendor, rooms))
        if kept is None:
            kept = self._kept[database.vendor, rooms] = self._work_out(database, rooms)
        return list(ModelIterable(_Asked(kept, database, _one_by_one(values))))  # type: ignore[arg-type]  # all of a queryset that it reads

    def first(self, **values: _Value | list[int]) -> Row | None:
        """The first of the rows, or None; for questions that have one answer at most."""
        return next(iter(self(**values)), None)

    def _work_out(self, database: BaseDatabaseWrapper, rooms: _Rooms) -> _Kept:
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
        return _Kept(compiler, sql, tuple(params), places)

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


def hand_out(
    rows: Iterable[models.Model], relation: str, found: Sequence[models.Model], key: str
) -> None:
    """Gives each row what was `found` of its `relation`, as if the queryset had prefetched it.

    `key` is the attribute of what was found that has the key of its row.
    """
    of_row: dict[int, list[models.Model]] = {}
    for one in found:
        of_row.setdefault(getattr(one, key), []).append(one)
    for row in rows:
        kept: Any = row._meta.get_field(relation).related_model._default_manager.all()  # type: ignore[union-attr]  # a relation has one
        kept._result_cache, kept._prefetch_done = of_row.get(row.pk, []), True
        vars(row).setdefault("_prefetched_objects_cache", {})[relation] = kept


def _room_for(keys: Any) -> int:
    """The next power of two, so that there are few statements to keep."""
    return 1 << max(0, len(keys) - 1).bit_length()


def _one_by_one(values: Mapping[str, _Value | list[int]]) -> dict[str | tuple[str, int], _Value]:
    """Each value by its name, and each key of a list by the list's name and its number there."""
    parts: dict[str | tuple[str, int], _Value] = {}
    for name, value in values.items():
        if isinstance(value, list):
            filled = value + [_NOBODY] * (_room_for(value) - len(value))
            parts |= {(name, number): key for number, key in enumerate(filled)}
        else:
            parts[name] = value
    return parts


class _Kept(NamedTuple):
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: Mapping[int, str | tuple[str, int]]  # of the values among the parameters

    def converters(self, compiler: SQLCompiler) -> dict:
        """What makes the columns into values of Python; kept on the connection they belong to."""
        kept = vars(compiler.connection).setdefault("_converters_of_questions", {})
        if self.sql not in kept:
            columns = compiler.select[: compiler.col_count]
            kept[self.sql] = compiler.get_converters([column[0] for column in columns])
        return kept[self.sql]


class _Asked:
    """Stands where Django's ModelIterable, which makes rows into objects, expects a queryset."""

    _known_related_objects: Mapping = {}

    def __init__(
        self,
        kept: _Kept,
        database: BaseDatabaseWrapper,
        values: Mapping[str | tuple[str, int], _Value],
    ) -> None:
        self.db = database.alias
        self.query = self
        self._kept, self._database, self._values = kept, database, values

    def get_compiler(self, using: str) -> SQLCompiler:
        """One of this thread's connection that has its SQL already."""
        params = list(self._kept.params)
        for place, name in self._kept.places.items():
            params[place] = _adapted(self._values[name], self._database)
        # A copy, so that the compiler everybody shares keeps its method.
        compiler = copy(self._kept.compiler)
        compiler.connection = self._database
        compiler.as_sql = lambda *args, **kwargs: (self._kept.sql, tuple(params))  # type: ignore[method-assign]  # of the copy
        converters = self._kept.converters(compiler)
        compiler.get_converters = lambda expressions: converters  # type: ignore[method-assign]  # likewise
        return compiler


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
