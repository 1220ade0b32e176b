"""Passkeys in a real browser, with an authenticator made of software."""

import pytest
from allauth.mfa.models import Authenticator

from tests.browser import press
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _our_address(settings, live_server):
    settings.SITE_URL = live_server.url


def _give_authenticator(page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _sign_in(page, email: str) -> None:
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    press(page, "form.form button[type=submit]")


def _sign_out(page, server: str) -> None:
    page.goto(server + "/accounts/logout/")
    press(page, "main button[type=submit]")


def test_a_passkey_is_added_then_signs_in_alone_and_as_second_factor(visitor, live_server):
    user = make_user("Editor", email="person@example.org")
    visit = visitor.open("/accounts/login/")
    page, server = visit.page, live_server.url
    _give_authenticator(page)
    _sign_in(page, user.email)
    page.wait_for_url(server + "/admin/")

    page.goto(server + "/accounts/2fa/webauthn/add/")
    page.fill("#id_password", PASSWORD)
    press(page, "form.form button[type=submit]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(server + "/accounts/2fa/recovery-codes/")
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1

    _sign_out(page, server)
    page.goto(server + "/accounts/login/?next=/admin/topics/topic/")
    page.click("#passkey_login")
    page.wait_for_url(server + "/admin/topics/topic/")

    _sign_out(page, server)
    page.goto(server + "/accounts/login/")
    _sign_in(page, user.email)
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(server + "/admin/")

    assert visit.faults == []
    assert [address for address in visit.fetched if not address.startswith(server)] == []


def test_without_an_authenticator_the_page_says_what_to_do(visitor):
    visit = visitor.open("/accounts/login/")
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")  # none is plugged in, and no dialogue opens

    visit.page.evaluate("""() => document.dispatchEvent(new CustomEvent("allauth.error",
        {cancelable: true, detail: {exception: new DOMException("", "NotAllowedError")}}))""")

    assert visit.page.inner_text("#passkey-problem").startswith("No passkey was used")


def test_without_scripts_nothing_is_offered_that_needs_them(visitor):
    visit = visitor.open("/accounts/login/", scripts=False)

    assert visit.page.is_visible("#id_login")
    assert not visit.page.is_visible("#passkey_login")
