"""Admin of the programme."""

from apps.programme.admin import sessions

__all__ = ["sessions"]
