"""Account pages swept by axe, narrow and wide, light and dark."""

import pytest

from apps.accounts.services import invitation_path, invite
from tests.browser import press, violations
from tests.conftest import session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pages_before_sign_in(visitor):
    _, link = invite(email="new@example.org", role="Editor", by=None)
    invitation = invitation_path(link.rstrip("/").rsplit("/", 1)[1])
    for path in ("/accounts/login/", "/accounts/password/reset/", invitation):
        visit = visitor.open(path, may_be_measured=True)
        assert violations(visit.page) == []

        press(visit.page, "form.form button[type=submit]")
        assert visit.page.title().startswith("Error: ")
        assert violations(visit.page) == []


def test_pages_after_sign_in(visitor, as_chair):
    as_chair.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    for path in (
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/webauthn/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/logout/",
    ):
        visit = visitor.open(path, session=session_of(as_chair), may_be_measured=True)
        assert visit.page.url.endswith(path)
        assert violations(visit.page) == []
