"""By which words programs know again what they have read of us before.

Kept by the row's key and this site's host, so neither a new title nor a new time changes them.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from apps.editions.models import Edition


def session_uid(key: int) -> str:
    """Of a session, by its key."""
    return _uid("session", key)


def slot_uid(key: int) -> str:
    """Of a contribution's place in a session, by its key."""
    return _uid("slot", key)


def room_uid(edition: Edition, name: str) -> str:
    """Of a room, by its name: feeds name rooms that nobody made a row of."""
    return _uid(f"room-{edition.pk}", name)


def person_uid(identity: tuple[str, ...]) -> str:
    """Of a human, by `Credit.identity`."""
    return _uid(*identity)


def guid(uid: str) -> UUID:
    """The same identity where a UUID is asked for."""
    return uuid5(NAMESPACE_URL, uid)


def host() -> str:
    """Of this site."""
    return urlsplit(settings.SITE_URL).netloc


def _uid(kind: str, *keys: int | str) -> str:
    return "-".join([kind, *map(str, keys)]) + f"@{host()}"
