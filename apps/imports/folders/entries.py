"""Entries of a content folder: the fields of each kind of entry, and the row it describes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from admin_ordering.models import OrderableModel
from django.db import models

from apps.editions.models import Edition
from apps.imports.folders import values
from apps.imports.folders.yaml_text import Fault, Place

NaturalKey = tuple[Any, ...]

# The value of a column, by the first class that fits.
_VALUES: tuple[tuple[type[models.Field], values.Value], ...] = (
    (models.ForeignKey, values.SLUG),
    (models.FileField, values.FILE_NAME),
    (models.DateField, values.DATE),
    (models.TimeField, values.CLOCK_TIME),
    (models.BooleanField, values.YES_NO),
    (models.IntegerField, values.WHOLE_NUMBER),
    (models.TextField, values.TEXT),
    (models.SlugField, values.SLUG),
    (models.URLField, values.WEB_ADDRESS),
    (models.EmailField, values.MAIL_ADDRESS),
    (models.CharField, values.LINE),
)


@dataclass(frozen=True)
class ListOf:
    """A list; a single text stands for a list of one if `allows_text`."""

    item: "Shape"
    allows_text: bool = False


@dataclass(frozen=True)
class MappingOf:
    """Entries by their slugs."""

    item: type["Entry"]


Shape = values.Value | ListOf | MappingOf | type["Entry"]
LINES = ListOf(values.FILLED_LINE, allows_text=True)


def filled_lines(text: str) -> list[str]:
    """The items of a list that a column holds in lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def kinds_in(shape: Shape | None) -> Iterator[type["Entry"]]:
    """Yield the kinds of entry in a shape, each followed by those in its fields."""
    if isinstance(shape, ListOf | MappingOf):
        yield from kinds_in(shape.item)
    elif isinstance(shape, type):
        yield shape
        for field in shape.fields().values():
            yield from kinds_in(field)


class Entry:
    """An entry of a file; it describes a row of the table of its `model`, if it has one.

    An entry has a field for each editable column, with the type, choices and default of it, and
    for `slug`. `more` names columns that are not editable and `left_out` editable ones that have
    no field, `columns` holds the columns with another name than their field, `shapes` and
    `defaults` what does not follow from a column, and `files` the folders of the files that fields
    name. A field is needed if its column has no default, or if it is in `needed`. An entry that is
    a text alone stands for its `text_field`. `aliases` are names that fields had in version 0.2.0.

    `key` are the columns that identify a row, within the row of the foreign key `parent`, within
    the edition; `parent` is "" for tables that are shared by all editions. Rows of other tables go
    by their slugs.
    """

    model: ClassVar[Any] = None
    more: ClassVar[Iterable[str]] = ()
    left_out: ClassVar[Iterable[str]] = ()
    columns: ClassVar[dict[str, str]] = {}
    shapes: ClassVar[dict[str, Shape]] = {}
    defaults: ClassVar[dict[str, Any]] = {}
    needed: ClassVar[Iterable[str]] = ()
    files: ClassVar[dict[str, str]] = {}
    text_field: ClassVar[str] = ""
    aliases: ClassVar[dict[str, str]] = {}
    key: ClassVar[tuple[str, ...]] = ("slug",)
    parent: ClassVar[str] = "edition"

    def __init__(
        self,
        place: Place,
        values: dict[str, Any],
        *,
        parent_slug: str = "",
        written: Iterable[str] = (),
    ) -> None:
        """`values` has all fields, `written` names those that the folder does not leave out."""
        self.place, self.values, self.parent_slug = place, values, parent_slug
        self.written = frozenset(written)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def problems(self) -> Iterator[str | Fault]:
        """Yield what is wrong between its fields and not checked by the model.

        A text is a fault at the line of the entry; `self.fault(message, name)` names another line.
        """
        yield from ()

    def unused(self) -> Iterator[str | Fault]:
        """Yield what has no effect: a fault, but for an export, since the desk keeps such values."""
        yield from ()

    def notes(self) -> Iterator[str | Fault]:
        """Yield what the author should check, such as what is imported otherwise than written."""
        yield from ()

    def fills(self, row: Any, column: str) -> bool:
        """Whether a stored row lacks the column, so that its value is no difference."""
        return False

    def related_rows(self) -> Iterator["Entry"]:
        """Yield rows of other tables that the entry describes besides its own."""
        yield from ()

    def fault(self, message: str, name: str = "") -> Fault:
        """Return a fault at the line of the field `name`, or of the entry itself."""
        return self.place.at(name).fault(message)

    def set_text(self, name: str, text: str, file: str) -> None:
        """Give a field the text of a file of its own."""
        self.values[name] = text
        self.written |= {name}
        self.place.files[name] = file

    def at_its_line(self, problem: str | Fault) -> Fault:
        return problem if isinstance(problem, Fault) else self.fault(problem)

    def has_place(self) -> bool:
        """Whether its place among others is that of its row, if rows of the table are ordered."""
        return True

    @property
    def slug(self) -> str:
        """Its own slug, or that of the entry around it."""
        return str(self.values.get("slug") or self.parent_slug)

    # Its fields

    @classmethod
    def field_name(cls, column: str) -> str:
        return next((name for name, other in cls.columns.items() if other == column), column)

    @classmethod
    def field_columns(cls) -> dict[str, models.Field]:
        """The columns that have a field, by the names of the fields."""
        columns = cls.model._meta.concrete_fields if cls.model else ()
        without = {"edition", "ordering", cls.parent, *cls.left_out}
        return {
            cls.field_name(column.name): column
            for column in columns
            if column.name not in without
            and not column.primary_key
            and (column.editable or column.name in {"slug", *cls.more})
        }

    @classmethod
    def fields(cls) -> dict[str, Shape]:
        """All fields by name, in the order of the documentation."""
        columns: dict[str, Shape] = {
            name: _value_of(column) for name, column in cls.field_columns().items()
        }
        return columns | cls.shapes

    @classmethod
    def needed_fields(cls) -> dict[str, str]:
        """The fields that must be there, each with advice for an author who forgot it."""
        return {
            name: str(column.help_text) or f"Write {_value_of(column).name}."
            for name, column in cls.field_columns().items()
            if name in cls.needed or not (column.blank or column.has_default())
        }

    @classmethod
    def default(cls, name: str) -> Any:
        """The value of a field that is left out."""
        if name in cls.defaults:
            return cls.defaults[name]
        if column := cls.field_columns().get(name):
            return column.get_default()
        return [] if isinstance(cls.shapes[name], ListOf) else None

    # Its row

    @classmethod
    def parent_key(cls) -> tuple[str, ...]:
        """The foreign key within whose row the key identifies a row, if it is not the edition."""
        return () if cls.parent in {"", "edition"} else (cls.parent,)

    @classmethod
    def is_ordered(cls) -> bool:
        """Whether the order of the entries is that of the rows."""
        return issubclass(cls.model, OrderableModel)

    @classmethod
    def label(cls, key: NaturalKey) -> str:
        """The name of a row in messages; for the key of a parent alone, that of all its rows."""
        parents = len(cls.parent_key())
        own = ": ".join(filter(None, key[parents:]))
        words = [f"“{own}”"] * bool(own) + [f"in “{parent}”" for parent in key[:parents]]
        return " ".join([cls.rows_name(1), *words])

    @classmethod
    def rows_name(cls, count: int) -> str:
        """The word for `count` rows in messages."""
        names = cls.model._meta
        return str(names.verbose_name if count == 1 else names.verbose_name_plural)

    @property
    def row_key(self) -> dict[str, Any]:
        """The columns of the key and of the parent."""
        columns = (*self.parent_key(), *self.key)
        return {name: self.values.get(name, self.parent_slug) for name in columns}

    def row_values(self, edition: Edition) -> dict[str, Any]:
        """Return the other columns that the folder decides: lists as lines, files as paths."""
        columns = {column.name for column in self.model._meta.concrete_fields}
        row = {}
        for name, value in self.values.items():
            column = self.columns.get(name, name)
            if column not in columns or column in self.row_key:
                continue
            if name in self.files:
                if path := self.path_of(name):
                    row[column] = path
            else:
                row[column] = "\n".join(value) if isinstance(value, list) else value
        return row

    def path_of(self, name: str) -> str:
        """Return the path within the folder of the file that a field names, "" if it names none."""
        return f"{self.files[name]}/{self[name]}" if self[name] else ""


def _value_of(column: models.Field) -> values.Value:
    if column.choices:
        return values.choice(str(value) for value, _ in column.choices)
    if isinstance(column, models.SlugField) and column.editable:
        return values.ADDRESS
    return next(value for kind, value in _VALUES if isinstance(column, kind))
