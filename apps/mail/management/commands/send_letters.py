"""The worker that sends letters; `make run` and systemd start it."""

import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.processes import stop_with_parent
from apps.core.text import count_of
from apps.mail.models import Letter
from apps.mail.smtp import DeliveryError
from apps.mail.worker import Worker, announce_waiting, deliver_due


class Command(BaseCommand):
    help = "Sends the letters that are due, once or for ever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forever", action="store_true", help="keep looking for letters until stopped"
        )
        parser.add_argument(
            "--stop-with-parent",
            type=int,
            metavar="PID",
            help="with --forever: also stop when PID, the program that called this command, ends",
        )

    def handle(self, *args, forever: bool, stop_with_parent: int | None, **options) -> None:
        if forever:
            self._work(stop_with_parent)
        elif not settings.HAS_MAIL and not settings.IS_LOCAL:
            raise CommandError(_no_mail_server())
        elif not settings.HAS_MAIL:
            announce_waiting(say=self._say)
            self._say(_no_mail_server())
        else:
            try:
                count = deliver_due()
            except DeliveryError as fault:
                raise CommandError(str(fault)) from None
            self._say(f"Sent {count_of(count, 'letter')}.")

    def _work(self, parent: int | None) -> None:
        worker = Worker(say=self._say)
        signal.signal(signal.SIGTERM, worker.stop)
        signal.signal(signal.SIGINT, worker.stop)
        # The starting program may have blocked the signal until there is a handler.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if parent:
            stop_with_parent(parent)
        worker.run()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _no_mail_server() -> str:
    count = Letter.objects.waiting().count()
    verb = "waits" if count == 1 else "wait"
    return f"No mail server is configured, {count_of(count, 'letter')} {verb}: set SMTP_URL."
