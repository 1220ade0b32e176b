"""Signing in, and what strangers try at that door."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from apps.accounts.services import password_link
from tests.factories import make_user

LOGIN = "/accounts/login/"
PASSWORD = "correct horse battery"
REFUSED = "Check the e-mail address and the password. They do not match."
LOCKED = "Wait five minutes, then try again. There were too many attempts that failed."

pytestmark = pytest.mark.django_db


def _sign_in(client: Client, email: str, password: str = PASSWORD, query: str = "", **headers):
    return client.post(LOGIN + query, {"login": email, "password": password}, **headers)


def _without_token(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


@pytest.fixture
def person(db):
    return make_user("Editor", email="person@example.org")


@pytest.mark.parametrize("address", ["person@example.org", "Person@Example.ORG"])
def test_a_person_signs_in_with_address_and_password_and_lands_on_the_desk(client, person, address):
    response = _sign_in(client, address)

    assert response.status_code == 302
    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_an_address_and_a_wrong_password_answer_the_same_for_known_and_unknown(client, person):
    known = _sign_in(client, "person@example.org", "wrong")
    unknown = _sign_in(client, "nobody@example.org", "wrong")

    assert known.status_code == unknown.status_code == 200
    assert REFUSED in known.content.decode()
    assert _without_token(known.content.decode()).replace(
        "person@example.org", "nobody@example.org"
    ) == _without_token(unknown.content.decode())


def test_an_error_is_in_the_title_in_a_summary_that_takes_the_focus_and_at_the_field(client):
    html = client.post(LOGIN, {"login": "", "password": ""}).content.decode()

    assert re.search(r"<title>\s*Error: Sign in, ", html)
    summary = html.index('class="error-summary" role="alert" tabindex="-1" autofocus')
    assert summary < html.index("<h1>")
    assert '<a href="#id_login">Enter your e-mail address</a>' in html
    assert '<a href="#id_password">Enter your password</a>' in html
    assert html.count("Enter your e-mail address") == 2
    assert 'aria-describedby="id_login_error"' in html
    assert 'id="id_login_error"' in html


def test_what_was_typed_is_kept_but_not_the_password(client):
    html = _sign_in(client, "person@example.org", "my secret words").content.decode()

    assert 'value="person@example.org"' in html
    assert "my secret words" not in html


def test_five_wrong_passwords_lock_the_address_and_then_the_right_one_fails_too(client, person):
    for _ in range(5):
        assert _sign_in(client, "person@example.org", "wrong").status_code == 200

    locked = _sign_in(Client(REMOTE_ADDR="192.0.2.9"), "person@example.org")

    assert locked.status_code == 429
    assert locked["Retry-After"] == "300"
    assert LOCKED in locked.content.decode()
    assert 'value="person@example.org"' in locked.content.decode()


@pytest.mark.parametrize(
    "vary",
    [
        lambda n: {"HTTP_HOST": f"localhost:{8000 + n}"},
        lambda n: {"HTTP_X_FORWARDED_FOR": f"198.51.100.{n}"},
        lambda n: {"HTTP_USER_AGENT": f"browser {n}"},
        lambda n: {"REMOTE_ADDR": f"198.51.100.{n}"},
    ],
    ids=["port in Host", "X-Forwarded-For", "browser", "network address"],
)
def test_the_lock_on_an_address_cannot_be_stepped_around(person, vary):
    for number in range(5):
        _sign_in(Client(), "person@example.org", "wrong", **vary(number))

    assert _sign_in(Client(), "person@example.org", **vary(99)).status_code == 429


def test_an_unknown_address_is_locked_like_a_known_one(client):
    for _ in range(5):
        _sign_in(client, "nobody@example.org", "wrong")

    assert _sign_in(client, "nobody@example.org", "wrong").status_code == 429


def test_twenty_failures_lock_a_network_address_whatever_it_forges(client, person):
    for number in range(20):
        forged = f"198.51.100.{number}"
        _sign_in(client, f"n{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=forged)

    assert _sign_in(client, "person@example.org").status_code == 429
    assert _sign_in(Client(REMOTE_ADDR="192.0.2.9"), "person@example.org").status_code == 302


def test_behind_a_proxy_its_word_is_taken_and_no_other(settings, client, person):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(20):
        # What the visitor wrote comes first, what the proxy saw last.
        header = f"203.0.113.{number}, 198.51.100.7"
        _sign_in(client, f"n{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=header)

    locked = _sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="9.9.9.9, 198.51.100.7")
    other = _sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="9.9.9.9, 198.51.100.8")

    assert (locked.status_code, other.status_code) == (429, 302)


def test_a_request_that_came_by_fewer_proxies_than_configured_is_counted_for_its_peer(
    settings, client, person
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    response = _sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="198.51.100.7")

    assert response.status_code == 302


def test_a_success_in_between_does_not_start_the_counting_anew(client, person):
    for _ in range(4):
        _sign_in(Client(), "person@example.org", "wrong")
    _sign_in(Client(), "person@example.org")
    _sign_in(Client(), "person@example.org", "wrong")

    assert _sign_in(client, "person@example.org").status_code == 429


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "javascript:alert(1)",
        "http:///evil.example.org",
        " https://evil.example.org",
    ],
)
def test_nobody_is_led_away_after_signing_in(client, person, address):
    response = client.post(
        LOGIN, {"login": "person@example.org", "password": PASSWORD, "next": address}
    )
    shown = Client().get(LOGIN, {"next": address}).content.decode()

    assert response.status_code == 302
    assert response["Location"] == "/admin/"
    assert "evil" not in re.sub(r'<input type="hidden" name="next"[^>]*>', "", shown)


def test_a_page_of_our_own_is_returned_to(client, person):
    response = _sign_in(client, "person@example.org", query="?next=/admin/topics/topic/")

    assert response["Location"] == "/admin/topics/topic/"


def test_signing_in_gives_the_session_a_new_name(client, person):
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key

    _sign_in(client, "person@example.org")

    assert client.session.session_key != planted
    assert Client(cookies={"session": planted}).get("/admin/").status_code != 200


def test_a_forged_form_is_refused(person):
    strict = Client(enforce_csrf_checks=True)

    assert _sign_in(strict, "person@example.org").status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client, method, django_user_model):
    response = getattr(client, method)(
        "/accounts/signup/", {"email": "new@example.org", "password1": "several words to keep"}
    )

    assert response.status_code == 200
    assert "Accounts are made by invitation" in response.content.decode()
    assert django_user_model.objects.count() == 0


def test_an_account_that_is_switched_off_is_told_so_only_with_the_right_password(client):
    make_user("Editor", email="gone@example.org", is_active=False)

    wrong = _sign_in(client, "gone@example.org", "wrong")
    right = _sign_in(client, "gone@example.org")

    assert REFUSED in wrong.content.decode()
    assert right["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_a_stranger_with_an_account_but_no_role_does_not_reach_the_desk(as_stranger):
    assert as_stranger.get("/admin/", follow=True).status_code == 403


def test_who_leaves_the_desk_is_told_and_shown_the_way_back(as_chair, settings):
    page = as_chair.post("/admin/logout/").content.decode()

    assert "<h1>You are signed out</h1>" in page
    assert f"<title>Signed out, {settings.SITE_NAME}</title>" in page
    assert 'href="/admin/">Sign in again</a>' in page


def test_a_sign_out_needs_a_press(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")

    assert "_auth_user_id" not in client.session


RESET = "/accounts/password/reset/"


def test_asking_for_a_new_password_answers_the_same_for_known_and_unknown(settings, client, person):
    settings.HAS_MAIL = True
    known = client.post(RESET, {"email": "person@example.org"}, follow=True)
    unknown = client.post(RESET, {"email": "nobody@example.org"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert _without_token(known.content.decode()) == _without_token(unknown.content.decode())
    # Both get a mail, so that not even the time it takes tells them apart.
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["person@example.org"], "Set a new password for Workshop"),
        (["nobody@example.org"], "You have no account at Workshop"),
    ]


def test_a_mail_server_that_is_away_answers_the_same_too(settings, client, person, monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError("no")

    settings.HAS_MAIL = True
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    known = client.post(RESET, {"email": "person@example.org"}, follow=True)

    assert known.status_code == 200
    assert "Look at your e-mail" in known.content.decode()


def test_the_link_in_the_mail_is_our_own_address_whatever_the_host_header_says(
    settings, client, person
):
    settings.HAS_MAIL = True
    settings.SITE_URL = "https://workshop.example.org"

    client.post(RESET, {"email": "person@example.org"}, HTTP_HOST="127.0.0.1:1")

    (letter,) = mail.outbox
    assert re.findall(r"https?://[^/\s]+", str(letter.body)) == ["https://workshop.example.org"] * 2
    assert "127.0.0.1" not in letter.body


def test_a_link_sets_a_new_password_once(settings, client, person):
    settings.HAS_MAIL = True
    link = password_link(user=person).removeprefix(settings.SITE_URL)
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = {"password1": "quite other words now", "password2": "quite other words now"}

    done = client.post(address, new, follow=True)

    assert "Your new password is set" in done.content.decode()
    assert link.rsplit("-", 1)[1].strip("/") not in address
    assert _sign_in(Client(), "person@example.org", "quite other words now").status_code == 302
    again = Client().get(link, follow=True)
    assert "This link does not work any more" in again.content.decode()


def test_a_new_password_signs_out_everywhere_else(client, person):
    elsewhere = Client()
    _sign_in(elsewhere, "person@example.org")
    person.refresh_from_db()
    link = password_link(user=person)
    address = client.get(link, follow=True).redirect_chain[-1][0]

    client.post(address, {"password1": "quite other words", "password2": "quite other words"})

    assert elsewhere.get("/admin/").status_code == 302


def test_too_many_requests_for_a_new_password_get_a_friendly_page(client):
    for _ in range(5):
        client.post(RESET, {"email": "person@example.org"})

    response = client.post(RESET, {"email": "person@example.org"})

    assert response.status_code == 429
    assert "Please wait a little" in response.content.decode()


def test_an_account_made_on_the_command_line_can_sign_in_and_reset(settings, client):
    settings.HAS_MAIL = True
    make_user("Chair", email="shell@example.org", is_superuser=True)
    assert not EmailAddress.objects.exists()

    client.post(RESET, {"email": "Shell@example.org"})

    assert [letter.to for letter in mail.outbox] == [["shell@example.org"]]
    assert _sign_in(client, "shell@example.org").status_code == 302


ACCOUNT_PAGES = [
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-nonsense/",
    "/accounts/email/",
    "/accounts/inactive/",
    "/accounts/signup/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/nonsense/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
]


@pytest.mark.parametrize("address", ACCOUNT_PAGES)
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_account_page_has_our_frame_no_inline_code_and_is_kept_by_nobody(
    client, person, address, signed_in
):
    if signed_in:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(address, follow=True)

    html = response.content.decode()
    assert 'class="site-header"' in html or "admin" in response.request["PATH_INFO"]
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
    scripts = re.findall(r"<script(?![^>]*(src=|application/json))[^>]*>", html)
    assert scripts == []
    if response.request["PATH_INFO"].startswith("/accounts/"):
        assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "credential",
    [
        "[" * 100_000,
        "{}",
        "[]",
        "null",
        "NaN",
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}',
    ],
    ids=lambda text: f"hostile_depth_{len(text)}" if len(text) > 99 else text,
)
def test_a_passkey_that_is_none_is_refused(client, credential):
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
