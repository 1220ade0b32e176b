"""YAML with line numbers: every scalar stays the text that is written, and every fault names its line.

The field a value belongs to decides its type (year, yes or no, clock time), so `name: No`,
`starts_at: 10:45` and `slug: 2024` mean what they seem to mean. Tags, anchors and aliases are
not needed for that and are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

YamlPath = tuple[str | int, ...]

_MAX_DEPTH = 12
_MAX_SHOWN_FAULTS = 50
# Characters that neither a database column nor a page can hold: controls and half surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMPTY = {"", "~", "null"}
# Parts of PyYAML's messages → ours.
_YAML_PROBLEMS = (
    ("found another document", "a second document begins here; a file holds one"),
    ("'\\t'", "there is a tab; indent with spaces"),
    ("cannot start any token", "this character cannot begin a value; put the value in quotes"),
    ("mapping values are not allowed", "a colon stands inside a value; put the value in quotes"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("expected <block end>", "this line is indented differently from the lines it belongs to"),
    ("did not find expected", "a bracket, comma or closing quote is missing"),
    ("end of stream", "a closing quote or bracket is missing"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("unknown escape character", "write a backslash in double quotes twice, or use single quotes"),
)


@dataclass(frozen=True, order=True)
class Fault:
    """A mistake in a content folder: the file, the line (from 1; 0 if none), and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.message}"


class FolderError(Exception):
    """A content folder cannot be used. `faults` is never empty and sorted by file and line."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults[:_MAX_SHOWN_FAULTS]]
        if rest := len(self.faults) - len(lines):
            lines.append(f"and {rest} more.")
        return "\n".join(lines)


@dataclass(frozen=True)
class Document:
    """The contents of one file as texts, lists and mappings, with the line of each of them."""

    file: str
    data: Any
    lines: dict[YamlPath, int] = field(repr=False)

    def line(self, path: YamlPath) -> int:
        """Return the line of `path`, or that of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: YamlPath, message: str) -> Fault:
        """Return a fault at the line of `path`."""
        return Fault(self.file, self.line(path), message)


def read_yaml(text: str, file: str) -> Document:
    """Parse `text`; an empty one gives None as data. Raise FolderError with `file` and the lines.

    Scalars are strings, as written but for quotes. A key without a value is left out.
    """
    try:
        return _Parser(text, file).document()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FolderError(Fault(file, line, "there is an unprintable character")) from None
    except yaml.MarkedYAMLError as error:
        raise FolderError(_translated(error, file)) from None
    except (ValueError, OverflowError):
        # PyYAML turns "\Uffffffff" into a character without checking that it exists.
        raise FolderError(Fault(file, 1, "an escaped character does not exist")) from None


def unprintable_line(text: str) -> int:
    """Return the line of the first unprintable character, or 0."""
    match = _UNPRINTABLE.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def _translated(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be read"
    message = next((ours for part, ours in _YAML_PROBLEMS if part in problem), problem)
    return Fault(file, mark.line + 1 if mark else 1, f"this is not YAML: {message}")


class _Parser:
    """Builds the data of one document out of PyYAML's events; no types are guessed."""

    def __init__(self, text: str, file: str) -> None:
        self.events: Iterator[Event] = yaml.parse(text, Loader=yaml.BaseLoader)
        self.file = file
        self.faults: list[Fault] = []
        self.lines: dict[YamlPath, int] = {}

    def document(self) -> Document:
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    problem = f"this is not YAML: {_YAML_PROBLEMS[0][1]}"
                    raise FolderError(Fault(self.file, _line(event), problem))
            elif isinstance(event, NodeEvent):
                data = self._value(event, (), self.lines)
        if self.faults:
            raise FolderError(*self.faults)
        return Document(self.file, data, self.lines)

    def _value(self, event: Event, path: YamlPath, lines: dict[YamlPath, int]) -> Any:
        line = lines.setdefault(path, _line(event))
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            problem = "anchors (&) and aliases (*) are not used here; put it in quotes"
            raise FolderError(Fault(self.file, line, problem))
        if len(path) >= _MAX_DEPTH:
            problem = f"lists and mappings are nested more than {_MAX_DEPTH} deep"
            raise FolderError(Fault(self.file, line, problem))
        if getattr(event, "tag", None) not in {None, "!"}:
            self.faults.append(
                Fault(self.file, line, "tags (!) are not used here; put it in quotes")
            )
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, lines)
        if isinstance(event, SequenceStartEvent):
            items: list[Any] = []
            for item in self.events:
                if isinstance(item, SequenceEndEvent):
                    break
                items.append(self._value(item, (*path, len(items)), lines))
            return items
        text = event.value if isinstance(event, ScalarEvent) else ""
        if _UNPRINTABLE.search(text):
            self.faults.append(Fault(self.file, line, "there is an unprintable character"))
        return text

    def _mapping(self, path: YamlPath, lines: dict[YamlPath, int]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_event in self.events:
            if isinstance(key_event, MappingEndEvent):
                break
            line = _line(key_event)
            key = self._value(key_event, (*path, "\0key"), {})
            value_event = next(self.events)
            value_path = (*path, key) if isinstance(key, str) else path
            problem = ""
            if not isinstance(key, str):
                problem = "a key must be a single word"
            elif value_path in lines:
                problem = f"“{key}” stands here a second time; first in line {lines[value_path]}"
            if problem:
                self.faults.append(Fault(self.file, line, problem))
                self._value(value_event, (*path, "\0skipped"), {})
                continue
            lines[value_path] = line
            value = self._value(value_event, value_path, lines)
            if not _is_empty(value_event):
                values[key] = value
        return values


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _is_empty(event: Event) -> bool:
    """Return whether a value is left out: nothing, ~ or null without quotes."""
    return isinstance(event, ScalarEvent) and not event.style and event.value in _EMPTY
