"""Serve the whole site with one command; `make run` and `make demo` call it."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from apps.accounts.services import first_organiser_link
from apps.core.health import is_migrated
from apps.core.processes import notify_ready, stop_with_parent
from apps.editions.models import Call, Edition
from apps.ops.backup import is_restore_interrupted
from apps.ops.server import DataFolderInUse, PortInUse, check_port_free, data_lock, run_server
from apps.ops.static_files import collect_static_files, write_front_pages

CONTENT_DIR = settings.BASE_DIR / "content"
# Of the demos by size: the first slug and what is made, without loading their modules.
_DEMOS = {
    "small": ("frugal", "an invented workshop, with 40 expressions of interest"),
    "large": ("every-scale", "two large invented editions"),
}


class Command(BaseCommand):
    help = "Prepares database and static files, then serves the site on PORT until Ctrl-C."
    requires_system_checks = ()  # run below, once the database exists

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="serve the invented edition instead of the shipped ones",
        )
        parser.add_argument(
            "--size",
            choices=list(_DEMOS),
            default="small",
            help="with --demo: small (the default), or two large editions",
        )
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="also stop when the program that called this command ends",
        )
        parser.add_argument(
            "--without-letters",
            action="store_true",
            help="start no letter worker, because send_letters --forever runs separately",
        )

    def handle(
        self,
        *args,
        demo: bool,
        size: str,
        stop_with_parent: bool,
        without_letters: bool,
        **options,
    ) -> None:
        target = "demo" if demo else "run"
        try:
            self._serve(
                demo=size if demo else "",
                watch_parent=stop_with_parent,
                sends_letters=not without_letters,
            )
        except DataFolderInUse:
            raise CommandError(
                f"The site is being served or restored from {settings.DATA_DIR} already: stop "
                f"that first, or give another folder, as in: make {target} PORT=9000 "
                "DATA_DIR=other"
            ) from None
        except PortInUse as error:
            raise CommandError(
                f"{error}: stop it, or choose another, as in: make {target} PORT={_other_port()}"
            ) from None
        except DatabaseError as error:
            reason = str(error).strip().splitlines() or ["no reason given"]
            raise CommandError(f"The database cannot be used: {reason[0]}") from error
        except KeyboardInterrupt:
            pass
        self.stdout.write("Stopped.")

    def _serve(self, *, demo: str, watch_parent: bool, sends_letters: bool) -> None:
        if watch_parent:
            stop_with_parent()
        with data_lock(settings.DATA_DIR):
            check_port_free(settings.PORT)
            if is_restore_interrupted(settings.DATA_DIR):
                raise CommandError(
                    "A restore was interrupted. Restore the same backup again, as in: "
                    "make restore FILE=var/backups/NAME.zip"
                )
            self._migrate()
            if demo:
                self._build_demo(demo)
            elif not Edition.objects.exists():
                self._load_content()
            self.check()
            if collect_static_files():
                self._say("Gathered the static files.")
            write_front_pages()
            run_server(
                port=settings.PORT,
                workers=settings.WORKERS,
                on_ready=lambda: self._announce(demo=bool(demo)),
                sends_letters=sends_letters,
            )

    def _migrate(self) -> None:
        if not is_migrated():
            self._say("Preparing the database ...")
            call_command("migrate", interactive=False, verbosity=0)

    def _build_demo(self, size: str) -> None:
        slug, name = _DEMOS[size]
        if Edition.objects.filter(slug=slug).exists():
            return
        # Slow to load, needed once.
        from apps.ops.demo import OtherEditionsExist, build_demo
        from apps.ops.large_demo import build_large_demo

        try:
            if build_large_demo() if size == "large" else build_demo():
                self._say(f"Made {name}.")
        except OtherEditionsExist:
            choice = (
                "SIZE=large DATA_DIR=var/demo-large" if size == "large" else "DATA_DIR=var/demo"
            )
            raise CommandError(
                f"{settings.DATA_DIR} holds editions of its own; the invented one needs its own "
                f"folder, as in: make demo {choice}"
            ) from None

    def _load_content(self) -> None:
        # Slow to load, needed once.
        from apps.imports.folders.importing import load_missing_editions
        from apps.imports.folders.report import DifferencesFound
        from apps.imports.folders.yaml_text import FolderError

        try:
            reports = load_missing_editions(CONTENT_DIR)
        except (FolderError, DifferencesFound) as error:
            raise CommandError(f"Nothing was loaded from {CONTENT_DIR}:\n{error}") from None
        for report in reports:
            self._say("\n".join(report.lines()))

    def _announce_new_content(self) -> None:
        """List the content folders whose edition is not in the database."""
        folders = {path.parent.name for path in CONTENT_DIR.glob("*/edition.yaml")}
        if folders <= set(Edition.objects.values_list("slug", flat=True)):
            return
        from apps.imports.folders.importing import new_folders  # slow to load, rarely needed
        from apps.imports.folders.yaml_text import FolderError

        try:
            paths = [path.relative_to(settings.BASE_DIR) for path in new_folders(CONTENT_DIR)]
        except FolderError as error:  # an unfinished folder does not stop the server
            self._say(f"A content folder cannot be read yet:\n{error}")
            return
        for path in paths:
            self._say(
                f"New: {path}. Load it with: .venv/bin/python manage.py import_edition {path}"
            )

    def _announce(self, *, demo: bool) -> None:
        """Print where the site is and, while no one can sign in, the first organiser's link."""
        notify_ready()
        if not demo:
            self._announce_new_content()
        if not settings.IS_LOCAL:
            # A host keeps this output in a log, where private links do not belong.
            self._say(f"Serving {settings.SITE_URL} on 127.0.0.1:{settings.PORT}")
            return
        site = f"http://localhost:{settings.PORT}"
        path = first_organiser_link()
        call = Call.objects.select_related("edition").filter(edition__is_current=True).first()
        connection.close()
        if call and call.status == Call.Status.UNDATED:
            self._say(
                "The call has no dates yet, so there is no form to try. To try a complete "
                f"example, run: make demo PORT={_other_port()}"
            )
        self._say(site)
        if path:
            self._say(f"Create the first organiser account, once, at {site}{path}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _other_port() -> int:
    return settings.PORT + 1 if settings.PORT < 65535 else 8000
