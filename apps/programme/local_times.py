"""Times of the programme: from a day number and a clock time to a moment in the edition's zone.

A changed date or time zone of the edition moves everything, and a programme can be planned before
its date is known. On the night the clocks change:

- a clock time that is skipped is read with the offset before the change: 01:30 in Europe/London
  on 31 March 2024 is shown as 02:30;
- of a clock time that occurs twice the first is meant;
- minutes are elapsed minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

# Days without a date are computed from here, so that they can be compared. Never shown.
_UNDATED = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Start and end. `begin` and `finish` compare within one programme, also without a date.

    `starts` and `ends` are None while the date is unknown.
    """

    begin: datetime | None = None
    finish: datetime | None = None
    is_dated: bool = False

    @property
    def starts(self) -> datetime | None:
        """The aware start in the edition's zone; None while unknown."""
        return self.begin if self.is_dated else None

    @property
    def ends(self) -> datetime | None:
        """The aware end; None while date or time are unknown."""
        return self.finish if self.is_dated else None

    @property
    def starts_at(self) -> time | None:
        """The clock time of the start, also while the date is unknown."""
        return self.begin.time() if self.begin else None

    @property
    def ends_at(self) -> time | None:
        """The clock time of the end, also while the date is unknown."""
        return self.finish.time() if self.finish else None

    @property
    def hours(self) -> str:
        """ "14:00–15:00", "14:00" while the end is unknown, or ""."""
        if self.begin is None:
            return ""
        return f"{self.begin:%H:%M}" + (f"–{self.finish:%H:%M}" if self.finish else "")

    @property
    def has_length(self) -> bool:
        """Whether the end is known and later, also where both have one clock time that night."""
        return bool(self.starts and self.ends and self.ends.timestamp() > self.starts.timestamp())

    @property
    def is_over_midnight(self) -> bool:
        """Whether it ends on a later day; an end at midnight belongs to the first day."""
        if self.begin is None or self.finish is None:
            return False
        return (self.finish - timedelta(microseconds=1)).date() > self.begin.date()

    def contains(self, moment: datetime) -> bool:
        """Whether it has begun by `moment` and is not over; never while date or end are unknown."""
        return bool(self.starts and self.ends and self.starts <= moment < self.ends)

    def part(self, after: int, minutes: int | None) -> Span:
        """The span that begins `after` minutes from the begin and lasts `minutes`."""
        begin = _add_minutes(self.begin, after)
        return Span(begin, _add_minutes(begin, minutes), self.is_dated)


def date_of_day(first_day: date | None, day: int) -> date | None:
    """The date of day `day` (from 1); None while unknown, or in the calendar's first or last year."""
    if first_day is None or not date.min.year < first_day.year < date.max.year:
        return None
    return first_day + timedelta(days=day - 1)


def span_of(
    *, first_day: date | None, zone: tzinfo, day: int, starts_at: time | None, minutes: int | None
) -> Span:
    """The span of something that starts on day `day` at the clock time `starts_at`."""
    is_dated = date_of_day(first_day, day) is not None
    if starts_at is None:
        return Span(is_dated=is_dated)
    begin = _moment(first_day, zone, day, starts_at)
    return Span(begin, _add_minutes(begin, minutes), is_dated)


def minutes_until(
    *, first_day: date | None, zone: tzinfo, day: int, starts_at: time, ends_at: time
) -> int:
    """Elapsed minutes from one clock time of a day to another; negative if that is earlier."""
    begin, end = (_moment(first_day, zone, day, at).astimezone(UTC) for at in (starts_at, ends_at))
    return int((end - begin).total_seconds() // 60)


def _moment(first_day: date | None, zone: tzinfo, day: int, at: time) -> datetime:
    dated = date_of_day(first_day, day)
    local_zone = zone if dated else UTC
    moment = datetime.combine(dated or _UNDATED + timedelta(days=day - 1), at, tzinfo=local_zone)
    # To UTC and back: a skipped clock time becomes one that exists.
    return moment.astimezone(UTC).astimezone(local_zone)


def _add_minutes(moment: datetime | None, minutes: int | None) -> datetime | None:
    if moment is None or minutes is None:
        return None
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(moment.tzinfo)
