"""Periodic tasks: reminders, deletion of expired data.

An app registers its tasks; the mail worker runs them in a thread of its own, so that no letter
waits for one. Several workers may run, so a task must allow two runs at the same time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, close_old_connections, connection

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PeriodicTask:
    """`run` is called at a worker's start, and again after each pause of `every`."""

    name: str
    every: timedelta
    run: Callable[[], object]


_tasks: dict[str, PeriodicTask] = {}


def register_task(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Register a task under `name`; a second one of that name replaces the first."""
    _tasks[name] = PeriodicTask(name, every, run)


def periodic_tasks() -> list[PeriodicTask]:
    """All tasks in the order of their registration."""
    return list(_tasks.values())


def run_tasks(
    tasks: Iterable[PeriodicTask], *, stopping: threading.Event, poll_interval: float = 1.0
) -> None:
    """Run due tasks until `stopping` is set; look every `poll_interval` seconds.

    A task that fails is logged and tried again.
    """
    due_at = dict.fromkeys(tasks, 0.0)
    while not stopping.is_set():
        for task in due_at:
            if not stopping.is_set() and time.monotonic() >= due_at[task]:
                _run(task)
                due_at[task] = time.monotonic() + task.every.total_seconds()
        stopping.wait(poll_interval)
    connection.close()


def empty_write_ahead_log() -> None:
    """Move SQLite's write-ahead log into the database, and empty its file.

    It holds erased rows until then. While a request reads, it gives up after a second, since writers
    wait meanwhile; the next run tries again.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=1000")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()  # the next connection has the timeout of the settings


def _run(task: PeriodicTask) -> None:
    close_old_connections()
    try:
        task.run()
    except Error:
        _logger.exception("Task failed, the database does not answer: %s.", task.name)
        connection.close()
    except Exception:
        _logger.exception("Task failed: %s.", task.name)
