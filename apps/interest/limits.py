"""How much one network, one address and all together may send, counted by all workers together.

The counters are our own few lines and not django-fast-ratelimit, because they have to stand on
the cache in files, whose own counting is a read and a write that two workers interleave.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

WINDOW = 600  # seconds
PER_ADDRESS = 10  # e-mail addresses in a window: nobody's mailbox is filled with receipts
OVERALL = 10  # times what one network may


@dataclass(frozen=True)
class Limit:
    """So many in a window, for whatever `key` names."""

    key: str
    most: int


def limits_for(request: HttpRequest, email: str) -> list[Limit]:
    """What a submission from here, with this address, counts against; the widest first."""
    address = hashlib.sha256(email.casefold().encode()).hexdigest()
    return [
        Limit("all", OVERALL * settings.SUBMISSION_LIMIT),
        Limit(f"network:{network_of(request)}", settings.SUBMISSION_LIMIT),
        Limit(f"address:{address}", PER_ADDRESS),
    ]


def count(limits: Iterable[Limit]) -> bool:
    """Counts one submission against all of `limits`, or none if one of them is used up."""
    limits = list(limits)
    keys = [f"submissions:{limit.key}" for limit in limits]
    with (settings.DATA_DIR / "limits.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed
        now = time.time()
        counters = []
        for key, limit in zip(keys, limits, strict=True):
            since, counted = cache.get(key) or (now, 0)
            if now - since >= WINDOW:
                since, counted = now, 0
            if counted >= limit.most:
                return False
            counters.append((key, since, counted + 1))
        for key, since, counted in counters:
            cache.set(key, (since, counted), WINDOW)
    return True


def network_of(request: HttpRequest) -> str:
    """The visitor's address as far as TRUSTED_PROXIES vouch for it; of IPv6, what one home has.

    Where nobody tells it, all are one network: nothing is lost by it but patience.
    """
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    return str(address) if address.version == 4 else address.exploded[:19]
