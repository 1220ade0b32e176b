"""Users change their own address, once the new one is verified."""

import re

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.services import confirm_address
from tests.accounts.helpers import PASSWORD, sign_in, signed_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db, settings):
    settings.HAS_MAIL = True
    user = make_user("Editor", email="old@example.org")
    confirm_address(user=user)
    return user


@pytest.fixture
def as_person(person) -> Client:
    client = signed_in(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def _ask(client: Client, email: str = "New@example.org"):
    return client.post("/accounts/email/", {"action_add": "", "email": email})


def _link() -> str:
    (path,) = re.findall(r"http://\S+?(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    return path


def test_the_address_changes_when_the_link_is_confirmed_and_not_before(as_person, person):
    _ask(as_person)
    shown = as_person.get(_link())
    person.refresh_from_db()
    assert person.email == "old@example.org"
    assert "new@example.org" in shown.content.decode()

    as_person.post(_link())

    person.refresh_from_db()
    assert person.email == "new@example.org"
    assert [letter.to for letter in mail.outbox] == [["new@example.org"], ["old@example.org"]]
    assert sign_in(Client(), "new@example.org").status_code == 302
    assert sign_in(Client(), "old@example.org").status_code == 200


def test_a_changed_address_ends_all_sessions_but_that_of_the_acting_browser(as_person, person):
    elsewhere = signed_in(person)
    _ask(as_person)

    as_person.post(_link())

    assert as_person.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_the_password_is_asked_again_first(person):
    response = _ask(signed_in(person))

    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []


def test_a_pending_change_closes_no_page_and_can_be_cancelled(as_person, person):
    _ask(as_person)
    assert as_person.get("/accounts/2fa/totp/activate/").status_code == 200
    assert "Change not yet confirmed" in as_person.get("/accounts/email/").content.decode()

    as_person.post("/accounts/email/", {"action_remove": "", "email": "new@example.org"})

    assert "Change not yet confirmed" not in as_person.get("/accounts/email/").content.decode()


def test_the_address_of_another_account_is_not_taken_over(as_person, person):
    other = make_user("Chair", email="taken@example.org")
    confirm_address(user=other)

    _ask(as_person, "taken@example.org")
    as_person.post(_link())

    person.refresh_from_db()
    assert person.email == "old@example.org"
    assert "Another account has" in as_person.get(_link()).content.decode()


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "Enter your new email address"),
        ("nobody", "Enter an email address in the form name@example.org"),
        ("old@example.org", "This is already your address."),
    ],
)
def test_a_mistake_is_shown_above_and_at_the_field(as_person, email, message):
    html = _ask(as_person, email).content.decode()

    assert "There is a problem" in html
    assert html.count(message) == 2
