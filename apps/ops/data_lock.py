"""One server, or one restore, at a time on a data folder."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A server that was killed leaves its workers for a moment, and they hold the lock as well.
PATIENCE_IN_SECONDS = 4.0


class DataFolderInUse(Exception):
    """Another process serves or restores this data folder."""


@contextmanager
def data_lock(data_dir: Path) -> Iterator[None]:
    """Holds DATA_DIR/lock while the block runs; raises DataFolderInUse if somebody else does.

    The lock is the system's own: it falls with the process, whatever way that ends.
    """
    with (data_dir / "lock").open("a") as file:
        deadline = time.monotonic() + PATIENCE_IN_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DataFolderInUse from None
                time.sleep(0.1)
        yield
