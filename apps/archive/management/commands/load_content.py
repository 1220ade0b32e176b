from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.archive.folder import FolderError
from apps.archive.importing import DifferencesFound
from apps.archive.reports import sentences
from apps.archive.services import load_missing_editions, new_folders
from apps.editions.models import Edition


class Command(BaseCommand):
    help = (
        "On a database without editions: loads every content folder. On any other: says which "
        "folders are new, and changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "content_dir", type=Path, nargs="?", default=settings.BASE_DIR / "content"
        )

    def handle(self, *, content_dir: Path, **options) -> None:
        if Edition.objects.exists():
            self._offer(content_dir)
            return
        try:
            reports = load_missing_editions(content_dir=content_dir)
        except (FolderError, DifferencesFound) as error:
            raise CommandError(f"Nothing was loaded. Please mend:\n{error}") from None
        for report in reports:
            for sentence in sentences(report):
                self.stdout.write(sentence)

    def _offer(self, content_dir: Path) -> None:
        try:
            folders = new_folders(content_dir=content_dir)
        except FolderError as error:
            # A folder someone is still writing must not keep the site from starting.
            self.stderr.write(f"A content folder cannot be read yet:\n{error}")
            return
        for folder in folders:
            self.stdout.write(
                f"New folder: {folder}. To load it: manage.py import_edition {folder}"
            )
