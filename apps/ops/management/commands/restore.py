"""Restore a backup; `make restore FILE=...` calls it."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils.text import get_text_list

from apps.ops.backup import BackupRefused, database_path, restore_backup
from apps.ops.freezing.editions import thaw_changed_editions
from apps.ops.server import DataFolderInUse, data_lock
from apps.privacy.erasures import (
    Stored,
    apply_again,
    read_erasures,
    stored_erasures,
    write_erasures,
)


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
        parser.add_argument(
            "--erasures",
            type=Path,
            metavar="FILE",
            help="erase again by a file of list_erasures, too, as on a new machine",
        )

    def handle(
        self, *args, file: str, accept_unsealed: bool, erasures: Path | None, **options
    ) -> None:
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
        # Kept until they are applied, since a restore may be stopped halfway.
        waiting = Path(settings.DATA_DIR) / "erasures-to-apply.json"
        was_stopped = waiting.exists()
        try:
            with data_lock(settings.DATA_DIR):
                known = self._known_erasures([erasures] if erasures else [], waiting)
                waiting.touch(mode=0o600)
                waiting.write_text(write_erasures(known))
                try:
                    aside = restore_backup(
                        Path(file), data_dir=settings.DATA_DIR, accept_unsealed=ask
                    )
                except BackupRefused:
                    if not was_stopped:
                        waiting.unlink()
                    raise
                # Upgrades a backup of an earlier release.
                connections.close_all()
                call_command("migrate", interactive=False, verbosity=0)
                erased = apply_again(known)
                thawed = thaw_changed_editions()
                waiting.unlink()
        except DataFolderInUse:
            raise CommandError(
                "The site is running: stop it before you restore, nothing was changed."
            ) from None
        except BackupRefused as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"Restored {file}. The previous data is kept in {aside}.")
        if known:
            self.stdout.write(erased)
        if thawed:  # archived after the backup's database was read
            self.stdout.write(f"Not frozen any more: {get_text_list(thawed, 'and')}.")

    def _known_erasures(self, files: list[Path], waiting: Path) -> set[Stored]:
        """Erasures of these files, of a restore that was stopped, and of the replaced database."""
        known: set[Stored] = set()
        try:
            for path in [*files, *([waiting] if waiting.exists() else [])]:
                known |= read_erasures(path)
        except (OSError, ValueError) as fault:
            raise CommandError(f"{fault} Nothing was changed.") from None
        try:
            if database_path().exists():
                known |= stored_erasures()
        except DatabaseError as fault:
            self.stderr.write(
                f"The erasures of the present database cannot be read ({fault}). If you have a file "
                "of list_erasures, restore again with --erasures FILE."
            )
        connections.close_all()
        return known
