"""Merge the slides of each lightning round of an edition into one PDF."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.printing.slides.merging import MergeError
from apps.printing.slides.rounds import Round, find_round, list_rounds
from apps.printing.slides.services import file_name, merge_slides


class Command(BaseCommand):
    help = "Writes one PDF for each lightning round: title cards and slides in running order."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("edition", metavar="EDITION", help="its address, such as 2027")
        parser.add_argument(
            "out",
            nargs="?",
            default=".",
            metavar="OUT",
            help="a folder (the current one if omitted)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        edition = Edition.objects.filter(slug=options["edition"]).first()
        if edition is None:
            raise CommandError(f"There is no edition at /{options['edition']}/.")
        folder = Path(options["out"])
        rounds = [find_round(edition, row.pk) for row in list_rounds(edition)]
        if not any(rounds):
            raise CommandError("This edition has no lightning round.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for found in filter(None, rounds):
                self._write(found, folder)
        except OSError as fault:
            raise CommandError(f"{folder} cannot be written ({fault.strerror}).") from None

    def _write(self, found: Round, folder: Path) -> None:
        try:
            merged = merge_slides(found)
        except MergeError as error:
            self.stderr.write(f"{found.session}: {error}")
            return
        path = folder / file_name(found)
        with merged.file, path.open("wb") as written:
            shutil.copyfileobj(merged.file, written)
        self.stdout.write(f"Wrote {path} ({count_of(len(found.turns), 'talk')}).")
        for turn, reason in zip(found.turns, merged.reasons, strict=True):
            if reason:
                self.stdout.write(f"  {turn.number}. {turn.title}: not merged ({reason})")
