"""Processes that belong together end together."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress

from django.conf import settings

SECONDS_TO_STOP = 10
_SECONDS_BETWEEN_LOOKS = 0.5


def stop_with_parent(parent: int | None = None) -> None:
    """From now on this process ends when the one that started it does, however that ends.

    `parent` is that process, by its number, for one that could end before this is called.
    """
    parent = parent or os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3 * SECONDS_TO_STOP)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def say_ready() -> None:
    """Tells systemd that this service answers now, where it asks for that (sd_notify(3))."""
    address = settings.NOTIFY_SOCKET
    if not address:
        return
    # It waits for one word; without it the start fails after a while, and systemd's log says so.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        # "@" stands for the null byte by which Linux knows a name that is no file.
        told.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        told.sendall(b"READY=1")
