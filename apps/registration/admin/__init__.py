"""Registration at the desk: its tab of the edition, and the list of people."""

from apps.registration.admin import period, registrations

__all__ = ["period", "registrations"]
