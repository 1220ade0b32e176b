from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.privacy.erasures import apply_again, read_erasures


class Command(BaseCommand):
    help = "Erases again what a restored database still has, by a file of list_erasures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            erasures = read_erasures(file)
        except (OSError, ValueError) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(apply_again(erasures))
