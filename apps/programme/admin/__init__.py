"""The programme on the organisers' desk."""

from apps.programme.admin import contributions, rooms, sessions

__all__ = ["contributions", "rooms", "sessions"]
