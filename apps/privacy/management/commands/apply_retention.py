from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.privacy.retention import apply_retention


class Command(BaseCommand):
    help = "Erases personal data whose storage period is over; the letter worker does so daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--edition", metavar="ADDRESS", help="only this edition, such as 2027")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be erased, and erase nothing"
        )

    def handle(self, *, edition: str | None, dry_run: bool, **options: Any) -> None:
        row = Edition.objects.select_related("call").filter(slug=edition).first()
        if edition and row is None:
            raise CommandError(f"There is no edition “{edition}”.")
        total = 0
        for due in apply_retention(edition=row, is_dry_run=dry_run):
            total += due.count
            self.stdout.write(f"{due.edition.slug}: {due.data_class.label}: {due.count}")
        verb = "would be erased" if dry_run else "erased"
        self.stdout.write(f"{count_of(total, 'record')} {verb}." if total else "Nothing is due.")
