"""The worker that sends letters, in a process of its own beside the server."""

import logging
import os
import signal
import subprocess
import sys
import threading

from django.conf import settings

logger = logging.getLogger(__name__)

_COMMAND = (
    *(sys.executable, str(settings.BASE_DIR / "manage.py"), "send_letters"),
    *("--forever", "--stand-by", "--stop-with-parent"),  # and our own number
)
# The letter in hand is finished, even if the mail server takes its time to answer.
_SECONDS_TO_FINISH = settings.EMAIL_TIMEOUT + 5
# One that dies at once is not started over and over.
_SECONDS_TO_RESTART = (2, 10, 60)


class LetterWorker:
    """Starts `send_letters`, starts it anew if it dies, ends it on request.

    It runs without a mail server, too: there are chores to be done beside the letters.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when the worker has finished the letter in hand, or has taken too long."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_SECONDS_TO_FINISH + 5)

    def _keep(self) -> None:
        # Inherited by the worker. Ctrl-C reaches every process of the terminal, and the server
        # alone acts on it; an end asked for while the worker still loads waits until it listens.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        deaths = 0
        while not self._stopping.is_set():
            process = subprocess.Popen([*_COMMAND, str(os.getpid())], stdin=subprocess.DEVNULL)  # noqa: S603  our own command
            while process.poll() is None and not self._stopping.wait(0.2):
                pass
            if self._stopping.is_set():
                _end(process)
                return
            pause = _SECONDS_TO_RESTART[min(deaths, len(_SECONDS_TO_RESTART) - 1)]
            deaths += 1
            if not self._stopping.wait(pause):
                logger.warning("The worker for letters had ended and is started again.")


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_FINISH)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
