"""The page of an invitation's link."""

import logging
from logging.config import DictConfigurator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from apps.accounts.models import Invitation, User
from apps.accounts.services import first_organiser_link, invitation_path, withdraw_invitation
from tests.accounts.helpers import PASSWORD, invited_path
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FILLED = {
    "name": "Nia New",
    "password": "several words to remember",
    "again": "several words to remember",
}


@pytest.fixture
def path(db) -> str:
    return invited_path()


def test_opening_the_page_changes_nothing(client, path):
    before = list(Invitation.objects.values())

    for _ in range(2):
        response = client.get(path)

    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="new@example.org"' in html
    assert 'autocomplete="new-password"' in html
    assert 'autocomplete="name"' in html
    assert list(Invitation.objects.values()) == before
    assert User.objects.count() == 0
    assert [client.put(path).status_code, client.delete(path).status_code] == [405, 405]


def test_the_page_is_private_and_links_to_no_other_site(client, path):
    for response in (client.get(path), client.get("/invitations/nonsense/")):
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"
        assert "http" not in response.content.decode().split("<main", 1)[1].split("</main")[0]


def test_accepting_creates_only_the_invited_account_and_signs_in_with_a_new_session(client, path):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    forged = {"email": "evil@example.org", "role": "Chair", "is_superuser": "1"}

    response = client.post(path, FILLED | forged)

    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert (user.email, user.name, user.is_superuser) == ("new@example.org", "Nia New", False)
    assert user.is_staff
    assert [group.name for group in user.groups.all()] == ["Editor"]
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, "new@example.org", True, True)
    ]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key != session.session_key
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Enter your name"),
        ({"name": "x" * 201}, "Write your name in at most 200 characters"),
        ({"password": "", "again": ""}, "Enter a password"),
        (
            {"again": "something else"},
            "Type the same password in both fields. They were different.",
        ),
        ({"password": "short", "again": "short"}, "This password is too short"),
        ({"password": "1q2w3e4r5t6y", "again": "1q2w3e4r5t6y"}, "too common"),
        ({"password": "new@example.org", "again": "new@example.org"}, "too similar"),
    ],
)
def test_a_mistake_is_shown_above_and_at_the_field(client, path, change, message):
    response = client.post(path, FILLED | change)

    html = response.content.decode()
    assert response.status_code == 200
    assert "There is a problem" in html
    assert html.count(message) == 2
    assert User.objects.count() == 0


def test_a_password_repeated_wrongly_keeps_address_and_name_and_asks_for_both_fields(client):
    path = str(first_organiser_link())
    typed = FILLED | {"email": "ada@example.org", "name": "Ada", "again": "other words, twelve"}

    html = client.post(path, typed).content.decode()

    assert 'value="ada@example.org"' in html
    assert 'value="Ada"' in html
    assert "Type the same password in both fields. They were different." in html
    assert html.count("Type the password again, in both fields.") == 2
    assert "several words" not in html
    assert "other words" not in html


@pytest.mark.parametrize(
    ("end", "status", "message"),
    [
        ("unknown", 404, "There is no such invitation."),
        ("withdrawn", 410, "This invitation was withdrawn."),
        ("expired", 410, "This invitation has expired."),
        ("used", 410, "This invitation has been used already."),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_closed_link_says_why(path, end, status, message, method):
    if end == "unknown":
        path = invitation_path("nonsense")
    elif end == "withdrawn":
        withdraw_invitation(invitation=Invitation.objects.get())
    elif end == "expired":
        Invitation.objects.update(expires_at="2020-01-01T00:00Z")
    else:
        Client().post(path, FILLED)
    accounts = User.objects.count()

    response = getattr(Client(), method)(path, FILLED)

    assert response.status_code == status
    assert message in response.content.decode()
    assert User.objects.count() == accounts


@pytest.fixture
def log_lines(monkeypatch) -> list[str]:
    """Lines of the terminal's handler, formatted as in the settings."""
    lines: list[str] = []
    (handler,) = logging.getLogger().handlers[:1]
    formatter = DictConfigurator(settings.LOGGING).configure_formatter(
        settings.LOGGING["formatters"]["line"].copy()  # type: ignore[index]  # a dictionary
    )
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(formatter.format(record)))
    return lines


def test_a_forged_form_is_refused_and_the_token_stays_out_of_the_log(path, log_lines):
    response = Client(enforce_csrf_checks=True).post(path, FILLED)

    assert response.status_code == 403
    assert User.objects.count() == 0
    assert len(log_lines) == 1
    assert path.split("/")[2] not in log_lines[0]


def test_an_existing_account_gets_the_role_and_has_to_sign_in(client):
    user = make_user("Reviewer", email="new@example.org", name="Nia")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    path = invited_path("Chair")

    shown = client.get(path).content.decode()
    response = client.post(path, FILLED | {"name": "Evil"})

    user.refresh_from_db()
    assert 'type="password"' not in shown
    assert "You have an account already" in shown
    assert response["Location"] == "/admin/"
    assert "_auth_user_id" not in client.session
    assert user.name == "Nia"
    assert user.check_password(PASSWORD)
    assert sorted(user.groups.values_list("name", flat=True)) == ["Chair", "Reviewer"]


def test_an_account_deactivated_after_the_invitation_stays_so(client):
    user = make_user("Reviewer", email="new@example.org")
    path = invited_path()
    User.objects.filter(pk=user.pk).update(is_active=False)

    response = client.post(path)

    assert response.status_code == 410
    assert "is deactivated" in response.content.decode()
    assert Invitation.objects.get().status == "open"


def test_the_first_organiser_also_enters_an_address(client):
    path = first_organiser_link() or ""

    shown = client.get(path).content.decode()
    missing = client.post(path, FILLED)
    response = client.post(path, FILLED | {"email": "Ada@example.org"})

    user = User.objects.get()
    assert "Create the first organiser account." in shown
    assert "Enter your email address" in missing.content.decode()
    assert response["Location"] == "/admin/"
    assert (user.email, user.is_superuser) == ("ada@example.org", True)


def test_the_link_of_the_first_organiser_ends_when_an_account_can_sign_in(client):
    path = first_organiser_link() or ""
    make_user("Chair")

    response = client.post(path, FILLED | {"email": "evil@example.org"})

    assert response.status_code == 410
    assert "created in the meantime" in response.content.decode()


def test_a_person_signed_in_already_becomes_the_invited_person(as_editor, path, as_chair):
    as_editor.post(path, FILLED | {"name": "<script>alert(1)</script>"})

    invited = User.objects.get(email="new@example.org")
    assert as_editor.session["_auth_user_id"] == str(invited.pk)
    html = as_chair.get("/admin/accounts/user/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html
