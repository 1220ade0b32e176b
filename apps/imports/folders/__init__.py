"""An edition as a folder of YAML, Markdown and pictures. docs/content-folder.md describes it."""

from apps.imports.folders.faults import Fault, FolderError
from apps.imports.folders.reader import (
    Described,
    EditionFolder,
    read_edition_slug,
    read_folder,
)

__all__ = [
    "Described",
    "EditionFolder",
    "Fault",
    "FolderError",
    "read_edition_slug",
    "read_folder",
]
