"""docs/content-folder.md describes every file and field, and its example is a folder that works."""

import re
from datetime import time
from pathlib import Path

import pytest
from django.db.models import IntegerField

from apps.awards.models import Recipient
from apps.editions.models import Edition
from apps.imports.folders.entries import Entry, ListOf, MappingOf, kinds_in
from apps.imports.folders.files import BESIDE
from apps.imports.folders.importing import import_edition
from apps.imports.folders.json_schema import upper_limit
from apps.imports.folders.schema import FILES, LISTS, LONG_TEXTS, PARTS, TEXTS
from apps.imports.folders.values import SLUG
from apps.people.models import Person


@pytest.fixture
def document(pytestconfig) -> str:
    return (pytestconfig.rootpath / "docs" / "content-folder.md").read_text(encoding="utf-8")


def section_of(document: str, file: str) -> str:
    found = re.search(
        rf"^## `{re.escape(file)}`\n(.*?)(?=^## |\Z)", document, re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/content-folder.md has no heading for {file}."
    return found[1]


def shown_default(kind: type[Entry], name: str) -> str:
    """The cell of a field's default: “needed” if it has none."""
    default = "needed" if name in kind.needed_fields() else kind.default(name)
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, time):
        return f"{default.hour}:{default.minute:02}"
    if isinstance(kind.fields()[name], ListOf | MappingOf) or default in {None, ""}:
        return ""
    return str(default)


def shown_limit(kind: type[Entry], name: str) -> str:
    """The cell of a field's greatest length or number."""
    column, shape = kind.field_columns().get(name), kind.fields()[name]
    if name in kind.files:
        return f"{BESIDE[kind.files[name]] // 1024**2} MB"
    limit = SLUG.json["maxLength"] if shape is SLUG else column and upper_limit(column)
    if limit is None or (column is not None and column.choices):
        return ""
    is_number = isinstance(column, IntegerField)
    return f"{limit:,}" if is_number else f"{limit:,} characters"


def expected_rows(kind: type[Entry]) -> list[tuple[str, str, str]]:
    """Field, default and limit, as the document says them."""
    return [(name, shown_default(kind, name), shown_limit(kind, name)) for name in kind.fields()]


@pytest.mark.parametrize(
    ("file", "shape"), [*FILES.items(), *((f"{name}/*.md", shape) for name, shape in TEXTS.items())]
)
def test_every_field_is_documented_with_its_default_and_limit(file, shape, document):
    rows = re.findall(
        r"^\| `(.*?)` \| (.*?) ?\| (.*?) ?\| (.+) \|$", section_of(document, file), re.MULTILINE
    )

    kinds = dict.fromkeys(kinds_in(shape))  # contributions are in sessions and in none
    assert sorted((name, default, limit) for name, default, limit, _ in rows) == sorted(
        row for kind in kinds for row in expected_rows(kind)
    )
    assert all(description.endswith((".", "…")) for *_, description in rows)


def test_the_folders_of_files_beside_are_documented(document):
    assert [name for name in BESIDE if f"## `{name}/`\n" not in document] == []


def test_parts_and_tables_are_documented(document):
    headings = [f"\n## `{name}/*.yaml`\n" for name in PARTS]
    headings += [f"\n## `{name}/*.md`\n" for name in LONG_TEXTS]
    rows = [f"\n| `{name}*.csv` |" if name.endswith("/") else f"\n| `{name}` |" for name in LISTS]

    assert [text for text in [*headings, *rows] if text not in document] == []


@pytest.mark.django_db
def test_the_example_can_be_imported(document, tmp_path):
    files: list[tuple[str, str]] = re.findall(
        r"^`example/([^`]+)`\n\n```\w+\n(.*?)^```$", document, re.MULTILINE | re.DOTALL
    )
    for name, text in files:
        path: Path = tmp_path / "example" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    import_edition(folder=tmp_path / "example")

    # pictures.yaml needs a picture, which is no text.
    shown = [*FILES.keys() - {"pictures.yaml"}, *TEXTS]
    assert sorted({name.split("/")[0] for name, _ in files}) == sorted(shown)
    assert Edition.objects.get().slug == "2031"
    assert Person.objects.count() == 3
    assert Recipient.objects.count() == 2
