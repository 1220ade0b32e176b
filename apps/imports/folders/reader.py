"""Reading of a whole content folder: form, values, and references between its files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from apps.imports.folders import files
from apps.imports.folders.schema import (
    AwardEntry,
    ContributionEntry,
    EditionEntry,
    Entry,
    GroupEntry,
    NewsEntry,
    PageEntry,
    PersonEntry,
    ProgrammeEntry,
    SectionEntry,
    SponsorEntry,
    SponsorsEntry,
    TopicEntry,
)
from apps.imports.folders.values import Slug, clipped
from apps.imports.folders.yaml_text import Document, Fault, FolderError
from apps.imports.folders.yaml_text import Path as YamlPath

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
# The folders of files that entries name, with the most bytes of each file.
BESIDE = {"photos": 20 * 1024**2, "logos": 20 * 1024**2, "slides": 50 * 1024**2}

_FOLDERS = PersonEntry.files | SponsorEntry.files | ContributionEntry.files


@dataclass(frozen=True)
class _UniqueRule:
    """Values that must differ within a file, or within the entry at the first `depth` steps."""

    depth: int = 0
    names_file: bool = False
    problem: str = "“{value}” stands here a second time; first in {first}"


# By file and keys (without the numbers of lists).
_UNIQUE = {
    ("edition.yaml", "deadlines.title"): _UniqueRule(names_file=True),
    ("edition.yaml", "questions.words"): _UniqueRule(names_file=True),
    ("groups.yaml", "slug"): _UniqueRule(names_file=True),
    ("groups.yaml", "members.person"): _UniqueRule(depth=1, names_file=True),
    ("topics.yaml", "slug"): _UniqueRule(names_file=True),
    ("sections", "slug"): _UniqueRule(names_file=True),
    ("pages", "slug"): _UniqueRule(names_file=True),
    ("news.yaml", "slug"): _UniqueRule(),
    ("awards.yaml", "slug"): _UniqueRule(),
    ("awards.yaml", "given_to.slug"): _UniqueRule(),
    ("sponsors.yaml", "levels.slug"): _UniqueRule(),
    ("sponsors.yaml", "levels.sponsors.slug"): _UniqueRule(),
    ("programme.yaml", "sessions.slug"): _UniqueRule(),
    ("programme.yaml", "sessions.contributions.slug"): _UniqueRule(),
    ("programme.yaml", "sessions.chairs.person"): _UniqueRule(depth=2, names_file=True),
    ("programme.yaml", "sessions.chairs.name"): _UniqueRule(depth=2, names_file=True),
    ("programme.yaml", "sessions.contributions.contributors.person"): _UniqueRule(
        depth=4, names_file=True
    ),
    ("programme.yaml", "sessions.contributions.contributors.name"): _UniqueRule(
        depth=4, names_file=True
    ),
    ("programme.yaml", "sessions.contributions.topics"): _UniqueRule(
        depth=4, problem="“{value}” stands here a second time"
    ),
    ("programme.yaml", "sessions.repeats"): _UniqueRule(
        depth=2, problem="“{value}” is in this session already"
    ),
}
_CONTRIBUTION = "there is no contribution “{value}”."
_PERSON = "there is no “{value}” in people.yaml."
# Values that must be among those of another place: that place, and the message.
_REFERENCES = {
    ("groups.yaml", "members.person"): ("people", _PERSON),
    ("programme.yaml", "sessions.chairs.person"): ("people", _PERSON),
    ("programme.yaml", "sessions.contributions.contributors.person"): ("people", _PERSON),
    ("programme.yaml", "sessions.contributions.topics"): (
        "topics",
        "there is no “{value}” in topics.yaml.",
    ),
    ("programme.yaml", "sessions.repeats"): ("contributions", _CONTRIBUTION),
    ("awards.yaml", "given_to.person"): ("people", _PERSON),
    ("awards.yaml", "given_to.authors.person"): ("people", _PERSON),
    ("awards.yaml", "given_to.contribution"): ("contributions", _CONTRIBUTION),
    ("sections", "group"): ("groups", "there is no “{value}” in groups.yaml."),
}


@dataclass(frozen=True)
class SourceEntry:
    """An entry with the file and place it is written at; `body` is the text below front matter."""

    entry: Any
    document: Document
    path: YamlPath = ()
    body: str | None = None

    def fault(self, message: str, field: str = "") -> Fault:
        """Return a fault of this entry, at the line of `field` if it has one."""
        return self.document.fault((*self.path, field) if field else self.path, message)

    def entries(self, field: str = "") -> "list[SourceEntry]":
        """Return the entries in the list `field` of this one, or in the list that it is."""
        items = getattr(self.entry, field) if field else self.entry
        path = (*self.path, field) if field else self.path
        return [SourceEntry(item, self.document, (*path, n)) for n, item in enumerate(items)]


@dataclass(frozen=True)
class EditionFolder:
    """The checked contents of a folder, in its order."""

    path: Path
    files: dict[str, SourceEntry]
    sections: list[SourceEntry]
    pages: list[SourceEntry]

    @property
    def edition(self) -> SourceEntry:
        return self.files["edition.yaml"]

    @property
    def programme(self) -> SourceEntry:
        return self.files["programme.yaml"]

    @property
    def people(self) -> dict[str, SourceEntry]:
        """The people by their slugs."""
        source = self.files["people.yaml"]
        return {
            slug: SourceEntry(person, source.document, (slug,))
            for slug, person in source.entry.items()
        }

    @property
    def sessions(self) -> list[SourceEntry]:
        return self.programme.entries("sessions")

    @property
    def contributions(self) -> list[SourceEntry]:
        """The contributions of all sessions."""
        return [one for session in self.sessions for one in session.entries("contributions")]

    def file_beside(self, name: str) -> bytes:
        """Return the contents of a photo, a logo or slides."""
        return files.file_bytes(self.path, name, max_bytes=BESIDE[name.split("/")[0]])


def read_folder(path: Path) -> EditionFolder:
    """Read and check the content folder at `path`; raise FolderError with every fault."""
    return _Reading(path).result()


def read_edition_slug(path: Path) -> str:
    """Return the address of the folder's edition; raise FolderError if edition.yaml is wrong."""
    return parsed(files.yaml_file(path, "edition.yaml"), EditionEntry).slug


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return a sentence for the author who wrote `word` instead of one of `choices`."""
    choices = list(choices)
    if close := get_close_matches(word, choices, n=1, cutoff=0.6):
        return f"Did you mean “{close[0]}”?"
    return f"Known here: {', '.join(choices)}." if choices else "There is none."


class _Value(NamedTuple):
    """A text somewhere in a folder; `place` is its file and its keys, without numbers of lists."""

    place: tuple[str, str]
    path: YamlPath
    text: str
    document: Document

    def fault(self, message: str) -> Fault:
        return self.document.fault(self.path, message)


class _Reading:
    """One pass over a folder. Faults are collected, so that all of them are shown at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []

    def result(self) -> EditionFolder:
        if not self.path.is_dir():
            raise FolderError(Fault(str(self.path), 0, "there is no such folder"))
        self._refuse_unknown_names()
        sources = {name: source for name in FILES if (source := self._file(name))}
        texts = {name: list(self._texts(name)) for name in TEXTS}
        # A file with faults would make every reference to its entries a fault as well.
        self._stop_at_faults()
        folder = EditionFolder(self.path, sources, texts["sections"], texts["pages"])
        values = list(_values_of(folder))
        self._check_unique(values)
        self._check_references(folder, values)
        self._check_files_beside(values)
        self._stop_at_faults()
        return folder

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise FolderError(*self.faults)

    def _refuse_unknown_names(self) -> None:
        names = [*FILES, *TEXTS, *BESIDE]
        for name in files.names_in(self.path):
            if not name.startswith(".") and name != "README.md" and name not in names:
                message = f"this name is not known here. {did_you_mean(name, names)}"
                self.faults.append(Fault(files.shown_name(self.path, name), 0, message))

    def _file(self, name: str) -> SourceEntry | None:
        path = self.path / name
        try:
            # A link that leads nowhere is a fault, a file that is left out is none.
            if name != "edition.yaml" and not path.exists() and not path.is_symlink():
                document = Document(files.shown_name(self.path, name), None, {})
            else:
                document = files.yaml_file(self.path, name)
            return SourceEntry(parsed(document, FILES[name]), document)
        except FolderError as error:
            self.faults += error.faults
            return None

    def _texts(self, name: str) -> Iterator[SourceEntry]:
        for inner in self._names_beside(name):
            file = f"{name}/{inner}"
            if inner.startswith("."):
                continue
            if not file.endswith(".md"):
                shown = files.shown_name(self.path, file)
                self.faults.append(Fault(shown, 0, "only files that end in .md belong here"))
                continue
            try:
                document, body = files.markdown_file(self.path, file)
                yield SourceEntry(parsed(document, TEXTS[name]), document, (), body)
            except FolderError as error:
                self.faults += error.faults

    def _names_beside(self, name: str) -> list[str]:
        try:
            return files.names_in(self.path, name)
        except FolderError as error:
            self.faults += error.faults
            return []

    # References between entries

    def _check_unique(self, values: Iterable[_Value]) -> None:
        seen: dict[tuple[Any, ...], str] = {}
        for value in values:
            rule = _UNIQUE.get(value.place)
            if rule is None or not value.text:
                continue
            key = (value.place, value.path[: rule.depth], value.text)
            if key in seen:
                message = rule.problem.format(value=value.text, first=seen[key])
                self.faults.append(value.fault(message))
                continue
            line = f"line {value.document.line(value.path)}"
            seen[key] = f"{value.document.file}, {line}" if rule.names_file else line

    def _check_references(self, folder: EditionFolder, values: Iterable[_Value]) -> None:
        targets = {
            "people": list(folder.people),
            "topics": [topic.slug for topic in folder.files["topics.yaml"].entry],
            "groups": [group.slug for group in folder.files["groups.yaml"].entry],
            "contributions": [source.entry.slug for source in folder.contributions],
        }
        for value in values:
            target, problem = _REFERENCES.get(value.place, ("", ""))
            if target and value.text not in targets[target]:
                hint = did_you_mean(value.text, targets[target])
                self.faults.append(value.fault(f"{problem.format(value=value.text)} {hint}"))
        for session in folder.sessions:
            own = {entry.slug for entry in session.entry.contributions}
            for number, slug in enumerate(session.entry.repeats):
                if slug in own:
                    message = f"“{slug}” is in this session already"
                    path = (*session.path, "repeats", number)
                    self.faults.append(session.document.fault(path, message))

    def _check_files_beside(self, values: Iterable[_Value]) -> None:
        for name in BESIDE:
            self._names_beside(name)
        for value in values:
            folder = _FOLDERS.get(str(value.path[-1])) if value.text else None
            if folder is None:
                continue
            name = f"{folder}/{value.text}"
            try:
                files.checked_path(self.path, name, max_bytes=BESIDE[folder])
            except FolderError as error:
                self.faults.append(value.fault(f"{name}: {error.faults[0].message}"))


def _values_of(folder: EditionFolder) -> Iterator[_Value]:
    sources = [*folder.files.items()]
    sources += [("sections", source) for source in folder.sections]
    sources += [("pages", source) for source in folder.pages]
    for file, source in sources:
        for path, text in _texts_in(source.entry, ()):
            names = [step for step in path if isinstance(step, str)]
            yield _Value((file, ".".join(names)), path, text, source.document)


def _texts_in(value: Any, path: YamlPath) -> Iterator[tuple[YamlPath, str]]:
    """Every text within an entry, with its place."""
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, BaseModel):
        inner = ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, part in inner:
        yield from _texts_in(part, (*path, step))


# Validation, with pydantic's errors as faults


def parsed(document: Document, shape: Any) -> Any:
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
            message = f"“{clipped(last)}” is not known here. {did_you_mean(last, fields)}"
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
