"""Time zones as calendars are told of them: by the full rules of the years in question.

The library's own makes the jump forward an hour late, so we write it: the moment of a change is
told on the clock that ran before it (RFC 5545 §3.6.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_A_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def vtimezone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of `zone`, right for every moment of these years."""
    # A day's margin at both ends of the calendar, where no clock can be read.
    begin = datetime(min(max(first_year, 2), 9998), 1, 1, tzinfo=UTC) - _A_DAY
    end = datetime(min(max(last_year, 2), 9998), 12, 31, tzinfo=UTC) + _A_DAY
    written = Timezone()
    written.add("tzid", zone.key)
    written.add_component(_rule(begin, begin.astimezone(zone)))
    for moment in _changes(zone, begin, end):
        written.add_component(_rule(moment - timedelta(seconds=1), moment.astimezone(zone)))
    return written


def _rule(before: datetime, local: datetime) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `local` on; `before` is a moment on which the earlier rule still holds."""
    zone = local.tzinfo
    offset_from = before.astimezone(zone).utcoffset() or timedelta()
    rule = TimezoneDaylight() if local.dst() else TimezoneStandard()
    rule.add("dtstart", (local.astimezone(UTC) + offset_from).replace(tzinfo=None))
    rule.add("tzoffsetfrom", offset_from)
    rule.add("tzoffsetto", local.utcoffset() or timedelta())
    rule.add("tzname", local.tzname() or "")
    return rule


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments, in UTC and to the second, at which clocks of `zone` change."""

    def rule_at(moment: datetime) -> tuple:
        local = moment.astimezone(zone)
        return local.utcoffset(), local.dst(), local.tzname()

    moment = begin
    while moment < end:
        early, late = moment, moment + _A_DAY
        if rule_at(early) != rule_at(late):
            while late - early > timedelta(seconds=1):
                middle = (early + (late - early) / 2).replace(microsecond=0)
                if rule_at(middle) == rule_at(moment):
                    early = middle
                else:
                    late = middle
            yield late
        moment += _A_DAY
