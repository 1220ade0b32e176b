"""From what a file says to what it means: validation, with every mistake in plain words."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from apps.imports.folders.faults import Fault, FolderError
from apps.imports.folders.values import clipped
from apps.imports.folders.yaml_text import Document, Path

T = TypeVar("T")


def shaped(document: Document, shape: type[T]) -> T:
    """What `document` means as a `shape`; raises FolderError with all that does not fit."""
    data = document.data
    if data is None:
        data = [] if get_origin(shape) is list else {}
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise FolderError(*(_fault(document, shape, detail) for detail in details)) from None


def did_you_mean(word: str, known: list[str]) -> str:
    """A second sentence that helps someone who wrote `word` where one of `known` belongs."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean “{close[0]}”?"
    return f"Known here: {', '.join(known)}." if known else "There is none."


def _fault(document: Document, shape: Any, detail: Mapping[str, Any]) -> Fault:
    # Pydantic marks a mapping's key, as against its value, by one more step.
    path: Path = tuple(step for step in detail["loc"] if step != "[key]")
    last = str(path[-1]) if path else ""
    match detail["type"]:
        case "extra_forbidden":
            known = list(_model_at(shape, path[:-1]).model_fields)
            message = f"“{clipped(last)}” is not known here. {did_you_mean(last, known)}"
        case "missing":
            field = _model_at(shape, path[:-1]).model_fields[last]
            message = f"“{last}” is missing. {field.description}"
        case "literal_error":
            expected = detail["ctx"]["expected"].replace("'", "")
            message = f"“{clipped(str(detail['input']))}” is not one of {expected}"
        case "list_type":
            message = "a list is expected here, each entry beginning with “- ”"
        case "model_type" | "dict_type":
            message = "keys with values are expected here, such as “name: Ada Example”"
        case "value_error":
            message = str(detail["ctx"]["error"])
        case _:
            message = detail["msg"]
    if last and detail["type"] in {"list_type", "model_type", "dict_type", "literal_error"}:
        message = f"{last}: {message}" if isinstance(path[-1], str) else message
    elif last and detail["type"] == "value_error" and _names_a_field(shape, path):
        message = f"{last}: {message}"
    return document.fault(path, message)


def _names_a_field(shape: Any, path: Path) -> bool:
    around = _at(shape, path[:-1])
    return isinstance(around, type) and issubclass(around, BaseModel) and isinstance(path[-1], str)


def _model_at(shape: Any, path: Path) -> type[BaseModel]:
    found = _at(shape, path)
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise TypeError(f"There is no model at {path}.")
    return found


def _at(shape: Any, path: Path) -> Any:
    """The annotation of what stands at `path` inside a `shape`."""
    for step in path:
        shape = _bare(shape)
        if get_origin(shape) in {list, dict}:
            shape = get_args(shape)[-1]
        elif isinstance(shape, type) and issubclass(shape, BaseModel):
            # pydantic moves Annotated's metadata elsewhere, which is just what is wanted.
            field = shape.model_fields.get(str(step))
            shape = field.annotation if field else None
        else:
            return None
    return _bare(shape)


def _bare(shape: Any) -> Any:
    """Without Annotated and without "or None"."""
    if get_origin(shape) is Annotated:
        return _bare(get_args(shape)[0])
    if get_origin(shape) in {Union, UnionType}:
        return _bare(next(part for part in get_args(shape) if part is not type(None)))
    return shape
