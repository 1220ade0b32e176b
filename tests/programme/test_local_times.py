"""Days and clock times become moments, also on the nights the clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.editions.models import ANYWHERE_ON_EARTH
from apps.programme.scheduling.local_times import date_of_day, minutes_until, span_of

LONDON = ZoneInfo("Europe/London")


def _span(first_day: date | None, starts_at: time | None, minutes: int | None, zone=LONDON, day=1):
    return span_of(first_day=first_day, zone=zone, day=day, starts_at=starts_at, minutes=minutes)


def test_the_second_day_follows_the_first():
    span = _span(date(2024, 5, 3), time(9), 90, day=2)

    assert span.starts.isoformat() == "2024-05-04T09:00:00+01:00"
    assert span.ends.isoformat() == "2024-05-04T10:30:00+01:00"


@pytest.mark.parametrize(
    ("zone", "starts", "utc"),
    [
        ("Australia/Sydney", "2024-05-03T09:00:00+10:00", "2024-05-02T23:00:00+00:00"),
        ("Pacific/Honolulu", "2024-05-03T09:00:00-10:00", "2024-05-03T19:00:00+00:00"),
    ],
)
def test_the_edition_s_zone_makes_the_moment(zone, starts, utc):
    span = _span(date(2024, 5, 3), time(9), 60, ZoneInfo(zone))

    assert span.starts.isoformat() == starts
    assert span.starts.astimezone(UTC).isoformat() == utc


def test_a_day_anywhere_on_earth():
    span = _span(date(2024, 5, 3), time(23), 59, ANYWHERE_ON_EARTH)

    assert span.ends.astimezone(UTC).isoformat() == "2024-05-04T11:59:00+00:00"


def test_a_session_over_midnight():
    span = _span(date(2024, 5, 3), time(22), 180)

    assert span.ends.isoformat() == "2024-05-04T01:00:00+01:00"
    assert span.is_over_midnight
    assert not _span(date(2024, 5, 3), time(22), 120).is_over_midnight


def test_minutes_are_real_ones_while_the_clocks_go_forward():
    span = _span(date(2024, 3, 31), time(0, 30), 60)

    assert span.ends.isoformat() == "2024-03-31T02:30:00+01:00"
    assert span.ends - span.starts.astimezone(UTC) == datetime(1, 1, 1, 1) - datetime(1, 1, 1)


def test_minutes_are_real_ones_while_the_clocks_go_back():
    span = _span(date(2024, 10, 27), time(0, 30), 120)

    assert span.ends.isoformat() == "2024-10-27T01:30:00+00:00"


def test_a_clock_time_that_is_left_out_is_read_with_the_clock_before():
    span = _span(date(2024, 3, 31), time(1, 30), 30)

    assert span.starts.isoformat() == "2024-03-31T02:30:00+01:00"
    assert span.starts_at == time(2, 30)


def test_of_a_clock_time_that_comes_twice_the_first_is_meant():
    span = _span(date(2024, 10, 27), time(1, 30), 30)

    assert span.starts.isoformat() == "2024-10-27T01:30:00+01:00"
    assert span.ends.isoformat() == "2024-10-27T01:00:00+00:00"


def test_without_a_date_clock_times_are_known_and_moments_are_not():
    span = _span(None, time(9), 90)

    assert (span.starts, span.ends) == (None, None)
    assert (span.starts_at, span.ends_at) == (time(9), time(10, 30))


def test_without_a_time_nothing_is_known():
    span = _span(date(2024, 5, 3), None, 90)

    assert (span.starts, span.ends, span.starts_at, span.ends_at) == (None, None, None, None)


def test_a_start_without_a_length():
    span = _span(date(2024, 5, 3), time(9), None)

    assert span.starts is not None
    assert span.ends is None


@pytest.mark.parametrize("first_day", [date.min, date.max])
@pytest.mark.parametrize("zone", ["Australia/Sydney", "Pacific/Honolulu"])
def test_the_edges_of_the_calendar_are_unknown_moments(first_day, zone):
    for at in (time(0), time(23, 59)):
        for day in (1, 60):
            span = _span(first_day, at, 1439, ZoneInfo(zone), day)

            assert span.ends is None or span.ends > span.starts

    assert date_of_day(date.max, 2) is None


@pytest.mark.parametrize(
    ("first_day", "minutes"),
    [(None, 180), (date(2024, 5, 3), 180), (date(2024, 3, 31), 120), (date(2024, 10, 27), 240)],
)
def test_minutes_until_a_clock_time_are_real_ones(first_day, minutes):
    times = {"starts_at": time(0), "ends_at": time(3)}

    assert minutes_until(first_day=first_day, zone=LONDON, day=1, **times) == minutes
