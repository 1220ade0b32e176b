"""The editions that ship as folders in `content/`: loaded at a first start, offered at later ones.

What reads such folders takes a tenth of a start to load, and is wanted by few of them.
"""

from collections.abc import Callable

from django.conf import settings

from apps.imports.folders.importing import DifferencesFound, load_missing_editions, new_folders
from apps.imports.folders.yaml_text import FolderError

CONTENT_DIR = settings.BASE_DIR / "content"


class NotLoaded(Exception):
    """Nothing was loaded; the text says why."""


def load_content(*, say: Callable[[str], None]) -> None:
    """Loads all of it, and says of each edition what came of it. Raises NotLoaded."""
    try:
        reports = load_missing_editions(content_dir=CONTENT_DIR)
    except (FolderError, DifferencesFound) as fault:
        raise NotLoaded(f"Nothing was loaded from {CONTENT_DIR}:\n{fault}") from None
    for report in reports:
        say("\n".join(report.lines()))


def offer_new_content(*, say: Callable[[str], None]) -> None:
    """Says which folders hold an edition that is not here, and how to load it."""
    try:
        folders = new_folders(content_dir=CONTENT_DIR)
    except FolderError as fault:
        # A folder that somebody is still writing is no reason not to serve the others.
        say(f"A content folder cannot be read yet:\n{fault}")
        return
    for path in (folder.relative_to(settings.BASE_DIR) for folder in folders):
        say(f"New: {path}. Load it with: .venv/bin/python manage.py import_edition {path}")
