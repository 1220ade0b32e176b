"""Check-in: a scan or a typed code becomes a person who is here, once, however often it is sent.

A phone that has no network keeps its scans and sends them later, and again after a lost answer. So each
scan is a row of its own (`CheckIn`), unique by registration, device and time, and the first of them
says since when somebody is here. Nothing is counted up: all numbers are counts of rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.registration.models import AttendanceKind, CheckIn, Registration
from apps.registration.places import Places, lock_period
from apps.registration.services import free_code

# A phone keeps its scans as long as its page is open; older ones have a wrong clock.
_LONGEST_OFFLINE = timedelta(days=2)
_TICKET = re.compile(r"/register/ticket/([\w-]{16,40})/?$")
_NO_CODE_CHARACTER = re.compile(r"[\s-]+")


class Outcome(StrEnum):
    """What the desk is told about a ticket."""

    WELCOME = "welcome"
    ALREADY = "already"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    OTHER_EDITION = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Scan:
    """A ticket's address, or a typed code, and when it was read; None is now."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """The outcome of one scan; `registration` is None if the ticket is not of this edition."""

    outcome: Outcome
    registration: Registration | None = None


def check_in(*, edition: Edition, scan: Scan, device: str) -> Answer:
    """Check one person in; the same scan sent again, or another one, answers ALREADY."""
    found = find(edition, scan.text)
    if found is None:
        is_elsewhere = _with_ticket(Registration.objects.exclude(edition=edition), scan.text)
        return Answer(Outcome.OTHER_EDITION if is_elsewhere else Outcome.UNKNOWN)
    now = timezone.now()
    at = min(scan.at or now, now)
    if now - at > _LONGEST_OFFLINE:
        at = now
    with transaction.atomic():
        current = _lock(found)
        if not current.is_attending:
            return Answer(Outcome.WAITING if current.is_waiting else Outcome.CANCELLED, current)
        _, is_new = CheckIn.objects.get_or_create(
            registration=current, device_id=device, scanned_at=at
        )
        if is_new and (current.checked_in_at is None or at < current.checked_in_at):
            _set_checked_in(current, at)
    # The first scan is a welcome, also when it is sent again because its answer was lost.
    is_first = current.checked_in_at == at
    return Answer(Outcome.WELCOME if is_first else Outcome.ALREADY, current)


def undo(*, registration: Registration) -> None:
    """Take back a mistaken check-in, of all desks."""
    with transaction.atomic():
        current = _lock(registration)
        current.check_ins.all().delete()
        _set_checked_in(current, None)


def admit(*, registration: Registration, device: str) -> Answer:
    """Give a person who waits, or cancelled, a place, also beyond the capacity, and check them in.

    Raises NotAllowed if a cancelled person has registered again since.
    """
    with transaction.atomic():
        lock_period(registration.edition)
        current = _lock(registration)
        if not current.is_attending:
            _give_place(current)
        return check_in(edition=current.edition, scan=Scan(current.code), device=device)


def add_walk_in(
    *, edition: Edition, name: str, email: str, kind: AttendanceKind | None, device: str
) -> Answer:
    """Register a person at the desk, also beyond the capacity, and check them in.

    Somebody whose address is registered is checked in by that registration.
    """
    with transaction.atomic():
        lock_period(edition)
        current = Registration.objects.for_edition(edition).current()
        registration = current.of_address(email).first() if email else None
        if registration is None:
            registration = Registration.objects.create(
                edition=edition,
                name=name,
                email=email,
                kind=kind,
                code=free_code(edition),
                source=Registration.Source.WALK_IN,
                confirmed_at=timezone.now(),
            )
        return check_in(edition=edition, scan=Scan(registration.code), device=device)


def find(edition: Edition, text: str) -> Registration | None:
    """The registration of a ticket's address, its token, or a code such as "r7k 2qd"."""
    registrations = Registration.objects.for_edition(edition).select_related("kind")
    if (found := _with_ticket(registrations, text)) is not None:
        return found
    return registrations.filter(code=_NO_CODE_CHARACTER.sub("", text).upper()[:10]).first()


def search(edition: Edition, words: str) -> list[Registration]:
    """The first 20 whose name, affiliation or address has the words."""
    found = Registration.objects.for_edition(edition).select_related("kind")
    for word in words.split()[:5]:
        found = (
            found.filter(name__icontains=word)
            | found.filter(affiliation__icontains=word)
            | found.filter(email__icontains=word)
        )
    return list(found.in_name_order()[:20])


@dataclass(frozen=True)
class Count:
    """How many of those with a place are here; `name` is that of a kind, "" for all."""

    name: str
    here: int
    expected: int


def count(edition: Edition) -> list[Count]:
    """All, then by kind, if there are kinds; two queries."""
    rows = list(
        Registration.objects.for_edition(edition).attending().values_list("kind", "checked_in_at")
    )
    kinds = edition.attendance_kinds.filter(is_extra=False)
    groups = [("", rows), *((kind.name, [r for r in rows if r[0] == kind.pk]) for kind in kinds)]
    return [
        Count(name, sum(at is not None for _, at in group), len(group)) for name, group in groups
    ]


def places_left(edition: Edition) -> int | None:
    """Places that nobody has; None without a limit."""
    period = getattr(edition, "registration_period", None)
    return Places.of(period).left if period else None


def _with_ticket(registrations, text: str) -> Registration | None:
    match = _TICKET.search(text.strip()) or re.fullmatch(r"\s*([\w-]{20,40})\s*", text)
    return registrations.filter(ticket_token=match[1]).first() if match else None


def _lock(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",)).select_related("edition", "kind")
    return rows.get(pk=registration.pk)


def _set_checked_in(registration: Registration, at: datetime | None) -> None:
    registration.checked_in_at = at
    registration.save(update_fields=["checked_in_at"])


def _give_place(registration: Registration) -> None:
    others = Registration.objects.for_edition(registration.edition).current()
    others = others.exclude(pk=registration.pk)
    if registration.email and others.of_address(registration.email).exists():
        raise NotAllowed("This address is registered again. Check in its other registration.")
    registration.status = Registration.Status.REGISTERED
    registration.waiting_since = registration.cancelled_at = None
    registration.version += 1
    registration.save()
