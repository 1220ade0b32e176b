"""The second factor: required by setting and role, set up, asked at sign-in."""

import re
import time
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.encryption import decrypt, encrypt
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD, sign_in, signed_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock():
    """A code is valid for 30 seconds, and would expire between its making and its check."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_an_app(client: Client) -> str:
    """Follow the page; return the secret of the app."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = client.get("/accounts/2fa/totp/activate/").content.decode()
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", html)
    response = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert response.status_code == 302
    return secret


def test_reauthentication_offers_the_other_factors():
    user = make_user("Editor")
    client = signed_in(user)
    set_up_an_app(client)
    Authenticator.objects.create(user=user, type="webauthn", data={})

    html = client.get("/accounts/reauthenticate/?next=/accounts/2fa/").content.decode()

    names = re.findall(r'<a class="btn btn-secondary"[^>]*>([^<]*)</a>', html)
    assert sorted(names) == ["Use a passkey", "Use authenticator app or code"]


@pytest.mark.parametrize(
    ("setting", "role", "is_superuser", "is_required"),
    [
        ("none", "Chair", True, False),
        ("chairs", "Chair", False, True),
        ("chairs", "Editor", False, False),
        ("chairs", "Editor", True, True),
        ("all", "Editor", False, True),
        ("all", "Reviewer", False, True),
    ],
)
def test_the_setting_names_the_roles_that_need_one(
    settings, setting, role, is_superuser, is_required
):
    settings.SECOND_FACTOR = setting
    client = signed_in(make_user(role, is_superuser=is_superuser))

    response = client.get("/admin/topics/topic/?q=x")

    if is_required:
        assert response.status_code == 302
        assert response["Location"] == "/accounts/2fa/?next=%2Fadmin%2Ftopics%2Ftopic%2F%3Fq%3Dx"
    else:
        assert response.status_code == 200


def test_none_is_required_on_a_local_site(settings, as_chair):
    assert settings.IS_LOCAL
    assert settings.SECOND_FACTOR == "none"
    assert as_chair.get("/admin/").status_code == 200


def test_the_security_page_says_why_and_links_back_once_there_is_one(settings, as_chair, chair):
    settings.SECOND_FACTOR = "chairs"
    without = as_chair.get("/admin/topics/topic/", follow=True).content.decode()
    Authenticator.objects.create(user=chair, type="totp", data={"secret": "x"})

    html = as_chair.get("/accounts/2fa/?next=/admin/topics/topic/").content.decode()

    assert "One more step before you can use the desk." in without
    assert "Go to the desk" not in without
    assert "One more step before you can use the desk." not in html
    assert '<a href="/admin/topics/topic/">Go to the desk</a>' in html
    assert as_chair.get("/admin/").status_code == 200


def test_the_security_page_links_to_no_other_site(as_chair):
    html = as_chair.get("/accounts/2fa/?next=https://evil.example.org/").content.decode()

    assert "evil" not in html
    assert '<a href="/admin/">Go to the desk</a>' in html


@pytest.mark.parametrize("page", ["2fa/", "2fa/webauthn/", "password/change/", "email/", "logout/"])
def test_account_pages_stay_open_without_one(settings, as_chair, page):
    settings.SECOND_FACTOR = "all"

    assert as_chair.get(f"/accounts/{page}").status_code == 200


def test_without_one_the_admin_accepts_only_signing_out(settings, as_chair):
    settings.SECOND_FACTOR = "chairs"

    response = as_chair.post("/admin/accounts/invitation/add/", {"email": "x@example.org"})
    as_chair.post("/admin/logout/")

    assert response["Location"].startswith("/accounts/2fa/")
    assert "_auth_user_id" not in as_chair.session


def test_an_anonymous_visitor_costs_no_query(settings, client, django_assert_num_queries):
    settings.SECOND_FACTOR = "all"

    with django_assert_num_queries(0):
        response = client.get("/admin/")

    assert response["Location"].startswith("/admin/login/")


def test_an_app_is_set_up_by_its_code_and_asked_for_at_sign_in(chair, as_chair):
    secret = set_up_an_app(as_chair)
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    visitor = Client()

    first = sign_in(visitor, chair.email)
    shut = visitor.get("/admin/")
    wrong = visitor.post("/accounts/2fa/authenticate/", {"code": "000000"})
    right = visitor.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert first["Location"] == "/accounts/2fa/authenticate/"
    assert shut.status_code == 302
    assert wrong.content.decode().count("enter the newest one") == 2
    assert right["Location"] == "/admin/"
    assert visitor.get("/admin/").status_code == 200


@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_a_code_works_once(chair, as_chair, kind):
    code = code_of(set_up_an_app(as_chair))
    if kind == "recovery code":
        html = as_chair.get("/accounts/2fa/recovery-codes/").content.decode()
        code = re.findall(r"<li><code>([^<]+)</code></li>", html)[0]
    for visitor, expected in ((Client(), 302), (Client(), 200)):
        sign_in(visitor, chair.email)

        assert visitor.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_wrong_codes_lock_too(chair, as_chair):
    set_up_an_app(as_chair)
    visitor = Client()
    sign_in(visitor, chair.email)
    for _ in range(5):
        visitor.post("/accounts/2fa/authenticate/", {"code": "000000"})

    html = visitor.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()

    assert "Wait five minutes" in html


def test_a_new_password_by_mail_does_not_bypass_the_second_factor(chair, as_chair, settings):
    set_up_an_app(as_chair)
    settings.HAS_MAIL = True
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": chair.email})
    (path,) = re.findall(r"http://\S+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    address = visitor.get(path, follow=True).redirect_chain[-1][0]
    visitor.post(address, NEW_PASSWORD)

    response = sign_in(visitor, chair.email, NEW_PASSWORD["password1"])

    assert response["Location"] == "/accounts/2fa/authenticate/"


def test_setting_one_up_asks_for_the_password_and_shows_the_qr_code_inline(as_chair):
    response = as_chair.get("/accounts/2fa/totp/activate/")
    assert response["Location"].startswith("/accounts/reauthenticate/")
    as_chair.post("/accounts/reauthenticate/", {"password": PASSWORD})

    html = as_chair.get("/accounts/2fa/totp/activate/").content.decode()

    assert "data:" not in html
    assert html.count('<svg class="qr"') == 1
    assert "<?xml" not in html


def test_the_user_is_notified_by_mail(
    settings, chair, as_chair, django_capture_on_commit_callbacks
):
    settings.HAS_MAIL = True

    with django_capture_on_commit_callbacks(execute=True):
        set_up_an_app(as_chair)

    (letter,) = mail.outbox
    assert letter.subject == "An authenticator app was set up"
    assert "Hello Charlie Chair," in letter.body
    assert "If this was not you" in letter.body


def test_passkeys_are_bound_to_the_host_of_the_site_url(client):
    response = client.get(
        "/accounts/2fa/webauthn/login/", HTTP_ACCEPT="application/json", HTTP_HOST="127.0.0.1"
    )

    assert response.json()["request_options"]["publicKey"]["rpId"] == "localhost"


OLD_KEY, NEW_KEY = "old-" * 15, "new-" * 15


def test_secrets_of_apps_and_recovery_codes_are_encrypted_in_the_database(chair, as_chair):
    secret = set_up_an_app(as_chair)

    stored = {row.type: row.data for row in Authenticator.objects.all()}

    assert secret not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == secret
    assert stored["recovery_codes"]["seed"].startswith("gAAAA")


def test_second_factors_of_earlier_releases_are_encrypted_by_the_migration(chair):
    secret = "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=chair, type="totp", data={"secret": secret})
    seed = {"seed": "ab" * 40, "used_mask": 5}
    Authenticator.objects.create(user=chair, type="recovery_codes", data=seed)
    migration = import_module("apps.accounts.migrations.0002_encrypt_second_factors")
    editor = SimpleNamespace(connection=connection)

    migration.encrypt_all(apps, editor)
    stored = {row.type: row.data for row in Authenticator.objects.all()}
    migration.decrypt_all(apps, editor)

    assert secret not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == secret
    assert decrypt(stored["recovery_codes"]["seed"]) == seed["seed"]
    assert stored["recovery_codes"]["used_mask"] == 5
    assert Authenticator.objects.get(type="totp").data == {"secret": secret}
    assert Authenticator.objects.get(type="recovery_codes").data == seed


def test_after_a_change_of_the_key_codes_are_refused_with_the_reason(settings, chair, as_chair):
    secret = set_up_an_app(as_chair)
    settings.SECRET_KEY = NEW_KEY
    visitor = Client()
    sign_in(visitor, chair.email)

    response = visitor.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    of_empty_secret = visitor.post("/accounts/2fa/authenticate/", {"code": code_of("")})

    for answer in (response, of_empty_secret):
        assert answer.status_code == 200
        assert "secret key of this server has changed" in answer.content.decode()
    assert "_auth_user_id" not in visitor.session
    page = signed_in(chair).get("/accounts/2fa/").content.decode()
    assert "The codes of your app cannot be checked" in page
    assert "Your recovery codes do not work" in page
    assert "codes left" not in page


@pytest.mark.parametrize("page", ["", "download/", "generate/"])
def test_after_a_change_of_the_key_pages_of_recovery_codes_offer_new_ones(
    settings, chair, as_chair, page
):
    set_up_an_app(as_chair)
    settings.SECRET_KEY = NEW_KEY
    client = signed_in(chair)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    refused = client.get(f"/accounts/2fa/recovery-codes/{page}")
    made = client.post("/accounts/2fa/recovery-codes/generate/")
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()

    assert refused.status_code == 409
    assert refused["Cache-Control"] == "no-store, private"
    assert "secret key of this server has changed" in refused.content.decode()
    assert 'action="/accounts/2fa/recovery-codes/generate/"' in refused.content.decode()
    assert made["Location"] == "/accounts/2fa/recovery-codes/"
    assert len(re.findall(r"<code>\d{8}</code>", codes)) == 10


@pytest.mark.parametrize("page", ["/accounts/2fa/authenticate/", "/accounts/2fa/reauthenticate/"])
def test_new_recovery_codes_work_beside_an_app_whose_secret_is_unreadable(
    settings, chair, as_chair, page
):
    secret = set_up_an_app(as_chair)
    settings.SECRET_KEY = NEW_KEY
    client = signed_in(chair)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/recovery-codes/generate/")
    codes = RecoveryCodes.activate(chair).get_unused_codes()
    visitor = Client()
    if page == "/accounts/2fa/authenticate/":
        sign_in(visitor, chair.email)
    else:
        visitor = signed_in(chair)

    refused = visitor.post(page, {"code": code_of(secret)})
    accepted = visitor.post(page, {"code": codes[0]})

    assert "secret key of this server has changed" in refused.content.decode()
    assert accepted.status_code == 302
    assert visitor.session["_auth_user_id"] == str(chair.pk)
    assert codes[0] not in RecoveryCodes.activate(chair).get_unused_codes()


def test_an_app_set_up_anew_works_beside_unreadable_recovery_codes(settings, chair, as_chair):
    Authenticator.objects.create(user=chair, type="webauthn", data={})
    set_up_an_app(as_chair)
    settings.SECRET_KEY = NEW_KEY
    client = signed_in(chair)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    secret = set_up_an_app(client)
    visitor = Client()
    sign_in(visitor, chair.email)

    visitor.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert visitor.session["_auth_user_id"] == str(chair.pk)


def test_reencrypt_second_factors_reads_them_with_the_old_key(settings, chair, capsys):
    settings.SECRET_KEY = OLD_KEY
    Authenticator.objects.create(user=chair, type="totp", data={"secret": encrypt("ABC")})
    codes = RecoveryCodes.activate(chair).get_unused_codes()
    settings.SECRET_KEY, settings.OLD_SECRET_KEY = NEW_KEY, OLD_KEY

    for count in (2, 0):  # a second run changes nothing
        call_command("reencrypt_second_factors")
        assert f"new key: {count}." in capsys.readouterr().out

    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == "ABC"
    assert RecoveryCodes.activate(chair).get_unused_codes() == codes


def test_reencrypt_second_factors_names_people_whose_key_is_lost(settings, chair):
    settings.SECRET_KEY = "lost" * 15
    lost = Authenticator.objects.create(user=chair, type="totp", data={"secret": encrypt("ABC")})
    settings.SECRET_KEY = OLD_KEY
    found = Authenticator.objects.create(
        user=make_user("Editor"), type="totp", data={"secret": encrypt("DEF")}
    )
    settings.SECRET_KEY, settings.OLD_SECRET_KEY = NEW_KEY, OLD_KEY

    with pytest.raises(CommandError, match=f"Neither key reads .* {chair.email}"):
        call_command("reencrypt_second_factors")

    found.refresh_from_db()
    assert decrypt(found.data["secret"]) == "DEF"
    assert Authenticator.objects.get(pk=lost.pk).data == lost.data


def test_reencrypt_second_factors_needs_the_old_key(db):
    with pytest.raises(CommandError, match="Set OLD_SECRET_KEY"):
        call_command("reencrypt_second_factors")
