"""Error pages: message, the site's layout, and a link to go on."""

import logging

import pytest
from django.db import OperationalError
from django.db.models import Model, QuerySet
from django.test import Client
from django.utils.html import strip_tags

from tests.accounts.helpers import invited_path
from tests.browser import html_errors, press, violations
from tests.error_pages import CODES
from tests.factories import make_edition
from tests.interest.calls import make_open_call

pytestmark = pytest.mark.urls("tests.error_pages")

STATUS = {"csrf": 403}


@pytest.fixture(autouse=True)
def _quiet(client):
    """Answer errors as in production instead of raising them into the test."""
    client.raise_request_exception = False
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_an_error_page_shows_its_number_a_link_and_whether_a_form_was_saved(client, code):
    response = client.get(f"/wrong/{code}/")

    status = STATUS.get(code) or int(code)
    html = response.content.decode()
    assert response.status_code == status
    assert f"Error {status} " in " ".join(strip_tags(html).split())
    assert '<a class="btn btn-primary" href="/">Go to the home page</a>' in html
    if code in {"400", "413", "500", "503", "csrf"}:
        assert "saved" in html
        assert "Go back" in html


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_error_pages_are_accessible(visitor):
    faults = {}
    visit = visitor.open("/robots.txt", bypass_csp=True)
    for code in CODES:
        visit.go(f"/wrong/{code}/")
        faults[code] = violations(visit.page)

    assert faults == {code: [] for code in CODES}


@pytest.mark.nu
@pytest.mark.django_db
def test_error_pages_are_valid_html(client, tmp_path):
    files = [tmp_path / f"{code}.html" for code in CODES]
    for code, file in zip(CODES, files, strict=True):
        file.write_bytes(client.get(f"/wrong/{code}/").content)

    assert html_errors(files) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_back_button_restores_a_text_that_was_too_large(visitor, settings, scripts):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    make_open_call()
    page = visitor.open("/2030/interest/", width=320, scripts=scripts).page
    page.fill("#id_name", "Ada Example")
    page.fill("#id_abstract", "word " * 4_000)
    press(page, "form.form button[type=submit]")
    message = page.inner_text("main")

    page.go_back()

    assert "The Back button of your browser brings back what you typed." in message
    assert page.input_value("#id_name") == "Ada Example"
    assert page.input_value("#id_abstract") == "word " * 4_000


@pytest.mark.django_db
def test_without_a_database_the_page_repeats_the_text_in_fields_that_the_view_names(client, caplog):
    logging.disable(logging.NOTSET)
    data = {
        "title": "Small <b>models</b> answer",
        "abstract": "One line.\nAnother one.",
        "question_7": "小さなモデル",
        "again": "correct horse battery",
        "secret": "named but sensitive",
        "question_8": "Oxford",
        "key": "x" * 200,
    }
    response = client.post("/wrong/503/", data)
    html = response.content.decode()

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "no-store" in response["Cache-Control"]
    assert "Small &lt;b&gt;models&lt;/b&gt; answer" in html
    assert "One line.<br>Another one." in html
    assert "小さなモデル" in html
    assert "Oxford" in html
    for unnamed in ("horse", "sensitive", "xxx"):
        assert unnamed not in html
    assert "database is locked" in caplog.text
    assert "Your words" not in client.get("/wrong/503/").content.decode()


@pytest.mark.django_db
def test_a_form_with_an_old_csrf_token_gets_its_text_back_and_no_password():
    client = Client(enforce_csrf_checks=True)

    change = client.post("/2030/interest/R7K2QD/change/", {"title": "Small models", "name": "Ada"})
    sign_in = client.post("/accounts/login/", {"login": "a@b.org", "password": "two words"})

    assert [change.status_code, sign_in.status_code] == [403, 403]
    assert (
        '<blockquote class="sent-text" dir="auto">Small models</blockquote>'
        in change.content.decode()
    )
    assert "no-store" in change["Cache-Control"]
    assert "two words" not in sign_in.content.decode()


@pytest.mark.django_db
def test_a_form_of_the_desk_with_an_old_csrf_token_gets_back_nothing_but_its_text(chair):
    client = Client(enforce_csrf_checks=True)
    client.force_login(chair)
    data = {"heading": "Small models", "_shown": "heading=13d2 description=a638"}

    response = client.post("/admin/topics/topic/add/", data)

    assert response.status_code == 403
    assert "Small models" in response.content.decode()
    assert "a638" not in response.content.decode()


@pytest.fixture
def _locked(monkeypatch):
    """Every write fails, as under a lock that another process holds."""

    def refuse(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Model, "save_base", refuse)
    monkeypatch.setattr(QuerySet, "update", refuse)


@pytest.mark.django_db
def test_an_invitation_under_a_locked_database_does_not_show_the_password(client, request):
    path = invited_path()
    request.getfixturevalue("_locked")
    words = "several words to remember"

    response = client.post(path, {"name": "Nia New", "password": words, "again": words})

    assert response.status_code == 503
    assert words not in response.content.decode()


@pytest.mark.django_db
def test_the_desk_under_a_locked_database_gives_back_what_was_typed(as_chair, request):
    edition = make_edition()
    as_chair.raise_request_exception = False
    request.getfixturevalue("_locked")

    data = {"edition": edition.pk, "heading": "Small models", "description": "Two words"}
    response = as_chair.post("/admin/topics/topic/add/", data)

    assert response.status_code == 503
    assert (
        '<blockquote class="sent-text" dir="auto">Small models</blockquote>'
        in response.content.decode()
    )
