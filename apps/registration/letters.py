"""Letters about registrations: confirmation with calendar file and ticket, promotion, cancelling."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils import translation

from apps.mail.models import Letter
from apps.mail.services import LetterSubject, queue_letter
from apps.programme.dates_calendar import make_days_calendar
from apps.registration.models import Registration, RegistrationLetter

LINK_MAKER = "registration"
# Letters to people who have a place, with the calendar file and the ticket.
_WITH_TICKET = {"confirmation", "promoted", "invited", "address_changed"}
# The address that these go to may no longer be that of the person.
_WITHOUT_LINK = {"address_changed_old"}

KIND_LABELS = {
    "registration/confirmation": "Confirmation of a registration",
    "registration/invited": "A place for a speaker or student",
    "registration/promoted": "A place from the waiting list",
    "registration/cancelled": "A registration was cancelled",
    "registration/sent_again": "A registration was sent again",
    "registration/link": "Link to a registration, sent again",
    "registration/address_changed": "Registration: change of address, to the new one",
    "registration/address_changed_old": "Registration: change of address, to the old one",
}


def send_letter(
    registration: Registration, kind: str, *, to_email: str = "", **context: Any
) -> Letter | None:
    """Queue the letter `kind` (a folder of templates/registration/letters/) about a registration.

    None is queued if the person gave no address.
    """
    if not (email := to_email or registration.email):
        return None
    edition = registration.edition
    has_link = kind not in _WITHOUT_LINK
    has_ticket = kind in _WITH_TICKET and registration.is_attending
    period = getattr(edition, "registration_period", None)
    letter = queue_letter(
        kind=f"registration/{kind}",
        template=f"registration/letters/{kind}",
        to_email=email,
        to_name=registration.name,
        edition=edition,
        context={"registration": registration, "period": period, **context},
        link_maker=LINK_MAKER if has_link else "",
        link_subject=registration.pk if has_link else None,
        calendar=_calendar(registration) if has_ticket else "",
        qr_text=registration.ticket_url if has_ticket else "",
    )
    RegistrationLetter.objects.create(registration=registration, letter=letter)
    return letter


def _calendar(registration: Registration) -> str:
    """The days of the edition, in its language; "" while these are not known."""
    with translation.override(registration.edition.language_code):
        return (make_days_calendar(registration.edition) or b"").decode()


def find_registrations_of_letters(letters: Collection[int]) -> dict[int, LetterSubject]:
    """The registrations that letters are about, by the keys of the letters."""
    links = RegistrationLetter.objects.filter(letter__in=letters).select_related("registration")
    return {
        link.letter_id: LetterSubject(
            f"{link.registration.display_code}: {link.registration.name}",
            reverse("admin:registration_registration_change", args=[link.registration_id]),
        )
        for link in links
    }
