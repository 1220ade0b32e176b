"""How much one network, one address and all together may send, counted by all workers together.

The counters are our own few lines and not django-fast-ratelimit, which would count in the cache in
files by a read and a write that two workers interleave, and opens a file for each.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.conf import settings
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
    with _table() as table:
        now = time.time()
        counters: list[_Counter] = []
        for limit in limits:
            counter = _find(table, limit.key, now, {counter.place for counter in counters})
            if counter.counted >= limit.most:
                return False
            counters.append(counter)
        for place, owner, since, counted in counters:
            os.pwrite(table, _SLOT.pack(owner, since, counted + 1), place)
    return True


def forget() -> None:
    """All counts begin anew."""
    with _table() as table:
        os.ftruncate(table, 0)


# The counters stand in one file, each in a slot that its key determines but for a few neighbours.
_SLOT = struct.Struct("<16sdQ")  # whose it is, when its window began, how many came
_SLOTS = 1 << 18  # a file of 8 MB once all were used
_NEIGHBOURS = 16


class _Counter(NamedTuple):
    place: int
    owner: bytes
    since: float
    counted: int


@contextmanager
def _table() -> Iterator[int]:
    """The file with the counters, for one process and thread at a time."""
    table = os.open(settings.DATA_DIR / "limits", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(table, fcntl.LOCK_EX)  # let go of when the file is closed
        yield table
    finally:
        os.close(table)


def _find(table: int, key: str, now: float, taken: set[int]) -> _Counter:
    """The counter of `key`. A new one takes the place of the oldest around: a free slot, a window
    that is over, or else, should more come than there is room for, somebody's count."""
    owner = hashlib.sha256(key.encode()).digest()[:16]
    first = int.from_bytes(owner[:4], "big") % _SLOTS * _SLOT.size
    around = os.pread(table, _NEIGHBOURS * _SLOT.size, first)
    slots = _SLOT.iter_unpack(around.ljust(_NEIGHBOURS * _SLOT.size, b"\0"))
    counters = [_Counter(first + n * _SLOT.size, *slot) for n, slot in enumerate(slots)]
    for counter in counters:
        if counter.owner == owner and now - counter.since < WINDOW:
            return counter
    oldest = min((c for c in counters if c.place not in taken), key=lambda c: c.since)
    return _Counter(oldest.place, owner, now, 0)


def network_of(request: HttpRequest) -> str:
    """The visitor's address as far as TRUSTED_PROXIES vouch for it; of IPv6, what one home has.

    Where nobody tells it, all are one network: nothing is lost by it but patience.
    """
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    return str(address) if address.version == 4 else address.exploded[:19]
