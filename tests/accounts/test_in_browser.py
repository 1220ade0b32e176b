"""Invitations and account pages in a real browser: forms, headers, accessibility (axe)."""

import pytest
from django.contrib.sessions.models import Session

from apps.accounts.models import User
from apps.topics.models import Topic
from tests.accounts.helpers import PASSWORD, invited_path, sign_in
from tests.browser import press, violations
from tests.conftest import session_of
from tests.factories import make_edition, make_topic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SUBMIT = "form.form button[type=submit]"


@pytest.mark.parametrize("scripts", [True, False])
def test_an_invitation_is_accepted_and_its_address_sent_to_no_page(visitor, live_server, scripts):
    path = invited_path()
    visit = visitor.open(path, scripts=scripts)
    referers: list[str] = []
    visit.page.on("request", lambda request: referers.append(request.headers.get("referer", "")))

    visit.page.fill("#id_name", "Nia New")
    visit.page.fill("#id_password", "several words to remember")
    visit.page.fill("#id_again", "several words to remember")
    visit.page.click(SUBMIT)
    visit.page.wait_for_url(live_server.url + "/admin/")

    assert User.objects.get().name == "Nia New"
    assert len(referers) > 1
    assert [referer for referer in referers if path.split("/")[2] in referer] == []
    assert visit.faults == []


def test_each_problem_of_the_form_has_its_own_line(visitor):
    visit = visitor.open(invited_path(), width=320)

    visit.page.click(SUBMIT)
    problems = visit.page.locator(".error-summary li")
    problems.first.wait_for()
    tops = [box["y"] for box in (item.bounding_box() for item in problems.all()) if box]

    assert len(tops) == 3
    assert tops == sorted(set(tops))


@pytest.mark.appearance
def test_pages_before_sign_in_are_accessible(visitor):
    for path in ("/accounts/login/", "/accounts/password/reset/", invited_path()):
        visit = visitor.open(path, bypass_csp=True)
        assert violations(visit.page) == []

        press(visit.page, SUBMIT)
        assert visit.page.title().startswith("Error: ")
        assert violations(visit.page) == []


@pytest.mark.appearance
def test_pages_after_sign_in_are_accessible(visitor, as_chair):
    as_chair.post("/accounts/reauthenticate/", {"password": PASSWORD})
    pages = ["2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "2fa/webauthn/"]
    for page in [*pages, "password/change/", "email/", "logout/"]:
        path = f"/accounts/{page}"
        visit = visitor.open(path, session=session_of(as_chair), bypass_csp=True)
        assert visit.page.url.endswith(path)
        assert violations(visit.page) == []


def test_a_password_repeated_wrongly_stays_in_both_fields(visitor):
    page = visitor.open(invited_path(), bypass_csp=True).page
    page.fill("#id_name", "Nia New")
    page.fill("#id_password", "several words to remember")
    page.fill("#id_again", "several words to remembre")

    page.click(SUBMIT)

    assert page.inner_text("#passwords-differ") == "The two passwords differ. Correct one of them."
    assert page.input_value("#id_password") == "several words to remember"
    assert page.evaluate("document.activeElement.id") == "id_again"
    assert "is-invalid" in page.locator("#id_again").get_attribute("class")
    assert violations(page) == []
    page.fill("#id_again", "several words to remember")
    assert page.inner_text("#passwords-differ") == ""
    press(page, SUBMIT)
    assert User.objects.get().name == "Nia New"


def test_what_was_typed_at_the_desk_comes_back_after_sign_in(visitor, as_chair, chair):
    path = f"/admin/topics/topic/{make_topic(make_edition()).pk}/change/"
    page = visitor.open(path, session=session_of(as_chair), bypass_csp=True).page
    page.fill("#id_heading", "A typed heading")
    Session.objects.all().delete()

    press(page, "input[name=_save]")
    assert "the form is shown as you sent it" in page.inner_text("main")
    page.fill("#id_login", chair.email)
    page.fill("#id_password", PASSWORD)
    press(page, SUBMIT)

    assert page.input_value("#id_heading") == "A typed heading"
    assert "typed" not in page.url
    assert violations(page) == []
    press(page, "input[name=_save]")
    assert Topic.objects.get().heading == "A typed heading"


def test_a_page_of_our_own_shows_what_was_sent_while_signed_out(visitor, as_chair, chair):
    as_chair.get("/admin/")
    Session.objects.all().delete()
    as_chair.post("/admin/imports/sheet/add/", {"edition": "1", "note": "Two typed words"})
    sign_in(as_chair, chair.email)

    page = visitor.open(
        "/admin/imports/sheet/add/", session=session_of(as_chair), bypass_csp=True
    ).page

    assert "Two typed words" in page.inner_text("dl")
    assert violations(page) == []
