"""YAML read the way people write it: every value is the text that stands there, with its line.

What a value means (a year, a yes or no, a clock time) is decided by the field it is
for, so `name: No`, `starts_at: 10:45` and `slug: 2024` mean what they seem to mean.
Tags, anchors and aliases are not needed for that and are refused.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from apps.imports.folders.faults import Fault, FolderError

Path = tuple[str | int, ...]

_DEEPEST = 12
# Characters no database column and no page can hold: controls and half surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SAID_PLAINLY = (
    ("cannot start any token", "this character cannot begin a value; put the value in quotes"),
    ("mapping values are not allowed", "a colon stands inside a value; put the value in quotes"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("expected <block end>", "this line is indented differently from the lines it belongs to"),
    ("did not find expected", "a bracket, comma or closing quote is missing"),
    ("end of stream", "a closing quote or bracket is missing"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("unknown escape character", "write a backslash in double quotes twice, or use single quotes"),
)


@dataclass(frozen=True)
class Document:
    """What one file says: texts, lists and mappings, and the line of each of them."""

    file: str
    data: Any
    lines: dict[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """The line where `path` stands, or that of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, message: str) -> Fault:
        """A fault at `path` of this file."""
        return Fault(self.file, self.line(path), message)


class _Reader(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's parser with nothing after it: no types guessed, no objects made."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self.depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _Refused(line, "anchors (&) and aliases (*) are not used here; put it in quotes")
        if self.depth >= _DEEPEST:
            raise _Refused(line, f"lists and mappings are nested more than {_DEEPEST} deep")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Refused(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def read_yaml(text: str, file: str) -> Document:
    """The contents of a YAML `text`; an empty one holds None.

    Scalars are strings, left as written but for quotes; a key without a value is left
    out, as if its line were not there. Raises FolderError, naming `file` and the line.
    """
    try:
        node = _Reader(text).get_single_node()
    except _Refused as refused:
        raise FolderError(Fault(file, refused.line, refused.message)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FolderError(Fault(file, line, "there is an unprintable character")) from None
    except yaml.MarkedYAMLError as error:
        raise FolderError(_in_plain_words(error, file)) from None
    except (ValueError, OverflowError):
        # PyYAML turns "\Uffffffff" into a character without asking whether there is one.
        raise FolderError(Fault(file, 1, "an escaped character does not exist")) from None
    faults: list[Fault] = []
    lines: dict[Path, int] = {}
    data = None if node is None else _plain(node, (), lines, faults, file)
    if faults:
        raise FolderError(*faults)
    return Document(file, data, lines)


def unprintable_line(text: str) -> int:
    """The line of the first character that nothing can show, or 0."""
    found = _UNPRINTABLE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _in_plain_words(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be read"
    if "found another document" in problem:
        said = "a second document begins here; a file holds one"
    elif "'\\t'" in problem:
        said = "there is a tab; indent with spaces"
    else:
        said = next((words for sign, words in _SAID_PLAINLY if sign in problem), problem)
    return Fault(file, mark.line + 1 if mark else 1, f"this is not YAML: {said}")


def _plain(node: Node, path: Path, lines: dict[Path, int], faults: list[Fault], file: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    expected = {
        ScalarNode: BaseResolver.DEFAULT_SCALAR_TAG,
        SequenceNode: BaseResolver.DEFAULT_SEQUENCE_TAG,
        MappingNode: BaseResolver.DEFAULT_MAPPING_TAG,
    }[type(node)]
    if node.tag != expected:
        faults.append(Fault(file, lines[path], "tags (!) are not used here; put it in quotes"))
    if isinstance(node, SequenceNode):
        return [
            _plain(item, (*path, number), lines, faults, file)
            for number, item in enumerate(node.value)
        ]
    if isinstance(node, MappingNode):
        return _mapping(node, path, lines, faults, file)
    if _UNPRINTABLE.search(node.value):
        faults.append(Fault(file, lines[path], "there is an unprintable character"))
    return node.value


def _mapping(
    node: MappingNode, path: Path, lines: dict[Path, int], faults: list[Fault], file: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            faults.append(Fault(file, line, "a key must be a single word"))
            continue
        key = _plain(key_node, (*path, "\0key"), {}, faults, file)
        here = (*path, key)
        if here in lines:
            faults.append(
                Fault(file, line, f"“{key}” stands here a second time; first in line {lines[here]}")
            )
            continue
        lines[here] = line
        if _says_something(value_node):
            found[key] = _plain(value_node, here, lines, faults, file)
    return found


def _says_something(node: Node) -> bool:
    return (
        not isinstance(node, ScalarNode) or bool(node.style) or node.value not in {"", "~", "null"}
    )
