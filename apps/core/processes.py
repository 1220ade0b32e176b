"""Processes: one writer at a time, ending with the parent, telling systemd about readiness."""

import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

SECONDS_TO_STOP = 10
_POLL_INTERVAL = 0.5


@contextmanager
def write_lock() -> Iterator[None]:
    """Let one process at a time through, in order of arrival, if the database is SQLite.

    Use it around a transaction. SQLite's own waiting is random: of 64 writers the last one waits
    for 13 seconds, with this lock for less than one. PostgreSQL does not need it.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with (settings.DATA_DIR / "write.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        yield


class AlreadyRunning(Exception):
    """Another process or thread holds the lock."""


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Let one process or thread at a time through; raise AlreadyRunning for others (flock)."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield


def stop_with_parent(parent: int | None = None) -> None:
    """End this process when its parent ends, however that ends.

    `parent` is the parent's process ID, for a parent that could end before this is called.
    """
    parent = parent or os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_INTERVAL)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3 * SECONDS_TO_STOP)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def notify_ready() -> None:
    """Tell systemd, if it started this service, that it answers now (sd_notify(3))."""
    address = settings.NOTIFY_SOCKET
    if not address:
        return
    # Without the message the start fails after a while, and systemd's log says so.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notification:
        # "@" stands for the null byte of an abstract socket name.
        notification.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        notification.sendall(b"READY=1")
