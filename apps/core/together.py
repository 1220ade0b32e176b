"""Several threads of one process put what they have on record with one transaction.

At a deadline the disk is asked to keep something hundreds of times a second, and each time SQLite's
one writer waits for it. What the threads of a process have ready by the time it is their process's
turn goes to the disk together; each is answered only once that is there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction

from apps.core.locks import fair_turn

T = TypeVar("T")

_at_work = threading.Lock()
_mine = threading.local()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Lets one thread of this process work at a time, where the database is SQLite.

    Threads share one interpreter. Side by side they are no quicker than one after the other, and
    the one that holds SQLite's lock would have to ask for the interpreter back after each
    statement, with the other processes waiting for it. Inside it, write by `together` alone: who
    waits for a `fair_turn` here may wait for a thread that waits to be undisturbed.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with _at_work:
        _mine.is_at_work = True
        try:
            yield
        finally:
            _mine.is_at_work = False


@contextmanager
def _resting() -> Iterator[None]:
    """Lets other threads work until its end."""
    if not getattr(_mine, "is_at_work", False):
        yield
        return
    _at_work.release()
    try:
        yield
    finally:
        _at_work.acquire()


class NotKept(DatabaseError):
    """The thread that was to put it on record came to an end."""


class _Entry:
    """What one thread wants to have on record."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.is_done = False
        self.result: Any = None
        self.fault: Exception | None = None

    def keep_alone(self) -> None:
        try:
            with transaction.atomic():
                self.result = self.work()
        except Exception as fault:
            self.fault = fault


class _Queue:
    """What waits for the turn of this process, and whether a thread waits for that turn."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.entries: list[_Entry] = []
        self.has_leader = False


_queues: dict[str, _Queue] = {}


def together(name: str, work: Callable[[], T]) -> T:
    """Calls `work` in a transaction, and returns its result once that is on disk.

    Where the database is SQLite it may be another thread that calls it, in the turn `name` (see
    fair_turn) of this process and with the work of others in one transaction. One that fails takes
    no other along: all are undone and called again, each in a transaction of its own, so `work`
    may be called twice. What it raises is raised here, as is what the database says.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return work()
    entry, queue = _Entry(work), _queues.setdefault(name, _Queue())
    with _resting():
        with queue.changed:
            queue.entries.append(entry)
            while queue.has_leader and not entry.is_done:
                queue.changed.wait()
            is_leader = not entry.is_done
            queue.has_leader = queue.has_leader or is_leader
        if is_leader:
            _lead(name, queue)
    if entry.fault:
        raise entry.fault
    result: T = entry.result
    return result


def _lead(name: str, queue: _Queue) -> None:
    entries: list[_Entry] = []
    is_over = False
    try:
        # While we wait for our turn the others work, and more comes together.
        with fair_turn(name), _at_work:
            with queue.changed:
                entries, queue.entries = queue.entries, []
            _keep(entries)
            is_over = True
    finally:
        with queue.changed:
            if not is_over:  # nor would it go better for those who came since
                entries, queue.entries = entries + queue.entries, []
            for entry in entries:
                if not is_over:
                    entry.fault = entry.fault or NotKept("It could not be put on record.")
                entry.is_done = True
            queue.has_leader = False
            queue.changed.notify_all()


def _keep(entries: list[_Entry]) -> None:
    """All in one transaction; if that cannot be, each in one of its own, to know whose fault it is."""
    if len(entries) > 1:
        with suppress(Exception):
            with transaction.atomic():
                results = [entry.work() for entry in entries]
            for entry, result in zip(entries, results, strict=True):
                entry.result = result
            return
    for entry in entries:
        entry.keep_alone()
