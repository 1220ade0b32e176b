"""docs/content-folder.md describes every file and field, and its example is a folder that works."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from apps.editions.models import Edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.reader import BESIDE, FILES, TEXTS
from apps.people.models import Person


@pytest.fixture
def document(pytestconfig) -> str:
    return (pytestconfig.rootpath / "docs" / "content-folder.md").read_text(encoding="utf-8")


def shapes_of(annotation: Any) -> list[type[BaseModel]]:
    """The models in an annotation, each followed by those of its fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = [field.annotation for field in annotation.model_fields.values()]
        return [annotation, *(shape for part in inner for shape in shapes_of(part))]
    return [shape for part in get_args(annotation) for shape in shapes_of(part)]


def rows_of(shape: type[BaseModel]) -> list[tuple[str, bool]]:
    """Name of each field of an entry, and whether it must be there."""
    return [(name, field.is_required()) for name, field in shape.model_fields.items()]


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

    assert [(name, bool(needed)) for name, needed, _ in rows] == [
        row for model in shapes_of(shape) for row in rows_of(model)
    ]
    assert all(description.endswith((".", "…")) for _, _, description in rows)


def test_a_missing_field_is_described_in_the_words_of_the_documentation(document):
    shapes = [model for shape in [*FILES.values(), *TEXTS.values()] for model in shapes_of(shape)]

    for shape in shapes:
        for name, field in shape.model_fields.items():
            if field.is_required():
                assert f"| `{name}` | yes | {field.description} |" in document


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

    report = import_edition(folder=tmp_path / "example")

    assert sorted({name.split("/")[0] for name, _ in files}) == sorted([*FILES, *TEXTS])
    assert Edition.objects.get().slug == "2031"
    assert Person.objects.count() == 3
    assert (report.created["award"], report.created["recipient of an award"]) == (2, 2)
