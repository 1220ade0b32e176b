"""People change the address they sign in with themselves, once the new one is proved."""

import re

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.services import confirm_address
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def person(db, settings):
    settings.HAS_MAIL = True
    user = make_user("Editor", email="old@example.org")
    confirm_address(user=user)
    return user


@pytest.fixture
def as_person(person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
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
    signed_in = Client().post(
        "/accounts/login/", {"login": "new@example.org", "password": PASSWORD}
    )
    refused = Client().post("/accounts/login/", {"login": "old@example.org", "password": PASSWORD})
    assert (signed_in.status_code, refused.status_code) == (302, 200)


def test_the_password_is_asked_again_first(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    response = _ask(client)

    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []


def test_a_change_under_way_can_be_given_up(as_person, person):
    _ask(as_person)
    assert "Change under way" in as_person.get("/accounts/email/").content.decode()

    as_person.post("/accounts/email/", {"action_remove": "", "email": "new@example.org"})

    assert "Change under way" not in as_person.get("/accounts/email/").content.decode()


def test_an_address_of_somebody_else_is_not_taken_over(as_person, person):
    other = make_user("Chair", email="taken@example.org")
    confirm_address(user=other)

    _ask(as_person, "taken@example.org")
    as_person.post(_link())

    person.refresh_from_db()
    assert person.email == "old@example.org"
    assert "Somebody else has an account" in as_person.get(_link()).content.decode()


def test_a_change_under_way_locks_nobody_out_of_the_second_factor(as_person):
    _ask(as_person)

    assert as_person.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("", "Enter your new e-mail address"),
        ("nobody", "Enter an e-mail address in the form name@example.org"),
        ("old@example.org", "This is already your address."),
    ],
)
def test_a_mistake_is_said_in_words(as_person, email, words):
    html = _ask(as_person, email).content.decode()

    assert "There is a problem" in html
    assert html.count(words) == 2
