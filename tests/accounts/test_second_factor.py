"""The second factor: who is asked, how it is set up, that it is asked at sign-in."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def _digits(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _set_up_an_app(client: Client) -> str:
    """Does as the page says; returns the secret the app has."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = client.get("/accounts/2fa/totp/activate/").content.decode()
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", html)
    response = client.post("/accounts/2fa/totp/activate/", {"code": _digits(secret)})
    assert response["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def test_the_other_ways_to_show_who_one_is_have_the_names_they_have_elsewhere():
    user = make_user("Editor")
    user.set_password(PASSWORD)
    user.save()
    client = _client_of(user)
    _set_up_an_app(client)
    Authenticator.objects.create(user=user, type="webauthn", data={})

    html = client.get("/accounts/reauthenticate/?next=/accounts/2fa/").content.decode()

    ways = re.findall(r'<a class="btn btn-secondary"[^>]*>([^<]*)</a>', html)
    assert sorted(ways) == ["Use a passkey", "Use authenticator app or code"]


@pytest.mark.parametrize(
    ("setting", "role", "asked"),
    [
        ("none", "Chair", False),
        ("chairs", "Chair", True),
        ("chairs", "Editor", False),
        ("all", "Editor", True),
        ("all", "Reviewer", True),
    ],
)
def test_the_setting_says_who_must_have_one(settings, setting, role, asked):
    settings.SECOND_FACTOR = setting

    response = _client_of(make_user(role)).get("/admin/topics/topic/?q=x")

    if asked:
        assert response.status_code == 302
        assert response["Location"] == "/accounts/2fa/?next=%2Fadmin%2Ftopics%2Ftopic%2F%3Fq%3Dx"
    else:
        assert response.status_code == 200


def test_a_superuser_counts_as_a_chair(settings):
    settings.SECOND_FACTOR = "chairs"

    response = _client_of(make_user("Editor", is_superuser=True)).get("/admin/")

    assert response.status_code == 302


def test_nobody_is_asked_on_a_first_run_on_this_machine(settings, as_chair):
    assert settings.IS_LOCAL
    assert settings.SECOND_FACTOR == "none"
    assert as_chair.get("/admin/").status_code == 200


def test_the_page_they_are_sent_to_says_why_and_leads_back(settings, as_chair):
    settings.SECOND_FACTOR = "chairs"

    html = as_chair.get("/admin/topics/topic/", follow=True).content.decode()

    assert "One step before the desk." in html
    assert "Go to the desk" not in html


def test_whoever_has_one_is_let_through_and_back_to_where_they_were(settings, as_chair, chair):
    settings.SECOND_FACTOR = "chairs"
    Authenticator.objects.create(user=chair, type="totp", data={"secret": "x"})

    html = as_chair.get("/accounts/2fa/?next=/admin/topics/topic/").content.decode()

    assert "One step before the desk." not in html
    assert '<a href="/admin/topics/topic/">Go to the desk</a>' in html
    assert as_chair.get("/admin/").status_code == 200


def test_the_way_back_leads_to_no_other_site(as_chair):
    html = as_chair.get("/accounts/2fa/?next=https://evil.example.org/").content.decode()

    assert "evil" not in html
    assert '<a href="/admin/">Go to the desk</a>' in html


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/logout/",
    ],
)
def test_the_account_pages_stay_open_meanwhile(settings, as_chair, address):
    settings.SECOND_FACTOR = "all"

    assert as_chair.get(address).status_code == 200


def test_signing_out_stays_open_meanwhile(settings, as_chair):
    settings.SECOND_FACTOR = "all"

    as_chair.post("/admin/logout/")

    assert "_auth_user_id" not in as_chair.session


def test_a_post_to_the_desk_does_nothing_without_one(settings, as_chair):
    settings.SECOND_FACTOR = "chairs"

    response = as_chair.post("/admin/accounts/invitation/add/", {"email": "x@example.org"})

    assert response["Location"].startswith("/accounts/2fa/")


def test_an_anonymous_visitor_costs_no_query(settings, client, django_assert_num_queries):
    settings.SECOND_FACTOR = "all"

    with django_assert_num_queries(0):
        response = client.get("/admin/")

    assert response["Location"].startswith("/admin/login/")


def test_an_app_is_set_up_by_its_code_and_asked_for_at_sign_in(chair, as_chair):
    secret = _set_up_an_app(as_chair)
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    visitor = Client()

    first = visitor.post("/accounts/login/", {"login": chair.email, "password": PASSWORD})
    shut = visitor.get("/admin/")
    wrong = visitor.post("/accounts/2fa/authenticate/", {"code": "000000"})
    right = visitor.post("/accounts/2fa/authenticate/", {"code": _digits(secret)})

    assert first["Location"] == "/accounts/2fa/authenticate/"
    assert shut.status_code == 302
    assert wrong.content.decode().count("enter the newest one") == 2
    assert right["Location"] == "/admin/"
    assert visitor.get("/admin/").status_code == 200


def test_a_code_works_once(chair, as_chair):
    secret = _set_up_an_app(as_chair)
    code = _digits(secret)
    for visitor, expected in ((Client(), 302), (Client(), 200)):
        visitor.post("/accounts/login/", {"login": chair.email, "password": PASSWORD})

        assert visitor.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_wrong_codes_lock_too(chair, as_chair):
    _set_up_an_app(as_chair)
    visitor = Client()
    visitor.post("/accounts/login/", {"login": chair.email, "password": PASSWORD})
    for _ in range(5):
        visitor.post("/accounts/2fa/authenticate/", {"code": "000000"})

    html = visitor.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()

    assert "Wait five minutes" in html


def test_a_recovery_code_lets_in_once(chair, as_chair):
    _set_up_an_app(as_chair)
    html = as_chair.get("/accounts/2fa/recovery-codes/").content.decode()
    code = re.findall(r"<li><code>([^<]+)</code></li>", html)[0]
    for visitor, expected in ((Client(), 302), (Client(), 200)):
        visitor.post("/accounts/login/", {"login": chair.email, "password": PASSWORD})

        assert visitor.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_a_new_password_by_mail_does_not_pass_by_the_second_factor(chair, as_chair, settings):
    _set_up_an_app(as_chair)
    settings.HAS_MAIL = True
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": chair.email})
    (path,) = re.findall(r"http://\S+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    address = visitor.get(path, follow=True).redirect_chain[-1][0]
    visitor.post(address, {"password1": "quite other words", "password2": "quite other words"})

    response = visitor.post(
        "/accounts/login/", {"login": chair.email, "password": "quite other words"}
    )

    assert response["Location"] == "/accounts/2fa/authenticate/"


def test_setting_one_up_asks_for_the_password_again(as_chair):
    response = as_chair.get("/accounts/2fa/totp/activate/")

    assert response["Location"].startswith("/accounts/reauthenticate/")


def test_the_qr_code_is_an_element_of_the_page_and_no_data_address(as_chair):
    as_chair.post("/accounts/reauthenticate/", {"password": PASSWORD})

    html = as_chair.get("/accounts/2fa/totp/activate/").content.decode()

    assert "data:" not in html
    assert html.count('<svg class="qr"') == 1
    assert "<?xml" not in html


def test_a_change_is_told_by_mail(settings, chair, as_chair, django_capture_on_commit_callbacks):
    settings.HAS_MAIL = True

    with django_capture_on_commit_callbacks(execute=True):
        _set_up_an_app(as_chair)

    (letter,) = mail.outbox
    assert letter.subject == "An authenticator app was set up"
    assert "Hello Charlie Chair," in letter.body
    assert "Was it not you?" in letter.body


def test_passkeys_belong_to_our_own_name_whatever_the_host_header_says(client):
    response = client.get(
        "/accounts/2fa/webauthn/login/", HTTP_ACCEPT="application/json", HTTP_HOST="127.0.0.1"
    )

    assert response.json()["request_options"]["publicKey"]["rpId"] == "localhost"
