"""Emails from chairs to registered people: thanks, slides, a survey, certificates, or any text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.utils import translation

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.mail.models import Letter, Mailing
from apps.mail.services import as_test, text_letter
from apps.mail.texts import (
    EDITION_PLACEHOLDERS,
    edition_values,
    read_text,
    register_text,
)
from apps.registration.letters import LINK_MAKER
from apps.registration.models import Registration, RegistrationLetter, RegistrationQuerySet

BULK_LETTER = "registration/mailing"
PLACEHOLDERS = {
    "name": "The person's name",
    **EDITION_PLACEHOLDERS,
    "private_link": "The link to the person's own page, with ticket and certificate; created when "
    "the email is sent",
}
# What a chair replaces in the text about a survey, in each language.
SURVEY_LINKS = ("[link of the survey]", "[Link der Umfrage]", "[lien de l’enquête]")
_BATCH = 500  # rows in one INSERT
TEXTS = {
    "registration/thanks": "Thanks to attendees",
    "registration/slides": "Slides are online",
    "registration/survey": "Survey",
    "registration/certificate": "Certificates of attendance",
}


def register_texts() -> None:
    """Register the default texts; called once, when the app is ready."""
    folder = Path(__file__).parent / "letter_texts"
    for kind, label in TEXTS.items():
        register_text(
            kind,
            label=label,
            when="What an email to registered people can begin with.",
            placeholders=PLACEHOLDERS,
            **read_text(folder, f"attendees_{kind.partition('/')[2]}"),
        )


class Audience(NamedTuple):
    """People of an edition to write to; `name` is that in the address of the page."""

    name: str
    label: str
    people: RegistrationQuerySet


def audiences(edition: Edition) -> list[Audience]:
    """All groups of registered people who can be written to, in the order of the page."""
    people = Registration.objects.for_edition(edition)
    attending = people.attending()
    groups = [
        Audience("attending", "Everyone with a place", attending),
        Audience("checked-in", "Checked in", attending.checked_in()),
        Audience("absent", "With a place, not checked in", attending.filter(checked_in_at=None)),
        Audience("waiting", "On the waiting list", people.waiting()),
    ]
    groups += [
        Audience(f"kind-{kind.pk}", f"With a place: {kind.name}", attending.filter(kind=kind))
        for kind in edition.attendance_kinds.all()
    ]
    return groups


def recipients_of(audience: Audience, edition: Edition) -> list[Registration]:
    """Its people with an address, by name."""
    rows = list(audience.people.exclude(email="").order_by("name", "pk"))
    for row in rows:
        row.edition = edition
    return rows


def list_token(recipients: Sequence[Registration]) -> str:
    return version_token(*sorted((row.pk, row.email) for row in recipients))


def build_letter(registration: Registration, *, subject: str, body: str) -> Letter:
    """The email to one person, unsaved."""
    edition = registration.edition
    with translation.override(edition.language_code):
        values = {"name": registration.name, **edition_values(edition)}
    return text_letter(
        edition=edition,
        kind=BULK_LETTER,
        subject=subject,
        body=body,
        values=values,
        to_email=registration.email,
        to_name=registration.name,
        link_maker=LINK_MAKER,
        link_subject=registration.pk,
    )


def queue_test(registration: Registration, *, subject: str, body: str, to: User) -> None:
    """Queue the email to a chair, to see it in a mailbox; it is erased with the registration."""
    with transaction.atomic():
        letter = as_test(build_letter(registration, subject=subject, body=body), to=to)
        letter.save()
        RegistrationLetter.objects.create(registration=registration, letter=letter)


def send_mailing(
    *,
    edition: Edition,
    audience: Audience,
    token: str,
    key: str,
    subject: str,
    body: str,
    by: User,
) -> tuple[Mailing, bool]:
    """Queue one email to each person; returns the mailing, and whether it is new.

    `key` comes from the page: a page sent twice is one mailing. Raises ChangedMeanwhile, and writes
    nothing, if `token` is not that of the people as they are now.
    """
    if existing := Mailing.objects.filter(key=key).first():
        return existing, False
    with transaction.atomic():
        fields = {"subject": subject, "body": body, "chosen": audience.label, "made_by": by}
        mailing, is_new = Mailing.objects.get_or_create(
            key=key, defaults={"edition": edition, **fields}
        )
        if not is_new:
            return mailing, False
        recipients = recipients_of(audience, edition)
        if not recipients or list_token(recipients) != token:
            raise ChangedMeanwhile
        letters = [build_letter(row, subject=subject, body=body) for row in recipients]
        for letter in letters:
            letter.mailing = mailing
        Letter.objects.bulk_create(letters, batch_size=_BATCH)
        RegistrationLetter.objects.bulk_create(
            [
                RegistrationLetter(registration=row, letter=letter)
                for row, letter in zip(recipients, letters, strict=True)
            ],
            batch_size=_BATCH,
        )
    return mailing, True
