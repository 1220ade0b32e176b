"""Django's own checks find nothing, at any hour."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.core.checks import run_checks


@pytest.mark.parametrize("hour", [time(9, 0), time(23, 59)])
def test_the_hour_at_which_a_call_closes_by_itself_is_no_fault(hour):
    with time_machine.travel(datetime.combine(date(2026, 11, 27), hour, tzinfo=UTC), tick=False):
        found = [message for message in run_checks() if not message.is_silenced()]

    assert found == []
