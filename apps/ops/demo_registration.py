"""The registration of the invented edition: open, full, with a waiting list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from apps.editions.models import Edition
from apps.interest.models import REFERENCE_ALPHABET
from apps.mail.models import Letter
from apps.registration.models import (
    AttendanceKind,
    Registration,
    RegistrationConsent,
    RegistrationPeriod,
    RegistrationQuestion,
)
from apps.registration.services import Answers, cancel, register

_PLACES = 17
_GUESTS = (
    *("Amara Okafor", "Björn Lindqvist", "Chiara Rossi", "Dmitri Volkov", "Elif Yılmaz"),
    *("Fatima Al-Zahra", "Giorgos Papadopoulos", "Hana Nováková", "Ingrid Solberg", "Jun Watanabe"),
    *("Kwame Mensah", "Lucía Fernández", "Mei-Ling Chen", "Nadia Rahman", "Oluwaseun Adeyemi"),
    *("Priya Raghunathan", "Quentin Moreau", "Rania Haddad", "Siobhán Ó Briain", "Tomasz Wójcik"),
    *("Ulrike Schäfer", "Vikram Iyer", "Wanjiru Kamau", "Ximena Castillo"),
)
_KINDS: list[dict[str, Any]] = [
    {"name": "In person", "price_note": "€ 80"},
    {"name": "Student", "price_note": "€ 20", "description": "with a student card"},
    {"name": "Online", "price_note": "free", "takes_place": False},
    {"name": "Dinner", "price_note": "€ 45", "is_extra": True, "capacity": 12},
]
_DIETS = {3: "Vegetarian", 8: "Vegan", 14: "No nuts"}


def build_registration(edition: Edition, today: date) -> None:
    """Open the registration three weeks ago and register people up to now."""
    opens_on = today - timedelta(days=21)
    RegistrationPeriod.objects.create(
        edition=edition,
        is_public=True,
        opens_on=opens_on,
        closes_on=edition.registration_closes_on or edition.starts_on,
        capacity=_PLACES,
        introduction="Everyone who works on small models is welcome. Lunch and coffee are included.",
        payment_note="You will get an invoice by email. You can also pay by card at the desk.",
    )
    kinds = [
        AttendanceKind.objects.create(edition=edition, ordering=10 * number, **fields)
        for number, fields in enumerate(_KINDS, start=1)
    ]
    question = RegistrationQuestion.objects.create(
        edition=edition, label="What would you like to discuss?", kind="long_text"
    )
    photos = RegistrationConsent.objects.create(
        edition=edition, text="I may be photographed at the workshop."
    )
    conduct = RegistrationConsent.objects.create(
        edition=edition, text="I will follow the code of conduct.", is_required=True
    )
    begins = datetime.combine(opens_on, time(10, 15), tzinfo=edition.zone)
    for number, name in enumerate(_GUESTS):
        address = f"guest{number + 1}@strathmoor.example"
        moment = begins + timedelta(hours=17 * number)
        given = Answers(
            fields={"name": name, "email": address, "affiliation": "University of Strathmoor"},
            kind=kinds[2 if number % 8 == 5 else number % 3 == 1],
            extras=kinds[3:] if number % 4 == 0 else [],
            needs={"diet": _DIETS.get(number, ""), "access": ""},
            answers={question: "How small is too small?" if number % 7 == 2 else ""},
            consents={photos: number % 5 != 0, conduct: True},
        )
        registration, _, _ = register(edition=edition, given=given, confirmed_at=moment)
        _backdate(registration, moment, code=_code(number))
    cancel(
        registration=Registration.objects.get(edition=edition, email="guest6@strathmoor.example")
    )
    letters = Letter.objects.filter(registration_link__registration__edition=edition)
    for letter in letters.select_related("registration_link__registration"):
        sent_at = letter.registration_link.registration.created_at
        Letter.objects.filter(pk=letter.pk).update(
            state=Letter.State.SENT, created_at=sent_at, sent_at=sent_at, due_at=sent_at
        )


def _backdate(registration: Registration, moment: datetime, *, code: str) -> None:
    waiting_since = moment if registration.is_waiting else None
    Registration.objects.filter(pk=registration.pk).update(
        code=code, created_at=moment, waiting_since=waiting_since
    )


def _code(number: int) -> str:
    """A code that is the same every time."""
    signs = REFERENCE_ALPHABET
    return f"G{signs[number % 21]}{signs[number // 21]}7K{signs[(5 * number) % 21]}"
