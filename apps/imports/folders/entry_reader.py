"""The nodes of one file as entries: their fields, the values of these, and their faults."""

from typing import Any

from django.db import models
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from apps.core.text import did_you_mean
from apps.imports.folders.entries import Entry, ListOf, MappingOf, Shape, kinds_in
from apps.imports.folders.values import SLUG, clipped
from apps.imports.folders.yaml_text import Fault, Place, is_empty, line_of

# The table and slug of each entry with a fault; the slug is "" for all entries of an unreadable file.
Incomplete = set[tuple[type[models.Model] | None, str]]


class EntryReader:
    """Reads the nodes of one file as `entries`, and collects `faults` and `notes` of their fields."""

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
                    raise ValueError("write a list here. Begin each entry with “- ”")
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
            value = shape.read(node.value if isinstance(node, ScalarNode) else None)
            if note := shape.note(node.value):
                self.notes.append(Fault(self.file, line, f"{name}: {note}" if name else note))
            return value
        except ValueError as error:
            self._add_fault(f"{name}: {error}" if name else str(error), line)
            self.incomplete |= {(kind.model, parent) for kind in kinds_in(shape) if kind.model}
            return None

    def _keys(self, node: Node, aliases: dict[str, str]) -> tuple[dict[str, Node], dict[str, int]]:
        """The nodes of a mapping by key, without empty ones, and the lines of all keys."""
        if not isinstance(node, MappingNode):
            raise ValueError("write fields with values here, such as “name: Ada Example”")
        nodes: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = line_of(key_node)
            if not isinstance(key_node, ScalarNode):
                self._add_fault("the name of a field must be one word", line)
                continue
            key = str(aliases.get(key_node.value, key_node.value))
            if key in lines:
                message = f"“{key}” appears twice, first in line {lines[key]}. Remove one of them"
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
            message = f"there is no field “{clipped(name)}”. {did_you_mean(name, list(fields))}"
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
                    self._add_fault(f"{name}: this must not be empty. Write a value", at)
            elif name in needed:
                self._add_fault(f"“{name}” is missing. {needed[name]}", at)
            else:
                values[name] = kind.default(name)
        if len(self.faults) > earlier_faults:
            self.incomplete.add((kind.model, slug))
            return None
        first_lines = {
            name: line_of(text) + 1
            for name, text in nodes.items()
            if isinstance(text, ScalarNode) and text.style in {"|", ">"}
        }
        place = Place(self.file, line, lines, first_lines=first_lines)
        entry = kind(place, values, parent_slug=parent, written=nodes)
        self.entries.append(entry)
        return entry

    def _add_fault(self, message: str, line: int) -> None:
        self.faults.append(Fault(self.file, line, message))
