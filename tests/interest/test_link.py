"""The private link: looking changes nothing, a press opens, and what does not work says why."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.interest.models import Event, Expression, StudentLink
from apps.interest.services import revoke_links
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_link, make_sent_expression
from tests.interest.students import browser_of, heading, link_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(make_call_edition(slug="2024"))


def _everything() -> list:
    models = (Expression, StudentLink, Letter, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_three_looks_of_a_scanner_change_nothing(expression):
    _, token = make_link(expression)
    before = _everything()

    for _ in range(3):
        client = Client()
        response = client.get(link_path(expression, token))

        assert response.status_code == 200
        assert set(response.cookies) <= {"csrf"}
        assert client.get(expression.get_absolute_url()).status_code == 403

    assert _everything() == before


def test_the_page_of_the_link_says_nothing_of_the_person(client, expression):
    _, token = make_link(expression)

    html = client.get(link_path(expression, token)).content.decode()

    assert [
        word
        for word in (expression.name, expression.email, expression.title, expression.reference)
        if word in html
    ] == []
    assert html.count("<button") == 1
    assert token not in html


def test_a_press_trades_the_token_for_a_cookie_and_a_clean_address(client, expression):
    _, token = make_link(expression)

    response = client.post(link_path(expression, token))

    assert response.status_code == 302
    assert response["Location"] == f"/2024/interest/{expression.reference}/"
    cookie = response.cookies["mine"]
    assert token not in str(cookie)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert client.get(response["Location"]).status_code == 200


def test_over_https_the_cookie_belongs_to_this_host_alone(client, expression, settings):
    settings.SESSION_COOKIE_SECURE = True
    _, token = make_link(expression)

    response = client.post(link_path(expression, token), secure=True)

    cookie = response.cookies["__Host-mine"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert client.get(expression.get_absolute_url(), secure=True).status_code == 200


def test_the_link_opens_any_number_of_browsers(expression):
    _, token = make_link(expression)

    pressed = [Client().post(link_path(expression, token)).status_code for _ in range(2)]

    assert pressed == [302, 302]


def test_a_press_from_another_site_is_refused(expression):
    _, token = make_link(expression)
    client = Client(enforce_csrf_checks=True)

    response = client.post(link_path(expression, token))

    assert response.status_code == 403
    assert "mine" not in response.cookies


def _tampered(expression) -> str:
    _, token = make_link(expression)
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def _foreign(expression) -> str:
    other = make_sent_expression(make_call_edition(slug="2023"))
    return make_link(other)[1]


def _expired(expression) -> str:
    return make_link(expression, expires_at=timezone.now() - timedelta(seconds=1))[1]


def _revoked(expression) -> str:
    return make_link(expression, revoked_at=timezone.now())[1]


@pytest.mark.parametrize(
    ("make_token", "status", "words"),
    [
        (_tampered, 404, "This link does not work"),
        (_foreign, 404, "This link does not work"),
        (lambda expression: "0", 404, "This link does not work"),
        (lambda expression: "é<script>", 404, "This link does not work"),
        (lambda expression: "x" * 5000, 404, "This link does not work"),
        (_expired, 410, "This link has expired"),
        (_revoked, 410, "This link was ended"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_does_not_work_says_so_and_offers_a_new_link(
    client, expression, method, make_token, status, words
):
    token = make_token(expression)

    response = getattr(client, method)(link_path(expression, token))

    html = response.content.decode()
    assert response.status_code == status
    assert heading(response) == words
    assert "/2024/interest/new-link/" in html
    assert "mine" not in response.cookies
    assert [word for word in ("sam@", "Sam", "Smaller", expression.reference) if word in html] == []


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_it_knows_no_other_method(client, expression, method):
    _, token = make_link(expression)

    assert getattr(client, method)(link_path(expression, token)).status_code == 405


def test_a_revoked_link_closes_the_browsers_it_opened(expression):
    client = browser_of(expression)

    ended = revoke_links(expression=expression)

    assert ended == 1
    assert client.get(expression.get_absolute_url()).status_code == 403


def test_an_expired_link_closes_the_browsers_it_opened(expression):
    client = browser_of(expression)
    StudentLink.objects.update(expires_at=timezone.now())

    assert client.get(expression.get_absolute_url()).status_code == 403


def test_every_answer_stays_out_of_caches_and_referrers(client, expression):
    _, token = make_link(expression)
    paths = [link_path(expression, token), link_path(expression, "nothing")]
    answers = [client.get(path) for path in paths] + [client.post(path) for path in paths]

    for response in answers:
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"
