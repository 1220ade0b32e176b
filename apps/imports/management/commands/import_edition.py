from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from apps.imports.folders.importing import import_edition
from apps.imports.folders.report import DifferencesFound
from apps.imports.folders.yaml_text import FolderError


class Command(BaseCommand):
    help = "Reads an edition from a content folder; docs/content-folder.md describes the folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="where the database differs from the folder, the folder wins",
        )

    def handle(self, *, folder: Path, replace: bool, **options) -> None:
        try:
            report = import_edition(folder=folder, replace=replace)
        except FolderError as error:
            raise CommandError(f"Nothing was imported. Fix these problems:\n{error}") from None
        except DifferencesFound as error:
            raise CommandError(
                "Nothing was imported, because the database differs from the folder "
                f"(database → folder):\n{error}\n"
                "To let the folder win, say --replace; to keep the database, change the folder."
            ) from None
        for line in report.lines():
            self.stdout.write(line)
