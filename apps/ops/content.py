"""Shipped editions: loaded from the folders in `content/` at the first start, listed later."""

from collections.abc import Callable

from django.conf import settings

from apps.imports.folders.importing import DifferencesFound, load_missing_editions, new_folders
from apps.imports.folders.yaml_text import FolderError

CONTENT_DIR = settings.BASE_DIR / "content"


class ContentNotLoaded(Exception):
    """No edition was loaded; the message gives the reason."""


def load_content(*, say: Callable[[str], None]) -> None:
    """Load all folders and report on each edition. Raises ContentNotLoaded."""
    try:
        reports = load_missing_editions(content_dir=CONTENT_DIR)
    except (FolderError, DifferencesFound) as error:
        raise ContentNotLoaded(f"Nothing was loaded from {CONTENT_DIR}:\n{error}") from None
    for report in reports:
        say("\n".join(report.lines()))


def announce_new_content(*, say: Callable[[str], None]) -> None:
    """List the folders whose edition is not in the database, with the command that loads them."""
    try:
        folders = new_folders(content_dir=CONTENT_DIR)
    except FolderError as error:
        # An unfinished folder does not stop the server.
        say(f"A content folder cannot be read yet:\n{error}")
        return
    for path in (folder.relative_to(settings.BASE_DIR) for folder in folders):
        say(f"New: {path}. Load it with: .venv/bin/python manage.py import_edition {path}")
