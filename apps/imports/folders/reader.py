"""Reading a whole content folder, and checking what its files say of each other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from apps.imports.folders import files
from apps.imports.folders.awards import AwardEntry
from apps.imports.folders.faults import Fault, FolderError
from apps.imports.folders.news import NewsEntry
from apps.imports.folders.pages import PageEntry, SectionEntry, TopicEntry
from apps.imports.folders.people import GroupEntry, PersonEntry
from apps.imports.folders.programme import ChairEntry, ProgrammeEntry, SessionEntry
from apps.imports.folders.schema import EditionEntry
from apps.imports.folders.shapes import did_you_mean, shaped
from apps.imports.folders.sponsors import LevelEntry, SponsorsEntry
from apps.imports.folders.values import Entry, Slug
from apps.imports.folders.yaml_text import Document
from apps.imports.folders.yaml_text import Path as Steps

# What each file describes; the documentation is tested against it.
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
# The folders of files that those above name, and how many bytes each may have.
BESIDE = {
    "photos": files.LARGEST_PICTURE,
    "logos": files.LARGEST_PICTURE,
    "slides": files.LARGEST_SLIDES,
}

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Described(Generic[E]):
    """An entry together with the place where the folder describes it."""

    entry: E
    document: Document
    path: Steps = ()
    body: str | None = None

    def fault(self, message: str, field: str = "") -> Fault:
        """A fault of this entry, at `field` if the file has that line."""
        return self.document.fault((*self.path, field) if field else self.path, message)

    def below(self) -> dict[str, str]:
        """The text below a Markdown file's front matter, by the name of its field."""
        return {} if self.body is None else {"body": self.body}


@dataclass(frozen=True)
class EditionFolder:
    """All that a folder says, checked; the order is the folder's."""

    path: Path
    edition: Described[EditionEntry]
    people: dict[str, Described[PersonEntry]]
    groups: list[Described[GroupEntry]]
    topics: list[Described[TopicEntry]]
    sections: list[Described[SectionEntry]]
    pages: list[Described[PageEntry]]
    programme: Described[ProgrammeEntry]
    sessions: list[Described[SessionEntry]]
    awards: list[Described[AwardEntry]]
    levels: list[Described[LevelEntry]]
    news: list[Described[NewsEntry]]

    def file_beside(self, name: str) -> bytes:
        """The file of a photo, a logo or slides, as it was given."""
        return files.file_bytes(self.path, name, largest=BESIDE[name.split("/")[0]])


def read_folder(path: Path) -> EditionFolder:
    """What the content folder at `path` says.

    Raises FolderError with every mistake found: in a file's form, in its values, and
    where one file names what another does not have. Writes nothing.
    """
    return _Reading(path).result()


def read_edition_slug(path: Path) -> str:
    """The address of the edition a folder describes; raises FolderError if that is unclear."""
    return shaped(files.yaml_file(path, "edition.yaml"), EditionEntry).slug


class _Reading:
    """One pass over a folder, collecting faults rather than stopping at the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.documents: dict[str, Document] = {}

    def result(self) -> EditionFolder:
        if not self.path.is_dir():
            raise FolderError(Fault(str(self.path), 0, "there is no such folder"))
        self._refuse_strangers()
        said = {name: self._file(name) for name in FILES}
        texts = {name: list(self._texts(name)) for name in TEXTS}
        # Files that could not be read would only make every reference to them wrong as well.
        self._stop_at_faults()
        folder = EditionFolder(
            path=self.path,
            edition=Described(said["edition.yaml"], self.documents["edition.yaml"]),
            people={
                slug: Described(person, self.documents["people.yaml"], (slug,))
                for slug, person in said["people.yaml"].items()
            },
            groups=self._described("groups.yaml", said),
            topics=self._described("topics.yaml", said),
            sections=texts["sections"],
            pages=texts["pages"],
            programme=Described(said["programme.yaml"], self.documents["programme.yaml"]),
            sessions=[
                Described(session, self.documents["programme.yaml"], ("sessions", number))
                for number, session in enumerate(said["programme.yaml"].sessions)
            ],
            awards=self._described("awards.yaml", said),
            levels=[
                Described(level, self.documents["sponsors.yaml"], ("levels", number))
                for number, level in enumerate(said["sponsors.yaml"].levels)
            ],
            news=self._described("news.yaml", said),
        )
        self._check_slugs(folder)
        self._check_references(folder)
        self._check_files_beside(folder)
        self._stop_at_faults()
        return folder

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise FolderError(*self.faults)

    def _refuse_strangers(self) -> None:
        known = [*FILES, *TEXTS, *BESIDE]
        for name in files.names_in(self.path):
            if name.startswith(".") or name == "README.md" or name in known:
                continue
            shown = files.shown_name(self.path, name)
            message = f"this name is not known here. {did_you_mean(name, known)}"
            self.faults.append(Fault(shown, 0, message))

    def _file(self, name: str) -> Any:
        path = self.path / name
        # A link that leads nowhere is not the same as a file that was left out.
        if name != "edition.yaml" and not path.exists() and not path.is_symlink():
            document = Document(files.shown_name(self.path, name), None, {})
        else:
            try:
                document = files.yaml_file(self.path, name)
            except FolderError as error:
                self.faults += error.faults
                return None
        self.documents[name] = document
        try:
            return shaped(document, FILES[name])
        except FolderError as error:
            self.faults += error.faults
        return None

    def _texts(self, name: str) -> Iterator[Described[Any]]:
        try:
            inside = files.names_in(self.path, name)
        except FolderError as error:
            self.faults += error.faults
            return
        for file in (f"{name}/{one}" for one in inside if not one.startswith(".")):
            if not file.endswith(".md"):
                shown = files.shown_name(self.path, file)
                self.faults.append(Fault(shown, 0, "only files that end in .md belong here"))
                continue
            try:
                document, body = files.markdown_file(self.path, file)
                yield Described(shaped(document, TEXTS[name]), document, (), body)
            except FolderError as error:
                self.faults += error.faults

    def _described(self, name: str, said: dict[str, Any]) -> list[Described[Any]]:
        document = self.documents[name]
        return [Described(entry, document, (number,)) for number, entry in enumerate(said[name])]

    # What files say of each other

    def _check_slugs(self, folder: EditionFolder) -> None:
        for listed in (folder.groups, folder.topics, folder.sections, folder.pages):
            self._check_unique((item, item.entry.slug, "slug") for item in listed)
        for group in folder.groups:
            self._check_unique(
                (
                    Described(member, group.document, (*group.path, "members", number)),
                    member.person,
                    "person",
                )
                for number, member in enumerate(group.entry.members)
            )
        edition = folder.edition
        self._check_unique(
            (Described(deadline, edition.document, ("deadlines", number)), deadline.title, "title")
            for number, deadline in enumerate(edition.entry.deadlines)
        )
        self._check_unique(
            (Described(question, edition.document, ("questions", number)), question.words, "words")
            for number, question in enumerate(edition.entry.questions)
        )
        for name in ("awards.yaml", "sponsors.yaml", "news.yaml", "programme.yaml"):
            self._check_unique_slugs(self.documents[name])

    def _check_unique(self, items: Iterable[tuple[Described[Any], str, str]]) -> None:
        seen: dict[str, str] = {}
        for item, value, field in items:
            fault = item.fault("", field)
            if value in seen:
                message = f"“{value}” stands here a second time; first in {seen[value]}"
                self.faults.append(item.fault(message, field))
            else:
                seen[value] = f"{fault.file}, line {fault.line}"

    def _check_unique_slugs(self, document: Document) -> None:
        """Sessions have slugs of their own, so have contributions, whatever session they are in."""
        seen: dict[tuple[str, ...], int] = {}
        for steps, slug in _slugs_in(document.data, ()):
            key = (*(step for step in steps if isinstance(step, str)), slug)
            if key in seen:
                message = f"“{slug}” stands here a second time; first in line {seen[key]}"
                self.faults.append(document.fault(steps, message))
            seen.setdefault(key, document.line(steps))

    def _check_references(self, folder: EditionFolder) -> None:
        people = list(folder.people)
        for name in ("groups.yaml", "programme.yaml", "awards.yaml"):
            document = self.documents[name]
            for steps, slug in _people_in(document.data, (), in_group=name == "groups.yaml"):
                if slug not in folder.people:
                    message = f"there is no “{slug}” in people.yaml. {did_you_mean(slug, people)}"
                    self.faults.append(document.fault(steps, message))
        self._check_programme(folder)
        self._check_awards(folder)
        groups = [group.entry.slug for group in folder.groups]
        for section in folder.sections:
            named = section.entry.group
            if named and named not in groups:
                message = f"there is no “{named}” in groups.yaml. {did_you_mean(named, groups)}"
                self.faults.append(section.fault(message, "group"))

    def _check_programme(self, folder: EditionFolder) -> None:
        """Nobody is named twice in one place, and what is repeated is there to be repeated."""
        known = [one.slug for session in folder.sessions for one in session.entry.contributions]
        for session in folder.sessions:
            own = [one.slug for one in session.entry.contributions]
            seen = set(own)
            for number, slug in enumerate(session.entry.repeats):
                steps = (*session.path, "repeats", number)
                if slug not in known:
                    message = f"there is no contribution “{slug}”. {did_you_mean(slug, known)}"
                    self.faults.append(session.document.fault(steps, message))
                elif slug in seen:
                    message = f"“{slug}” is in this session already"
                    self.faults.append(session.document.fault(steps, message))
                seen.add(slug)
            self._check_topics(folder, session)
            named: list[tuple[Steps, str, Sequence[ChairEntry]]] = [
                (session.path, "chairs", session.entry.chairs)
            ]
            named += [
                ((*session.path, "contributions", number), "contributors", one.contributors)
                for number, one in enumerate(session.entry.contributions)
            ]
            for path, field, entries in named:
                self._check_unique(
                    (
                        Described(one, session.document, (*path, field, number)),
                        one.key,
                        "person" if one.person else "name",
                    )
                    for number, one in enumerate(entries)
                )

    def _check_topics(self, folder: EditionFolder, session: Described[SessionEntry]) -> None:
        known = [topic.entry.slug for topic in folder.topics]
        for place, one in enumerate(session.entry.contributions):
            for number, slug in enumerate(one.topics):
                steps = (*session.path, "contributions", place, "topics", number)
                if slug not in known:
                    message = f"there is no “{slug}” in topics.yaml. {did_you_mean(slug, known)}"
                    self.faults.append(session.document.fault(steps, message))
                elif slug in one.topics[:number]:
                    message = f"“{slug}” stands here a second time"
                    self.faults.append(session.document.fault(steps, message))

    def _check_awards(self, folder: EditionFolder) -> None:
        known = [one.slug for session in folder.sessions for one in session.entry.contributions]
        for award in folder.awards:
            for number, one in enumerate(award.entry.given_to):
                if one.contribution and one.contribution not in known:
                    steps = (*award.path, "given_to", number, "contribution")
                    message = (
                        f"there is no contribution “{one.contribution}”. "
                        f"{did_you_mean(one.contribution, known)}"
                    )
                    self.faults.append(award.document.fault(steps, message))

    def _check_files_beside(self, folder: EditionFolder) -> None:
        for name in BESIDE:
            try:
                files.names_in(self.path, name)
            except FolderError as error:
                self.faults += error.faults
        wanted = [
            (f"photos/{person.entry.photo}", person.document, (*person.path, "photo"))
            for person in folder.people.values()
            if person.entry.photo
        ]
        wanted += [
            (f"logos/{name}", level.document, (*level.path, "sponsors", place, field))
            for level in folder.levels
            for place, sponsor in enumerate(level.entry.sponsors)
            for field, name in sponsor.pictures().items()
        ]
        wanted += [
            (
                f"slides/{one.slides_file}",
                session.document,
                (*session.path, "contributions", number, "slides_file"),
            )
            for session in folder.sessions
            for number, one in enumerate(session.entry.contributions)
            if one.slides_file
        ]
        for file, document, steps in wanted:
            try:
                files.checked_path(self.path, file, largest=BESIDE[file.split("/")[0]])
            except FolderError as error:
                self.faults.append(document.fault(steps, f"{file}: {error.faults[0].message}"))


def _walk(data: Any, path: Steps) -> Iterator[tuple[Steps, Any]]:
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _walk(value, (*path, number))


def _slugs_in(data: Any, path: Steps) -> Iterator[tuple[Steps, str]]:
    return ((steps, value.strip()) for steps, value in _walk(data, path) if steps[-1:] == ("slug",))


def _people_in(data: Any, path: Steps, *, in_group: bool) -> Iterator[tuple[Steps, str]]:
    """Every slug of a person that `data` names; a group may name one without a key."""
    for steps, value in _walk(data, path):
        is_bare = in_group and steps[-2:-1] == ("members",) and isinstance(value, str)
        if steps[-1:] == ("person",) or is_bare:
            yield steps, value.strip()
