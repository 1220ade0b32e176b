"""YAML as nodes with line numbers, YAML written, and the faults of content folders.

The field a value belongs to decides its type (year, yes or no, clock time), so `name: No`,
`starts_at: 10:45` and `slug: 2024` mean what they seem to mean. Tags, anchors and aliases are
not needed for that and are refused.
"""

import re
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import yaml
from yaml.dumper import BaseDumper
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

_MAX_DEPTH = 12
_MAX_SHOWN_FAULTS = 50
# Characters that neither a database column nor a page can hold: controls and half surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMPTY = {"", "~", "null"}
# Line breaks of YAML 1.1 that are none elsewhere, and the byte order mark.
_ESCAPED = re.compile("[\x85\u2028\u2029\ufeff]")
# Parts of PyYAML's messages → ours.
_YAML_PROBLEMS = (
    ("found another document", "a second YAML document begins here. Remove the line ---"),
    ("'\\t'", "there is a tab. Indent with spaces"),
    ("cannot start any token", "this character cannot begin a value. Put the value in quotes"),
    ("mapping values are not allowed", "there is a colon in the value. Put the value in quotes"),
    ("could not find expected ':'", "the name of a field needs a colon and a space after it"),
    (
        "expected <block end>",
        "this line is indented differently from the lines around it. Indent it as they are",
    ),
    ("did not find expected", "a bracket, comma or closing quote is missing. Add it"),
    ("end of stream", "a closing quote or bracket is missing. Add it"),
    ("expected ',' or", "a comma or a closing bracket is missing. Add it"),
    (
        "unknown escape character",
        "a backslash in double quotes begins an escaped character. Write it twice, or use single quotes",
    ),
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
class Place:
    """The file and line where something is written, and the lines of the fields within it.

    `files` are the files of the fields that have one of their own, `first_lines` those in which
    the values of fields begin, if they have several.
    """

    file: str
    line: int = 1
    lines: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    first_lines: dict[str, int] = field(default_factory=dict)

    def at(self, name: str, item: int = 0) -> "Place":
        """Return the place of the field `name`, or of an item (from 1) of its list; or this one."""
        if name in self.files:
            return Place(self.files[name])
        line = self.lines.get(name, self.line)
        return Place(self.file, self.lines.get(f"{name} {item}", line))

    def in_text(self, name: str, line: int) -> "Place":
        """Return the place of a line, from 1, of the text of the field `name`."""
        if name in self.files:
            return Place(self.files[name], line)
        first_line = self.first_lines.get(name)
        return Place(self.file, first_line + line - 1) if first_line else self.at(name)

    def fault(self, message: str) -> Fault:
        return Fault(self.file, self.line, message)


def read_yaml(text: str, file: str) -> Node | None:
    """Return the node of the only document; None if it is empty.

    Every fault of the form raises FolderError with `file` and the line. Tags, anchors and aliases
    are refused; nodes are nested at most 12 deep.
    """
    try:
        _check_events(text, file)
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FolderError(
            Fault(file, line, "there is an unprintable character. Remove it")
        ) from None
    except yaml.MarkedYAMLError as error:
        raise FolderError(_translated(error, file)) from None
    except (ValueError, OverflowError):
        # PyYAML turns "\Uffffffff" into a character without checking that it exists.
        raise FolderError(
            Fault(file, 1, "an escaped character does not exist. Remove it")
        ) from None


def unprintable_line(text: str) -> int:
    """Return the line of the first unprintable character, or 0."""
    match = _UNPRINTABLE.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def _translated(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be read"
    message = next((ours for part, ours in _YAML_PROBLEMS if part in problem), problem)
    return Fault(file, mark.line + 1 if mark else 1, f"this is not YAML: {message}")


def _check_events(text: str, file: str) -> None:
    """Raise FolderError for what YAML allows and content folders do not."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        problem = ""
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            problem = "anchors (&) and aliases (*) are not allowed. Put the value in quotes"
        elif getattr(event, "tag", None) not in {None, "!"}:
            problem = "tags (!) are not allowed. Put the value in quotes"
        elif isinstance(event, ScalarEvent) and _UNPRINTABLE.search(event.value):
            problem = "there is an unprintable character. Remove it"
        elif isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                problem = f"lists and fields are nested more than {_MAX_DEPTH} levels deep. Use fewer levels"
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if problem:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise FolderError(Fault(file, line, problem))


def line_of(node: Node) -> int:
    """The line of a node, from 1."""
    return node.start_mark.line + 1 if node.start_mark else 1


def is_empty(node: Node) -> bool:
    """Whether a value is left out: nothing, ~ or null without quotes."""
    return isinstance(node, ScalarNode) and not node.style and node.value in _EMPTY


def as_written(text: str) -> str:
    r"""The text as a file can hold it: \n as line ends, stripped, without unprintable characters."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def write_yaml(data: Any) -> str:
    """Return a mapping or list as YAML that `read_yaml` reads; each value in a line or as a block."""
    return str(yaml.serialize(_node_of(data), Dumper=BaseDumper, allow_unicode=True, width=10**6))


def _node_of(value: Any) -> Node:
    if isinstance(value, dict):
        pairs = [(_node_of(key), _node_of(each)) for key, each in value.items()]
        return MappingNode(BaseDumper.DEFAULT_MAPPING_TAG, pairs, flow_style=not pairs)
    if isinstance(value, list):
        items = [_node_of(each) for each in value]
        return SequenceNode(BaseDumper.DEFAULT_SEQUENCE_TAG, items, flow_style=not items)
    style = None
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, time):
        value = value.isoformat("auto" if value.second or value.microsecond else "minutes")
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, str):
        if _ESCAPED.search(value):
            style = '"'
        elif "\n" in value:
            style = "|"
        elif value in _EMPTY:
            style = "'"
    return ScalarNode(BaseDumper.DEFAULT_SCALAR_TAG, str(value), style=style)
