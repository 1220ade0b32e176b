"""Reading of a whole content folder: the form of its files, their values, and their references."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from yaml.nodes import MappingNode, Node, SequenceNode

from apps.core.markdown_checks import find_problems
from apps.core.markdown_files import DOWNLOADS, PICTURES
from apps.core.text import did_you_mean
from apps.imports.folders.csv_text import (
    CsvRow,
    csv_columns,
    list_node,
    people_node,
    person_slug,
    read_csv,
)
from apps.imports.folders.entries import Entry, ListOf, MappingOf, Shape, kinds_in
from apps.imports.folders.entry_reader import EntryReader, Incomplete
from apps.imports.folders.files import BESIDE, ContentFiles
from apps.imports.folders.linked_files import LinkedFileReader, markdown_texts
from apps.imports.folders.programme_schema import (
    ContributionEntry,
    ListedContributionEntry,
    ProgrammeEntry,
    SessionEntry,
)
from apps.imports.folders.rows import RowCollector, Rows
from apps.imports.folders.schema import (
    FILES,
    LISTS,
    LONG_TEXTS,
    PARTS,
    TEXTS,
    EditionEntry,
    GroupEntry,
    ListedMemberEntry,
    MemberEntry,
    PersonEntry,
)
from apps.imports.folders.values import clipped
from apps.imports.folders.yaml_text import Fault, FolderError, Place, line_of


@dataclass(frozen=True)
class EditionFolder:
    """The contents of a folder: its rows by table and key, in the folder's order.

    With `faults` it cannot be imported; `rows`, `edition` and `programme` then lack what is wrong.
    `notes` say what the author should check, such as what is imported otherwise than written.
    `incomplete` are the entries with faults.
    """

    files: ContentFiles
    edition: EditionEntry | None
    programme: ProgrammeEntry | None
    rows: Rows
    faults: list[Fault]
    notes: list[Fault]
    incomplete: Incomplete


def read_folder(path: Path) -> EditionFolder:
    """Read and check the content folder at `path`; raise FolderError if there is none."""
    if not path.is_dir():
        raise FolderError(Fault(str(path), 0, "this folder does not exist. Check its path"))
    reader = _FolderReader(ContentFiles(path))
    reader.refuse_unknown_names()
    contents = {name: reader.read_file(name) for name in FILES}
    for name in PARTS:
        reader.read_parts(name)
    for name in TEXTS:
        reader.read_texts(name)
    reader.read_people_list()
    reader.read_member_lists()
    reader.read_contribution_list()
    for name in LONG_TEXTS:
        reader.read_long_texts(name)
    reader.read_linked_files()
    reader.check_entries()
    reader.check_markdown()
    collector = RowCollector(reader.entries, reader.incomplete)
    return EditionFolder(
        reader.files,
        contents["edition.yaml"],
        contents["programme.yaml"],
        collector.rows,
        [*reader.faults, *collector.faults],
        reader.notes,
        reader.incomplete,
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
        lists = [name.rstrip("/") for name in LISTS]
        names = [*FILES, *TEXTS, *PARTS, *lists, *LONG_TEXTS, *BESIDE]
        for name in self._names_in(""):
            if name != "README.md" and name not in names:
                message = f"no file of a content folder has this name. {did_you_mean(name, names)}"
                self.faults.append(self.files.fault(name, message))

    def read_file(self, name: str) -> Any:
        """Return the contents of a YAML file; None after faults. Only the edition must be there."""
        with self._collected_faults(FILES[name]):
            node = self.files.yaml(name) if name == "edition.yaml" or self.files.has(name) else None
            return self._read(name, FILES[name], node)

    def read_parts(self, folder: str) -> None:
        """Read the YAML files in a folder, in the order of their names."""
        for name in self._files_in(folder, ".yaml"):
            with self._collected_faults(PARTS[folder]):
                self._read(name, PARTS[folder], self.files.yaml(name))

    def read_texts(self, folder: str) -> None:
        """Read the Markdown files in a folder."""
        for name in self._files_in(folder, ".md"):
            with self._collected_faults():
                node, body, first_line = self.files.markdown(name)
                if entry := self._read(name, TEXTS[folder], node):
                    entry.values["body"] = body
                    entry.place.first_lines["body"] = first_line

    def read_people_list(self) -> None:
        for name in filter(self.files.has, ["people.csv"]):
            with self._collected_faults(PersonEntry):
                self._read_people(name, self._rows(name, ["slug", *csv_columns(PersonEntry)]))

    def read_member_lists(self) -> None:
        """Read the members of groups: a file for each group, named by its slug."""
        columns = csv_columns(ListedMemberEntry)
        for name in self._files_in("groups", ".csv"):
            with self._collected_faults(PersonEntry):
                group = PurePath(name).stem
                if not self._find(GroupEntry, group) and not self._is_incomplete(GroupEntry, group):
                    raise FolderError(self._no_entry(name, GroupEntry, group))
                rows = self._rows(name, columns)
                # A row with a name describes a person, unless another file does.
                named = [
                    row.changed(affiliation="")  # that of the member
                    for row in rows
                    if "name" in row.cells and not self._find(PersonEntry, person_slug(row))
                ]
                self._read_people(name, named)
                members = [row.changed(person=person_slug(row)) for row in rows]
                self._read(name, ListOf(MemberEntry), list_node(members, MemberEntry), group)

    def read_contribution_list(self) -> None:
        """Read contributions.csv; each contribution follows those that its session has already."""
        name = "contributions.csv"
        if not self.files.has(name):
            return
        with self._collected_faults(ContributionEntry):
            kind = ListedContributionEntry
            node = list_node(self._rows(name, csv_columns(kind)), kind)
            for entry in self._read(name, ListOf(kind), node):
                if entry and (slug := entry["session"]):
                    if session := self._find(SessionEntry, slug):
                        session["contributions"].append(entry)
                    elif not self._is_incomplete(SessionEntry, slug):
                        self.faults.append(
                            self._no_entry("", SessionEntry, slug, entry.place.at("session"))
                        )

    def read_long_texts(self, folder: str) -> None:
        """Read the Markdown files in a folder as fields of the entries that they are named by."""
        kind, field = LONG_TEXTS[folder]
        for name in self._files_in(folder, ".md"):
            slug, shown_name = PurePath(name).stem, self.files.shown_name(name)
            with self._collected_faults():
                entry = self._find(kind, slug)
                if entry and entry[field]:
                    place = entry.place.at(field)
                    message = f"there is another text in {place.file}, line {place.line}. Remove one of them"
                    raise FolderError(Fault(shown_name, 0, message))
                if entry:
                    entry.set_text(field, self.files.text(name).strip(), shown_name)
                elif not self._is_incomplete(kind, slug):
                    raise FolderError(self._no_entry(name, kind, slug))

    def read_linked_files(self) -> None:
        """Read the pictures and downloads that texts name."""
        linked = LinkedFileReader(self.files, self.entries)
        linked.read(self._names_in(PICTURES), self._names_in(DOWNLOADS))
        self.entries += linked.entries
        self.faults += linked.faults
        self.notes += linked.notes

    def check_entries(self) -> None:
        """Check what is between fields, and the files that are named; collect the notes."""
        for directory in BESIDE:
            self._names_in(directory)
        for entry in list(self.entries):
            problems = map(entry.at_its_line, entry.problems())
            faults = [*problems, *self._faults_of_files(entry)]
            (self.notes if self.files.is_export else faults).extend(
                map(entry.at_its_line, entry.unused())
            )
            if faults:
                self.faults += faults
                self.entries.remove(entry)
                self.incomplete.add((entry.model, entry.slug))
            else:
                self.notes += map(entry.at_its_line, entry.notes())

    def check_markdown(self) -> None:
        """Collect the markup of other programs that pages would show as text."""
        for text in markdown_texts(self.entries):
            for problem in find_problems(text.text):
                fault = text.place(problem.line).fault(problem.message)
                is_fault = problem.is_error and not self.files.is_export
                (self.faults if is_fault else self.notes).append(fault)

    def _faults_of_files(self, entry: Entry) -> Iterator[Fault]:
        for field in entry.files:
            if path := entry.path_of(field):
                try:
                    self.files.path(path)
                except FolderError as error:
                    yield entry.fault(f"{path}: {error.faults[0].message}", field)

    def _rows(self, name: str, columns: list[str]) -> list[CsvRow]:
        return read_csv(self.files.text(name), self.files.shown_name(name), columns)

    def _read_people(self, name: str, rows: list[CsvRow]) -> None:
        self._read(name, MappingOf(PersonEntry), people_node(rows, PersonEntry))

    def _read(self, name: str, shape: Shape, node: Node | None, parent: str = "") -> Any:
        if node is None:
            node = SequenceNode("", []) if isinstance(shape, ListOf) else MappingNode("", [])
        reader = EntryReader(self.files.shown_name(name))
        contents = reader.read(shape, node, line_of(node), parent=parent)
        self.entries += reader.entries
        self.faults += reader.faults
        self.notes += reader.notes
        self.incomplete |= reader.incomplete
        return contents

    def _find(self, kind: type[Entry], slug: str) -> Entry | None:
        entries = (entry for entry in self.entries if isinstance(entry, kind))
        return next((entry for entry in entries if entry.slug == slug), None)

    def _is_incomplete(self, kind: type[Entry], slug: str) -> bool:
        return bool(self.incomplete & {(kind.model, slug), (kind.model, "")})

    def _no_entry(
        self, name: str, kind: type[Entry], slug: str, place: Place | None = None
    ) -> Fault:
        slugs = [entry.slug for entry in self.entries if isinstance(entry, kind)]
        hint = did_you_mean(slug, slugs, most=12)
        place = place or Place(self.files.shown_name(name), 0)
        return place.fault(f"there is no {kind.rows_name(1)} “{clipped(slug)}”. {hint}")

    def _files_in(self, folder: str, ending: str) -> Iterator[str]:
        for inner in self._names_in(folder):
            if inner.endswith(ending):
                yield f"{folder}/{inner}"
            else:
                message = f"only files that end in {ending} belong here. Rename or move this one"
                self.faults.append(self.files.fault(f"{folder}/{inner}", message))

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
