"""The page behind an invitation's link."""

import logging
from logging.config import DictConfigurator

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from apps.accounts.models import Invitation, User
from apps.accounts.services import (
    accept_invitation,
    first_organiser_link,
    invitation_path,
    invite,
    withdraw_invitation,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FILLED = {
    "name": "Nia New",
    "password": "several words to remember",
    "again": "several words to remember",
}


@pytest.fixture
def path(db) -> str:
    return _invited("Editor")


def _invited(role: str, email: str = "new@example.org", by: User | None = None) -> str:
    _, link = invite(email=email, role=role, by=by)
    return invitation_path(link.rstrip("/").rsplit("/", 1)[1])


def test_looking_at_it_changes_nothing(client, path):
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


def test_the_secret_address_is_told_to_nobody(client, path):
    for response in (client.get(path), client.get("/invitations/nonsense/")):
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"
        assert "http" not in response.content.decode().split("<main", 1)[1].split("</main")[0]


def test_a_press_makes_the_account_signs_in_and_goes_to_the_desk(client, path):
    response = client.post(path, FILLED)

    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert (user.email, user.name, user.is_staff) == ("new@example.org", "Nia New", True)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/admin/").status_code == 200


def test_signing_in_by_it_gives_the_session_a_new_name(client, path):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key

    client.post(path, FILLED)

    assert client.session.session_key != planted


def test_a_second_press_is_told_that_it_was_used(client, path):
    client.post(path, FILLED)

    for response in (Client().post(path, FILLED), Client().get(path)):
        assert response.status_code == 410
        assert "This invitation has been used already." in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Enter your name"),
        ({"name": "x" * 201}, "Write your name in at most 200 characters"),
        ({"password": "", "again": ""}, "Enter a password"),
        ({"again": "something else"}, "Enter the same password twice"),
        ({"password": "short", "again": "short"}, "This password is too short"),
        ({"password": "1q2w3e4r5t6y", "again": "1q2w3e4r5t6y"}, "too common"),
        ({"password": "new@example.org", "again": "new@example.org"}, "too similar"),
    ],
)
def test_a_mistake_is_said_above_and_at_the_field_and_nothing_is_made(client, path, change, words):
    response = client.post(path, FILLED | change)

    html = response.content.decode()
    assert response.status_code == 200
    assert "There is a problem" in html
    assert html.count(words) == 2
    assert User.objects.count() == 0


def test_the_form_cannot_change_the_address_or_the_role(client, path):
    client.post(path, FILLED | {"email": "evil@example.org", "role": "Chair", "is_superuser": "1"})

    user = User.objects.get()
    assert (user.email, user.is_superuser) == ("new@example.org", False)
    assert [group.name for group in user.groups.all()] == ["Editor"]


def test_a_hostile_name_is_shown_as_it_was_written(client, path, as_chair):
    client.post(path, FILLED | {"name": "<script>alert(1)</script>"})

    html = as_chair.get("/admin/accounts/user/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [
        ("unknown", 404, "There is no such invitation."),
        ("withdrawn", 410, "This invitation was withdrawn."),
        ("expired", 410, "This invitation has expired."),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_does_not_work_says_what_happened(client, path, end, status, words, method):
    if end == "unknown":
        path = invitation_path("nonsense")
    elif end == "withdrawn":
        withdraw_invitation(invitation=Invitation.objects.get())
    else:
        Invitation.objects.update(expires_at="2020-01-01T00:00Z")

    response = getattr(client, method)(path, FILLED)

    assert response.status_code == status
    assert words in response.content.decode()
    assert User.objects.count() == 0


def test_other_methods_are_refused(client, path):
    assert [client.put(path).status_code, client.delete(path).status_code] == [405, 405]


@pytest.fixture
def log_lines(monkeypatch) -> list[str]:
    """What the terminal's handler writes, formatted as the settings say."""
    lines: list[str] = []
    (handler,) = logging.getLogger().handlers[:1]
    formatter = DictConfigurator(settings.LOGGING).configure_formatter(
        settings.LOGGING["formatters"]["line"].copy()  # type: ignore[index]  # a dictionary
    )
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(formatter.format(record)))
    return lines


def test_a_forged_form_is_refused_and_the_token_stays_out_of_the_log(path, log_lines):
    token = path.split("/")[2]

    response = Client(enforce_csrf_checks=True).post(path, FILLED)

    assert response.status_code == 403
    assert User.objects.count() == 0
    assert len(log_lines) == 1
    assert token not in log_lines[0]


def test_who_has_an_account_gets_the_role_and_must_sign_in_as_always(client):
    user = make_user("Reviewer", email="new@example.org", name="Nia")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    path = _invited("Chair")

    shown = client.get(path).content.decode()
    response = client.post(path, FILLED)

    user.refresh_from_db()
    assert 'type="password"' not in shown
    assert "You have an account already" in shown
    assert response["Location"] == "/admin/"
    assert "_auth_user_id" not in client.session
    assert user.check_password("correct horse battery")
    assert sorted(user.groups.values_list("name", flat=True)) == ["Chair", "Reviewer"]


def test_the_first_organiser_gives_an_address_too(client):
    path = first_organiser_link() or ""

    shown = client.get(path).content.decode()
    missing = client.post(path, FILLED)
    response = client.post(path, FILLED | {"email": "Ada@example.org"})

    user = User.objects.get()
    assert "You are the first organiser of this site." in shown
    assert "Enter your e-mail address" in missing.content.decode()
    assert response["Location"] == "/admin/"
    assert (user.email, user.is_superuser) == ("ada@example.org", True)


def test_the_first_link_is_closed_once_somebody_can_sign_in(client):
    path = first_organiser_link() or ""
    make_user("Chair")

    response = client.post(path, FILLED | {"email": "evil@example.org"})

    assert response.status_code == 410
    assert User.objects.count() == 1


def test_somebody_signed_in_already_becomes_the_invited_person(as_editor, path):
    as_editor.post(path, FILLED)

    invited = User.objects.get(email="new@example.org")
    assert as_editor.session["_auth_user_id"] == str(invited.pk)


def test_an_account_switched_off_after_the_invitation_is_told_so(client):
    user = make_user("Reviewer", email="new@example.org")
    path = _invited("Editor")
    User.objects.filter(pk=user.pk).update(is_active=False)

    response = client.post(path)

    assert response.status_code == 410
    assert "is switched off" in response.content.decode()


def test_two_tabs_of_one_invitation_make_one_account(path):
    token = path.split("/")[2]
    first, second = Client(), Client()
    first.get(path)
    second.get(path)
    accept_invitation(token=token, name="Nia", password=FILLED["password"])

    assert second.post(path, FILLED).status_code == 410
    assert User.objects.count() == 1
