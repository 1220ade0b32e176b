"""manage.py recover: a new password, and the second factor removed."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from tests.accounts.helpers import NEW_PASSWORD, signed_in
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
    elsewhere = signed_in(person)

    (link,) = [line for line in _recover("Person@example.org").splitlines() if "://" in line]

    assert link.startswith(settings.SITE_URL)
    assert elsewhere.get("/admin/").status_code == 302
    visitor = Client()
    form = visitor.get(link.removeprefix(settings.SITE_URL), follow=True)
    visitor.post(form.redirect_chain[-1][0], NEW_PASSWORD)
    person.refresh_from_db()
    assert person.check_password(NEW_PASSWORD["password1"])
    assert Authenticator.objects.count() == 1


def test_it_removes_the_second_factor_when_asked(person):
    printed = _recover("person@example.org", "--second-factor")

    assert "The second factor of person@example.org has been removed." in printed
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("x@y.org", r"^No account has the address x@y\.org\.$"),
        ("off@example.org", "deactivated"),
    ],
)
def test_an_unknown_or_inactive_account_is_refused(address, message):
    make_user(email="off@example.org", is_active=False)

    with pytest.raises(CommandError, match=message):
        _recover(address)
