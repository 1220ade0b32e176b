"""The site's own server: granian on this machine, with an end as clean as its beginning."""

import errno
import gc
import http.client
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from apps.core.processes import SECONDS_TO_STOP, stop_with_parent
from apps.ops.letter_worker import LetterWorker

ADDRESS = "127.0.0.1"
# Of each worker. They hand out pages from memory, and wait: for Django's few (`core/pool.py`), and
# for visitors who send or fetch slowly, who would otherwise hold up the others.
THREADS = 64
# Python lets a thread run so long before another gets its turn; a page from memory takes 0.04 ms.
_SECONDS_BETWEEN_TURNS = 0.004
_SECONDS_TO_ANSWER = 60


class PortInUse(Exception):
    """The port cannot be had; the text says why."""


def claim_port(port: int) -> None:
    """Raises PortInUse if another program listens on `port` or we may not.

    The server shares its socket among its workers, and two servers of one person could
    share a port unnoticed: so it is tried beforehand, without sharing.
    """
    for family, address in ((socket.AF_INET, ADDRESS), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((address, port))
                trial.listen()
        except OSError as fault:
            # "localhost" in a browser may mean either; a machine without IPv6 has no ::1.
            if fault.errno == errno.EADDRINUSE:
                raise PortInUse(f"Port {port} is in use by another program") from None
            if fault.errno == errno.EACCES:
                raise PortInUse(f"Port {port} is kept for the administrator") from None
            if family == socket.AF_INET:
                raise


def load_worker() -> Callable:
    """What each worker process runs: the application, stopped by the server and by nobody else."""
    # Ctrl-C reaches every process of the terminal; the server alone acts on it. Told to end
    # while it still loads, a worker just ends: the handler it was forked with is the server's.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    stop_with_parent()
    sys.setswitchinterval(_SECONDS_BETWEEN_TURNS)
    application = import_string(settings.WSGI_APPLICATION)
    spare_the_collector()
    return application


def spare_the_collector() -> None:
    """Has Python look for garbage among what requests made only, and not at every few hundred objects.

    A page or feed of a thousand contributions makes so many that it took a third of their time.
    """
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(10_000, 20, 20)


class _Server(Granian):
    def __init__(
        self, *args, letter_worker: LetterWorker | None, on_answer: Callable[[], None], **options
    ) -> None:
        super().__init__(*args, **options)
        self._on_answer = on_answer
        self._letter_worker = letter_worker

    def startup(self, *args) -> None:
        # Here, since so many given beforehand are warned of: as if all of them would compute.
        self.blocking_threads = THREADS
        super().startup(*args)
        # After the workers were forked: a fork in the middle of a thread's work is unsafe.
        if self._letter_worker:
            self._letter_worker.start()
        threading.Thread(target=self._announce, daemon=True).start()

    def _spawn_workers(self, *args) -> None:
        # Held back until load_worker, so that no signal is lost on a worker that is not ready.
        held = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, held)
        try:
            super()._spawn_workers(*args)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, held)

    def _stop_workers(self) -> None:
        # Each worker has a thread here that waits for its end, too. While that one has heard of it
        # and not yet said so, granian takes the worker for one that refuses to end.
        for worker in self.wrks:
            worker.terminate()
        deadline = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < deadline and any(worker.is_alive() for worker in self.wrks):
            time.sleep(0.01)
        for worker in [worker for worker in self.wrks if not worker.is_alive()]:
            self.wrks.remove(worker)
        super()._stop_workers()

    def signal_handler_interrupt(self, *args, **kwargs) -> None:
        for worker in self.wrks:
            # A signal to the whole group ends them all; that is no accident to report.
            worker.interrupt_by_parent = True
        super().signal_handler_interrupt(*args, **kwargs)

    def _announce(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_ANSWER
        while time.monotonic() < deadline and not self.interrupt_signal:
            if _answers(self.bind_port):
                self._on_answer()
                return
            time.sleep(0.02)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
    try:
        host = urlsplit(settings.SITE_URL).netloc
        connection.request("GET", "/livez", headers={"Host": host})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run_server(
    *, port: int, workers: int, on_answer: Callable[[], None], sends_letters: bool = True
) -> None:
    """Serves until SIGINT or SIGTERM; calls `on_answer` once, when the site answers.

    A worker that sends the letters runs beside the server, and ends with it, unless
    `sends_letters` is false.

    Raises SystemExit if the workers fail again and again.
    """
    connections.close_all()  # a connection does not survive the fork
    letter_worker = LetterWorker() if sends_letters else None
    server = _Server(
        settings.WSGI_APPLICATION,
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=1,  # after our own patience, in _stop_workers
        # No access log: addresses hold private links. The rest goes the way of our own log.
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": {}},
        on_answer=on_answer,
        letter_worker=letter_worker,
    )
    try:
        server.serve(target_loader=load_worker, wrap_loader=False)
    finally:
        if letter_worker:
            letter_worker.stop()
