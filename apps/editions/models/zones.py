"""Where the clocks of an edition run."""

from datetime import timedelta, timezone
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

# "Anywhere on Earth": the day is not over while it lasts somewhere (IEEE 802.16, UTC−12).
ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12), "AoE")


def validate_time_zone(name: str) -> None:
    """Raises ValidationError unless `name` is a time zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError(
            f"“{name}” is not a time zone. Enter one such as Europe/London or Australia/Sydney."
        )
