"""Import of content folders: missing rows are made, different ones reported and, if asked, replaced."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.core.exceptions import NotAllowed
from apps.core.images import clean_logo, clean_photo
from apps.editions.models import Edition
from apps.imports.folders.reader import EditionFolder, read_edition_slug, read_folder
from apps.imports.folders.rows import ORDERING_STEP, DesiredRow, NaturalKey
from apps.imports.folders.schema import TABLES, ContributionEntry, PersonEntry, TableImport
from apps.imports.folders.values import clipped
from apps.imports.folders.yaml_text import Fault, FolderError
from apps.programme.models import validate_slides
from apps.programme.releases import latest_release, publish_programme

# Column → field of the folder, where the names differ.
_FOLDER_NAMES = {
    column: name for name, column in (PersonEntry.columns | ContributionEntry.columns).items()
} | {"published_at": "date", "slides": "slides_file"}


def _clean_slides(upload: File) -> ContentFile:
    validate_slides(upload)
    return ContentFile(upload.read(), name="slides.pdf")


# By the folder of the file: makes the stored file, or raises ValidationError.
_CLEAN_FILE = {"photos": clean_photo, "logos": clean_logo, "slides": _clean_slides}
_PLURALS = {
    "person": "people",
    "level of sponsors": "levels of sponsors",
    "recipient of an award": "recipients of awards",
}


class DifferencesFound(Exception):
    """The database differs from the folder, and the import may not replace anything.

    `differences` are sentences that name row, field, both values, file and line.
    """

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        super().__init__("\n".join(differences))


@dataclass
class ImportReport:
    """The result of an import: new rows by kind, replaced fields, rows the folder does not know."""

    edition: str
    created: Counter[str] = field(default_factory=Counter)
    replaced: list[str] = field(default_factory=list)
    only_in_database: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.edition

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was written."""
        return not self.created and not self.replaced

    def lines(self) -> Iterator[str]:
        """Describe the import, one sentence a line."""
        yield self.edition
        if self.is_unchanged:
            yield "  The database has all of it already; nothing was written."
        if self.created:
            counts = [
                f"{count} {name if count == 1 else _PLURALS.get(name, name + 's')}"
                for name, count in self.created.items()
            ]
            yield f"  Added: {', '.join(counts)}."
        if self.replaced:
            yield f"  Replaced: {len(self.replaced)} (database → folder):"
            yield from (f"    {difference}" for difference in self.replaced)
        if self.only_in_database:
            yield "  Only in the database, left alone:"
            yield from (f"    {row}" for row in self.only_in_database)


def import_edition(*, folder: Path, replace: bool = False) -> ImportReport:
    """Make the rows that the content folder describes and the database lacks.

    With `replace`, rows that differ are changed to what the folder says; otherwise they raise
    DifferencesFound. A wrong folder raises FolderError. After either nothing is written.
    """
    contents = read_folder(folder)
    with _files_with_transaction() as written:
        return _Import(contents, replace=replace, written=written).run()


def new_folders(content_dir: Path) -> list[Path]:
    """Return the folders in `content_dir` whose edition is not in the database, by name.

    Raise FolderError if one of them does not say which edition it is.
    """
    paths = sorted(content_dir.iterdir()) if content_dir.is_dir() else []
    folders = {read_edition_slug(path): path for path in paths if (path / "edition.yaml").exists()}
    existing = set(Edition.objects.filter(slug__in=list(folders)).values_list("slug", flat=True))
    return [path for slug, path in folders.items() if slug not in existing]


def load_missing_editions(content_dir: Path) -> list[ImportReport]:
    """Import every folder in `content_dir` whose edition is not in the database: all, or none.

    Raise FolderError or DifferencesFound (people are shared and may exist already).
    """
    with _files_with_transaction() as written:
        return [
            _Import(read_folder(path), replace=False, written=written).run()
            for path in new_folders(content_dir)
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

    def __init__(self, folder: EditionFolder, *, replace: bool, written: list[FieldFile]) -> None:
        self.folder, self.replace, self.written = folder, replace, written
        entry = folder.edition
        self.report = ImportReport(edition=f"{entry.slug}: {entry.title}")
        self.reason = f"Imported from {folder.files.folder.resolve().name}"[:100]
        self.faults: list[Fault] = []
        # The rows of each table as far as it was imported, by their keys.
        self.rows: dict[type[models.Model], dict[NaturalKey, Any]] = {}

    def run(self) -> ImportReport:
        for table in TABLES:
            self._import_table(table)
            if self.faults:
                raise FolderError(*self.faults)
        if self.report.replaced and not self.replace:
            raise DifferencesFound(self.report.replaced)
        self._publish_programme()
        return self.report

    @property
    def edition(self) -> Edition:
        edition: Edition = next(iter(self.rows[Edition].values()))
        return edition

    def _import_table(self, table: TableImport) -> None:
        desired = self.folder.rows[table.model]
        self.rows[table.model] = existing = self._existing_rows(table)
        self._report_others(table, existing)
        orderings = self._orderings(table, existing)
        for key, wanted in desired.items():
            is_new = key not in existing
            row = self._new_row(table, wanted) if is_new else existing[key]
            values = {
                name: value
                for name, value in wanted.values.items()
                if is_new or _current(row, name) != value
            }
            files = {
                column: name
                for field, name in wanted.files.items()
                if self._is_new_file(row, column := field.removesuffix("_file"), name)
            }
            if is_new:
                self.report.created[table.name] += 1
            else:
                self._report_differences(_label(table, key), row, wanted, values, files)
            if is_new or values or files or key in orderings:
                if key in orderings:
                    row.ordering = orderings[key]
                self._save(row, wanted, values, files)
            existing[key] = row

    def _existing_rows(self, table: TableImport) -> dict[NaturalKey, Any]:
        """Rows of the edition in the table's own order; of shared tables, those of the folder."""
        rows = table.model._default_manager.all()
        if table.edition_lookup:
            rows = rows.filter(**{table.edition_lookup: self.edition})
        else:
            rows = rows.filter(slug__in=[key[0] for key in self.folder.rows[table.model]])
        others = [
            field.name
            for field in table.model._meta.fields
            if field.is_relation and field.name != "edition"
        ]
        if others:
            rows = rows.select_related(*others)
        return {tuple(_current(row, name) for name in table.full_key): row for row in rows}

    def _new_row(self, table: TableImport, wanted: DesiredRow) -> Any:
        row: Any = table.model()
        if table.parent == "edition":
            row.edition = self.edition
        for name, value in wanted.key.items():
            self._set(row, name, value)
        return row

    def _set(self, row: Any, name: str, value: Any) -> None:
        related = row._meta.get_field(name).related_model
        setattr(row, name, self.rows[related][(value,)] if related and value else value)

    def _orderings(
        self, table: TableImport, existing: dict[NaturalKey, Any]
    ) -> dict[NaturalKey, int]:
        """New values of `ordering`, where rows are new or in another order than the folder's.

        Rows that only the database has keep their number, and so about their place.
        """
        orderings: dict[NaturalKey, int] = {}
        desired = self.folder.rows[table.model] if table.is_ordered else {}
        for parent, group in groupby(desired, key=_parent):
            keys = list(group)
            siblings = [key for key in existing if _parent(key) == parent]
            in_database = [key for key in siblings if key in desired]
            in_folder = [key for key in keys if key in existing]
            if in_database != in_folder:
                wanted, texts = desired[in_folder[0]], (_joined(in_database), _joined(in_folder))
                label = _label(table, parent).removeprefix("in ")
                self.report.replaced.append(_difference(label, wanted, "order", *texts))
            if in_database != keys:
                last = max((existing[key].ordering for key in siblings), default=0)
                start = 0 if in_folder else last
                numbered = {key: start + n * ORDERING_STEP for n, key in enumerate(keys, start=1)}
                orderings |= {
                    key: number
                    for key, number in numbered.items()
                    if key not in existing or existing[key].ordering != number
                }
        return orderings

    def _report_others(self, table: TableImport, existing: dict[NaturalKey, Any]) -> None:
        """Note the rows that the folder does not know, unless it does not know their parent."""
        related = None
        if table.parent not in {"", "edition"}:
            related = table.model._meta.get_field(table.parent).related_model
        for key in existing:
            if key not in self.folder.rows[table.model] and (
                related is None or key[:1] in self.folder.rows[related]
            ):
                self.report.only_in_database.append(_label(table, key))

    def _report_differences(
        self,
        label: str,
        row: Any,
        wanted: DesiredRow,
        values: dict[str, Any],
        files: dict[str, str],
    ) -> None:
        changes = [(name, _current(row, name), value) for name, value in values.items()]
        for column, name in files.items():
            old = f"another {column}" if getattr(row, column) else ""
            changes.append((column, old, name.rpartition("/")[2]))
        self.report.replaced += [_difference(label, wanted, *change) for change in changes]

    def _save(
        self, row: Any, wanted: DesiredRow, values: dict[str, Any], files: dict[str, str]
    ) -> None:
        for name, value in values.items():
            self._set(row, name, value)
        try:
            row.full_clean()
            for column, name in files.items():
                self._store_file(row, column, name)
        except ValidationError as error:
            self.faults += _faults_of(error, wanted)
            return
        row._change_reason = self.reason  # read by django-simple-history
        row.save()

    # Files

    def _is_new_file(self, row: Any, column: str, name: str) -> bool:
        """Whether the row has another file, or none: by its digest, or else by the stored file."""
        stored = getattr(row, column)
        if not stored:
            return True
        digest = hashlib.sha256(self.folder.file_beside(name)).hexdigest()
        if hasattr(row, f"{column}_digest"):
            return bool(getattr(row, f"{column}_digest") != digest)
        try:
            with stored.storage.open(stored.name, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() != digest
        except FileNotFoundError:
            return True

    def _store_file(self, row: Any, column: str, name: str) -> None:
        directory, _, bare_name = name.rpartition("/")
        contents = self.folder.file_beside(name)
        try:
            file = _CLEAN_FILE[directory](ContentFile(contents, name=bare_name))
        except ValidationError as error:
            raise ValidationError({column: error.messages}) from None
        # Saved before the row, so that it is on the list whatever fails afterwards.
        stored = getattr(row, column)
        stored.save(file.name, file, save=False)
        self.written.append(stored)
        if hasattr(row, f"{column}_digest"):
            setattr(row, f"{column}_digest", hashlib.sha256(contents).hexdigest())

    def _publish_programme(self) -> None:
        """Make the first release if the folder asks for one; later ones are made in the admin."""
        source = self.folder.programme
        if not source.entry.is_published or latest_release(self.edition):
            return
        try:
            publish_programme(edition=self.edition, by=None, note=self.reason)
        except NotAllowed as refusal:
            raise FolderError(source.fault(str(refusal), "is_published")) from None
        self.report.created["published programme"] = 1


def _parent(key: NaturalKey) -> NaturalKey:
    return key[:1] if len(key) > 1 else ()


def _joined(keys: Iterable[NaturalKey]) -> str:
    """The rows as a list, without the parent that they share."""
    return ", ".join("".join(filter(None, key[len(_parent(key)) :])) for key in keys)


def _label(table: TableImport, key: NaturalKey) -> str:
    """The row's name in messages; for the key of a parent alone, that of all its rows."""
    values = dict.fromkeys(table.full_key, "") | {
        name: value or "" for name, value in zip(table.full_key, key, strict=False)
    }
    if table.label:
        return table.label.format(**values).strip()
    own = "".join(values[name] for name in table.key)
    if len(table.full_key) > len(table.key):
        return f"{own} in {values[table.parent]}".strip()
    if table.key not in {("slug",), ("name",)}:
        own = f"“{own}”" * bool(own)
    return f"{table.name} {own}".strip()


def _current(row: Any, name: str) -> Any:
    """The value of a row in the form that a folder has: other rows by slug or name."""
    value = getattr(row, name)
    if isinstance(value, models.Model):
        return getattr(value, "slug", "") or str(value)
    # Browsers send \r\n and forms strip: a text saved unchanged in the admin is no difference.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _difference(label: str, wanted: DesiredRow, column: str, old: Any, new: Any) -> str:
    """A field with one value in the database and another in the folder, as a sentence."""
    name = _FOLDER_NAMES.get(column, column)
    place = wanted.source.fault("", name)
    before, after = _excerpts(_as_text(old), _as_text(new))
    return f"{label}, {name}: {before} → {after} ({place.file}, line {place.line})"


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _faults_of(error: ValidationError, wanted: DesiredRow) -> Iterator[Fault]:
    """The faults that the row's own validation found, at the lines of their fields."""
    for column, messages in error.message_dict.items():
        name = "" if column == NON_FIELD_ERRORS else _FOLDER_NAMES.get(column, column)
        for message in messages:
            yield wanted.source.fault(f"{name}: {message}" if name else message, name)


def _excerpts(old: str, new: str) -> tuple[str, str]:
    """Both texts, cut so that a line shows where they first differ."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(0, same - 20) if max(len(old), len(new)) > 60 else 0
    return _quoted(old, start), _quoted(new, start)


def _quoted(text: str, start: int) -> str:
    return f"“{'…' if start else ''}{clipped(text[start:])}”" if text else "nothing"
