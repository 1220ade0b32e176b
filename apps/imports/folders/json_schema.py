"""JSON Schema (draft 2020-12) of the YAML files of a content folder, for editors that complete and check."""

from typing import Any

from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models

from apps.imports.folders.entries import Entry, ListOf, MappingOf, Shape
from apps.imports.folders.schema import FILES, PARTS
from apps.imports.folders.values import SLUG, Value

Schema = dict[str, Any]
# The smallest range of a database; a greater limit is not one of ours.
_DATABASE_RANGE = 32_767


def file_schemas() -> dict[str, Schema]:
    """Return the schema of each YAML file by the file's name without its ending."""
    shapes = {name.removesuffix(".yaml"): shape for name, shape in FILES.items()}
    shapes |= {f"{name}-part": shape for name, shape in PARTS.items()}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: head | _schema(shape) for name, shape in shapes.items()}


def upper_limit(column: models.Field) -> int | None:
    """Return the greatest length of a text, or the greatest number, that a column takes."""
    kind = MaxLengthValidator if isinstance(column, models.CharField | models.TextField) else None
    limits = [
        validator.limit_value
        for validator in column.validators
        if isinstance(validator, kind or MaxValueValidator)
    ]
    if not kind:
        limits = [limit for limit in limits if limit < _DATABASE_RANGE]
    return min((limit for limit in limits if isinstance(limit, int)), default=None)


def _schema(shape: Shape) -> Schema:
    if isinstance(shape, ListOf):
        several = {"type": "array", "items": _schema(shape.item)}
        return {"anyOf": [several, _schema(shape.item)]} if shape.allows_text else several
    if isinstance(shape, MappingOf):
        slugs = {"pattern": SLUG.json["pattern"]}
        item = _schema(shape.item)
        return {"type": "object", "propertyNames": slugs, "additionalProperties": item}
    if isinstance(shape, Value):
        return dict(shape.json)
    return _entry(shape)


def _entry(kind: type[Entry]) -> Schema:
    columns, needed = kind.field_columns(), kind.needed_fields()
    properties: dict[str, Schema] = {}
    for name, shape in kind.fields().items():
        schema = _schema(shape)
        if column := columns.get(name):
            schema |= _limits(column)
        # A field without a value is left out.
        properties[name] = schema if name in needed else {"anyOf": [schema, {"type": "null"}]}
        if column and column.help_text:
            properties[name]["description"] = str(column.help_text)
    for former, name in kind.aliases.items():
        properties[former] = properties[name] | {"deprecated": True}
    entry = {
        "type": "object",
        "properties": properties,
        "required": sorted(needed),
        "additionalProperties": False,
    }
    if kind.aliases:
        del entry["required"]  # either name will do
    return {"anyOf": [_schema(kind.fields()[kind.text_field]), entry]} if kind.text_field else entry


def _limits(column: models.Field) -> Schema:
    limit = upper_limit(column)
    if limit is None:
        return {}
    is_text = isinstance(column, models.CharField | models.TextField)
    return {"maxLength" if is_text else "maximum": limit}
