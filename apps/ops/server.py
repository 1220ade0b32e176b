"""The server of `make run`: granian on this machine, with the letter worker beside it."""

from __future__ import annotations

import errno
import fcntl
import gc
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from apps.core.processes import SECONDS_TO_STOP, stop_with_parent

_logger = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
# Per worker process. Each thread keeps a database connection and serves one request at a time.
THREADS = 4
_SECONDS_TO_ANSWER = 60
# The current letter is finished, even if the mail server takes its time to answer.
_SECONDS_TO_FINISH_LETTER = settings.EMAIL_TIMEOUT + 5
_SECONDS_TO_RESTART = 5
# The workers of a killed server hold the lock until they notice.
_SECONDS_TO_LOCK = 4.0


class DataFolderInUse(Exception):
    """Another process serves or restores this data folder."""


@contextmanager
def data_lock(data_dir: Path) -> Iterator[None]:
    """Allow one server or one restore at a time on a data folder; raise DataFolderInUse otherwise.

    The system releases this lock (flock) when the process ends, for whatever reason.
    """
    with (data_dir / "lock").open("a") as file:
        deadline = time.monotonic() + _SECONDS_TO_LOCK
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DataFolderInUse from None
                time.sleep(0.1)
        yield


class PortInUse(Exception):
    """The port is not available; the message gives the reason."""


def check_port_free(port: int) -> None:
    """Raise PortInUse if another program listens on `port` or we may not use it.

    The workers share the listening socket (SO_REUSEPORT), so a second server of the same user could
    share it unnoticed. This check binds without sharing.
    """
    for family, address in ((socket.AF_INET, ADDRESS), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((address, port))
                trial.listen()
        except OSError as error:
            # "localhost" in a browser may mean either address; without IPv6 there is no ::1.
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(f"Port {port} is in use by another program") from None
            if error.errno == errno.EACCES:
                raise PortInUse(f"Port {port} is kept for the administrator") from None
            if family == socket.AF_INET:
                raise


def run_server(
    *, port: int, workers: int, on_ready: Callable[[], None], sends_letters: bool = True
) -> None:
    """Serve until SIGINT or SIGTERM; call `on_ready` once the site answers.

    Raises SystemExit if the workers fail repeatedly.
    """
    # Loaded once, before the fork: the processes share this memory.
    import_string(settings.WSGI_APPLICATION)
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
    connections.close_all()  # a connection does not survive a fork
    stopped = threading.Event()
    server = Granian(
        settings.WSGI_APPLICATION,
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        # No access log: addresses contain private links. Errors go to our own log.
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {}},
    )
    server.on_startup(
        threading.Thread(target=_announce, args=(port, stopped, on_ready), daemon=True).start
    )
    letter_worker = LetterWorker() if sends_letters else None
    try:
        server.serve(target_loader=load_worker, wrap_loader=False)
    finally:
        stopped.set()
        if letter_worker:
            letter_worker.stop()


def load_worker() -> Callable:
    """Load the application in a worker process, which only the server process may stop."""
    leave_process_group()
    stop_with_parent()
    # Twice to five times as often as by default, which saves 4 MB of garbage from large pages.
    gc.set_threshold(700, 5, 2)
    return import_string(settings.WSGI_APPLICATION)


def leave_process_group() -> None:
    """Keep Ctrl-C in the terminal, and signals to its process group, away from this process."""
    os.setpgrp()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # inherited from the server process


class LetterWorker:
    """Process that runs the command `send_letters`, restarted if it ends by itself.

    It also runs without a mail server, for the periodic tasks.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._restart, daemon=True).start()

    def stop(self) -> None:
        """End the process; returns when the current letter is sent or the time is up."""
        self._stopping.set()
        self._process.terminate()
        self._process.join(_SECONDS_TO_FINISH_LETTER)
        self._process.kill()

    @staticmethod
    def _start() -> multiprocessing.Process:
        process = multiprocessing.Process(target=_send_letters, name="send_letters")
        process.start()
        return process

    def _restart(self) -> None:
        while True:
            self._process.join()
            if self._stopping.wait(_SECONDS_TO_RESTART):
                return
            _logger.warning("The letter worker ended and is started again.")
            self._process = self._start()


def _send_letters() -> None:
    leave_process_group()
    call_command("send_letters", forever=True, stop_with_parent=os.getppid())


def _announce(port: int, stopped: threading.Event, on_ready: Callable[[], None]) -> None:
    host = urlsplit(settings.SITE_URL).netloc
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    while time.monotonic() < deadline and not stopped.wait(0.1):
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
        with suppress(OSError, http.client.HTTPException), closing(connection):
            connection.request("GET", "/livez", headers={"Host": host})
            if connection.getresponse().status == http.HTTPStatus.OK:
                break
    else:
        return
    on_ready()
