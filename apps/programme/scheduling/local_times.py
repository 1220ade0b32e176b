"""From a day's number and a clock time to a moment.

A programme is planned in days ("day 1") and local clock times. The moment follows from the
edition's first day and its time zone, so that a date or a zone that is corrected moves
everything with it, and a programme can be planned before its date is known.

On the night the clocks change:

- a clock time that does not exist is read with the clock before the jump, so that 01:30 in
  Europe/London on 31 March 2024 is the moment shown as 02:30 BST;
- of a clock time that happens twice the first is meant;
- minutes are real minutes, so that an end is what a stop-watch says, whatever the clocks do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

# Where days without a date are laid out, to be compared among themselves. Never shown.
_UNDATED = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when. `begin` and `finish` are for comparing within one programme only.

    While the date is unknown they lie on made-up days; `starts` and `ends` are then None, and
    the clock times are known all the same.
    """

    begin: datetime | None = None
    finish: datetime | None = None
    is_dated: bool = False

    @property
    def starts(self) -> datetime | None:
        """The moment it starts, aware, in the edition's zone; None while unknown."""
        return self.begin if self.is_dated else None

    @property
    def ends(self) -> datetime | None:
        """The moment it ends, likewise."""
        return self.finish if self.is_dated else None

    @property
    def starts_at(self) -> time | None:
        """The clock time it starts, also while the date is unknown."""
        return self.begin.time() if self.begin else None

    @property
    def ends_at(self) -> time | None:
        """The clock time it ends, likewise."""
        return self.finish.time() if self.finish else None

    @property
    def is_over_midnight(self) -> bool:
        """Whether it ends on another day than it starts (midnight itself still belongs to it)."""
        if self.begin is None or self.finish is None:
            return False
        return (self.finish - timedelta(microseconds=1)).date() > self.begin.date()

    def part(self, after: int, minutes: int | None) -> Span:
        """The span that begins `after` minutes from this one's begin and lasts `minutes`."""
        begin = later(self.begin, after)
        return Span(begin, later(begin, minutes), self.is_dated)


def date_of_day(first_day: date | None, day: int) -> date | None:
    """The date of the programme's day `day` (the first is 1); None while unknown."""
    if first_day is None:
        return None
    try:
        return first_day + timedelta(days=day - 1)
    except OverflowError:
        return None


def span_of(
    *,
    first_day: date | None,
    zone: tzinfo,
    day: int,
    starts_at: time | None,
    minutes: int | None,
) -> Span:
    """When something is that starts on day `day` at the clock time `starts_at`."""
    dated = date_of_day(first_day, day)
    on = dated or date_of_day(_UNDATED, day)
    if starts_at is None or on is None:
        return Span(is_dated=dated is not None)
    where = zone if dated else UTC
    try:
        # There and back: a clock time that the jump leaves out becomes one that exists.
        begin = datetime.combine(on, starts_at, tzinfo=where).astimezone(UTC).astimezone(where)
    except OverflowError:  # at the edges of the calendar
        return Span(is_dated=dated is not None)
    return Span(begin, later(begin, minutes), dated is not None)


def later(moment: datetime | None, minutes: int | None) -> datetime | None:
    """`minutes` real minutes after `moment`, on the clock of the same zone; None if unknown."""
    if moment is None or minutes is None:
        return None
    try:
        return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(moment.tzinfo)
    except OverflowError:
        return None


def minutes_until(
    *, first_day: date | None, zone: tzinfo, day: int, starts_at: time, ends_at: time
) -> int:
    """The real minutes from one clock time of a day to another; negative if that is earlier."""
    begin, finish = (
        span_of(first_day=first_day, zone=zone, day=day, starts_at=at, minutes=None).begin
        for at in (starts_at, ends_at)
    )
    if begin is None or finish is None:  # at the edges of the calendar
        return (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute
    return int((finish.astimezone(UTC) - begin.astimezone(UTC)).total_seconds() // 60)
