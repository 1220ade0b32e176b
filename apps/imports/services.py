"""Editions into the database, read from folders."""

from pathlib import Path

from apps.editions.models import Edition
from apps.imports.folders import read_edition_slug, read_folder
from apps.imports.importing import Report, all_or_nothing, import_rows


def import_edition(*, folder: Path, replace: bool = False) -> Report:
    """Makes what the content folder describes and the database lacks; a second time, nothing.

    Raises FolderError if the folder is wrong, and DifferencesFound if rows differ from it
    and `replace` does not let the folder win. Nothing is written in either case.
    """
    described = read_folder(folder)
    with all_or_nothing() as written:
        return import_rows(described, replace=replace, written=written)


def new_folders(content_dir: Path) -> list[Path]:
    """The folders in `content_dir` whose edition is not in the database, by name.

    Raises FolderError if one of them does not say which edition it is.
    """
    paths = sorted(content_dir.iterdir()) if content_dir.is_dir() else []
    folders = {read_edition_slug(path): path for path in paths if (path / "edition.yaml").exists()}
    there = set(Edition.objects.filter(slug__in=list(folders)).values_list("slug", flat=True))
    return [path for slug, path in folders.items() if slug not in there]


def load_missing_editions(content_dir: Path) -> list[Report]:
    """Imports every folder in `content_dir` whose edition is not in the database: all, or none.

    Raises FolderError or DifferencesFound (the people may be in the database already).
    """
    with all_or_nothing() as written:
        return [
            import_rows(read_folder(path), replace=False, written=written)
            for path in new_folders(content_dir)
        ]
