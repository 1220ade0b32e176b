"""The private link as such: what is stored, and what a browser is remembered by."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from apps.core.tokens import TOKEN_BYTES, hash_token
from apps.interest.models import StudentLink
from tests.factories import make_call_edition, make_link, make_sent_expression

pytestmark = pytest.mark.django_db


@pytest.fixture
def expression():
    return make_sent_expression(make_call_edition())


def _request(cookie: str = "", name: str = "mine"):
    request = RequestFactory().get("/")
    request.COOKIES[name] = cookie
    return request


def test_only_a_hash_of_the_token_is_stored(expression):
    link, token = make_link(expression)

    stored = StudentLink.objects.filter(pk=link.pk).values().get()

    assert TOKEN_BYTES * 8 >= 128
    assert token not in str(stored)
    assert stored["token_hash"] == hash_token(token)


def test_no_two_tokens_are_alike(expression):
    tokens = {make_link(expression)[1] for _ in range(20)}

    assert len(tokens) == 20
    assert min(map(len, tokens)) == 32


def test_a_link_is_found_by_its_token_alone(expression):
    link, token = make_link(expression)
    make_link(expression)

    assert list(StudentLink.objects.for_token(token)) == [link]
    assert list(StudentLink.objects.for_token(link.token_hash)) == []
    assert list(StudentLink.objects.for_token("")) == []


def test_open_are_those_neither_expired_nor_revoked(expression):
    now = timezone.now()
    works, _ = make_link(expression)
    expired, _ = make_link(expression, expires_at=now - timedelta(seconds=1))
    revoked, _ = make_link(expression, revoked_at=now)

    assert list(StudentLink.objects.open()) == [works]
    assert [link.is_open for link in (works, expired, revoked)] == [True, False, False]


def test_a_browser_is_remembered_for_several_links_the_newest_last(expression):
    links = [make_link(expression)[0] for _ in range(12)]
    request = _request()

    for link in [*links, links[5]]:
        response = HttpResponse()
        link.remember(request, response)
        request = _request(response.cookies["mine"].value)

    pks = [link.pk for link in links]
    assert StudentLink.remembered(request) == [*pks[2:5], *pks[6:], pks[5]]


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "nonsense",
        signing.dumps([1], salt="another"),
        signing.dumps({"1": 1}, salt="mine"),
        signing.dumps("1", salt="mine"),
        "\x00" * 10,
    ],
    ids=["none", "nonsense", "another salt", "a mapping", "a text", "null characters"],
)
def test_a_forged_cookie_remembers_nothing(cookie):
    assert StudentLink.remembered(_request(cookie)) == []


def test_a_cookie_of_over_ninety_days_remembers_nothing(expression):
    link, _ = make_link(expression)
    response = HttpResponse()
    link.remember(_request(), response)
    value = response.cookies["mine"].value

    with time_machine.travel(timezone.now() + timedelta(days=91)):
        later = StudentLink.remembered(_request(value))

    assert StudentLink.remembered(_request(value)) == [link.pk]
    assert later == []


@pytest.mark.parametrize(("is_https", "name"), [(False, "mine"), (True, "__Host-mine")])
def test_the_cookie_is_taken_back_under_its_name(settings, is_https, name):
    settings.SESSION_COOKIE_SECURE = is_https
    response = HttpResponse()

    StudentLink.forget(response)

    assert response.cookies[name]["max-age"] == 0
    assert bool(response.cookies[name]["secure"]) is is_https
