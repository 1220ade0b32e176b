"""Export of an edition as the content folder that `importing` reads."""

from __future__ import annotations

import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta, timezone
from io import BytesIO
from pathlib import Path, PurePath
from typing import IO, Any

from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.core.folders import written_aside
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.imports.folders.entries import Entry, ListOf, Shape, filled_lines
from apps.imports.folders.files import BESIDE, EXPORT_MARK
from apps.imports.folders.programme_schema import (
    ContributionEntry,
    LinkEntry,
    ProgrammeEntry,
    RepeatEntry,
    RoomEntry,
    SessionEntry,
    SlotEntry,
    TopicOfContribution,
)
from apps.imports.folders.schema import (
    FILES,
    LONG_TEXTS,
    TEXTS,
    AwardEntry,
    DownloadEntry,
    EditionEntry,
    GroupEntry,
    LevelEntry,
    NewsEntry,
    PageEntry,
    PersonEntry,
    PictureEntry,
    RecipientEntry,
    SectionEntry,
    TopicEntry,
)
from apps.imports.folders.values import TEXT
from apps.imports.folders.yaml_text import as_written, write_yaml
from apps.news.models import NewsItem
from apps.people.models import Person
from apps.programme.models import Contribution, Session, Slot
from apps.programme.releases import changes_since, contribution_titles, latest_release
from apps.programme.timetable import draft_timetable

_FILE_STEP = 10  # between the numbers that order the files of sections and pages


class ExportRefused(Exception):
    """The folder exists and is no earlier export of the edition."""


@dataclass
class ExportedEdition:
    """The files of a content folder by their names, not written yet.

    `notes` are sentences about what the folder lacks.
    """

    edition: Edition
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, FieldFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the files into a new folder."""
        for name, contents in self._contents():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as target:
                shutil.copyfileobj(contents, target)

    def write_zip(self, target: IO[bytes]) -> None:
        """Write the folder as a ZIP archive: equal ones for an unchanged edition."""
        with zipfile.ZipFile(target, "w") as archive:
            for name, contents in self._contents():
                entry = zipfile.ZipInfo(f"{self.edition.slug}/{name}")
                entry.compress_type = (
                    zipfile.ZIP_DEFLATED if name in self.texts else zipfile.ZIP_STORED
                )
                with archive.open(entry, "w") as file:
                    shutil.copyfileobj(contents, file)

    def _contents(self) -> Iterator[tuple[str, IO[bytes]]]:
        for name, text in self.texts.items():
            # A byte order mark at the start of a text would be taken for that of the file.
            encoding = "utf-8-sig" if text.startswith("\ufeff") else "utf-8"
            yield name, BytesIO(text.encode(encoding))
        for name, stored in self.files.items():
            with stored.storage.open(str(stored.name), "rb") as file:
                yield name, file


def collect_edition(edition: Edition) -> ExportedEdition:
    """Return the edition as a content folder: the draft at the desk, with what is hidden marked so.

    It has public content and its drafts, never what applicants sent, accounts or letters. Of people
    it has those whom the edition names, with the facts that its pages show. Equal editions give
    equal files.
    """
    with transaction.atomic():
        return _Export(Edition.objects.get(pk=edition.pk)).run()


def export_edition(*, edition: Edition, folder: Path) -> ExportedEdition:
    """Write the edition into `folder`, which is new, empty or an earlier export of it.

    It is written beside the folder first and takes its place at the end, so an earlier export stays
    whole if that fails. Raises ExportRefused for any other folder, and OSError.
    """
    folder = folder.resolve()
    if folder.exists():
        _refuse_others(folder, edition)
    exported = collect_edition(edition)
    with written_aside(folder) as part:
        exported.write(part)
    return exported


def _refuse_others(folder: Path, edition: Edition) -> None:
    """Raise ExportRefused unless the folder is empty or an earlier export of the edition."""
    if not folder.is_dir():
        raise ExportRefused(f"{folder} is a file. Name a new folder.")
    if not any(folder.iterdir()):
        return
    facts = folder / "edition.yaml"
    start = (EXPORT_MARK + write_yaml({"slug": edition.slug})).encode()
    if not facts.is_file() or facts.read_bytes()[: len(start)] != start:
        raise ExportRefused(
            f"{folder} is not empty, and not an earlier export of {edition.slug}. Name a new folder."
        )
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_known = name.as_posix() in FILES or (
            name.parts[0] in {*TEXTS, *LONG_TEXTS, *BESIDE}
            and len(name.parts) == 1 + path.is_file()
        )
        if path.is_symlink() or path.name.startswith(".") or not is_known:
            raise ExportRefused(f"{path} is no file of an export. Move it, or name a new folder.")


class _Export:
    """The export of one edition; each table is read once."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.exported = ExportedEdition(edition)
        self._rows: dict[type[models.Model], dict[int, list[Any]]] = {}

    def run(self) -> ExportedEdition:
        # Written even if it is the site's default, which another site may not have.
        facts = self._entry(EditionEntry, self.edition, defaults={"time_zone": None})
        self.exported.texts["edition.yaml"] = EXPORT_MARK + write_yaml(facts)
        self._write("pictures.yaml", self._pictures())
        self._write("people.yaml", self._people())
        for name, kind in (
            *(("groups.yaml", GroupEntry), ("topics.yaml", TopicEntry)),
            *(("awards.yaml", AwardEntry), ("news.yaml", NewsEntry)),
        ):
            self._write(name, self._entries(kind, self.edition))
        self._write("programme.yaml", self._programme())
        self._write("sponsors.yaml", {"levels": self._entries(LevelEntry, self.edition)})
        self._write_texts("sections", SectionEntry)
        self._write_texts("pages", PageEntry)
        for row in self._rows_of(DownloadEntry, self.edition):
            self._add_file(row.path, row.file)
        return self.exported

    # Files

    def _write(self, name: str, contents: Any) -> None:
        if contents and contents != {"levels": []}:
            self.exported.texts[name] = write_yaml(contents)

    def _write_texts(self, folder: str, kind: type[Entry]) -> None:
        """Write a Markdown file for each row, named so that the files are in the order of the rows."""
        rows = self._rows_of(kind, self.edition)
        digits = len(str(len(rows) * _FILE_STEP))
        for number, row in enumerate(rows, start=1):
            name = f"{folder}/{number * _FILE_STEP:0{digits}}-{row.slug}.md"
            text = f"---\n{write_yaml(self._entry(kind, row))}---\n"
            if body := as_written(row.body):
                text += f"\n{body}\n"
            self.exported.texts[name] = text

    def _write_long_text(self, folder: str, slug: str, text: str) -> None:
        if text := as_written(text):
            self.exported.texts[f"{folder}/{slug}.md"] = f"{text}\n"

    def _add_file(self, path: str, stored: FieldFile) -> str:
        """Add a stored file under a free name like `path`; return the name, "" if it is missing."""
        if not stored.storage.exists(str(stored.name)):
            self.exported.notes.append(
                f"{path}: the file is missing on this site, so it is left out"
            )
            return ""
        folder, name = path.split("/")
        stem, suffix, number = PurePath(name).stem, PurePath(name).suffix, 1
        taken = {other.casefold() for other in self.exported.files}
        while f"{folder}/{name}".casefold() in taken:
            number += 1
            name = f"{stem}-{number}{suffix}"
        self.exported.files[f"{folder}/{name}"] = stored
        return name

    # Entries

    def _rows_of(self, kind: type[Entry], parent: models.Model) -> list[Any]:
        """The rows of a kind of entry within the row around them, in their order."""
        if kind.model not in self._rows:
            lookup = "__".join([*kind.parent_key(), "edition"])
            rows = kind.model._default_manager.filter(**{lookup: self.edition})
            related = [column.name for column in kind.model._meta.fields if column.is_relation]
            self._rows[kind.model] = by_parent = defaultdict(list)
            for row in rows.select_related(*related):
                by_parent[getattr(row, f"{kind.parent}_id")].append(row)
        return self._rows[kind.model][parent.pk]

    def _entries(self, kind: type[Entry], parent: models.Model) -> list[Any]:
        special = {NewsEntry: self._moment, RecipientEntry: self._authors}.get(kind)
        return [
            self._entry(kind, row, special(row) if special else {})
            for row in self._rows_of(kind, parent)
        ]

    def _entry(
        self,
        kind: type[Entry],
        row: Any,
        values: Mapping[str, Any] | None = None,
        *,
        defaults: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the fields of a row, in the order of the documentation, without defaults.

        `values` has those that are not in its columns, `defaults` other values to leave out. An
        entry of nothing but its text field is that text.
        """
        values, defaults = values or {}, defaults or {}
        columns, needed = kind.field_columns(), kind.needed_fields()
        entry = {}
        for name, shape in kind.fields().items():
            if name in values:
                value = values[name]
            elif name in kind.files:
                value = self._file_of(kind, row, name)
            elif name in columns:
                value = _value_of(getattr(row, columns[name].name), shape)
            else:
                value = self._nested(shape, row)
            default = defaults[name] if name in defaults else kind.default(name)
            if name in needed or (value != default and not (_is_empty(value) and not default)):
                entry[name] = value
        return entry[kind.text_field] if [*entry] == [kind.text_field] else entry

    def _nested(self, shape: Shape, row: models.Model) -> Any:
        """The entries in a field of `row`, if it has entries."""
        if isinstance(shape, ListOf):
            item = shape.item
            return self._entries(item, row) if isinstance(item, type) and item.model else []
        entries = self._entries(shape, row) if isinstance(shape, type) else []
        return entries[0] if entries else None

    def _file_of(self, kind: type[Entry], row: Any, name: str) -> str:
        stored = getattr(row, kind.columns.get(name, name))
        if not stored:
            return ""
        stem = f"{row.contribution.slug}-{row.kind}" if kind is LinkEntry else row.slug
        if name.endswith("_dark"):
            stem = f"{stem}-dark"
        suffix = PurePath(stored.name).suffix.replace(".jpeg", ".jpg")
        return self._add_file(f"{kind.files[name]}/{stem}{suffix}", stored)

    # Kinds with fields that are not in their columns

    def _pictures(self) -> list[Any]:
        rows = self._rows_of(PictureEntry, self.edition)
        return [
            self._entry(PictureEntry, row) for row in rows if self._add_file(row.path, row.file)
        ]

    def _people(self) -> dict[str, Any]:
        people = Person.objects.named_in(Edition.objects.filter(pk=self.edition.pk))
        entries = {}
        for person in people.order_by("slug"):
            shown = person.shown_in(self.edition)
            facts = self._entry(PersonEntry, shown, {"bio": "", "same_person": None})
            entries[person.slug] = {"name": facts["name"]} | facts
            self._write_long_text("bios", person.slug, shown.bio)
        return entries

    def _moment(self, item: NewsItem) -> dict[str, Any]:
        if item.published_at is None:
            return {"date": None, "time": NewsEntry.default("time")}
        local = item.published_at.astimezone(self.edition.zone)
        at, offset = local.time(), local.utcoffset()
        if offset != local.replace(fold=1 - local.fold).utcoffset():  # a time that occurs twice
            at = at.replace(tzinfo=timezone(offset or timedelta()))
        return {"date": local.date(), "time": at}

    def _authors(self, recipient: Any) -> dict[str, Any]:
        return {"authors": filled_lines(as_written(recipient.authors))}

    def _programme(self) -> dict[str, Any]:
        sessions = list(Session.objects.for_edition(self.edition).select_related("room"))
        homes: dict[int, Slot] = {}
        for session in sessions:
            for slot in self._rows_of(SlotEntry, session):
                if not slot.kind:
                    homes.setdefault(slot.contribution_id, slot)
        contributions = self._rows_of(ContributionEntry, self.edition)
        return self._entry(
            ProgrammeEntry,
            self.edition,
            {
                "is_published": self._is_programme_published(),
                "rooms": self._entries(RoomEntry, self.edition),
                "sessions": [self._session(session, homes) for session in sessions],
                "contributions": [
                    self._contribution(row)
                    for row in sorted(contributions, key=lambda row: row.pk)
                    if row.pk not in homes
                ],
            },
        )

    def _is_programme_published(self) -> bool:
        release = latest_release(self.edition)
        if release is None:
            return False
        titles = contribution_titles(self.edition)
        changes = list(changes_since(release, draft_timetable(self.edition), titles))
        if changes:
            self.exported.notes.append(
                f"programme.yaml: {count_of(len(changes), 'change')} since release {release.number}, "
                "so the folder does not say that the programme is published"
            )
        return not changes

    def _session(self, session: Session, homes: Mapping[int, Slot]) -> dict[str, Any]:
        """A session with the contributions that have their entry in it, and those it repeats."""
        slots = self._rows_of(SlotEntry, session)
        own = [slot for slot in slots if homes.get(slot.contribution_id) == slot]
        last_own = slots.index(own[-1]) if own else -1
        repeats = []
        for number, slot in enumerate(slots, start=1):
            if slot not in own:
                place = {"position": number if number <= last_own else None, "kind": slot.kind}
                values = _place_of(slot) | place | {"contribution": slot.contribution.slug}
                repeats.append(self._entry(RepeatEntry, slot, values))
        contributions = [self._contribution(slot.contribution, slot, session) for slot in own]
        values = {"contributions": contributions, "repeats": repeats}
        return dict(self._entry(SessionEntry, session, values))

    def _contribution(
        self, row: Contribution, slot: Slot | None = None, session: Session | None = None
    ) -> dict[str, Any]:
        self._write_long_text("abstracts", row.slug, row.abstract)
        topics = {link.topic_id for link in self._rows_of(TopicOfContribution, row)}
        links = [self._entry(LinkEntry, link) for link in self._rows_of(LinkEntry, row)]
        values = {
            **(_place_of(slot) if slot else {}),
            "abstract": "",
            "topics": [
                topic.slug
                for topic in self._rows_of(TopicEntry, self.edition)
                if topic.pk in topics
            ],
            # Without those whose file is missing.
            "links": [link for link in links if link.keys() & {"link", "file"}],
        }
        defaults = {"kind": ContributionEntry.kind_in(session.kind)} if session else {}
        return dict(self._entry(ContributionEntry, row, values, defaults=defaults))


def _place_of(slot: Slot) -> dict[str, Any]:
    return {
        "minutes": slot.minutes,
        "starts_after": slot.starts_after,
        "board": as_written(slot.board),
    }


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _value_of(value: Any, shape: Shape) -> Any:
    """The value of a column as an entry has it: other rows by slug or name, lists from lines."""
    if isinstance(value, models.Model):
        value = getattr(value, "slug", "") or str(value)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if not isinstance(value, str):
        return value
    text = as_written(value)
    if isinstance(shape, ListOf):
        lines = filled_lines(text)
        return lines[0] if len(lines) == 1 else lines
    return text if shape is TEXT else text.replace("\n", " ")
