"""Everything about an address that registered, its erasure, and its repetition after a restore."""

import pytest

from apps.mail.models import Letter
from apps.privacy.erasures import apply_again, erase_address, plan, stored_erasures
from apps.privacy.models import Erasure
from apps.privacy.person import collect
from apps.registration.models import AttendeeNeeds, Registration
from apps.registration.services import erase_on_request
from tests.factories import make_registration, make_user
from tests.registration.guests import make_open_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(db) -> Registration:
    edition = make_open_registration(capacity=1).edition
    registration = make_registration(edition, name="Ada Example", email="Ada@example.org")
    AttendeeNeeds.objects.create(registration=registration, diet="vegan")
    return registration


def test_a_registration_belongs_to_what_is_stored_about_an_address(guest):
    found = collect("ada@example.org")

    (registration,) = found["registrations"]
    assert registration["registration"]["name"] == "Ada Example"
    assert registration["needs"]["diet"] == "vegan"


def test_an_address_is_erased_with_its_registration_and_the_next_gets_the_place(guest):
    waits = make_registration(guest.edition, status="waiting")

    sentence = plan("ada@example.org").goes[0]
    erase_address(address="ada@example.org", by=make_user("Chair"))

    assert sentence.startswith(f"Registration {guest.display_code} for ")
    assert [*Registration.objects.all()] == [waits]
    assert not AttendeeNeeds.objects.exists()
    waits.refresh_from_db()
    assert waits.is_attending
    assert not Letter.objects.filter(to_email__iexact="ada@example.org").exists()


def test_a_registration_that_its_person_erased_is_erased_again_after_a_restore(guest):
    values = {
        field.attname: getattr(guest, field.attname) for field in Registration._meta.concrete_fields
    }
    erase_on_request(registration=guest)
    erasures = stored_erasures()
    Erasure.objects.all().delete()
    Registration.objects.create(**values)

    told = apply_again(erasures)

    assert "1 registration" in told
    assert not Registration.objects.exists()
