"""Waiting in turn for SQLite's one writer."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def fair_turn(name: str) -> Iterator[None]:
    """Lets one process at a time through, first come first served, where the database is SQLite.

    SQLite's own waiting is a lottery with growing pauses: at 64 writers its slowest wait is half
    as long again. Take it around the transaction, never inside one. PostgreSQL needs no such thing.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with (settings.DATA_DIR / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
