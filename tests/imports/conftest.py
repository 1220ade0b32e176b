"""A small valid content folder, and functions that expect an import of it to fail."""

import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from apps.imports.folders.importing import import_edition
from apps.imports.folders.reader import read_folder
from apps.imports.folders.report import DifferencesFound
from apps.imports.folders.yaml_text import FolderError

DATA = Path(__file__).parent / "data"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of tests/imports/data/folder, called 2030."""
    return shutil.copytree(DATA / "folder", tmp_path / "2030")


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
    """The faults that reading the folder finds."""
    return FolderError(*read_folder(folder).faults)


def import_error(folder: Path) -> FolderError:
    """The error that importing the folder raises."""
    with pytest.raises(FolderError) as caught:
        import_edition(folder=folder)
    return caught.value


def differences(folder: Path) -> list[str]:
    """The differences for which importing the folder is refused."""
    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=folder)
    return [str(difference) for difference in caught.value.differences]
