import sys
from argparse import ArgumentParser
from itertools import groupby
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from apps.imports.folders.importing import import_edition
from apps.imports.folders.report import Difference, DifferencesFound
from apps.imports.folders.yaml_text import FolderError

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


class Command(BaseCommand):
    help = "Reads an edition from a content folder; docs/content-folder.md describes the folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="ask for each thing that differs whether the folder replaces the database",
        )
        parser.add_argument(
            "--yes", action="store_true", help="with --replace: replace all without a question"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish the edition, and the programme as a new release",
        )

    def handle(self, *, folder: Path, replace: bool, yes: bool, publish: bool, **options) -> None:
        if yes and not replace:
            raise CommandError("--yes answers the questions of --replace; say both.")
        if replace and not yes and not sys.stdin.isatty():
            raise CommandError("--replace asks questions. Without a terminal say --replace --yes.")
        try:
            try:
                report = import_edition(folder=folder, replace=yes, publish=publish)
            except DifferencesFound as error:
                if not replace:
                    raise
                # Asked outside of the transaction, which locks the database.
                answers = self._ask(error.differences)
                report = import_edition(folder=folder, replace=answers, publish=publish)
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

    def _ask(self, differences: list[Difference]) -> dict[str, bool]:
        """Return for each thing whether the folder replaces it."""
        self.stdout.write("The database differs from the folder (database → folder).")
        answers: dict[str, bool] = {}
        things = {difference.thing for difference in differences}
        for thing, group in groupby(differences, key=lambda difference: difference.thing):
            if thing in answers:
                continue
            for difference in group:
                self.stdout.write(f"  {difference}")
            answer = self._answer()
            if answer == "all":
                return dict.fromkeys(things, True) | answers
            answers[thing] = _ANSWERS[answer]
        return answers

    def _answer(self) -> str:
        while True:
            try:
                answer = input("Replace it? Type yes, no, all or quit: ").strip().lower()
            except EOFError:  # Ctrl+D
                answer = "quit"
            if answer in {"q", "quit"}:
                raise CommandError("Nothing was imported.")
            if answer == "all" or answer in _ANSWERS:
                return answer
