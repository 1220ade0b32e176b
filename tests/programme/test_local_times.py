"""Moments computed from days and clock times, also when clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.editions.models import ANYWHERE_ON_EARTH
from apps.programme.local_times import date_of_day, minutes_until, span_of

LONDON = ZoneInfo("Europe/London")
MAY, FORWARD, BACK = date(2024, 5, 3), date(2024, 3, 31), date(2024, 10, 27)


def _span(first_day: date | None, starts_at: time | None, minutes: int | None, zone=LONDON, day=1):
    return span_of(first_day=first_day, zone=zone, day=day, starts_at=starts_at, minutes=minutes)


@pytest.mark.parametrize(
    ("first_day", "day", "starts_at", "minutes", "starts", "ends"),
    [
        (MAY, 2, time(9), 90, "2024-05-04T09:00:00+01:00", "2024-05-04T10:30:00+01:00"),
        (MAY, 1, time(22), 180, "2024-05-03T22:00:00+01:00", "2024-05-04T01:00:00+01:00"),
        # Minutes elapse while the clocks go forward at 01:00 or back at 02:00.
        (FORWARD, 1, time(0, 30), 60, "2024-03-31T00:30:00+00:00", "2024-03-31T02:30:00+01:00"),
        (BACK, 1, time(0, 30), 120, "2024-10-27T00:30:00+01:00", "2024-10-27T01:30:00+00:00"),
        # A skipped clock time is read with the offset before the change.
        (FORWARD, 1, time(1, 30), 30, "2024-03-31T02:30:00+01:00", "2024-03-31T03:00:00+01:00"),
        # An ambiguous clock time is the first of both.
        (BACK, 1, time(1, 30), 30, "2024-10-27T01:30:00+01:00", "2024-10-27T01:00:00+00:00"),
    ],
)
def test_starts_and_ends(first_day, day, starts_at, minutes, starts, ends):
    span = _span(first_day, starts_at, minutes, day=day)

    assert (span.starts.isoformat(), span.ends.isoformat()) == (starts, ends)
    assert span.starts_at == datetime.fromisoformat(starts).time()


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        (ZoneInfo("Australia/Sydney"), "2024-05-02T23:00:00+00:00"),
        (ZoneInfo("Pacific/Honolulu"), "2024-05-03T19:00:00+00:00"),
        (ANYWHERE_ON_EARTH, "2024-05-03T21:00:00+00:00"),
    ],
)
def test_the_time_zone_decides_the_moment(zone, utc):
    assert _span(MAY, time(9), 60, zone).starts.astimezone(UTC).isoformat() == utc


def test_an_end_at_midnight_belongs_to_the_first_day():
    assert _span(MAY, time(22), 180).is_over_midnight
    assert not _span(MAY, time(22), 120).is_over_midnight


@pytest.mark.parametrize(
    ("first_day", "starts_at", "minutes", "known"),
    [
        (None, time(9), 90, (None, None, time(9), time(10, 30))),
        (MAY, None, 90, (None, None, None, None)),
    ],
)
def test_without_a_date_or_time_less_is_known(first_day, starts_at, minutes, known):
    span = _span(first_day, starts_at, minutes)

    assert (span.starts, span.ends, span.starts_at, span.ends_at) == known


def test_without_minutes_the_end_is_unknown():
    span = _span(MAY, time(9), None)

    assert span.starts is not None
    assert span.ends is None


@pytest.mark.parametrize("first_day", [date.min, date.max])
@pytest.mark.parametrize("zone", ["Australia/Sydney", "Pacific/Honolulu"])
def test_the_ends_of_the_calendar_raise_no_error(first_day, zone):
    for day in (1, 60):
        assert date_of_day(first_day, day) is None
        for starts_at in (time(0), time(23, 59)):
            span = _span(first_day, starts_at, 1439, ZoneInfo(zone), day)
            assert (span.starts, span.ends) == (None, None)


@pytest.mark.parametrize(
    ("first_day", "minutes"), [(None, 180), (MAY, 180), (FORWARD, 120), (BACK, 240)]
)
def test_minutes_until_counts_elapsed_minutes(first_day, minutes):
    times = {"starts_at": time(0), "ends_at": time(3)}

    assert minutes_until(first_day=first_day, zone=LONDON, day=1, **times) == minutes
