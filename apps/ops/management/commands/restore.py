"""Restore a backup; `make restore FILE=...` calls it."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from apps.ops.backup import BackupRefused, restore_backup
from apps.ops.server import DataFolderInUse, data_lock


class Command(BaseCommand):
    help = (
        "Replaces database and uploaded files by those of a backup; keeps the previous data aside."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a file that the backup command has made")
        parser.add_argument(
            "--accept-unsealed",
            action="store_true",
            help="do not ask before a backup is restored whose seal is missing or does not match",
        )

    def handle(self, *args, file: str, accept_unsealed: bool, **options) -> None:
        def ask(reason: str) -> bool:
            if accept_unsealed:
                return True
            if not sys.stdin.isatty():
                self.stderr.write(
                    "To restore it nevertheless, add --accept-unsealed: anyone who could write "
                    "to the file may have added accounts and changed what is public."
                )
                return False
            question = (
                f"{reason} Anyone who could write to the file may have added accounts and changed "
                "what is public. Restore it? Type yes or no: "
            )
            try:
                return input(question).strip().lower() == "yes"
            except EOFError:  # Ctrl+D
                return False

        if not file:
            raise CommandError("Name the backup, as in: make restore FILE=var/backups/NAME.zip")
        try:
            with data_lock(settings.DATA_DIR):
                aside = restore_backup(Path(file), data_dir=settings.DATA_DIR, accept_unsealed=ask)
                # Upgrades a backup of an earlier release.
                connections.close_all()
                call_command("migrate", interactive=False, verbosity=0)
        except DataFolderInUse:
            raise CommandError(
                "The site is running: stop it before you restore, nothing was changed."
            ) from None
        except BackupRefused as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"Restored {file}. The previous data is kept in {aside}.")
