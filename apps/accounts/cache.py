"""The counters of failed attempts, shared by all workers."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

_WRITES_BETWEEN_COUNTS = 200


class SharedFileCache(FileBasedCache):
    """Django's cache in files, with an `add` that only one process wins.

    Django's looks first and writes afterwards. The lock-out at sign-in takes `add` for a
    lock around its counter, so that of attempts arriving at once some went uncounted.
    """

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None) -> bool:
        with self._alone():
            return super().add(key, value, timeout, version)

    def _cull(self) -> None:
        """Makes room now and then: Django counts all files at every write, and with thousands of
        addresses at a deadline that would take longer than all the rest."""
        if secrets.randbelow(_WRITES_BETWEEN_COUNTS) == 0:
            super()._cull()  # type: ignore[misc]  # the stubs know the public methods only

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Beside the cache's folder, which may be cleared at any time.
        with (settings.DATA_DIR / "cache.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed
            yield
