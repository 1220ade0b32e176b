"""Django's system checks."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.core.checks import run_checks


@pytest.mark.parametrize("hour", [time(9, 0), time(23, 59)])
def test_system_checks_pass_at_the_default_closing_time(hour):
    with time_machine.travel(datetime.combine(date(2026, 11, 27), hour, tzinfo=UTC), tick=False):
        messages = [message for message in run_checks() if not message.is_silenced()]

    assert messages == []
