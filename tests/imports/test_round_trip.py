"""Each field of each kind of entry survives import, export and import, and so does each byte."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db.models.fields.files import FieldFile

from apps.editions.models import Edition
from apps.imports.folders.exporting import export_edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.reader import read_folder
from apps.imports.folders.schema import TABLES
from apps.people.models import Person
from tests.imports.conftest import DATA
from tests.imports.test_exporting import erase_all, files_of
from tests.people.files import corners, encoded, textured

pytestmark = pytest.mark.django_db

FOLDERS: dict[str, Any] = yaml.safe_load((DATA / "full_folders.yaml").read_text("utf-8"))
# Ids of feeds, moments of saving, and what follows from a file and its name in a folder.
NOT_IN_FOLDERS = ("id", "uuid", "created_at", "changed_at")
OF_FILES = ("_width", "_height", "_digest")


def zip_archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("measured.csv", "1,2,3")
    return target.getvalue()


def write_full_folder(parent: Path, name: str) -> Path:
    """Write an edition of full_folders.yaml with its files."""
    banner = textured(900, 300).copy()
    banner.putalpha(200)
    contents: dict[str, bytes] = {
        "logos/banner.png": encoded(banner, "PNG"),
        "logos/dark.png": encoded(corners((200, 80)), "PNG"),
        "photos/ada.png": encoded(textured(700, 500), "PNG"),
        "photos/other.png": encoded(corners((300, 500)), "PNG"),
        "slides/small.pdf": b"%PDF-1.7 slides",
        "attachments/small.pdf": b"%PDF-1.7 more",
        "attachments/measured.zip": zip_archive(),
        "pictures/castle.jpg": encoded(textured(1200, 900), "JPEG", quality=97),
        "pictures/line.png": encoded(corners((600, 30)), "PNG"),
        "files/flyer.pdf": b"%PDF-1.7 flyer",
    }
    for file, data in FOLDERS[name].items():
        body = data.pop("body", "") if isinstance(data, dict) and file.endswith(".md") else None
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        contents[file] = (text if body is None else f"---\n{text}---\n{body}\n").encode()
        if body is not None:
            data["body"] = body
    for file, data in contents.items():
        path = parent / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return parent / name


def stored_value(row: Any, column: str) -> Any:
    value = getattr(row, column)
    if isinstance(value, FieldFile):
        if not value:
            return b""
        with value.storage.open(str(value.name)) as file:
            return file.read()
    return getattr(value, "slug", None) or str(value) if hasattr(value, "pk") else value


def stored_rows(edition: str) -> dict[str, list[dict[str, Any]]]:
    """All columns of the rows that TABLES names, in their order, other rows by slug or name."""
    rows = {}
    for kind in TABLES:
        lookup = "__".join([*kind.parent_key(), "edition", "slug"]) if kind.parent else ""
        found = kind.model._default_manager.filter(**{lookup: edition} if lookup else {})
        rows[kind.__name__] = [
            {
                column.name: stored_value(row, column.name)
                for column in kind.model._meta.concrete_fields
                if column.name not in NOT_IN_FOLDERS and not column.name.endswith(OF_FILES)
            }
            for row in found
        ]
        if not found.ordered:
            rows[kind.__name__].sort(key=str)
    return rows


def export(slug: str, folder: Path) -> dict[str, bytes]:
    export_edition(edition=Edition.objects.get(slug=slug), folder=folder)
    return files_of(folder)


def test_the_full_folders_have_each_field_with_a_value_other_than_its_default(tmp_path):
    folders = [read_folder(write_full_folder(tmp_path, name)) for name in FOLDERS]

    assert [folder.faults for folder in folders] == [[], []]
    missing = {
        (kind.__name__, name)
        for kind in TABLES
        for name in kind.fields()
        if name not in kind.needed_fields()
        and not any(
            entry.values.get(name, kind.default(name)) != kind.default(name)
            for folder in folders
            for entry in folder.rows[kind.model].values()
        )
    }
    # These are stored in another form: a profile is made of a person, see the last test; ends become
    # minutes, and a clock time in a session becomes minutes after its start.
    assert {name for kind, name in missing if kind != "ProfileEntry"} == {
        *("same_person", "starts_at", "ends_at"),
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_each_field_and_byte_comes_back(name, tmp_path):
    import_edition(folder=write_full_folder(tmp_path, name))
    first, rows = export(name, tmp_path / "first"), stored_rows(name)

    assert import_edition(folder=tmp_path / "first").is_unchanged
    erase_all()
    import_edition(folder=tmp_path / "first")

    assert stored_rows(name) == rows
    assert export(name, tmp_path / "second") == first


def test_facts_of_one_edition_are_exported_before_those_of_the_person(tmp_path):
    import_edition(folder=write_full_folder(tmp_path, "2031"))
    alone = export("2031", tmp_path / "alone")
    erase_all()
    for name in ("2030", "2031"):
        import_edition(folder=write_full_folder(tmp_path, name))

    assert export("2031", tmp_path / "beside") == alone
    (profile,) = Person.objects.get(slug="ada-example").profiles.all()
    empty = [
        column.name for column in profile._meta.concrete_fields if not getattr(profile, column.name)
    ]
    assert empty == []
    assert import_edition(folder=tmp_path / "beside").is_unchanged
