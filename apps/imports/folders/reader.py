"""Reading of a whole content folder: the form of its files, their values, and their references."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from apps.imports.folders.rows import RowCollector, Rows, SourceEntry, did_you_mean
from apps.imports.folders.schema import (
    AwardEntry,
    EditionEntry,
    Entry,
    GroupEntry,
    NewsEntry,
    PageEntry,
    PersonEntry,
    ProgrammeEntry,
    SectionEntry,
    SponsorsEntry,
    TopicEntry,
)
from apps.imports.folders.values import Slug, clipped
from apps.imports.folders.yaml_text import (
    Document,
    Fault,
    FolderError,
    YamlPath,
    read_yaml,
    unprintable_line,
)

# The shape of each file; docs/content-folder.md is tested against it.
FILES: dict[str, Any] = {
    "edition.yaml": EditionEntry,
    "people.yaml": dict[Slug, PersonEntry],
    "groups.yaml": list[GroupEntry],
    "topics.yaml": list[TopicEntry],
    "programme.yaml": ProgrammeEntry,
    "awards.yaml": list[AwardEntry],
    "sponsors.yaml": SponsorsEntry,
    "news.yaml": list[NewsEntry],
}
TEXTS: dict[str, type[Entry]] = {"sections": SectionEntry, "pages": PageEntry}
MAX_TEXT_BYTES = 1024 * 1024
# The folders of files that entries name, with the most bytes of each file.
BESIDE = {"photos": 20 * 1024**2, "logos": 20 * 1024**2, "slides": 50 * 1024**2}


class ContentFiles:
    """The files below a folder, by names with slashes; nothing outside it is read.

    Every fault raises FolderError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shown_name(self, name: str) -> str:
        """Return the name of a file for messages, such as 2024/people.yaml."""
        return f"{self.folder.resolve().name}/{name}"

    def names(self, name: str = "") -> list[str]:
        """Return the sorted names in the folder, or in its folder `name`; none if it is missing."""
        path = self._inside(name, "this leads out of the folder; put the files themselves here")
        if not path.exists():
            return []
        if not path.is_dir():
            raise self._error(name, "this should be a folder")
        try:
            return sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None

    def path(self, name: str, *, max_bytes: int) -> Path:
        """Return the path of a plain file of at most `max_bytes`."""
        path = self._inside(name, "this leads out of the folder; put the file itself here")
        try:
            if not path.exists():
                raise self._error(name, "this file is missing")
            if not path.is_file():
                raise self._error(name, "this should be a file")
            if path.stat().st_size > max_bytes:
                raise self._error(name, f"this file is over {max_bytes // 1024**2} MB")
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None
        return path

    def contents(self, name: str, *, max_bytes: int) -> bytes:
        try:
            with self.path(name, max_bytes=max_bytes).open("rb") as file:
                return file.read(max_bytes)  # also of a file that grows meanwhile
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None

    def text(self, name: str) -> str:
        r"""Return the text of a UTF-8 file, with \n as line ends."""
        raw = self.contents(name, max_bytes=MAX_TEXT_BYTES)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            problem = "this is not UTF-8; save the file in that encoding"
            raise self._error(name, problem, line) from None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if line := unprintable_line(text):
            raise self._error(name, "there is an unprintable character", line)
        return text

    def yaml(self, name: str) -> Document:
        return read_yaml(self.text(name), self.shown_name(name))

    def markdown(self, name: str) -> tuple[Document, str]:
        """Return the front matter, between two lines of ---, and the text below it."""
        lines = self.text(name).split("\n")
        if lines[0].rstrip() != "---":
            problem = "the first line should be ---, and facts should follow"
            raise self._error(name, problem, 1)
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
        if not end:
            raise self._error(name, "a second line of --- is missing, where the facts end", 1)
        # An empty line instead of the first ---, so that line numbers are those of the file.
        document = read_yaml("\n".join(["", *lines[1:end]]), self.shown_name(name))
        return document, "\n".join(lines[end + 1 :]).strip()

    def _inside(self, name: str, problem: str) -> Path:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise self._error(name, problem)
        return path

    def _error(self, name: str, message: str, line: int = 0) -> FolderError:
        return FolderError(Fault(self.shown_name(name), line, message))


@dataclass(frozen=True)
class EditionFolder:
    """The checked contents of a folder: its rows by table and key, in the folder's order."""

    files: ContentFiles
    edition: EditionEntry
    programme: SourceEntry
    rows: Rows

    def file_beside(self, name: str) -> bytes:
        """Return the contents of a photo, a logo or slides."""
        return self.files.contents(name, max_bytes=BESIDE[name.split("/")[0]])


def read_folder(path: Path) -> EditionFolder:
    """Read and check the content folder at `path`; raise FolderError with every fault."""
    return _Reading(path).result()


def read_edition_slug(path: Path) -> str:
    """Return the address of the folder's edition; raise FolderError if edition.yaml is wrong."""
    slug: str = _parsed(ContentFiles(path).yaml("edition.yaml"), EditionEntry).slug
    return slug


class _Reading:
    """One pass over a folder. Faults are collected, so that all of them are shown at once."""

    def __init__(self, path: Path) -> None:
        self.path, self.files = path, ContentFiles(path)
        self.faults: list[Fault] = []

    def result(self) -> EditionFolder:
        if not self.path.is_dir():
            raise FolderError(Fault(str(self.path), 0, "there is no such folder"))
        self._refuse_unknown_names()
        sources = {name: source for name in FILES if (source := self._file(name))}
        texts = [source for name in TEXTS for source in self._texts(name)]
        # A file with faults would make every reference to its entries a fault as well.
        self._stop_at_faults()
        edition = sources["edition.yaml"].entry
        collector = RowCollector(edition, sources["people.yaml"].entry)
        for source in (*sources.values(), *texts):
            collector.collect(source)
        collector.finish()
        self.faults += collector.faults
        self._check_files_beside(collector.rows)
        self._stop_at_faults()
        return EditionFolder(self.files, edition, sources["programme.yaml"], collector.rows)

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise FolderError(*self.faults)

    def _refuse_unknown_names(self) -> None:
        names = [*FILES, *TEXTS, *BESIDE]
        for name in self.files.names():
            if not name.startswith(".") and name != "README.md" and name not in names:
                message = f"this name is not known here. {did_you_mean(name, names)}"
                self.faults.append(Fault(self.files.shown_name(name), 0, message))

    def _file(self, name: str) -> SourceEntry | None:
        path = self.path / name
        try:
            # A link that leads nowhere is a fault, a file that is left out is none.
            if name != "edition.yaml" and not path.exists() and not path.is_symlink():
                document = Document(self.files.shown_name(name), None, {})
            else:
                document = self.files.yaml(name)
            return SourceEntry(_parsed(document, FILES[name]), document)
        except FolderError as error:
            self.faults += error.faults
            return None

    def _texts(self, name: str) -> Iterator[SourceEntry]:
        for inner in self._names_beside(name):
            file = f"{name}/{inner}"
            if inner.startswith("."):
                continue
            if not file.endswith(".md"):
                shown = self.files.shown_name(file)
                self.faults.append(Fault(shown, 0, "only files that end in .md belong here"))
                continue
            try:
                document, body = self.files.markdown(file)
                yield SourceEntry(_parsed(document, TEXTS[name]), document, (), body)
            except FolderError as error:
                self.faults += error.faults

    def _names_beside(self, name: str) -> list[str]:
        try:
            return self.files.names(name)
        except FolderError as error:
            self.faults += error.faults
            return []

    def _check_files_beside(self, rows: Rows) -> None:
        for directory in BESIDE:
            self._names_beside(directory)
        for row in (row for table in rows.values() for row in table.values()):
            for field, name in row.files.items():
                try:
                    max_bytes = BESIDE[name.split("/")[0]]
                    self.files.path(name, max_bytes=max_bytes)
                except FolderError as error:
                    message = f"{name}: {error.faults[0].message}"
                    self.faults.append(row.source.fault(message, field))


# Validation, with pydantic's errors as faults


def _parsed(document: Document, shape: Any) -> Any:
    """Validate `document` as a `shape`; raise FolderError with everything that does not fit."""
    data = document.data
    if data is None:
        data = [] if get_origin(shape) is list else {}
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise FolderError(*(_fault(document, shape, detail) for detail in details)) from None


def _fault(document: Document, shape: Any, detail: Mapping[str, Any]) -> Fault:
    # Pydantic marks the key of a mapping, as against its value, by one more step.
    path: YamlPath = tuple(step for step in detail["loc"] if step != "[key]")
    last = str(path[-1]) if path else ""
    entry_type = _shape_at(shape, path[:-1])
    fields = entry_type.model_fields if _is_entry_type(entry_type) else {}
    is_named = bool(last) and isinstance(path[-1], str)
    match detail["type"]:
        case "extra_forbidden":
            message = f"“{clipped(last)}” is not known here. {did_you_mean(last, list(fields))}"
            is_named = False
        case "missing":
            message = f"“{last}” is missing. {fields[last].description}"
            is_named = False
        case "literal_error":
            choices = detail["ctx"]["expected"].replace("'", "")
            message = f"“{clipped(str(detail['input']))}” is not one of {choices}"
        case "list_type":
            message = "a list is expected here, each entry beginning with “- ”"
        case "model_type" | "dict_type":
            message = "keys with values are expected here, such as “name: Ada Example”"
        case "value_error":
            message = str(detail["ctx"]["error"])
            is_named = is_named and bool(fields)
        case _:
            message = detail["msg"]
            is_named = False
    return document.fault(path, f"{last}: {message}" if is_named else message)


def _is_entry_type(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _shape_at(shape: Any, path: YamlPath) -> Any:
    """The type of the value at `path` within a `shape`."""
    shape = _bare(shape)
    for step in path:
        if get_origin(shape) in {list, dict}:
            shape = get_args(shape)[-1]
        elif _is_entry_type(shape):
            # pydantic keeps Annotated's metadata apart from the field's annotation.
            field = shape.model_fields.get(str(step))
            shape = field.annotation if field else None
        shape = _bare(shape)
    return shape


def _bare(shape: Any) -> Any:
    """`shape` without Annotated and without "or None"."""
    if get_origin(shape) is Annotated:
        return _bare(get_args(shape)[0])
    if get_origin(shape) in {Union, UnionType}:
        return _bare(next(part for part in get_args(shape) if part is not type(None)))
    return shape
