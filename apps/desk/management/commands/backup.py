"""Saves the site; `make backup` calls it."""

import sqlite3

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.desk.backup import BackupRefused, make_backup


class Command(BaseCommand):
    help = "Writes database and pictures into one checksummed file while the site may run."
    requires_system_checks = ()

    def handle(self, *args, **options) -> None:
        try:
            path = make_backup(settings.DATA_DIR / "backups")
        except BackupRefused as reason:
            raise CommandError(str(reason)) from None
        except (OSError, sqlite3.Error) as fault:
            why = getattr(fault, "strerror", None) or fault
            raise CommandError(
                f"No backup was made in {settings.DATA_DIR / 'backups'} ({why}): make room, "
                "or see who owns that folder."
            ) from fault
        self.stdout.write(f"Saved to {path} ({path.stat().st_size / 1_000_000:.1f} MB).")
        self.stdout.write("Keep a copy on another machine.")
