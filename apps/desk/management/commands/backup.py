"""Saves the site; `make backup` calls it."""

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
        self.stdout.write(f"Saved to {path} ({path.stat().st_size / 1_000_000:.1f} MB).")
        self.stdout.write("Keep a copy on another machine.")
