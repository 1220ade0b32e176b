"""docs/content-folder.md describes every file and field, and its example is a folder that works."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.awards.models import Recipient
from apps.editions.models import Edition
from apps.imports.folders.entries import Entry, ListOf, MappingOf, Shape
from apps.imports.folders.files import BESIDE
from apps.imports.folders.importing import import_edition
from apps.imports.folders.schema import FILES, TEXTS
from apps.people.models import Person


@pytest.fixture
def document(pytestconfig) -> str:
    return (pytestconfig.rootpath / "docs" / "content-folder.md").read_text(encoding="utf-8")


def kinds_in(shape: Shape) -> Iterator[type[Entry]]:
    """The kinds of entry in a shape, each followed by those in its fields."""
    if isinstance(shape, ListOf | MappingOf):
        yield from kinds_in(shape.item)
    elif isinstance(shape, type):
        yield shape
        for field in shape.fields().values():
            yield from kinds_in(field)


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

    assert sorted((name, bool(needed)) for name, needed, _ in rows) == sorted(
        (name, name in kind.needed_fields()) for kind in kinds_in(shape) for name in kind.fields()
    )
    assert all(description.endswith((".", "…")) for _, _, description in rows)


def test_the_folders_of_files_beside_are_documented(document):
    assert [name for name in BESIDE if f"## `{name}/`\n" not in document] == []


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
