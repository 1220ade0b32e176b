"""Sign-in, sign-out, password reset, rate limits, and what attackers try there."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from apps.accounts.services import password_link
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD, sign_in, signed_in
from tests.factories import make_user

LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
REFUSED = "Check the email address and the password. They do not match."
LOCKED = "Wait five minutes, then try again. There were too many failed attempts."

pytestmark = pytest.mark.django_db


def _without_token(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


@pytest.fixture
def person(db):
    return make_user("Editor", email="person@example.org")


@pytest.mark.parametrize("address", ["person@example.org", "Person@Example.ORG"])
@pytest.mark.parametrize(
    ("query", "target"), [("", "/admin/"), ("?next=/admin/topics/topic/", "/admin/topics/topic/")]
)
def test_a_person_signs_in_with_address_and_password(client, person, address, query, target):
    response = sign_in(client, address, query=query)

    assert response.status_code == 302
    assert response["Location"] == target
    assert client.get("/admin/").status_code == 200


def test_sign_ins_are_logged_without_names_and_addresses(client, person, caplog):
    sign_in(client, person.email, "wrong words")
    sign_in(client, person.email)
    client.post("/accounts/logout/")

    assert [record.getMessage() for record in caplog.records] == [
        "A sign-in from 127.0.0.1 was refused.",
        f"Account {person.pk} signed in from 127.0.0.1.",
        f"Account {person.pk} signed out.",
    ]


def test_a_wrong_password_is_answered_the_same_for_known_and_unknown_addresses(client, person):
    known = sign_in(client, "person@example.org", "my secret words")
    unknown = sign_in(client, "nobody@example.org", "my secret words")

    html = known.content.decode()
    assert known.status_code == unknown.status_code == 200
    assert REFUSED in html
    assert 'value="person@example.org"' in html
    assert "my secret words" not in html
    assert _without_token(html).replace(
        "person@example.org", "nobody@example.org"
    ) == _without_token(unknown.content.decode())


def test_errors_are_in_the_title_in_a_focused_summary_and_at_the_field(client):
    html = client.post(LOGIN, {"login": "", "password": ""}).content.decode()

    assert re.search(r"<title>\s*Error: Sign in, ", html)
    summary = html.index('class="error-summary" role="alert" tabindex="-1" autofocus')
    assert summary < html.index("<h1>")
    assert '<a href="#id_login">Enter your email address</a>' in html
    assert '<a href="#id_password">Enter your password</a>' in html
    assert html.count("Enter your email address") == 2
    assert 'aria-describedby="id_login_error"' in html
    assert 'id="id_login_error"' in html


@pytest.mark.parametrize("address", ["person@example.org", "nobody@example.org"])
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
def test_five_wrong_passwords_lock_an_address_even_for_the_right_one(person, address, vary):
    for number in range(5):
        assert sign_in(Client(), address, "wrong", **vary(number)).status_code == 200

    locked = sign_in(Client(), address, **vary(99))

    assert locked.status_code == 429
    assert locked["Retry-After"] == "300"
    assert LOCKED in locked.content.decode()
    assert f'value="{address}"' in locked.content.decode()


def test_twenty_failures_lock_a_network_address_whatever_it_forges(client, person):
    for number in range(20):
        forged = f"198.51.100.{number}"
        sign_in(client, f"n{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=forged)

    assert sign_in(client, "person@example.org").status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.9"), "person@example.org").status_code == 302


def test_behind_a_proxy_only_its_own_entry_counts(settings, client, person):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(20):
        # The visitor's own header comes first, the entry of the proxy last.
        header = f"203.0.113.{number}, 198.51.100.7"
        sign_in(client, f"n{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=header)

    locked = sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="9.9.9.9, 198.51.100.7")
    other = sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="9.9.9.9, 198.51.100.8")

    assert (locked.status_code, other.status_code) == (429, 302)


def test_a_request_past_fewer_proxies_than_configured_is_accepted(settings, client, person):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    response = sign_in(client, "person@example.org", HTTP_X_FORWARDED_FOR="198.51.100.7")

    assert response.status_code == 302


def test_a_success_in_between_does_not_reset_the_count(client, person):
    for _ in range(4):
        sign_in(Client(), "person@example.org", "wrong")
    sign_in(Client(), "person@example.org")
    sign_in(Client(), "person@example.org", "wrong")

    assert sign_in(client, "person@example.org").status_code == 429


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
def test_sign_in_redirects_to_no_other_site(client, person, address):
    data = {"login": "person@example.org", "password": PASSWORD, "next": address}
    response = client.post(LOGIN, data)
    shown = Client().get(LOGIN, {"next": address}).content.decode()

    assert response.status_code == 302
    assert response["Location"] == "/admin/"
    assert "evil" not in re.sub(r'<input type="hidden" name="next"[^>]*>', "", shown)


@pytest.mark.parametrize("method", ["get", "post"])
def test_signing_up_is_closed(client, method, django_user_model):
    data = {"email": "new@example.org", "password1": "several words to keep"}
    response = getattr(client, method)("/accounts/signup/", data)

    assert response.status_code == 200
    assert "Accounts are created by invitation" in response.content.decode()
    assert django_user_model.objects.count() == 0


def test_an_inactive_account_is_revealed_only_to_the_right_password(client):
    make_user("Editor", email="off@example.org", is_active=False)

    wrong = sign_in(client, "off@example.org", "wrong")
    right = sign_in(client, "off@example.org")

    assert REFUSED in wrong.content.decode()
    assert right["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_an_account_without_a_role_does_not_reach_the_admin(as_stranger):
    assert as_stranger.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_only_a_post_signs_out(as_chair, settings, address):
    as_chair.get(address)
    assert "_auth_user_id" in as_chair.session

    page = as_chair.post(address).content.decode()

    assert "_auth_user_id" not in as_chair.session
    if address == "/admin/logout/":
        assert f"<title>Signed out, {settings.SITE_NAME}</title>" in page
        assert 'href="/admin/">Sign in again</a>' in page


@pytest.mark.parametrize("has_server", [True, False])
def test_a_password_reset_is_answered_the_same_for_known_and_unknown_addresses(
    settings, client, person, monkeypatch, has_server
):
    def refuse(self, messages):
        raise ConnectionRefusedError("no")

    settings.HAS_MAIL = True
    if not has_server:
        monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    known = client.post(RESET, {"email": "person@example.org"}, follow=True)
    unknown = client.post(RESET, {"email": "nobody@example.org"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert "Check your email" in known.content.decode()
    assert _without_token(known.content.decode()) == _without_token(unknown.content.decode())
    # Both get a mail, so that the response time does not tell them apart either.
    sent = [
        (["person@example.org"], "Set a new password for Workshop"),
        (["nobody@example.org"], "You have no account at Workshop"),
    ]
    assert [(letter.to, letter.subject) for letter in mail.outbox] == sent * has_server


def test_a_mailed_link_is_made_from_the_site_url_not_from_the_host_header(settings, client, person):
    settings.HAS_MAIL = True
    settings.SITE_URL = "https://workshop.example.org"

    client.post(RESET, {"email": "person@example.org"}, HTTP_HOST="127.0.0.1:1")

    (letter,) = mail.outbox
    assert re.findall(r"https?://[^/\s]+", str(letter.body)) == ["https://workshop.example.org"] * 2
    assert "127.0.0.1" not in letter.body


def test_a_link_sets_a_new_password_once_and_signs_out_elsewhere(settings, client, person):
    settings.HAS_MAIL = True
    elsewhere = Client()
    sign_in(elsewhere, "person@example.org")
    person.refresh_from_db()
    link = password_link(user=person).removeprefix(settings.SITE_URL)
    address = client.get(link, follow=True).redirect_chain[-1][0]

    done = client.post(address, NEW_PASSWORD, follow=True)

    assert "Your new password is set" in done.content.decode()
    assert link.rsplit("-", 1)[1].strip("/") not in address
    assert elsewhere.get("/admin/").status_code == 302
    new_password = NEW_PASSWORD["password1"]
    assert sign_in(Client(), "person@example.org", new_password).status_code == 302
    again = Client().get(link, follow=True)
    assert "This link no longer works" in again.content.decode()


def test_too_many_password_resets_get_a_page_that_says_so(client):
    for _ in range(5):
        client.post(RESET, {"email": "person@example.org"})

    response = client.post(RESET, {"email": "person@example.org"})

    assert response.status_code == 429
    assert "Please wait a few minutes" in response.content.decode()


def test_an_account_made_on_the_command_line_can_sign_in_and_reset(settings, client):
    settings.HAS_MAIL = True
    make_user("Chair", email="shell@example.org", is_superuser=True)
    assert not EmailAddress.objects.exists()

    client.post(RESET, {"email": "Shell@example.org"})

    assert [letter.to for letter in mail.outbox] == [["shell@example.org"]]
    assert sign_in(client, "shell@example.org").status_code == 302


ACCOUNT_PAGES = [
    *("login/", "logout/", "email/", "inactive/", "signup/", "reauthenticate/"),
    *("password/change/", "password/reset/", "password/reset/done/", "password/reset/key/done/"),
    *("password/reset/key/1-nonsense/", "confirm-email/", "confirm-email/nonsense/"),
    *("2fa/", "2fa/webauthn/"),
]


@pytest.mark.parametrize("page", ACCOUNT_PAGES)
def test_account_pages_have_our_frame_no_inline_code_and_stay_out_of_caches(client, person, page):
    for visitor in (client, signed_in(person)):
        response = visitor.get(f"/accounts/{page}", follow=True)

        html, path = response.content.decode(), response.request["PATH_INFO"]
        assert 'class="site-header"' in html or "admin" in path
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
        assert re.findall(r"<script(?![^>]*(src=|application/json))[^>]*>", html) == []
        if path.startswith("/accounts/"):
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
def test_an_invalid_passkey_is_refused(client, credential):
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
