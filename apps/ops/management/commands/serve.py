"""The whole site from one command; `make run` calls it."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from apps.accounts.services import first_organiser_link
from apps.core.health import is_migrated
from apps.core.processes import say_ready, stop_with_parent
from apps.editions.models import Call, Edition
from apps.ops.backup import finish_interrupted_restore
from apps.ops.data_lock import DataFolderInUse, data_lock
from apps.ops.server import PortInUse, claim_port, run_server
from apps.ops.static_files import collect_static_files, write_pages_for_the_front


class Command(BaseCommand):
    help = "Prepares database and static files, then serves the site on PORT until Ctrl-C."
    requires_system_checks = ()  # they are run below, once the database is there
    make_target = "run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="also stop when the program that called this command ends",
        )
        parser.add_argument(
            "--without-letters",
            action="store_true",
            help="start no worker for letters, since send_letters --forever runs by itself",
        )

    def handle(self, *args, stop_with_parent: bool, without_letters: bool, **options) -> None:
        try:
            self._serve(watch_parent=stop_with_parent, sends_letters=not without_letters)
        except DataFolderInUse:
            raise CommandError(
                f"The site is being served or restored from {settings.DATA_DIR} already: stop "
                f"that first, or give another folder, as in: make {self.make_target} PORT=9000 "
                "DATA_DIR=other"
            ) from None
        except PortInUse as fault:
            raise CommandError(
                f"{fault}: stop it, or choose another, as in: make {self.make_target} "
                f"PORT={_other_port()}"
            ) from None
        except DatabaseError as fault:
            reason = str(fault).strip().splitlines() or ["no reason given"]
            raise CommandError(f"The database cannot be used: {reason[0]}") from fault
        except KeyboardInterrupt:
            pass
        self.stdout.write("Stopped.")

    def _serve(self, *, watch_parent: bool, sends_letters: bool) -> None:
        if watch_parent:
            stop_with_parent()
        with data_lock(settings.DATA_DIR):
            claim_port(settings.PORT)
            if finish_interrupted_restore():
                self._say("Finished the restore that had been interrupted.")
            self._prepare_database()
            self.check()
            if collect_static_files():
                self._say("Gathered the static files.")
            write_pages_for_the_front()
            run_server(
                port=settings.PORT,
                workers=settings.WORKERS,
                on_answer=self._is_there,
                sends_letters=sends_letters,
            )

    def _prepare_database(self) -> None:
        if not is_migrated():
            self._say("Preparing the database ...")
            call_command("migrate", interactive=False, verbosity=0)
        self._prepare_content()

    def _prepare_content(self) -> None:
        if Edition.objects.exists():
            return
        from apps.ops.content import NotLoaded, load_content  # says itself why it comes late

        try:
            load_content(say=self._say)
        except NotLoaded as fault:
            raise CommandError(str(fault)) from None

    def _offer_content(self) -> None:
        from apps.ops.content import offer_new_content

        offer_new_content(say=self._say)

    def _is_there(self) -> None:
        say_ready()
        self._offer_content()
        self._say_where_it_is()

    def _say_where_it_is(self) -> None:
        """The last lines: where the site is, and the way in while nobody has one."""
        if not settings.IS_LOCAL:
            # This output is kept in a log there, where no link that opens something belongs.
            self._say(f"Serving {settings.SITE_URL} on 127.0.0.1:{settings.PORT}")
            return
        site = f"http://localhost:{settings.PORT}"
        path = first_organiser_link()
        call = Call.objects.select_related("edition").filter(edition__is_current=True).first()
        connection.close()
        if call and call.status == Call.Status.UNDATED:
            self._say(
                "The call has no dates yet, so there is no form to try. A whole one, with made-up "
                f"people: make demo PORT={_other_port()}"
            )
        self._say(site)
        if path:
            self._say(f"Set the first organiser's password, once, at {site}{path}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _other_port() -> int:
    return settings.PORT + 1 if settings.PORT < 65535 else 8000
