"""Reading of a whole content folder: the form of its files, their values, and their references."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from apps.imports.folders.entries import (
    Entry,
    ListOf,
    MappingOf,
    NaturalKey,
    Shape,
    did_you_mean,
    kinds_in,
)
from apps.imports.folders.files import BESIDE, ContentFiles
from apps.imports.folders.programme_schema import ProgrammeEntry, RoomEntry
from apps.imports.folders.schema import FILES, TABLES, TEXTS, EditionEntry, RecipientEntry
from apps.imports.folders.values import SLUG, clipped
from apps.imports.folders.yaml_text import Fault, FolderError, Place, is_empty, line_of
from apps.news.models import NewsItem
from apps.people.models import Group, Person
from apps.programme.models import Session
from apps.topics.models import Topic

ORDERING_STEP = 10
Rows = dict[type[models.Model], dict[NaturalKey, Entry]]
# The table and slug of each entry with a fault; the slug is "" for all entries of an unreadable file.
Incomplete = set[tuple[type[models.Model] | None, str]]

# The files of rows that others name.
_FILES: dict[type[models.Model], str] = {
    Person: "people.yaml",
    Group: "groups.yaml",
    Topic: "topics.yaml",
}


@dataclass(frozen=True)
class EditionFolder:
    """The contents of a folder: its rows by table and key, in the folder's order.

    With `faults` it cannot be imported; `rows`, `edition` and `programme` then lack what is wrong.
    `notes` say what is imported otherwise than it is written.
    """

    files: ContentFiles
    edition: EditionEntry | None
    programme: ProgrammeEntry | None
    rows: Rows
    faults: list[Fault]
    notes: list[Fault]


def read_folder(path: Path) -> EditionFolder:
    """Read and check the content folder at `path`; raise FolderError if there is none."""
    if not path.is_dir():
        raise FolderError(Fault(str(path), 0, "there is no such folder"))
    reader = _FolderReader(ContentFiles(path))
    reader.refuse_unknown_names()
    contents = {name: reader.read_file(name) for name in FILES}
    for name in TEXTS:
        reader.read_texts(name)
    reader.check_files_beside()
    collector = RowCollector(reader.entries, reader.incomplete)
    return EditionFolder(
        reader.files,
        contents["edition.yaml"],
        contents["programme.yaml"],
        collector.rows,
        [*reader.faults, *collector.faults],
        reader.notes,
    )


def read_edition_slug(path: Path) -> str:
    """Return the address of the folder's edition; raise FolderError if edition.yaml is wrong."""
    reader = _FolderReader(ContentFiles(path))
    edition = reader.read_file("edition.yaml")
    if reader.faults:
        raise FolderError(*reader.faults)
    slug: str = edition["slug"]
    return slug


class _FolderReader:
    """One pass over a folder. Faults are collected, so that all of them are shown at once."""

    def __init__(self, files: ContentFiles) -> None:
        self.files = files
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.incomplete: Incomplete = set()

    def refuse_unknown_names(self) -> None:
        names = [*FILES, *TEXTS, *BESIDE]
        for name in self._names_in(""):
            if name != "README.md" and name not in names:
                message = f"this name is not known here. {did_you_mean(name, names)}"
                self.faults.append(self.files.fault(name, message))

    def read_file(self, name: str) -> Any:
        """Return the contents of a YAML file; None after faults. Only the edition must be there."""
        with self._collected_faults(FILES[name]):
            node = self.files.yaml(name) if name == "edition.yaml" or self.files.has(name) else None
            return self._read(name, FILES[name], node)

    def read_texts(self, folder: str) -> None:
        """Read the Markdown files in a folder."""
        for inner in self._names_in(folder):
            name = f"{folder}/{inner}"
            with self._collected_faults():
                if not name.endswith(".md"):
                    message = "only files that end in .md belong here"
                    raise FolderError(self.files.fault(name, message))
                node, body = self.files.markdown(name)
                if entry := self._read(name, TEXTS[folder], node):
                    entry.values["body"] = body

    def check_files_beside(self) -> None:
        """Check the files that entries name; an entry whose file is wrong is incomplete."""
        for directory in BESIDE:
            self._names_in(directory)
        for entry in list(self.entries):
            faults = list(self._faults_of_files(entry))
            if faults:
                self.faults += faults
                self.entries.remove(entry)
                self.incomplete.add((entry.model, entry.slug))

    def _faults_of_files(self, entry: Entry) -> Iterator[Fault]:
        for field in entry.files:
            if path := entry.path_of(field):
                try:
                    self.files.path(path)
                except FolderError as error:
                    yield entry.fault(f"{path}: {error.faults[0].message}", field)

    def _read(self, name: str, shape: Shape, node: Node | None) -> Any:
        if node is None:
            node = SequenceNode("", []) if isinstance(shape, ListOf) else MappingNode("", [])
        reader = EntryReader(self.files.shown_name(name))
        contents = reader.read(shape, node, line_of(node))
        self.entries += reader.entries
        self.faults += reader.faults
        self.notes += reader.notes
        self.incomplete |= reader.incomplete
        return contents

    def _names_in(self, folder: str) -> list[str]:
        """The names in a folder that are not hidden."""
        with self._collected_faults():
            return [name for name in self.files.names(folder) if not name.startswith(".")]
        return []

    @contextmanager
    def _collected_faults(self, shape: Shape | None = None) -> Iterator[None]:
        """Collect the faults of a file that cannot be read; `shape` is that of its entries."""
        try:
            yield
        except FolderError as error:
            self.faults += error.faults
            self.incomplete |= {(kind.model, "") for kind in kinds_in(shape) if kind.model}


class EntryReader:
    """Reads the nodes of one file as `entries`, and collects `faults` and `notes`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.incomplete: Incomplete = set()

    def read(self, shape: Shape, node: Node, line: int, *, name: str = "", parent: str = "") -> Any:
        """Return the value of a node; None after a fault.

        `line` and `name` are those of its key, `parent` is the slug of the entry around it.
        """
        try:
            if isinstance(shape, ListOf):
                if isinstance(node, ScalarNode) and shape.allows_text:
                    node = SequenceNode("", [node])
                if not isinstance(node, SequenceNode):
                    raise ValueError("a list is expected here, each entry beginning with “- ”")
                return [self.read(shape.item, n, line_of(n), parent=parent) for n in node.value]
            if isinstance(shape, MappingOf):
                nodes, lines = self._keys(node, {})
                for slug, its_line in lines.items():
                    self.read(SLUG, ScalarNode("", slug), its_line)
                return {
                    slug: self.read(shape.item, item, lines[slug], name=slug, parent=slug)
                    for slug, item in nodes.items()
                }
            if isinstance(shape, type):
                return self._entry(shape, node, line, parent)
            return shape.read(node.value if isinstance(node, ScalarNode) else None)
        except ValueError as error:
            self._add_fault(f"{name}: {error}" if name else str(error), line)
            self.incomplete |= {(kind.model, parent) for kind in kinds_in(shape) if kind.model}
            return None

    def _keys(self, node: Node, aliases: dict[str, str]) -> tuple[dict[str, Node], dict[str, int]]:
        """The nodes of a mapping by key, without empty ones, and the lines of all keys."""
        if not isinstance(node, MappingNode):
            raise ValueError("keys with values are expected here, such as “name: Ada Example”")
        nodes: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = line_of(key_node)
            if not isinstance(key_node, ScalarNode):
                self._add_fault("a key must be a single word", line)
                continue
            key = str(aliases.get(key_node.value, key_node.value))
            if key in lines:
                message = f"“{key}” stands here a second time; first in line {lines[key]}"
                self._add_fault(message, line)
                continue
            lines[key] = line
            if not is_empty(value_node):
                nodes[key] = value_node
        return nodes, lines

    def _entry(self, kind: type[Entry], node: Node, line: int, parent: str) -> Entry | None:
        earlier_faults = len(self.faults)
        nodes: dict[str, Node]
        if isinstance(node, ScalarNode) and kind.text_field:
            nodes, lines = {kind.text_field: node}, {kind.text_field: line}
        else:
            nodes, lines = self._keys(node, kind.aliases)
        fields, needed = kind.fields(), kind.needed_fields()
        for name in lines.keys() - fields.keys():
            message = f"“{clipped(name)}” is not known here. {did_you_mean(name, list(fields))}"
            self._add_fault(message, lines[name])
        slug = str(nodes["slug"].value) if "slug" in nodes else parent
        values = {}
        for name, shape in fields.items():
            at = lines.get(name, line)
            if isinstance(node_of_list := nodes.get(name), SequenceNode):
                items = enumerate(node_of_list.value, start=1)
                lines |= {f"{name} {number}": line_of(item) for number, item in items}
            if name in nodes:
                values[name] = self.read(shape, nodes[name], at, name=name, parent=slug)
                if values[name] == "" and name in needed:
                    self._add_fault(f"{name}: this must not be empty", at)
            elif name in needed:
                self._add_fault(f"“{name}” is missing. {needed[name]}", at)
            else:
                values[name] = kind.default(name)
        entry = kind(Place(self.file, line, lines), values, parent_slug=parent, written=nodes)
        if len(self.faults) == earlier_faults:
            self.faults += map(entry.at_its_line, entry.problems())
        if len(self.faults) > earlier_faults:
            self.incomplete.add((kind.model, slug))
            return None
        self.notes += map(entry.at_its_line, entry.notes())
        self.entries.append(entry)
        return entry

    def _add_fault(self, message: str, line: int) -> None:
        self.faults.append(Fault(self.file, line, message))


class RowCollector:
    """Collects the rows that the entries of one edition describe, and the faults between them.

    References to what is `incomplete` are no faults: those of the entry itself are told.
    """

    def __init__(self, entries: Iterable[Entry], incomplete: Incomplete) -> None:
        self.rows: Rows = {kind.model: {} for kind in TABLES}
        self._incomplete = incomplete
        self.faults: list[Fault] = []
        self._first: dict[tuple[Any, ...], Place] = {}
        for entry in entries:
            if entry.model:
                self._add(entry)
            for row in entry.related_rows():
                self._add(row)
        # Of two announcements with the same moment, pages list the newer row first.
        self.rows[NewsItem] = dict(reversed(self.rows[NewsItem].items()))
        for number, session in enumerate(self.rows[Session].values(), start=1):
            session.values["ordering"] = number * ORDERING_STEP
        for row in [row for rows in self.rows.values() for row in rows.values()]:
            if isinstance(row, RecipientEntry):
                row.values["authors"] = list(self._authors(row))
            self._check_references(row)

    def _add(self, row: Entry) -> None:
        rows, key = self.rows[row.model], tuple(row.row_key.values())
        if isinstance(row, RoomEntry) and key in rows:
            return
        named = [item for item in row.row_key.items() if item[1]]
        name, value = named[-1] if named else ("", "")
        # Slugs are anchors and addresses, so they differ within the whole edition.
        identity = (row.model, value if name == "slug" else key)
        if first := self._first.get(identity):
            place = f"{first.file}, line {first.line}"
            message = f"“{value}” stands here a second time; first in {place}"
            self.faults.append(row.fault(message, name))
            return
        self._first[identity] = row.place.at(name)
        rows[key] = row

    def _authors(self, recipient: RecipientEntry) -> Iterator[str]:
        for author in recipient["authors"]:
            person = self.rows[Person].get((author["person"],))
            if author["person"] and not person:
                self._refuse_unknown(author, "person", Person)
            yield person["name"] if person else author["name"]

    def _check_references(self, row: Entry) -> None:
        for column in row.model._meta.concrete_fields:
            related = column.related_model
            value = (row.row_key | row.values).get(column.name)
            if related in self.rows and value and (value,) not in self.rows[related]:
                self._refuse_unknown(row, column.name, related)

    def _refuse_unknown(self, row: Entry, name: str, model: type[models.Model]) -> None:
        value = row.row_key.get(name) or row[name]
        if self._incomplete & {(model, value), (model, "")}:
            return
        file = _FILES.get(model)
        what = f"“{value}” in {file}" if file else f"{model._meta.verbose_name} “{value}”"
        hint = did_you_mean(value, [key[0] for key in self.rows[model]], most=12)
        self.faults.append(row.fault(f"there is no {what}. {hint}", name))
