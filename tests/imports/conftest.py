"""A small valid content folder, and functions that expect an import of it to fail."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from apps.imports.folders.importing import DifferencesFound, import_edition
from apps.imports.folders.reader import read_folder
from apps.imports.folders.yaml_text import FolderError

FILES = {
    "edition.yaml": """\
        slug: 2030
        year: 2030
        title: Workshop on Small Things
        deadlines:
          - title: Abstracts
            due_on: 2030-05-03
        """,
    "people.yaml": """\
        ada-example:
          name: Ada Example
          link: https://ada.example.org/
          affiliation:
            - (Formerly)
            - University of Example
        bo-example:
          name: Bo Example
        """,
    "groups.yaml": """\
        - slug: chairs
          heading: Chairs
          members:
            - ada-example
            - person: bo-example
              affiliation: Example Institute
        """,
    "topics.yaml": """\
        - slug: atoms
          heading: Atoms
          description: Small.
        - slug: quarks
          heading: Quarks
        """,
    "sections/10-introduction.md": """\
        ---
        slug: introduction
        ---

        Welcome.
        """,
    "sections/20-chairs.md": """\
        ---
        slug: chairs
        shows: group
        group: chairs
        ---
        """,
    "pages/travel.md": """\
        ---
        slug: travel
        title: Travel
        is_published: yes
        ---

        By *train*.
        """,
}


@pytest.fixture
def folder(tmp_path) -> Path:
    """The folder as above, called 2030."""
    path = tmp_path / "2030"
    for name, text in FILES.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def write(folder) -> Callable[..., None]:
    """Writes one file of the folder; a string is dedented, bytes are taken as they are."""

    def write_file(name: str, contents: str | bytes) -> None:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(contents, str):
            contents = dedent(contents).encode()
        file.write_bytes(contents)

    return write_file


def read_error(folder: Path) -> FolderError:
    """The error that reading the folder raises."""
    with pytest.raises(FolderError) as caught:
        read_folder(folder)
    return caught.value


def import_error(folder: Path) -> FolderError:
    """The error that importing the folder raises."""
    with pytest.raises(FolderError) as caught:
        import_edition(folder=folder)
    return caught.value


def differences(folder: Path) -> list[str]:
    """The differences for which importing the folder is refused."""
    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=folder)
    return [str(change) for change in caught.value.differences]
