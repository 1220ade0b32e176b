"""Lists as CSV (RFC 4180): the rows as nodes with line numbers, like those of YAML."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from django.utils.text import slugify
from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from apps.core.text import did_you_mean
from apps.imports.folders.entries import Entry, ListOf, Shape
from apps.imports.folders.yaml_text import Fault, FolderError

# One of them separates the cells; the header says which. Excel writes semicolons in some countries.
_SEPARATORS = ",;\t"
_IN_CELLS = re.compile(r"[;\n]")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_NAME = re.compile(r"(?P<name>.*?)\s*\((?P<affiliation>.*)\)", re.DOTALL)
# "reviews (Forum): https://…", "data: measured.zip" or an address alone.
_LINK = re.compile(
    r"(?:(?P<kind>\w+)\s*(?:\((?P<label>[^)]*)\))?\s*:(?!//)\s*)?(?P<target>.*)", re.DOTALL
)


@dataclass(frozen=True)
class CsvRow:
    """The cells of a row that are not empty, by column, and the line it begins in."""

    line: int
    cells: dict[str, str]

    @property
    def mark(self) -> Mark:
        return Mark("", 0, self.line - 1, 0, None, 0)

    def changed(self, **cells: str) -> "CsvRow":
        """Return a copy with other cells; an empty one is left out."""
        return CsvRow(self.line, {k: v for k, v in (self.cells | cells).items() if v})


def read_csv(text: str, file: str, columns: list[str]) -> list[CsvRow]:
    """Return the rows below the header, whose names are among `columns`.

    Cells are separated by commas, semicolons or tabs, as the header is. Faults raise FolderError.
    """
    header_line = text.partition("\n")[0]
    delimiter = max(_SEPARATORS, key=header_line.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[CsvRow] = []
    faults: list[Fault] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if line == 1:
                header = ["_".join(cell.lower().split()) for cell in cells]
                faults += [Fault(file, line, problem) for problem in _problems(header, columns)]
            elif len(cells) > len(header):
                message = f"this row has {len(cells)} cells, but the header has {len(header)}"
                faults.append(Fault(file, line, f"{message}. Put a cell with commas in quotes"))
            elif filled := {k: v.strip() for k, v in zip(header, cells, strict=False) if v.strip()}:
                rows.append(CsvRow(line, filled))
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(file, line, f"this is not CSV: {error}"))
    if faults:
        raise FolderError(*faults)
    return rows


def _problems(header: list[str], columns: list[str]) -> Iterator[str]:
    for name in header:
        if name not in columns:
            yield f"there is no column “{name}”. {did_you_mean(name, columns)}"
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield f"the column “{name}” appears twice. Remove one of them"


def csv_columns(kind: type[Entry]) -> list[str]:
    """The fields of a kind of entry that a cell can hold."""
    return [name for name, shape in kind.fields().items() if _fits_a_cell(shape)]


def _fits_a_cell(shape: Shape) -> bool:
    if isinstance(shape, ListOf):
        item = shape.item
        return _fits_a_cell(item) or (
            isinstance(item, type) and (_is_of_people(item) or _is_of_links(item))
        )
    return not isinstance(shape, type) or bool(shape.text_field)


def _is_of_people(kind: type[Entry]) -> bool:
    return {"person", "name"} <= {*kind.fields()}


def _is_of_links(kind: type[Entry]) -> bool:
    return {"kind", "label", "link", "file"} <= {*kind.fields()}


def person_slug(row: CsvRow) -> str:
    """Return the slug of the person in a row: in its cell, or made from the name."""
    slug = row.cells.get("slug") or row.cells.get("person")
    return slug or slugify(row.cells.get("name", ""))[:60].strip("-_")


def list_node(rows: list[CsvRow], kind: type[Entry]) -> SequenceNode:
    """Return the node of a list of entries."""
    return SequenceNode("", [_row_node(row, kind) for row in rows])


def people_node(rows: list[CsvRow], kind: type[Entry]) -> MappingNode:
    """Return the node of people by slug."""
    nodes = [(_scalar(person_slug(row), row.mark), _row_node(row, kind)) for row in rows]
    return MappingNode("", nodes)


def _row_node(row: CsvRow, kind: type[Entry]) -> MappingNode:
    """The node of an entry; cells that are none of its fields are left out."""
    fields = kind.fields()
    cells = {name: cell for name, cell in row.cells.items() if name in fields}
    nodes = {name: _cell_node(fields[name], cell, row.mark) for name, cell in cells.items()}
    return _mapping(nodes, row.mark)


def _cell_node(shape: Shape, cell: str, mark: Mark) -> Node:
    if not isinstance(shape, ListOf):
        return _scalar(cell, mark)
    items = [item.strip() for item in _IN_CELLS.split(cell) if item.strip()]
    if isinstance(shape.item, type) and not shape.item.text_field:
        make_node = _link_node if _is_of_links(shape.item) else _person_node
        return SequenceNode("", [make_node(item, mark) for item in items], mark)
    return SequenceNode("", [_scalar(item, mark) for item in items], mark)


def _person_node(item: str, mark: Mark) -> Node:
    """A slug of people.yaml, or a name, either with an affiliation in brackets."""
    parts = match.groupdict() if (match := _NAME.fullmatch(item)) else {"name": item}
    if _SLUG.fullmatch(parts["name"]):
        parts = {"person": parts.pop("name"), **parts}
    return _mapping({name: _scalar(text, mark) for name, text in parts.items()}, mark)


def _link_node(item: str, mark: Mark) -> Node:
    """A web address or the name of a file, after its kind and, in brackets, its text."""
    match = _LINK.fullmatch(item)
    parts = {name: text for name, text in match.groupdict().items() if text} if match else {}
    target = parts.pop("target", "")
    parts["link" if "://" in target else "file"] = target
    return _mapping({name: _scalar(text, mark) for name, text in parts.items()}, mark)


def _mapping(nodes: dict[str, Node], mark: Mark) -> MappingNode:
    return MappingNode("", [(_scalar(name, mark), node) for name, node in nodes.items()], mark)


def _scalar(text: str, mark: Mark) -> ScalarNode:
    # As if in quotes: a cell “null” is a text.
    return ScalarNode("", text, mark, style='"')
