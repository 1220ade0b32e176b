"""docs/content-folder.md describes every file and field, and its example is a folder that works."""

import re
from pathlib import Path

import pytest

from apps.awards.models import Recipient
from apps.editions.models import Edition
from apps.imports.folders.entries import kinds_in
from apps.imports.folders.files import BESIDE
from apps.imports.folders.importing import import_edition
from apps.imports.folders.schema import FILES, LISTS, LONG_TEXTS, PARTS, TEXTS
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


@pytest.mark.parametrize(
    ("file", "shape"), [*FILES.items(), *((f"{name}/*.md", shape) for name, shape in TEXTS.items())]
)
def test_every_field_is_documented(file, shape, document):
    rows = re.findall(
        r"^\| `(.*?)` \| (yes)? ?\| (.+) \|$", section_of(document, file), re.MULTILINE
    )

    kinds = dict.fromkeys(kinds_in(shape))  # contributions are in sessions and in none
    assert sorted((name, bool(needed)) for name, needed, _ in rows) == sorted(
        (name, name in kind.needed_fields()) for kind in kinds for name in kind.fields()
    )
    assert all(description.endswith((".", "…")) for _, _, description in rows)


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

    assert sorted({name.split("/")[0] for name, _ in files}) == sorted([*FILES, *TEXTS])
    assert Edition.objects.get().slug == "2031"
    assert Person.objects.count() == 3
    assert Recipient.objects.count() == 2
