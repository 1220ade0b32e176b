"""What is done now and then without anybody asking: reminders, files that expire.

An app registers its chores; the worker that sends letters runs them in a thread of its own, so
that no letter waits for one. Several workers may run: a chore has to bear being run twice at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, close_old_connections, connection

logger = logging.getLogger(__name__)

_LOOK_EVERY = 1.0  # seconds
_this_thread = threading.local()


@dataclass(frozen=True)
class Chore:
    """Something to be done again and again."""

    name: str
    every: timedelta
    run: Callable[[], object]


_chores: dict[str, Chore] = {}


def register_chore(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Has `run` called at a worker's start, and then after each pause of `every`."""
    _chores[name] = Chore(name, every, run)


def chores() -> list[Chore]:
    """All there are, in the order they were registered."""
    return list(_chores.values())


def is_stopping() -> bool:
    """Whether the worker is to end: a chore that takes long asks now and then, and leaves off."""
    stopping = getattr(_this_thread, "stopping", None)
    return stopping is not None and stopping.is_set()


def do_chores(*, stopping: threading.Event) -> None:
    """Runs what is due until `stopping` is set. A chore that fails is logged and tried again."""
    _this_thread.stopping = stopping
    due_at = {chore.name: 0.0 for chore in chores()}
    try:
        while not stopping.is_set():
            for chore in chores():
                if stopping.is_set() or time.monotonic() < due_at[chore.name]:
                    continue
                _do(chore)
                due_at[chore.name] = time.monotonic() + chore.every.total_seconds()
            stopping.wait(_LOOK_EVERY)
        connection.close()
    finally:
        _this_thread.stopping = None  # what this thread does next is no chore


def _do(chore: Chore) -> None:
    close_old_connections()
    try:
        chore.run()
    except Error:
        logger.exception("Not done, the database does not answer: %s.", chore.name)
        connection.close()
    except Exception:
        logger.exception("Not done: %s.", chore.name)
