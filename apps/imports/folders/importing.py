"""Import of content folders: missing rows are made, different ones reported and, if asked, replaced."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.core.exceptions import NotAllowed
from apps.core.images import clean_banner, clean_logo, clean_photo, clean_picture
from apps.core.uploads import validate_attachment, validate_slides
from apps.editions.models import Edition, taken_addresses
from apps.editions.services import publish_edition
from apps.imports.folders.entries import LINES, Entry, NaturalKey, filled_lines
from apps.imports.folders.hidden import hidden_things
from apps.imports.folders.links import find_dead_links_of
from apps.imports.folders.people import separate_editions
from apps.imports.folders.reader import EditionFolder, read_edition_slug, read_folder
from apps.imports.folders.report import Difference, DifferencesFound, ImportReport, difference
from apps.imports.folders.rows import ORDERING_STEP
from apps.imports.folders.schema import TABLES, EditionEntry, PersonEntry, SessionEntry
from apps.imports.folders.yaml_text import Fault, FolderError, as_written
from apps.programme.models import Session
from apps.programme.releases import NothingNew, latest_release, publish_programme


def _clean_slides(upload: File) -> ContentFile:
    validate_slides(upload)
    return ContentFile(upload.read(), name="slides.pdf")


def _clean_attachment(upload: File) -> ContentFile:
    validate_attachment(upload)
    return ContentFile(upload.read(), name=upload.name)


# By the folder of the file: makes the stored file, or raises ValidationError.
_CLEAN_FILE = {
    "photos": clean_photo,
    "logos": clean_logo,
    "slides": _clean_slides,
    "attachments": _clean_attachment,
    "pictures": clean_picture,
    "files": _clean_attachment,
}

# Columns that hold a line for each item of a list.
_LINES = {
    (kind.model, kind.columns.get(name, name))
    for kind in TABLES
    for name, shape in kind.fields().items()
    if shape is LINES
}


def import_edition(
    *, folder: Path, replace: bool | Mapping[str, bool] = False, publish: bool = False
) -> ImportReport:
    """Make the rows that the content folder describes and the database lacks.

    Rows that differ raise DifferencesFound. With `replace` they are changed to what the folder
    says; a mapping says for each thing (Difference.thing) whether it is replaced or kept. With
    `publish` the edition and its programme are published, unless they are. A wrong folder raises
    FolderError. After either nothing is written.
    """
    contents = read_folder(folder)
    with _files_with_transaction() as written:
        return _Import(contents, replace=replace, publish=publish, written=written).run()


def new_folders(content_dir: Path) -> list[Path]:
    """Return the folders in `content_dir` whose edition is not in the database, by name.

    Raise FolderError if one of them does not say which edition it is.
    """
    paths = sorted(content_dir.iterdir()) if content_dir.is_dir() else []
    folders = {read_edition_slug(path): path for path in paths if (path / "edition.yaml").exists()}
    existing = taken_addresses(slug__in=list(folders))
    return [path for slug, path in folders.items() if slug not in existing]


def load_missing_editions(content_dir: Path) -> list[ImportReport]:
    """Import every folder in `content_dir` whose edition is not in the database: all, or none.

    Raise FolderError or DifferencesFound (people are shared and may exist already).
    """
    with _files_with_transaction() as written:
        return [
            _Import(read_folder(path), written=written).run() for path in new_folders(content_dir)
        ]


@contextmanager
def _files_with_transaction() -> Iterator[list[FieldFile]]:
    """A transaction that also deletes the files in the list it gives, if it is rolled back."""
    written: list[FieldFile] = []
    try:
        with transaction.atomic():
            yield written
    except BaseException:
        for file in written:
            file.delete(save=False)
        raise


class _Import:
    """The import of one folder, table by table; differences are found while rows are written."""

    def __init__(
        self,
        folder: EditionFolder,
        *,
        written: list[FieldFile],
        replace: bool | Mapping[str, bool] = False,
        publish: bool = False,
    ) -> None:
        self.folder, self.replace, self.publish, self.written = folder, replace, publish, written
        entry, self.edition = folder.edition, Edition()
        self.report = ImportReport(
            edition=f"{entry['slug']}: {entry['title']}" if entry else "", notes=folder.notes
        )
        self.reason = f"Imported from {folder.files.folder.resolve().name}"[:100]
        self.faults = list(folder.faults)
        self.differences: list[Difference] = []
        # The saved rows of each table as far as it was imported, by their keys.
        self.rows: dict[type[models.Model], dict[NaturalKey, Any]] = {}

    def run(self) -> ImportReport:
        for kind in TABLES:
            if kind is PersonEntry and self.edition.pk:
                self.faults += separate_editions(
                    self.folder.rows,
                    edition=self.edition,
                    differs=self._differs,
                    replaces=self._replaces,
                )
            self._import_table(kind)
            if kind is EditionEntry:
                self.edition = next(iter(self.rows[Edition].values()), self.edition)
        for fault, is_error in find_dead_links_of(self.folder, self.edition):
            is_fault = is_error and not self.folder.files.is_export
            (self.faults if is_fault else self.report.notes).append(fault)
        if self.faults:
            raise FolderError(*self.faults)
        if self.differences:
            raise DifferencesFound(self.differences)
        self._publish_edition()
        self._publish_programme()
        self.report.hidden = list(hidden_things(self.edition))
        return self.report

    def _import_table(self, kind: type[Entry]) -> None:
        self.rows[kind.model] = existing = self._existing_rows(kind)
        self._report_others(kind, existing)
        orderings = self._orderings(kind, existing)
        if kind is SessionEntry and existing and self._sessions_are_in_order():
            for session in self.folder.rows[Session].values():
                del session.values["ordering"]
        for key, entry in self.folder.rows[kind.model].items():
            if absent := self._absent_columns(entry):
                self._check_alone(entry, absent)
                continue
            row = existing.get(key) or self._new_row(entry)
            changes = {
                column: value
                for column, value in entry.row_values(self.edition).items()
                if self._differs(row, column, value)
            }
            if key in existing:
                found = {
                    column: difference(key, entry, column, _current(row, column), value)
                    for column, value in changes.items()
                }
                filled = {column for column in changes if entry.fills(row, column)}
                self.report.filled += [found.pop(column) for column in sorted(filled)]
                if not self._replaces(list(found.values())):
                    changes = {column: changes[column] for column in filled}
            else:
                self.report.created[kind] += 1
            if key in orderings:
                row.ordering = orderings[key]
            is_saved = key in existing and not changes and key not in orderings
            if is_saved or self._save(row, entry, changes):
                existing[key] = row
            else:
                existing.pop(key, None)

    def _replaces(self, differences: list[Difference]) -> bool:
        """Whether the folder wins in the differences of one thing; they are reported."""
        answer: bool | None = self.replace is True
        if differences and isinstance(self.replace, Mapping):
            answer = self.replace.get(differences[0].thing)
            if answer is False:
                self.report.kept += differences
                return False
        (self.report.replaced if answer else self.differences).extend(differences)
        return True

    def _existing_rows(self, kind: type[Entry]) -> dict[NaturalKey, Any]:
        """Rows of the edition in the table's own order; of shared tables, those of the folder.

        They are locked, the edition's row first: a save at the desk comes before or after the import.
        """
        rows = kind.model._default_manager.select_related()
        rows = rows.select_for_update(of=("self",), no_key=True)
        if kind.parent and not self.edition.pk:
            return {}
        if kind.parent:
            lookup = "__".join([*kind.parent_key(), "edition"])
            rows = rows.filter(**{lookup: self.edition})
        else:
            rows = rows.filter(slug__in=[slug for (slug,) in self.folder.rows[kind.model]])
        columns = (*kind.parent_key(), *kind.key)
        return {tuple(_current(row, name) for name in columns): row for row in rows}

    def _new_row(self, entry: Entry) -> Any:
        row: Any = entry.model()
        if entry.parent == "edition":
            row.edition = self.edition
        for column, value in entry.row_key.items():
            self._set(row, column, value)
        return row

    def _absent_columns(self, entry: Entry) -> list[str]:
        """The foreign keys of an entry to rows that are missing or wrong, so that it cannot be saved."""
        columns = ["edition"] if entry.parent == "edition" and not self.edition.pk else []
        values = entry.row_key | entry.values
        for column in entry.model._meta.concrete_fields:
            related, value = column.related_model, values.get(column.name)
            # "" names a parent without its slug.
            names_row = value or (value == "" and not column.null)
            if related in self.rows and names_row and (value,) not in self.rows[related]:
                columns.append(column.name)
        return columns

    def _check_alone(self, entry: Entry, absent: list[str]) -> None:
        """Check the columns of an entry that cannot be saved."""
        row = entry.model()
        values = entry.row_key | entry.row_values(self.edition)
        files = [entry.columns.get(name, name) for name in entry.files]
        for column, value in values.items():
            if not row._meta.get_field(column).is_relation and column not in files:
                setattr(row, column, value)
        relations = [column.name for column in row._meta.concrete_fields if column.is_relation]
        try:
            row.clean_fields(exclude={*absent, *relations, *files})
        except ValidationError as error:
            self.faults += _faults_of(error, entry)

    def _set(self, row: Any, column: str, value: Any) -> None:
        related = row._meta.get_field(column).related_model
        setattr(row, column, self.rows[related][(value,)] if related and value else value)

    def _orderings(
        self, kind: type[Entry], existing: dict[NaturalKey, Any]
    ) -> dict[NaturalKey, int]:
        """New values of `ordering`, where rows are new or in another order than the folder's.

        Rows that only the database has keep their number, and so about their place.
        """
        orderings: dict[NaturalKey, int] = {}
        rows = self.folder.rows[kind.model] if kind.is_ordered() else {}
        entries = {key: entry for key, entry in rows.items() if entry.has_place()}
        parents = len(kind.parent_key())
        by_parent = sorted(entries, key=lambda key: key[:parents])
        for parent, group in groupby(by_parent, key=lambda key: key[:parents]):
            keys = list(group)
            siblings = [key for key in existing if key[:parents] == parent]
            in_database = [key for key in siblings if key in entries]
            in_folder = [key for key in keys if key in existing]
            if in_database != in_folder:
                old, new = (_joined(key[parents:] for key in ks) for ks in (in_database, in_folder))
                entry = entries[in_folder[0]]
                if not self._replaces([difference(parent, entry, "order", old, new)]):
                    keys = in_database + [key for key in keys if key not in existing]
            if in_database != keys:
                last = max((existing[key].ordering for key in siblings), default=0)
                start = 0 if in_folder else last
                for number, key in enumerate(keys, start=1):
                    ordering = start + number * ORDERING_STEP
                    if key not in existing or existing[key].ordering != ordering:
                        orderings[key] = ordering
        return orderings

    def _sessions_are_in_order(self) -> bool:
        """Whether the database has all sessions of the folder, in its order, whatever their numbers."""
        stored = Session.objects.for_edition(self.edition).values_list("slug", flat=True)
        folder = [slug for (slug,) in self.folder.rows[Session]]
        return folder == [slug for slug in stored if (slug,) in self.folder.rows[Session]]

    def _report_others(self, kind: type[Entry], existing: dict[NaturalKey, Any]) -> None:
        """Note the rows that the folder does not know, unless it does not know their parent."""
        others = [key for key in existing if key not in self.folder.rows[kind.model]]
        if kind.parent_key():
            parents = self.folder.rows[kind.model._meta.get_field(kind.parent).related_model]
            others = [key for key in others if key[:1] in parents]
        self.report.only_in_database += [kind.label(key) for key in others]

    def _save(self, row: Any, entry: Entry, changes: dict[str, Any]) -> bool:
        """Save a row; return whether its own validation allowed it."""
        try:
            for column, value in changes.items():
                if value and isinstance(getattr(row, column), FieldFile):
                    self._store_file(row, column, value)
                else:
                    self._set(row, column, value)
            row.full_clean()
        except ValidationError as error:
            self.faults += _faults_of(error, entry)
            return False
        row._change_reason = self.reason  # read by django-simple-history
        row.save()
        return True

    def _differs(self, row: Any, column: str, value: Any) -> bool:
        """Whether the row has another value. A file is the one that was given, or the stored one."""
        stored = getattr(row, column)
        if not isinstance(stored, FieldFile):
            return bool(_current(row, column) != value)
        if not (stored and value):
            return bool(stored or value)
        digest = hashlib.sha256(self.folder.files.contents(value)).hexdigest()
        if getattr(row, f"{column}_digest", "") == digest:
            return False
        try:
            with stored.storage.open(str(stored.name), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() != digest
        except FileNotFoundError:
            return True

    def _store_file(self, row: Any, column: str, name: str) -> None:
        directory, _, bare_name = name.rpartition("/")
        contents = self.folder.files.contents(name)
        try:
            clean = clean_banner if isinstance(row, Edition) else _CLEAN_FILE[directory]
            file = clean(ContentFile(contents, name=bare_name))
        except ValidationError as error:
            raise ValidationError({column: error.messages}) from None
        # Saved before the row, so that it is on the list whatever fails afterwards.
        stored = getattr(row, column)
        stored.save(file.name, file, save=False)
        self.written.append(stored)
        if hasattr(row, f"{column}_digest"):
            setattr(row, f"{column}_digest", hashlib.sha256(contents).hexdigest())

    def _publish_edition(self) -> None:
        """Publish the draft if that was asked for; an archived edition stays in the archive."""
        if not self.publish or not self.edition.is_draft:
            return
        entry = self.folder.edition
        if entry and "state" in entry.written:
            message = "the folder says that the edition is a draft. To publish it, change this line"
            raise FolderError(entry.fault(message, "state"))
        self.edition = publish_edition(edition=self.edition)
        self.report.is_edition_published = True

    def _publish_programme(self) -> None:
        """Make the first release if the folder asks for one, or any release if the caller does."""
        entry = self.folder.programme
        if self.publish:
            is_due = self.edition.sessions.exists()
        else:
            is_due = bool(entry and entry["is_published"] and not latest_release(self.edition))
        if not entry or not is_due:
            return
        try:
            publish_programme(edition=self.edition, by=None, note=self.reason)
        except NothingNew:
            return
        except NotAllowed as refusal:
            raise FolderError(entry.fault(str(refusal), "is_published")) from None
        self.report.is_programme_published = True


def _joined(keys: Iterable[NaturalKey]) -> str:
    return ", ".join(": ".join(filter(None, key)) for key in keys)


def _current(row: Any, column: str) -> Any:
    """The value of a row in the form that a folder has: other rows by slug or name."""
    value = getattr(row, column)
    if isinstance(value, FieldFile):
        return f"another {column}" if value else ""
    if isinstance(value, models.Model):
        return getattr(value, "slug", "") or str(value)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if not isinstance(value, str):
        return value
    # Browsers send \r\n and forms strip: a text saved unchanged in the admin is no difference.
    text = as_written(value)
    return "\n".join(filled_lines(text)) if (type(row), column) in _LINES else text


def _faults_of(error: ValidationError, entry: Entry) -> Iterator[Fault]:
    """The faults that the row's own validation found, at the lines of their fields."""
    for column, messages in error.message_dict.items():
        name = "" if column == NON_FIELD_ERRORS else entry.field_name(column)
        for message in messages:
            yield entry.fault(f"{name}: {message}" if name else message, name)
