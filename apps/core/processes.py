"""Processes that belong together end together."""

import os
import signal
import threading
import time

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
