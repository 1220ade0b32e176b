"""Erasure of everything private about an address, and its repetition after a restore."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.html import escape
from django.utils.text import get_text_list

from apps.accounts.models import User
from apps.contributors.models import Speaker
from apps.core.exceptions import NotAllowed
from apps.core.frozen import frozen_folder, frozen_slugs, thaw
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.services import erase_expressions
from apps.people.models import Person, PersonProfile
from apps.privacy.models import Erasure
from apps.privacy.person import RowsOf, address_digest, stored_addresses
from apps.programme.models import Contribution
from apps.registration.models import Registration
from apps.registration.services import erase_registrations, promote_waiting

ERASED_NAME = "Former organiser"
_FORMAT = "workshop-erasures"
_WITH_TEXT = {".html", ".ics", ".json", ".xml", ".atom", ".bib"}


class Plan(NamedTuple):
    """Sentences about what an erasure removes, and what stays and why."""

    goes: list[str]
    stays: list[str]


class Stored(NamedTuple):
    """An erasure as files and other databases have it."""

    kind: str
    digest: str
    erased_at: datetime


_SAID = {
    Expression,
    Registration,
    Speaker,
    Person,
    PersonProfile,
    User,
}  # by the sentences of `plan`


def plan(address: str) -> Plan:
    """Say what `erase_address` would do."""
    rows = RowsOf.of(address)
    goes = [
        f"Entry {entry.display_reference} of {entry.edition} "
        f"({entry.get_state_display().lower()}), “{entry.plain_title}”, with its answers, PDF, "
        "consents, reviews, comments, notes, log, links and emails"
        for entry in rows.entries
    ]
    goes += [
        f"Registration {each.display_code} for {each.edition} ({each.get_status_display().lower()}), "
        "with its answers, needs, consents, ticket, links and emails"
        for each in rows.registrations
    ]
    goes += [
        f"The access of {speaker.person} as a speaker of {speaker.edition}, with "
        f"{count_of(speaker.proposals.count(), 'change')} that wait for approval"
        for speaker in rows.speakers
    ]
    for person, names_them in _people(rows):
        if not names_them:
            goes.append(f"{person} in the list of people, whom no edition names")
        elif rows.people.contains(person):
            goes.append(f"The public email address of {person}")
    goes += [
        f"The account of {user}: name, address, password, second factors and roles, and the places "
        "as a reviewer with affiliation, conflicts of interest and assignments"
        for user in rows.accounts
    ]
    if slugs := _frozen_pages_with(rows.spellings):
        goes.append(
            f"The address on the frozen pages of {get_text_list(slugs, 'and')}: they are thawed, so "
            "that visitors see what is stored"
        )
    if others := sum(part.count() for part in rows if part.model not in _SAID):
        goes.append(f"Emails to the address, invitations and requests for a link: {others}")
    return Plan(goes, list(_what_stays(rows)) if goes else [])


def _people(rows: RowsOf) -> list[tuple[Person, list[Edition]]]:
    """The people who have the address, or had a link sent to it, and the editions naming them."""
    people = Person.objects.filter(
        Q(pk__in=rows.people.values("pk")) | Q(pk__in=rows.speakers.values("person"))
    )
    editions = list(Edition.objects.all())
    return [(person, [each for each in editions if _is_named(person, each)]) for person in people]


def _is_named(person: Person, edition: Edition) -> bool:
    editions = Edition.objects.filter(pk=edition.pk)
    return Person.objects.filter(pk=person.pk).named_in(editions).exists()


def _what_stays(rows: RowsOf) -> Iterator[str]:
    shown = Contribution.objects.filter(origin__expression__in=rows.entries).published()
    for contribution in shown.exclude(edition__state=Edition.State.DRAFT).select_related("edition"):
        yield (
            f"“{contribution}” in the published programme of {contribution.edition}, as the "
            "student was told. Remove it there if it is to go"
        )
    for person, editions in _people(rows):
        if editions:
            yield (
                f"{person} on the pages of {get_text_list([str(each) for each in editions], 'and')}"
                ", as a chair, speaker or member. Remove them there if they are to go"
            )
    for user in rows.accounts:
        yield (
            f"What {user} reviewed, decided, noted and published, under “{ERASED_NAME}”: it is "
            "about others. Reviews, comments and notes go when their storage period is over"
        )
    for slug in _frozen_pages_with(_names(rows)):
        yield (
            f"The name on the frozen pages of {slug}. If it is to go, remove it at the desk, then "
            "freeze that edition again"
        )
    yield "Backups hold all of it until they are deleted. When one is restored, it is erased again"
    yield (
        "What was not searched: names without an address, such as co-authors and supervisors in the "
        "entries of others, and words in texts"
    )


def _names(rows: RowsOf) -> set[str]:
    """What the entries and the people are called."""
    return {
        *rows.entries.values_list("name", flat=True),
        *(person.name for person, _ in _people(rows)),
    }


def _frozen_pages_with(texts: Iterable[str]) -> list[str]:
    """The frozen editions whose pages or feeds have one of these names or addresses."""
    written = {form.lower() for text in texts if text for form in (text, escape(text))}
    return [slug for slug in frozen_slugs() if _has_any(frozen_folder(slug), written)]


def _has_any(folder: Path, texts: set[str]) -> bool:
    pages = (path for path in folder.rglob("*") if path.suffix in _WITH_TEXT)
    return any(
        text in content
        for page in pages
        for content in [page.read_text(encoding="utf-8", errors="replace").lower()]
        for text in texts
    )


def erase_address(*, address: str, by: User) -> None:
    """Erase everything private about an address, in all editions, or nothing.

    Raises NotAllowed for the user's own account, for one with more permissions, and for the contact
    address of an edition.
    """
    rows = RowsOf.of(address)
    if edition := Edition.objects.filter(contact_email__iexact=address.strip()).first():
        raise NotAllowed(f"It is the contact address of {edition}. Change it there first.")
    for user in rows.accounts:
        if user == by:
            raise NotAllowed("This is your own account. Ask another chair to erase it.")
        if not by.may_manage(user):
            raise NotAllowed(
                f"{user} has permissions that you do not have, so you cannot erase them."
            )
    with transaction.atomic():
        _erase(rows)
        digest = address_digest(address)
        Erasure.objects.create(kind=Erasure.Kind.ADDRESS, digest=digest)


def _erase(rows: RowsOf) -> None:
    people, accounts = _people(rows), list(rows.accounts)
    for spelling in rows.spellings:
        _clear_log_with(spelling)
    _clear_log_about(rows.entries)
    _clear_log_about(rows.accounts)
    for person, editions in people:
        if not editions:
            _clear_log_about(Person.objects.filter(pk=person.pk))
            versions = Person.history.filter(id=person.pk)
            person.delete()
            versions.delete()
    tables: list[type[Model]] = [Person, PersonProfile]
    for model in [*tables, Person.history.model, PersonProfile.history.model]:
        shown = model._default_manager.filter(contact_email__in=rows.spellings)
        shown.update(contact_email="")
    erase_expressions(Expression.objects.filter(pk__in=[entry.pk for entry in rows.entries]))
    _erase_guests(rows.registrations)
    for part in rows:
        if part.model not in {Expression, Registration, Person, PersonProfile, User}:
            part.delete()
    for user in accounts:
        _erase_account(user)
    for slug in _frozen_pages_with(rows.spellings):
        transaction.on_commit(partial(thaw, slug))


def _erase_guests(registrations: QuerySet[Registration]) -> None:
    """Erase registrations; their places go to those who wait."""
    editions = {each.edition for each in registrations.select_related("edition")}
    keys = [each.pk for each in registrations]
    erase_registrations(Registration.objects.filter(pk__in=keys))
    for edition in editions:
        promote_waiting(edition=edition)


def _erase_account(user: User) -> None:
    """Close an account and remove its person; reviews, decisions and history still refer to it."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.reviewing.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.email, user.name = f"erased-{user.pk}@erased.invalid", ERASED_NAME
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def _clear_log_about(rows: QuerySet[Any]) -> None:
    about = ContentType.objects.get_for_model(rows.model)
    keys = [str(row.pk) for row in rows]
    _clear_log(LogEntry.objects.filter(content_type=about, object_id__in=keys))


def _clear_log_with(address: str) -> None:
    # Not "joe@example.org" for "e@example.org".
    whole = re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)
    lines = LogEntry.objects.filter(
        Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    )
    keys = [each.pk for each in lines if whole.search(f"{each.object_repr} {each.change_message}")]
    _clear_log(LogEntry.objects.filter(pk__in=keys))


def _clear_log(lines: QuerySet[LogEntry]) -> None:
    lines.update(object_repr="[erased]", change_message="")


def record_entry(sender: type[Model], expression: Expression, **kwargs: Any) -> None:
    """Record that one entry is erased, for its student or by a chair."""
    Erasure.objects.create(kind=Erasure.Kind.ENTRY, digest=_entry_digest(expression.reference))


def record_guest(sender: type[Model], registration: Registration, **kwargs: Any) -> None:
    """Record that one registration is erased by its person."""
    digest = _guest_digest(registration.ticket_token)
    Erasure.objects.create(kind=Erasure.Kind.GUEST, digest=digest)


def _guest_digest(ticket: str) -> str:
    return salted_hmac("apps.privacy.guest", ticket, algorithm="sha256").hexdigest()


def _entry_digest(reference: str) -> str:
    return salted_hmac("apps.privacy.entry", reference, algorithm="sha256").hexdigest()


def count_erasures(*, since: datetime) -> int:
    return Erasure.objects.filter(erased_at__gt=since).count()


# After a restore


def stored_erasures() -> set[Stored]:
    """The erasures of the database; none if it is of an earlier version, or empty."""
    if Erasure._meta.db_table not in connection.introspection.table_names():
        return set()
    return {Stored(*row) for row in Erasure.objects.values_list("kind", "digest", "erased_at")}


@transaction.atomic
def apply_again(erasures: set[Stored]) -> str:
    """Apply those erasures that this database has no record of: they are later than its backup.

    Returns a sentence that says how many addresses and entries were erased.
    """
    later = erasures - stored_erasures()
    digests = {kind: {each.digest for each in later if each.kind == kind} for kind in Erasure.Kind}
    addresses = [
        spellings
        for address, spellings in stored_addresses().items()
        if address_digest(address) in digests[Erasure.Kind.ADDRESS]
    ]
    named = _frozen_pages_with(
        name for spellings in addresses for name in _names(RowsOf(spellings))
    )
    for spellings in addresses:
        _erase(RowsOf(spellings))
    entries = [
        pk
        for pk, reference in Expression.objects.values_list("pk", "reference")
        if _entry_digest(reference) in digests[Erasure.Kind.ENTRY]
    ]
    erase_expressions(Expression.objects.filter(pk__in=entries))
    guests = [
        pk
        for pk, ticket in Registration.objects.values_list("pk", "ticket_token")
        if _guest_digest(ticket) in digests[Erasure.Kind.GUEST]
    ]
    _erase_guests(Registration.objects.filter(pk__in=guests))
    Erasure.objects.bulk_create(Erasure(**each._asdict()) for each in sorted(later))
    entry = count_of(len(entries), "entry", "entries")
    if guests:
        entry = f"{entry}, {count_of(len(guests), 'registration')}"
    address = count_of(len(addresses), "address", "addresses")
    done = f"Erased again: {entry}, and everything private about {address}."
    if named:
        done = (
            f"{done} The frozen pages of {get_text_list(named, 'and')} have the name of an erased "
            "person: if it is to go, remove it at the desk, and freeze that edition again."
        )
    return done


def write_erasures(erasures: Iterable[Stored]) -> str:
    """A file with erasures, to be kept on another machine: hashes and times only."""
    rows = [[each.kind, each.digest, each.erased_at.isoformat()] for each in sorted(erasures)]
    return json.dumps({"format": _FORMAT, "erasures": rows}, indent=1)


def read_erasures(path: Path) -> set[Stored]:
    """The erasures of a file; raises ValueError if it is none, and OSError."""
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != _FORMAT:
            raise ValueError
        return {_read_row(*row) for row in content["erasures"]}
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(f"{path} is not a list of erasures, as list_erasures writes it.") from None


def _read_row(kind: str, digest: str, erased_at: str) -> Stored:
    moment = datetime.fromisoformat(erased_at)
    if moment.tzinfo is None or not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError
    return Stored(Erasure.Kind(kind).value, digest, moment)
