"""Changes of registrations, each in one transaction with its letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.tokens import hash_token
from apps.editions.models import Edition
from apps.mail.models import Letter
from apps.mail.services import discard_letters_with_link
from apps.private_links.models import ADDRESS_CHANGED, is_same_address, link_expiry
from apps.registration.letters import LINK_MAKER, send_letter
from apps.registration.models import (
    AttendanceKind,
    AttendeeNeeds,
    GivenConsent,
    Registration,
    RegistrationAnswer,
    RegistrationConsent,
    RegistrationLink,
    RegistrationPeriod,
    RegistrationQuestion,
    new_code,
)
from apps.registration.places import Places, lock_period

# Sent with the registration before it is erased on request, in the same transaction.
pre_erase_guest = Signal()
_MAX_LETTERS = 10  # to one address that asks for a new link


class Full(NotAllowed):
    """All places are taken, and there is no waiting list."""


@dataclass
class Answers:
    """What a person says in the form; parts that are None stay as they are."""

    fields: Mapping[str, Any]  # columns of Registration
    kind: AttendanceKind | None = None
    extras: Collection[AttendanceKind] = ()
    needs: Mapping[str, str] | None = None  # columns of AttendeeNeeds
    answers: Mapping[RegistrationQuestion, str] = field(default_factory=dict)
    consents: Mapping[RegistrationConsent, bool] = field(default_factory=dict)


class Registered(NamedTuple):
    """Result of a registration; `link` is the new link of the page it was sent from."""

    registration: Registration
    is_new: bool
    link: RegistrationLink | None = None


def register(
    *,
    edition: Edition,
    given: Answers,
    source: str = Registration.Source.FORM,
    browser_key: str = "",
    sends_letter: bool = True,
    **facts: Any,
) -> Registered:
    """Register a person, or put them on the waiting list, and queue the confirmation.

    An address that is registered already gets no second registration: that one is returned.
    `facts` are further columns. Raises Full.
    """
    with transaction.atomic():
        period = lock_period(edition)
        same = _find_same(edition, given.fields.get("email", ""), facts)
        if same:
            return Registered(same, is_new=False)
        places = Places.of(period)
        has_place = places.has_place(given.kind)
        if not has_place and not period.has_waiting_list:
            raise Full(gettext("All places are taken."))
        _check_extras(places, given.extras)
        now = timezone.now()
        status = Registration.Status.REGISTERED if has_place else Registration.Status.WAITING
        registration = Registration.objects.create(
            edition=edition,
            kind=given.kind,
            source=source,
            status=status,
            waiting_since=None if has_place else now,
            code=free_code(edition),
            created_at=now,
            **given.fields,
            **facts,
        )
        _store_parts(registration, given)
        link = _link_browser(registration, browser_key) if browser_key else None
        if sends_letter:
            send_letter(registration, "confirmation")
    return Registered(registration, True, link)


def update_registration(
    *, registration: Registration, version: int, given: Answers
) -> Registration:
    """Replace what a person said; a new kind needs a free place, and may free one.

    Raises ChangedMeanwhile if the stored version is not `version`, and NotAllowed.
    """
    with transaction.atomic():
        period = lock_period(registration.edition)
        current = _lock(registration)
        if current.is_cancelled:
            raise NotAllowed(gettext("This registration is cancelled."))
        if current.version != version:
            raise ChangedMeanwhile
        places = Places.of(period)
        kind_changes = current.kind_id != (given.kind.pk if given.kind else None)
        if kind_changes and current.is_attending and not _can_move(places, current, given.kind):
            raise NotAllowed(
                gettext("There is no place left for “%(kind)s”. You keep the place that you have.")
                % {"kind": given.kind}
            )
        earlier = set(current.extras.values_list("pk", flat=True))
        _check_extras(places, [extra for extra in given.extras if extra.pk not in earlier])
        for name, value in given.fields.items():
            setattr(current, name, value)
        current.kind = given.kind
        _save(current)
        _store_parts(current, given)
        _promote(period)
        current.refresh_from_db()
    return current


def confirm_coming(*, registration: Registration) -> Registration:
    """“I will come”, from a person whom organisers registered before; a second press does nothing."""
    with transaction.atomic():
        current = _lock(registration)
        if current.is_cancelled:
            raise NotAllowed(gettext("This registration is cancelled."))
        if current.confirmed_at is None:
            current.confirmed_at = timezone.now()
            _save(current)
            send_letter(current, "confirmation")
    return current


def cancel(*, registration: Registration, is_by_organisers: bool = False) -> list[Registration]:
    """Cancel a registration; the free place goes to the first who waits for it.

    Returns those who got a place. A second press does nothing.
    """
    with transaction.atomic():
        period = lock_period(registration.edition)
        current = _lock(registration)
        if current.is_cancelled:
            return []
        if current.checked_in_at:
            raise NotAllowed(gettext("This person has already checked in."))
        current.status = Registration.Status.CANCELLED
        current.cancelled_at, current.waiting_since = timezone.now(), None
        _save(current)
        current.extras.clear()
        send_letter(current, "cancelled", is_by_organisers=is_by_organisers)
        return _promote(period)


def promote(*, registration: Registration) -> Registration:
    """Give a place to one person of the waiting list, also beyond the capacity: organisers decide."""
    with transaction.atomic():
        lock_period(registration.edition)
        current = _lock(registration)
        if not current.is_waiting:
            raise NotAllowed("This registration is not on the waiting list.")
        _give_place(current)
    return current


def promote_waiting(*, edition: Edition) -> list[Registration]:
    """Give all free places to those who wait, as after a larger capacity; returns who got one."""
    with transaction.atomic():
        return _promote(lock_period(edition))


def erase_registrations(registrations: QuerySet[Registration]) -> None:
    """Delete registrations with their letters and all other parts, all or none."""
    with transaction.atomic():
        Letter.objects.filter(registration_link__registration__in=registrations).delete()
        registrations.delete()


def erase_on_request(*, registration: Registration) -> None:
    """Erase a registration for its person; its place goes to the first who waits for it."""
    with transaction.atomic():
        period = lock_period(registration.edition)
        pre_erase_guest.send(sender=Registration, registration=registration)
        erase_registrations(Registration.objects.filter(pk=registration.pk))
        _promote(period)


def correct_address(*, registration: Registration, email: str) -> Registration:
    """Change the address, and end the access of all who could read letters to the old one.

    Raises NotAllowed if the new address is registered already.
    """
    with transaction.atomic():
        lock_period(registration.edition)
        current = _lock(registration)
        if is_same_address(current.email, email):
            return current
        if _find_same(current.edition, email, {}):
            raise NotAllowed(gettext("This address cannot be used. Enter another one."))
        old, current.email = current.email, email
        _save(current)
        current.links.revoke()
        discard_letters_with_link(link_maker=LINK_MAKER, link_subject=current.pk)
        if old:
            send_letter(current, "address_changed_old", to_email=old)
        send_letter(current, "address_changed")
    return current


# Private links


@transaction.atomic
def make_registration_link(registration_pk: int, email: str) -> str:
    """Return a new private URL of a registration for a letter to `email`; earlier ones work on.

    Raises NotAllowed if `email` is not its address any more.
    """
    registrations = Registration.objects.select_related("edition").select_for_update(of=("self",))
    registration = registrations.get(pk=registration_pk)
    if not is_same_address(registration.email, email):
        raise NotAllowed(ADDRESS_CHANGED)
    _, token = RegistrationLink.mint(
        registration=registration, expires_at=link_expiry(registration.edition)
    )
    path = reverse("registration:link", args=[registration.edition.slug, token])
    return f"{settings.SITE_URL}{path}"


def send_registration_links(edition: Edition, email: str) -> int:
    """Queue a letter for each registration with an address that asked; return how many."""
    known = Registration.objects.for_edition(edition).of_address(email)
    registrations = list(known.order_by("status", "-pk")[:_MAX_LETTERS])
    for registration in registrations:
        send_letter(registration, "link")
    return len(registrations)


def _link_browser(registration: Registration, browser_key: str) -> RegistrationLink:
    link = RegistrationLink(
        token_hash=hash_token(browser_key),
        registration=registration,
        expires_at=link_expiry(registration.edition),
    )
    # The page may have sent the same before, and that registration was cancelled meanwhile.
    RegistrationLink.objects.bulk_create(
        [link],
        update_conflicts=True,
        unique_fields=["token_hash"],
        update_fields=["registration", "created_at", "expires_at", "revoked_at"],
    )
    return RegistrationLink.objects.get(token_hash=link.token_hash)


# Parts


def _lock(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",)).select_related("edition", "kind")
    return rows.get(pk=registration.pk)


def _save(registration: Registration) -> None:
    registration.version += 1
    registration.save()


def _find_same(edition: Edition, email: str, facts: Mapping[str, Any]) -> Registration | None:
    """The registration of this address, person or expression that is not cancelled."""
    current = Registration.objects.for_edition(edition).current()
    if email and (same := current.of_address(email).first()):
        return same
    for name in ("person", "expression"):
        if facts.get(name) and (same := current.filter(**{name: facts[name]}).first()):
            return same
    return None


def free_code(edition: Edition) -> str:
    """A code that no registration of the edition has."""
    code = new_code()
    while Registration.objects.filter(edition=edition, code=code).exists():
        code = new_code()
    return code


def _can_move(places: Places, current: Registration, kind: AttendanceKind | None) -> bool:
    """Whether a person with a place can have one of another kind."""
    places.taken[current.kind_id] -= 1
    can_move = places.has_place(kind)
    places.taken[current.kind_id] += 1
    return can_move


def _check_extras(places: Places, extras: Iterable[AttendanceKind]) -> None:
    for extra in extras:
        if not places.has_place(extra):
            raise NotAllowed(
                gettext(
                    "There is no place left for “%(extra)s”. Clear it, then send the form again."
                )
                % {"extra": extra}
            )


def _store_parts(registration: Registration, given: Answers) -> None:
    registration.extras.set(given.extras)
    if given.needs is not None:
        if any(given.needs.values()):
            AttendeeNeeds.objects.update_or_create(
                registration=registration, defaults=dict(given.needs)
            )
        else:
            AttendeeNeeds.objects.filter(registration=registration).delete()
    for question, text in given.answers.items():
        RegistrationAnswer.objects.update_or_create(
            registration=registration, question=question, defaults={"text": text}
        )
    for consent, is_given in given.consents.items():
        _store_consent(registration, consent, is_given=is_given)


def _store_consent(
    registration: Registration, consent: RegistrationConsent, *, is_given: bool
) -> None:
    """Keep a consent with its text and time; the same text keeps its first time."""
    rows = registration.consents.filter(consent=consent)
    if not is_given:
        rows.delete()
    elif not rows.filter(text=consent.text).exists():
        rows.delete()
        GivenConsent.objects.create(registration=registration, consent=consent, text=consent.text)


def _promote(period: RegistrationPeriod) -> list[Registration]:
    """Give each free place to the first who waits for one of its kind; the period is locked.

    After the last day nobody is promoted: a place is no use then.
    """
    if period.edition.is_past or period.edition.is_cancelled:
        return []
    waiting = list(
        Registration.objects.for_edition(period.edition).waiting().select_related("edition", "kind")
    )
    promoted: list[Registration] = []
    if not waiting:
        return promoted
    places = Places.of(period)
    while registration := places.next_in_line(waiting):
        waiting.remove(registration)
        places.give(registration.kind)
        _give_place(registration)
        promoted.append(registration)
    return promoted


def _give_place(registration: Registration) -> None:
    registration.status, registration.waiting_since = Registration.Status.REGISTERED, None
    _save(registration)
    send_letter(registration, "promoted")
