"""Private links: their tokens, and the cookie of a browser."""

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


def _request(cookie: str = ""):
    request = RequestFactory().get("/")
    request.COOKIES["mine"] = cookie
    return request


def test_a_token_is_random_and_only_its_hash_is_stored(expression):
    links = [make_link(expression) for _ in range(20)]
    link, token = links[0]

    stored = StudentLink.objects.filter(pk=link.pk).values().get()

    assert len({token for _, token in links}) == 20
    assert (TOKEN_BYTES * 8 >= 128, len(token)) == (True, 32)
    assert token not in str(stored)
    assert stored["token_hash"] == hash_token(token)
    assert list(StudentLink.objects.for_token(token)) == [link]
    for other in (link.token_hash, ""):
        assert not StudentLink.objects.for_token(other).exists()


def test_open_links_are_neither_expired_nor_revoked(expression):
    now = timezone.now()
    works, _ = make_link(expression)
    expired, _ = make_link(expression, expires_at=now - timedelta(seconds=1))
    revoked, _ = make_link(expression, revoked_at=now)

    assert list(StudentLink.objects.open()) == [works]
    assert [link.is_open for link in (works, expired, revoked)] == [True, False, False]


def test_the_cookie_holds_the_last_ten_links(expression):
    links = [make_link(expression)[0] for _ in range(12)]
    request = _request()

    for link in [*links, links[5]]:
        response = HttpResponse()
        link.remember(request, response)
        request = _request(response.cookies["mine"].value)

    pks = [link.pk for link in links]
    assert StudentLink.remembered(request) == [*pks[2:5], *pks[6:], pks[5]]
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert StudentLink.remembered(request) == []


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
def test_a_forged_cookie_opens_nothing(cookie):
    assert StudentLink.remembered(_request(cookie)) == []


@pytest.mark.parametrize(("is_https", "name"), [(False, "mine"), (True, "__Host-mine")])
def test_forgetting_deletes_the_cookie(settings, is_https, name):
    settings.SESSION_COOKIE_SECURE = is_https
    response = HttpResponse()

    StudentLink.forget(response)

    assert response.cookies[name]["max-age"] == 0
    assert bool(response.cookies[name]["secure"]) is is_https
