"""Open registrations, data of the form, and browsers of people who registered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.editions.models import Edition
from apps.private_links.models import link_expiry
from apps.registration.models import Registration, RegistrationLink, RegistrationPeriod
from tests.factories import make_edition, make_registration_period
from tests.interest.calls import open_page

HERE = "/2030/register/"


def make_open_registration(**fields) -> RegistrationPeriod:
    """A registration that opened yesterday and closes tomorrow, of an edition at /2030/."""
    edition = fields.pop("edition", None) or make_edition(
        slug="2030", title="Workshop 2030", contact_email="chairs@example.org"
    )
    today = timezone.now().date()
    dates = {"opens_on": today - timedelta(days=1), "closes_on": today + timedelta(days=1)}
    return make_registration_period(edition, **dates | fields)


def typed(**changes) -> dict[str, Any]:
    """Valid data of the form, without its hidden fields."""
    return {"name": "Ada Example", "email": "ada@example.org"} | changes


def register_in(client: Client, **changes):
    """Open the form, fill it in and send it."""
    return client.post(HERE, typed(**changes) | {"token": open_page(client, HERE)})


def guest_browser(registration: Registration) -> Client:
    """A browser signed in by a private link of the registration."""
    client = Client()
    _, token = RegistrationLink.mint(
        registration=registration, expires_at=link_expiry(registration.edition)
    )
    response = client.post(f"/{registration.edition.slug}/register/link/{token}/")
    assert response.status_code == 302
    return client


def register_people(edition: Edition, number: int, **changes) -> list[Registration]:
    """Let so many strangers register through the form, each from a browser of their own."""
    for each in range(number):
        client = Client()
        data = typed(email=f"guest{each}@example.org", name=f"Guest {'ABCDEFGHIJ'[each]}")
        client.post(
            f"/{edition.slug}/register/",
            data | changes | {"token": open_page(client, f"/{edition.slug}/register/")},
        )
    return list(Registration.objects.for_edition(edition).order_by("pk"))
