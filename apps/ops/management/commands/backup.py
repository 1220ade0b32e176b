"""Back up the site; `make backup` calls it."""

import argparse
import sqlite3

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ops.backup import BackupRefused, backup_folder, keep_newest, make_backup


class Command(BaseCommand):
    help = "Writes database and uploaded files into one sealed file while the site may run."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep",
            type=_nights,
            metavar="NIGHTS",
            help="delete older backups, except those of the newest NIGHTS days that have any",
        )

    def handle(self, *args, keep: int | None, **options) -> None:
        folder = backup_folder()
        try:
            path = make_backup(folder)
        except BackupRefused as reason:
            raise CommandError(str(reason)) from None
        except (OSError, sqlite3.Error) as fault:
            why = getattr(fault, "strerror", None) or fault
            raise CommandError(
                f"No backup was made in {folder} ({why}): free some disk space, or check the "
                "owner of that folder."
            ) from fault
        self.stdout.write(f"Saved to {path} ({path.stat().st_size / 1_000_000:.1f} MB).")
        if keep:
            try:
                count = len(keep_newest(folder, nights=keep))
            except OSError as fault:
                raise CommandError(f"An older backup cannot be deleted ({fault}).") from None
            if count:
                self.stdout.write(f"Deleted {count} older {'one' if count == 1 else 'ones'}.")
        self.stdout.write("Keep a copy on another machine.")


def _nights(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("enter the number of nights to keep, at least 1.")
    return int(text)
