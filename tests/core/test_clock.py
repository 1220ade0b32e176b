"""Whether a moment has come, and until when an answer holds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from apps.core import clock

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def test_a_moment_has_come_from_itself_on():
    assert clock.has_come(NOON)
    assert clock.has_come(NOON - SECOND)
    assert not clock.has_come(NOON + SECOND)


def test_what_is_made_holds_until_the_first_moment_ahead_that_was_asked_of():
    with clock.watched() as watch:
        for moment in (NOON + 3 * SECOND, NOON - SECOND, NOON + 2 * SECOND, NOON):
            clock.has_come(moment)

    assert watch.until == NOON + 2 * SECOND


def test_what_asks_of_nothing_ahead_holds_for_ever():
    with clock.watched() as watch:
        clock.has_come(NOON)
        clock.is_over(date.max, ZoneInfo("Pacific/Kiritimati"))

    assert watch.until is None


def test_a_moment_that_comes_while_something_is_made_is_one_that_it_depends_on():
    with time_machine.travel(NOON, tick=False) as now, clock.watched() as watch:
        now.shift(2 * SECOND)
        clock.changes_at([NOON + SECOND])

    assert watch.until == NOON + SECOND


def test_nobody_watches_outside_the_block():
    with clock.watched() as watch:
        pass
    clock.has_come(NOON + SECOND)

    assert watch.until is None


@pytest.mark.parametrize(
    ("zone", "dawned", "over"),
    [("Pacific/Honolulu", False, False), ("Europe/London", True, False), ("UTC", True, False)],
)
def test_a_day_dawns_and_goes_by_where_its_clocks_run(zone, dawned, over):
    today, where = date(2030, 6, 1), ZoneInfo(zone)
    with time_machine.travel(datetime(2030, 6, 1, 1, tzinfo=UTC), tick=False):
        assert clock.has_dawned(today, where) is dawned
        assert clock.is_over(today, where) is over


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/Havana", "Pacific/Apia"])
def test_a_day_agrees_with_the_calendar_on_the_wall_each_hour_of_a_year(zone):
    where, moment = ZoneInfo(zone), datetime(2011, 1, 1, tzinfo=UTC)
    for hours in range(0, 366 * 24, 7):
        with time_machine.travel(moment + timedelta(hours=hours), tick=False):
            today = (moment + timedelta(hours=hours)).astimezone(where).date()

            assert clock.has_dawned(today, where)
            assert not clock.is_over(today, where)
            assert clock.is_over(today - timedelta(days=2), where)
            assert not clock.has_dawned(today + timedelta(days=2), where)
