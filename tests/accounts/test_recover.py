"""manage.py recover: the way back for who lost a password or a second factor."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _recover(*arguments: str) -> str:
    out = StringIO()
    call_command("recover", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def person(db):
    user = make_user("Chair", email="person@example.org")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    return user


def test_it_prints_a_link_that_sets_a_password_and_signs_the_person_out(person):
    signed_in = Client()
    signed_in.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    person.refresh_from_db()

    (link,) = [line for line in _recover("Person@example.org").splitlines() if "://" in line]

    assert link.startswith(settings.SITE_URL)
    assert signed_in.get("/admin/").status_code == 302
    visitor = Client()
    form = visitor.get(link.removeprefix(settings.SITE_URL), follow=True)
    visitor.post(
        form.redirect_chain[-1][0],
        {"password1": "quite other words", "password2": "quite other words"},
    )
    person.refresh_from_db()
    assert person.check_password("quite other words")
    assert Authenticator.objects.count() == 1


def test_it_removes_the_second_factor_when_asked(person):
    printed = _recover("person@example.org", "--second-factor")

    assert "The second factor of person@example.org has been removed." in printed
    assert Authenticator.objects.count() == 0


def test_an_unknown_address_is_refused_in_plain_words():
    with pytest.raises(CommandError, match=r"^Nobody has an account with the address x@y\.org\.$"):
        _recover("x@y.org")


def test_an_account_that_is_switched_off_is_refused():
    make_user(email="gone@example.org", is_active=False)

    with pytest.raises(CommandError, match="switched off"):
        _recover("gone@example.org")
