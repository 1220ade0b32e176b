"""Whether a moment has come, and until when an answer made of that is true.

What the public reads changes by the clock alone too: a call opens, a deadline passes, a session
begins. Whoever decides by the clock what a public page says asks here; so whoever keeps the page
knows the moment at which it has to be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone


class Watch:
    """What was asked of the clock while something was made."""

    def __init__(self) -> None:
        # What comes while it is made counts as ahead: part of it may have been made before.
        self.since = timezone.now()
        # The first moment ahead at which an answer given in between will be another one.
        self.until: datetime | None = None

    def note(self, moment: datetime) -> None:
        """Remembers a moment ahead."""
        if self.until is None or moment < self.until:
            self.until = moment


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched() -> Iterator[Watch]:
    """Notes until when all is true that this thread makes inside the block."""
    watch = Watch()
    before = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(before)


def has_come(moment: datetime) -> bool:
    """Whether it is `moment` by now, or later."""
    changes_at([moment])
    return moment <= timezone.now()


def has_dawned(day: date, zone: ZoneInfo) -> bool:
    """Whether it is `day` by now, or later, where clocks run as in `zone`."""
    return has_come(datetime.combine(day, time.min, tzinfo=zone))


def is_over(day: date, zone: ZoneInfo) -> bool:
    """Whether `day` has gone by where clocks run as in `zone`."""
    return day < date.max and has_dawned(day + timedelta(days=1), zone)


def changes_at(moments: Iterable[datetime]) -> None:
    """Says that what is being made will be another at each of `moments` that is still ahead."""
    watch = _watch.get()
    if watch is None:
        return
    for moment in moments:
        if moment > watch.since:
            watch.note(moment)
