"""Where visitors of an edition can register: here, or elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.urls import reverse

from apps.editions.models import Call, Edition


class RegistrationOffer(NamedTuple):
    """What the home page says of the registration; `opens_at` is given until then."""

    url: str
    is_open: bool
    opens_at: datetime | None = None
    closes_on: date | None = None


def registration_offer(edition: Edition) -> RegistrationOffer | None:
    """Our own registration if it is public, else the external one; None if neither is open.

    One that is not open yet is told with its date.
    """
    if edition.is_past or edition.is_cancelled:
        return None
    period = getattr(edition, "registration_period", None)
    if period is None or not period.is_public:
        if not edition.is_registration_open:
            return None
        url, closes_on = edition.registration_url, edition.registration_closes_on
        return RegistrationOffer(url, True, None, closes_on)
    url = reverse("registration:form", args=[edition.slug])
    if period.status == Call.Status.BEFORE:
        return RegistrationOffer(url, False, period.opens_at)
    if period.status == Call.Status.OPEN:
        return RegistrationOffer(url, True, None, period.closes_on)
    return None
