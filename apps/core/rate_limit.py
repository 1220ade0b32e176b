"""Rate limits: a maximum of requests per key in ten minutes, counted in the database."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.core.models import RateCounter

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

    Requests beyond a limit leave no new counters, so that they cannot fill the table.
    """
    most = {_window_key(limit.key): limit.most for limit in limits}
    expires_at = timezone.now() + timedelta(seconds=WINDOW)
    with transaction.atomic():
        RateCounter.objects.bulk_create(
            [RateCounter(key=key, expires_at=expires_at) for key in sorted(most)],
            ignore_conflicts=True,
        )
        counters = RateCounter.objects.filter(key__in=most).order_by("key")
        if any(row.count >= most[row.key] for row in counters.select_for_update()):
            transaction.set_rollback(True)
            return False
        counters.update(count=F("count") + 1)
    return True


def cache_key(key: str, prefix: str, version: int) -> str:
    """Keyed hash of a cache key (KEY_FUNCTION): visitors cannot choose keys that collide."""
    return salted_hmac("cache", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()


def _window_key(key: str) -> str:
    # Windows of different keys begin at different times.
    offset = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % WINDOW
    window = int(time.time() + offset) // WINDOW
    return salted_hmac("rate_limit", f"{key}:{window}", algorithm="sha256").hexdigest()


def network_of(request: HttpRequest) -> str:
    """The visitor's IPv4 address or IPv6 /64 prefix, as far as TRUSTED_PROXIES vouch for it.

    "unknown" if no address is known: all such visitors share one limit.
    """
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    return str(address) if address.version == 4 else address.exploded[:19]
