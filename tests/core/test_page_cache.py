"""Page cache: without visitor data, never stale, rendered once, bounded."""

import gzip
import threading
import time
from datetime import UTC, datetime, timedelta

import brotli
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from apps.core import page_cache
from apps.editions.models import Edition
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_news,
    make_page,
    make_topic,
)
from tests.page_cache import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """A public edition with the title "First", and an empty cache."""
    make_current_edition(slug="2024", title="First", short_name="")
    return Site()


@pytest.fixture
def shared_site(transactional_db):
    """As `site`, for several threads."""
    make_current_edition(slug="2024", title="First", short_name="")
    return Site()


@pytest.mark.parametrize("path", ["/", "/2024/people/", "/privacy/", "/sitemap.xml", "/robots.txt"])
def test_a_page_is_rendered_once_and_then_cached(site, path):
    first, second = site.get(path), site.get(path)

    assert first.status == second.status == 200
    assert (first.body, first.headers) == (second.body, second.headers)
    assert site.asked == [("GET", path)]


def test_an_edit_shows_at_the_next_request_and_a_submission_keeps_the_cache(site):
    edition = Edition.objects.get()
    make_call(edition)
    site.get("/")
    make_expression(edition)
    site.get("/")
    assert len(site.asked) == 1

    Edition.objects.update(title="Second")

    assert "Second" in site.get("/").text
    assert "First" not in site.get("/2024/").text


def test_signed_in_users_get_pages_of_their_own(site, as_chair):
    make_page(Edition.objects.get(), slug="hidden", is_published=False, title="Unseen")
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(as_chair)}"

    assert site.get("/2024/hidden/", cookie=cookie).status == 200
    assert site.get("/2024/hidden/").status == 404
    assert site.get("/", cookie=cookie).headers["cache-control"] == "private, no-cache"
    assert site.kept == set()
    site.get("/")
    asked = len(site.asked)
    site.get("/", cookie=f"other=1; {cookie}")
    assert len(site.asked) == asked + 1


def test_a_page_contains_no_data_of_its_first_visitor(site):
    headers = {
        "referer": "http://evil.example.org/",
        "user_agent": "Mallory",
        "cookie": "a=Mallory",
    }
    first = site.get("/", accept_language="xx", **headers)

    assert "Mallory" not in first.text
    for cookie in ("csrf=x", "interest-1=x", "tracker=1; sso=2", "\xff=;;;=="):
        assert site.get("/", cookie=cookie).body == first.body
    assert len(site.asked) == 1


def test_drafts_missing_pages_and_forms_are_not_kept(site):
    make_call(Edition.objects.get())
    form = site.get("/2024/interest/")
    Edition.objects.update(state="draft", is_current=False)

    assert "set-cookie" in form.headers
    assert "x-accel-expires" not in form.headers
    assert site.get("/2024/").status == 404
    assert site.get("/nowhere/").status == 404
    assert site.kept == set()


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "a=b"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, no-cache"},
        {"Content-Encoding": "gzip"},
        {},
    ],
)
def test_a_private_response_is_not_kept_whatever_its_view_declares(site, headers):
    def respond(environ, start_response):
        response = HttpResponse() if headers else StreamingHttpResponse([])
        for name, value in ({"Cache-Control": "no-cache"} | headers).items():
            response[name] = value
        if "Set-Cookie" in headers:
            response.set_cookie("a", "b")
        start_response("200 OK", list(response.items()))
        return response

    site.django = respond

    site.get("/")

    assert site.kept == set()


# Headers


def test_browsers_revalidate_and_only_an_edit_of_the_page_changes_its_etag(site):
    first = site.get("/")
    etag = first.headers["etag"]
    make_page(Edition.objects.get(), slug="x", is_published=False)
    unchanged = site.get("/", if_none_match=etag)

    assert first.headers["cache-control"] == "no-cache"
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", etag)
    assert "content-length" not in unchanged.headers
    Edition.objects.update(title="Second")
    assert site.get("/", if_none_match=etag).status == 200


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("*", 304),
        ('"a", {etag}, "b"', 304),
        ("{strong}", 304),
        ("nonsense", 200),
        ('"' + "x" * 5000, 200),
        ('W/"', 200),
        (",,,", 200),
    ],
)
def test_all_forms_of_if_none_match(site, value, status):
    etag = site.get("/").headers["etag"]
    value = value.replace("{etag}", etag).replace("{strong}", etag.removeprefix("W/"))

    assert site.get("/", if_none_match=value).status == status


def test_range_and_head_requests_are_answered_from_memory(site):
    head = site.get("/", method="HEAD")
    whole = site.get("/")

    assert site.get("/", range="bytes=0-9").body == whole.body
    assert head.body == b""
    assert head.headers["content-length"] == str(len(whole.body))
    assert site.asked == [("GET", "/")]


def test_a_page_is_compressed_if_the_browser_accepts_that(site):
    plain = site.get("/")
    zipped = site.get("/", accept_encoding="gzip, deflate")
    smaller = site.get("/", accept_encoding="gzip, deflate, br")

    assert gzip.decompress(zipped.body) == brotli.decompress(smaller.body) == plain.body
    assert len(smaller.body) < len(zipped.body) < len(plain.body) / 2
    assert smaller.headers["content-encoding"] == "br"
    assert smaller.headers["content-length"] == str(len(smaller.body))
    assert "Accept-Encoding" in smaller.headers["vary"]
    assert smaller.headers["etag"] == plain.headers["etag"]
    assert len(site.asked) == 1
    for accepted, encoding in (
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip; q=0.8", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        *((nonsense, None) for nonsense in ("br;q=0", "identity", "*", "\x00,;;q=,")),
    ):
        response = site.get("/", accept_encoding=accepted)
        assert response.headers.get("content-encoding") == encoding, accepted


def test_a_cached_page_has_the_security_headers(site, client):
    site.get("/")
    cached, rendered = site.get("/").headers, client.get("/").headers

    assert "content-security-policy" in cached
    for name in (
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "Cross-Origin-Opener-Policy",
        "Content-Type",
    ):
        assert cached[name.lower()] == rendered[name]


def test_a_cached_feed_answers_conditional_requests(site):
    make_news(Edition.objects.get(), title="Rooms are known")
    feed = site.get("/2024/news.atom")

    for headers in (
        {"if_none_match": feed.headers["etag"]},
        {"if_modified_since": feed.headers["last-modified"]},
    ):
        unchanged = site.get("/2024/news.atom", **headers)

        assert unchanged.status == 304
        assert unchanged.headers["access-control-allow-origin"] == "*"
    assert len(site.asked) == 1


# Query parameters and floods


def test_only_declared_query_parameters_make_separate_pages(site):
    topic = make_topic(Edition.objects.get())
    for _ in range(2):
        site.get("/2024/posters/")
        site.get("/2024/posters/?utm_source=letter&utm_medium=email")
        site.get(f"/2024/posters/?page=2&topic={topic.slug}")
        site.get(f"/2024/posters/?topic={topic.slug}&page=2")
    assert len(site.asked) == 2

    kept = set(site.kept)
    for query in (
        "q=anything",
        "page=1&page=2",
        "topic=" + "x" * 1001,
        "x=1&" * 60,
    ):
        assert site.get(f"/2024/posters/?{query}").status == 200
    assert site.kept == kept
    assert site.get("/?%ff=%00&&&===").status in {200, 400}


@pytest.mark.parametrize(
    "host", ["evil.example.org", "", "localhost:99999", "localhost\t", "LOCALHOST", "a" * 3000]
)
def test_pages_are_not_kept_for_other_host_names(site, host):
    site.get("/", host=host)

    assert site.kept == set()


@pytest.mark.usefixtures("site")
def test_a_page_cached_for_https_is_not_sent_over_http(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    site = Site()

    assert site.get("/", x_forwarded_proto="http").status == 301
    assert site.get("/", x_forwarded_proto="https").status == 200
    assert site.get("/", x_forwarded_proto="http").status == 301
    assert site.get("/").status == 301


def test_the_cache_is_bounded_and_drops_the_oldest_page_first(site, monkeypatch):
    size = len(site.get("/").body)
    monkeypatch.setattr(page_cache, "MAXIMUM_BYTES", 3 * (2 * size + 6000))
    for path in ("/", "/privacy/", "/accessibility/", "/2024/", "/2024/people/"):
        site.get(path)
    asked = len(site.asked)

    site.get("/2024/people/")
    assert len(site.asked) == asked
    site.get("/")
    assert len(site.asked) == asked + 1


# Time, concurrency and errors


def test_a_page_that_depends_on_the_clock_is_at_most_ten_seconds_late(site):
    now = datetime(2030, 6, 1, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        soon = now + timedelta(seconds=1)
        make_news(Edition.objects.get(), title="Rooms are known", published_at=soon)
        for path in ("/2024/news/", "/2024/news.atom"):
            assert "Rooms are known" not in site.get(path).text
        clock.shift(timedelta(seconds=9))
        site.get("/2024/news/")
        assert len(site.asked) == 2
        clock.shift(timedelta(seconds=1))

        for path in ("/2024/news/", "/2024/news.atom"):
            assert "Rooms are known" in site.get(path).text
        clock.shift(timedelta(hours=-1))  # set back
        assert "Rooms are known" not in site.get("/2024/news/").text


def _in_thread(visit) -> threading.Thread:
    def run() -> None:
        try:
            visit()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_concurrent_requests_render_a_page_once(shared_site):
    original, barrier, statuses = shared_site.django, threading.Barrier(20, timeout=30), []

    def slow(environ, start_response):
        time.sleep(0.3)
        return original(environ, start_response)

    def visit() -> None:
        barrier.wait()
        statuses.append(shared_site.get("/").status)

    shared_site.django = slow
    for thread in [_in_thread(visit) for _ in range(20)]:
        thread.join()

    assert statuses == [200] * 20
    assert len(shared_site.asked) == 1


def test_a_request_after_an_edit_never_gets_a_page_rendered_before_it(shared_site):
    original, begun, proceed = shared_site.django, threading.Event(), threading.Event()

    def rendered_before_the_edit(environ, start_response):
        response = original(environ, start_response)
        begun.set()
        proceed.wait(30)
        return response

    shared_site.django, early = rendered_before_the_edit, []
    thread = _in_thread(lambda: early.append(shared_site.get("/").text))
    begun.wait(30)
    Edition.objects.update(title="Second")
    shared_site.django = original
    threading.Timer(0.2, proceed.set).start()

    late = shared_site.get("/").text
    thread.join()

    assert "Second" in late
    assert "First" in early[0]
    assert "Second" in shared_site.get("/").text


def test_cached_pages_are_served_without_a_database(site, monkeypatch):
    before = site.get("/")
    monkeypatch.setattr("apps.core.page_cache.read_public_version", lambda: None)

    assert site.get("/").body == before.body
    assert len(site.asked) == 1
