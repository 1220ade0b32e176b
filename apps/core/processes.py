"""Processes: ending with the parent, telling systemd about readiness."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress

from django.conf import settings

SECONDS_TO_STOP = 10
_POLL_INTERVAL = 0.5


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
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        # "@" stands for the null byte of an abstract socket name.
        connection.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        connection.sendall(b"READY=1")
