"""The worker that sends letters; `make run` keeps one beside the server."""

import fcntl
import signal
import time
from typing import IO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.processes import stop_with_parent
from apps.mail.models import Letter
from apps.mail.smtp import Unreachable
from apps.mail.worker import LOOK_EVERY, Worker, announce_waiting, deliver_due


class Command(BaseCommand):
    help = "Sends the letters that are due, once or for ever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forever", action="store_true", help="keep looking for letters until stopped"
        )
        parser.add_argument(
            "--stand-by",
            action="store_true",
            help="with --forever: rest while another worker runs on the same data folder",
        )
        parser.add_argument(
            "--stop-with-parent",
            type=int,
            metavar="PID",
            help="with --forever: also stop when PID, the program that called this command, ends",
        )

    def handle(self, *args, forever: bool, stand_by: bool, **options) -> None:
        if forever:
            self._work(stand_by=stand_by, parent=options["stop_with_parent"])
        elif not settings.HAS_MAIL and not settings.IS_LOCAL:
            raise CommandError(_waiting())
        else:
            self._send_once()

    def _send_once(self) -> None:
        if not settings.HAS_MAIL:
            announce_waiting(say=self._say)
            self._say(_waiting())
            return
        try:
            count = deliver_due()
        except Unreachable as fault:
            raise CommandError(str(fault)) from None
        self._say(f"Sent {count} {'letter' if count == 1 else 'letters'}.")

    def _work(self, *, stand_by: bool, parent: int | None) -> None:
        worker = Worker(say=self._say)
        signal.signal(signal.SIGTERM, self._stop_at_once if stand_by else worker.stop)
        signal.signal(signal.SIGINT, worker.stop)
        # Whoever started this may have held the signal back until somebody listens.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if parent:
            stop_with_parent(parent)
        with (settings.DATA_DIR / "letters.lock").open("a") as file:
            self._take_turn(file, stand_by=stand_by)
            signal.signal(signal.SIGTERM, worker.stop)
            worker.run()

    @staticmethod
    def _take_turn(file: IO[str], *, stand_by: bool) -> None:
        """Several workers may run, since no letter goes twice; one that stands by comes last."""
        kind = fcntl.LOCK_EX if stand_by else fcntl.LOCK_SH
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if not stand_by:
                    return
                time.sleep(LOOK_EVERY)

    @staticmethod
    def _stop_at_once(*_signal) -> None:
        raise SystemExit(0)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _waiting() -> str:
    count = Letter.objects.waiting().count()
    letters = "1 letter waits" if count == 1 else f"{count} letters wait"
    return f"No mail server is set up, {letters}: set SMTP_URL."
