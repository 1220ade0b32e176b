"""Rate limits: at most so many requests per key in ten minutes, counted for all workers together."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

WINDOW = 600  # seconds
PER_ADDRESS = 10  # submissions per email address and window, against flooding a mailbox
OVERALL = 10  # all networks together may send this many times the limit of one network


@dataclass(frozen=True)
class Limit:
    """At most `most` requests per window for `key`."""

    key: str
    most: int


def limits_for(request: HttpRequest, email: str) -> list[Limit]:
    """Limits on a submission: overall, for the visitor's network and for the email address."""
    address = hashlib.sha256(email.casefold().encode()).hexdigest()
    return [
        Limit("all", OVERALL * settings.SUBMISSION_LIMIT),
        Limit(f"network:{network_of(request)}", settings.SUBMISSION_LIMIT),
        Limit(f"address:{address}", PER_ADDRESS),
    ]


def count(limits: Iterable[Limit]) -> bool:
    """Count one request against all of `limits`; False, and not counted, if one is used up.

    List the widest limit first: once it is used up, requests create no further keys.
    """
    counted: list[str] = []
    with transaction.atomic():  # makes the steps on one key atomic where the cache is a table
        for limit in limits:
            key = _window_key(limit.key)
            counted.append(key)
            if _increment(key) > limit.most:
                for each in counted:
                    cache.decr(each)
                return False
    return True


def cache_key(key: str, prefix: str, version: int) -> str:
    """Keyed hash of a cache key (KEY_FUNCTION): visitors cannot choose keys that collide."""
    return salted_hmac("cache", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()


def _window_key(key: str) -> str:
    # Windows of different keys begin at different times.
    offset = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % WINDOW
    return f"limit:{key}:{int(time.time() + offset) // WINDOW}"


def _increment(key: str) -> int:
    # In a cache table `touch` is an UPDATE, which locks the row until the transaction ends.
    if not cache.touch(key, 2 * WINDOW):
        cache.add(key, 0, 2 * WINDOW)
        cache.touch(key, 2 * WINDOW)
    return cache.incr(key)


def network_of(request: HttpRequest) -> str:
    """The visitor's IPv4 address or IPv6 /64 prefix, as far as TRUSTED_PROXIES vouch for it.

    "unknown" if no address is known: all such visitors share one limit.
    """
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    return str(address) if address.version == 4 else address.exploded[:19]
