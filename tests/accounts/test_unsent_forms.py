"""Forms sent to the desk after the session had ended."""

import re
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import User
from apps.review.models import Review
from apps.topics.models import Topic
from tests.accounts.helpers import PASSWORD, sign_in
from tests.accounts.test_second_factor import code_of, set_up_an_app
from tests.factories import (
    make_edition,
    make_expression,
    make_reviewer,
    make_session,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db

NOT_SAVED = "You were signed out before you sent this"


@pytest.fixture
def browser(chair) -> Client:
    """A browser in which the chair opened the desk, and whose session has ended since."""
    return _opened_by(chair)


def _opened_by(user: User) -> Client:
    client = Client()
    sign_in(client, user.email)
    client.get("/admin/")
    Session.objects.all().delete()
    return client


def _change(topic: Topic, **fields) -> dict:
    return {"edition": topic.edition_id, "heading": topic.heading, "summary": ""} | fields


def _sign_in_again(client: Client, response, email: str):
    """Follow the redirects of a refused form to the sign-in page, sign in, and follow further."""
    login = client.get(response["Location"], follow=True)
    address, _ = login.redirect_chain[-1] if login.redirect_chain else (response["Location"], 302)
    assert "typed" not in address
    data = {"login": email, "password": PASSWORD, "next": login.context["redirect_field_value"]}
    return login, client.post("/accounts/login/", data, follow=True)


def test_a_changed_form_is_there_as_it_was_sent_after_sign_in(browser, chair):
    topic = make_topic(make_edition(), heading="Old heading")
    path = f"/admin/topics/topic/{topic.pk}/change/?_changelist_filters=q%3Dx"

    refused = browser.post(path, _change(topic, heading="A typed <heading>"))
    login, page = _sign_in_again(browser, refused, chair.email)

    assert "Sign in, and the form is shown as you sent it." in login.content.decode()
    assert page.request["PATH_INFO"] == f"/admin/topics/topic/{topic.pk}/change/"
    html = page.content.decode()
    assert 'value="A typed &lt;heading&gt;"' in html
    assert NOT_SAVED in html
    topic.refresh_from_db()
    assert topic.heading == "Old heading"
    assert browser.get(path).content.decode().count(NOT_SAVED) == 1  # a reload loses nothing

    browser.post(path, _change(topic, heading="A typed <heading>"))

    topic.refresh_from_db()
    assert topic.heading == "A typed <heading>"
    assert NOT_SAVED not in browser.get(path).content.decode()


def test_an_added_object_is_there_as_it_was_sent(browser, chair):
    data = {"edition": make_edition().pk, "heading": "A typed heading"}

    refused = browser.post("/admin/topics/topic/add/", data)
    _, page = _sign_in_again(browser, refused, chair.email)

    assert 'value="A typed heading"' in page.content.decode()
    assert not Topic.objects.exists()


def test_a_page_of_the_desk_shows_the_texts_and_sends_them_on_a_press(reviewer):
    expression = make_expression(make_edition())
    make_reviewer(expression.edition, reviewer)
    browser = _opened_by(reviewer)
    path = f"/admin/review/{expression.pk}/"

    refused = browser.post(path, {"verdict": "2", "remark": "A typed remark\nin two lines"})
    _, page = _sign_in_again(browser, refused, reviewer.email)

    html = page.content.decode()
    assert "A typed remark<br>in two lines" in html
    assert ">Send it now<" in html
    assert not Review.objects.exists()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    browser.post(path, dict(hidden))
    assert Review.objects.get().remark.split() == ["A", "typed", "remark", "in", "two", "lines"]
    assert ">Send it now<" not in browser.get(path).content.decode()


def test_an_address_and_a_number_are_shown_too(browser, chair):
    expression = make_expression(make_edition())
    session = make_session(expression.edition)
    pages = {
        f"/admin/interest/expression/{expression.pk}/address/": {"email": "typed@example.net"},
        f"/admin/programme/session/{session.pk}/move/": {"minutes": "35", "seen": "token"},
    }

    for path, data in pages.items():
        refused = browser.post(path, data)
    _sign_in_again(browser, refused, chair.email)

    shown = [browser.get(path).context["texts"] for path in pages]
    assert shown == [[("Email", "typed@example.net")], [("Minutes", "35")]]


def test_a_button_pressed_while_signed_out_can_be_pressed_after_sign_in(browser, chair):
    path = f"/admin/selection/release/{make_edition().pk}/draft/"

    refused = browser.post(path)
    _, page = _sign_in_again(browser, refused, chair.email)

    assert page.request["PATH_INFO"] == path
    assert "Your choices from lists" in page.content.decode()
    assert browser.post(path).status_code == 302
    assert browser.get(path).status_code == 405


def test_a_button_pressed_more_than_a_day_ago_is_to_be_pressed_again(browser, chair, monkeypatch):
    path = f"/admin/selection/release/{make_edition().pk}/draft/"
    refused = browser.post(path)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)

    _, page = _sign_in_again(browser, refused, chair.email)

    assert page.request["PATH_INFO"] == path
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "Go back to the page with the button and press it again." in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"


def test_it_comes_back_after_the_second_factor_too(chair, as_chair):
    secret = set_up_an_app(as_chair)
    chair.authenticator_set.filter(type="totp").update(last_used_at=None)
    browser = Client()
    browser.cookies = as_chair.cookies
    browser.get("/admin/")
    Session.objects.all().delete()
    path = "/admin/topics/topic/add/"
    data = {"edition": make_edition().pk, "heading": "A typed heading"}

    refused = browser.post(path, data)
    _, asked = _sign_in_again(browser, refused, chair.email)
    page = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}, follow=True)

    assert "typed" not in asked.content.decode()
    assert page.request["PATH_INFO"] == path
    assert 'value="A typed heading"' in page.content.decode()


def test_another_person_who_signs_in_does_not_see_it(browser, chair):
    other = make_user("Chair")
    topic = make_topic(make_edition())
    path = f"/admin/topics/topic/{topic.pk}/change/"

    refused = browser.post(path, _change(topic, heading="A typed heading"))
    _, page = _sign_in_again(browser, refused, other.email)

    assert "A typed heading" not in page.content.decode()
    browser.post("/admin/logout/")
    sign_in(browser, chair.email)
    assert "A typed heading" not in browser.get(path).content.decode()
    assert "typed" not in str([row.get_decoded() for row in Session.objects.all()])


def test_nobody_signed_out_sees_it_and_it_is_kept_for_a_day(browser, chair, monkeypatch):
    path = "/admin/topics/topic/add/"
    browser.post(path, {"heading": "A typed heading"})

    assert browser.get(path).status_code == 302
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    sign_in(browser, chair.email)
    assert "A typed heading" not in browser.get(path).content.decode()


@pytest.mark.parametrize("cookie", ["", "1:forged"])
def test_a_browser_in_which_nobody_used_the_desk_leaves_nothing(db, cookie):
    client = Client()
    client.cookies[settings.DESK_COOKIE_NAME] = cookie

    response = client.post("/admin/topics/topic/add/", {"heading": "A typed heading"})

    assert response.status_code == 302
    assert not Session.objects.exists()


def test_a_form_with_a_wrong_csrf_token_is_not_kept(chair):
    client = Client(enforce_csrf_checks=True)
    client.cookies = _opened_by(chair).cookies

    response = client.post("/admin/topics/topic/add/", {"heading": "A typed heading"})

    assert response.status_code == 403
    assert not Session.objects.exists()


def test_it_can_be_discarded(browser, chair):
    path = "/admin/topics/topic/add/"
    browser.post(path, {"heading": "A typed heading"})
    sign_in(browser, chair.email)

    page = browser.post(path, {"_discard_unsent_form": "1"}, follow=True)

    assert "The form is discarded." in page.content.decode()
    assert "A typed heading" not in browser.get(path).content.decode()
    assert not Topic.objects.exists()


def test_files_are_named_to_be_chosen_again(browser, chair):
    path = "/admin/people/person/add/"
    browser.post(path, {"name": "Ada", "photo": SimpleUploadedFile("me <b>.png", b"x")})
    sign_in(browser, chair.email)

    html = browser.get(path).content.decode()

    assert "choose me &lt;b&gt;.png again" in html


def test_a_form_that_may_no_longer_be_sent_is_refused_as_usual(browser, chair):
    path = "/admin/topics/topic/add/"
    browser.post(path, {"heading": "A typed heading"})
    chair.groups.set([Group.objects.get(name="Reviewer")])
    sign_in(browser, chair.email)

    assert browser.get(path).status_code == 403


def test_requests_of_scripts_and_huge_forms_are_not_kept(browser):
    path = "/admin/topics/topic/add/"
    browser.post(path, {"heading": "two words"}, headers={"Sec-Fetch-Mode": "cors"})
    browser.post(path, {"heading": "x" * 1_000_001})

    assert not Session.objects.exists()
