"""Pages in memory: the same for everybody, never stale, made once, bounded."""

import gzip
import threading
import time
from datetime import UTC, datetime, timedelta

import brotli
import pytest
import time_machine
from django.db import OperationalError, connection

from apps.core import page_cache
from apps.core.page_cache import Page, _Answer, _encoding_of, _Shelf
from apps.core.public_version import PublicVersion
from apps.editions.models import Edition
from apps.interest.models import StudentLink
from apps.news.models import NewsItemQuerySet
from apps.people.models import Person
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_group,
    make_news,
    make_page,
    make_person,
    make_topic,
)
from tests.page_cache import open_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """One public edition, its title "First", and nothing in memory yet."""
    make_current_edition(slug="2024", title="First", short_name="")
    with open_site() as site:
        yield site


@pytest.fixture
def shared_site(transactional_db):
    """The same for several threads."""
    make_current_edition(slug="2024", title="First", short_name="")
    with open_site(is_shared=True) as site:
        yield site


def test_a_page_is_made_once_and_then_comes_from_memory(site):
    first, second = site.get("/"), site.get("/")

    assert first.status == second.status == 200
    assert first.body == second.body
    assert first.headers == second.headers
    assert site.asked == [("GET", "/")]


def test_an_edit_shows_at_the_next_request(site):
    site.get("/")
    Edition.objects.update(title="Second")

    assert "Second" in site.get("/").text
    assert "First" not in site.get("/2024/").text


def test_what_students_send_empties_nothing(site):
    make_call(Edition.objects.get())
    site.get("/")
    make_expression(Edition.objects.get())
    site.get("/")

    assert len(site.asked) == 1


@pytest.mark.parametrize("path", ["/2024/people/", "/privacy/", "/sitemap.xml", "/robots.txt"])
def test_every_kind_of_page_is_kept(site, path):
    site.get(path)

    assert site.kept == {path}


def test_somebody_signed_in_gets_pages_of_their_own(site, as_chair):
    make_page(Edition.objects.get(), slug="hidden", is_published=False, title="Unseen")
    cookie = f"session={session_of(as_chair)}"

    assert site.get("/2024/hidden/", cookie=cookie).status == 200
    assert site.get("/2024/hidden/").status == 404
    assert site.get("/", cookie=cookie).headers["cache-control"] == "private, no-cache"
    assert site.kept == set()


def test_a_page_in_memory_is_not_shown_to_somebody_signed_in(site, as_chair):
    site.get("/")
    site.get("/", cookie=f"other=1; session={session_of(as_chair)}")

    assert len(site.asked) == 2


def test_cookies_of_others_and_of_students_change_no_public_page(site):
    bare = site.get("/")
    link = StudentLink._cookie()

    for cookie in ("csrf=x", f"{link}=x", "tracker=1; sso=2", "\xff=;;;=="):
        assert site.get("/", cookie=cookie).body == bare.body
    assert len(site.asked) == 1


def test_nothing_of_the_visitor_is_in_the_question(site):
    """Whoever comes first makes the page for all others."""
    marks = {"referer": "http://evil.example.org/", "user_agent": "Mallory", "cookie": "a=Mallory"}
    first = site.get("/?utm_source=Mallory", accept_language="xx", **marks)

    assert "Mallory" not in first.text
    assert site.get("/").body == first.body
    assert len(site.asked) == 1


def test_a_draft_and_what_is_missing_are_not_kept(site):
    Edition.objects.update(state="draft", is_current=False)

    assert site.get("/2024/").status == 404
    assert site.get("/nowhere/").status == 404
    assert site.kept == set()


def test_nothing_with_a_form_enters(site):
    make_call(Edition.objects.get())

    answers = [site.get("/2024/interest/") for _ in range(2)]

    assert "set-cookie" in answers[1].headers
    assert "x-accel-expires" not in answers[1].headers
    assert site.kept == set()


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "a=b"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, no-cache"},
        {"Content-Encoding": "gzip"},
        {"Cache-Control": "max-age=5"},
    ],
)
def test_an_answer_that_is_not_for_everybody_never_enters_whatever_its_view_says(headers):
    from django.http import HttpResponse, StreamingHttpResponse

    given = {"Cache-Control": "no-cache", **headers}

    assert not page_cache._may_be_kept(HttpResponse(), list(given.items()))
    assert page_cache._may_be_kept(HttpResponse(), [("Cache-Control", "no-cache")])
    assert not page_cache._may_be_kept(StreamingHttpResponse([]), [("Cache-Control", "no-cache")])


# What browsers are told


def test_browsers_always_ask_and_mostly_hear_that_it_is_the_same(site):
    first = site.get("/")
    again = site.get("/", if_none_match=first.headers["etag"])

    assert first.headers["cache-control"] == "no-cache"
    assert "last-modified" in first.headers
    assert again.status == 304
    assert again.body == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers


def test_after_an_edit_the_page_is_sent_anew_and_after_one_elsewhere_it_is_the_same(site):
    etag = site.get("/").headers["etag"]
    make_page(Edition.objects.get(), slug="x", is_published=False)
    assert site.get("/", if_none_match=etag).status == 304

    Edition.objects.update(title="Second")
    assert site.get("/", if_none_match=etag).status == 200


@pytest.mark.parametrize(
    ("known", "status"),
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
def test_if_none_match_in_all_its_shapes(site, known, status):
    etag = site.get("/").headers["etag"]
    known = known.replace("{etag}", etag).replace("{strong}", etag.removeprefix("W/"))

    assert site.get("/", if_none_match=known).status == status


def test_a_date_alone_is_no_proof_for_a_page_that_may_change_twice_a_second(site):
    modified = site.get("/").headers["last-modified"]

    assert site.get("/", if_modified_since=modified).status == 200
    assert site.get("/", if_modified_since="nonsense").status == 200


def test_ranges_and_heads_are_answered_right(site):
    whole = site.get("/")
    head = site.get("/", method="HEAD")

    assert site.get("/", range="bytes=0-9").status == 200
    assert head.body == b""
    assert head.headers["content-length"] == str(len(whole.body))
    assert len(site.asked) == 1


def test_a_head_may_come_first(site):
    head = site.get("/", method="HEAD")

    assert head.headers["content-length"] == str(len(site.get("/").body))
    assert site.asked == [("GET", "/")]


def test_a_page_goes_compressed_to_whoever_takes_that(site):
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


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("br;q=nan", ""),
        ("br;q=x", ""),
        ("br;q=0", ""),
        ("identity", ""),
        ("*", ""),
        ("\x00,;;q=,", ""),
        ("a," * 9000 + "br", ""),
    ],
)
def test_accept_encoding_in_all_its_shapes(accepted, encoding):
    assert _encoding_of(accepted[:200]) == encoding


def test_all_protections_of_a_page_are_on_one_from_memory(site, client):
    site.get("/")
    kept, made = site.get("/").headers, client.get("/").headers

    for name in (
        "Content-Security-Policy",
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "Cross-Origin-Opener-Policy",
        "Content-Type",
    ):
        assert name.lower() in kept
        if name != "Content-Security-Policy":  # its parts come in any order
            assert kept[name.lower()] == made[name]


def test_a_web_server_in_front_may_keep_it_a_second_and_nothing_else(site):
    make_call(Edition.objects.get())

    assert site.get("/").headers["x-accel-expires"] == "1"
    for path in ("/nowhere/", "/2024/interest/", "/admin/", "/accounts/login/"):
        assert "x-accel-expires" not in site.get(path).headers


# Choices and floods


def test_parameters_no_view_reads_make_no_page_of_their_own(site):
    for number in range(50):
        assert site.get(f"/?x={number}&x={number}").status == 200

    assert site.kept == {"/"}
    assert len(site.asked) == 1


def test_a_choice_a_view_declares_is_a_page_of_its_own(site):
    topic = make_topic(Edition.objects.get())
    for _ in range(2):
        site.get("/2024/posters/")
        site.get(f"/2024/posters/?page=2&topic={topic.slug}&utm=x")
        site.get(f"/2024/posters/?topic={topic.slug}&page=2")

    assert site.kept == {"/2024/posters/", f"/2024/posters/?topic={topic.slug}&page=2"}
    assert len(site.asked) == 2


def test_free_words_are_never_kept(site):
    for _ in range(2):
        assert site.get("/2024/posters/?q=anything").status == 200
        assert site.get("/2024/posters/?topic=" + "x" * 101).status == 200

    assert site.kept == set()


def test_too_many_parameters_are_left_to_django(site):
    query = "&".join(f"a{number}=1" for number in range(60))

    assert site.get(f"/?{query}").status == 200
    assert site.get("/?%ff=%00&&&===").status in {200, 400}


def test_addresses_longer_than_any_page_has_are_not_remembered(site):
    before = page_cache.rule_of.cache_info().misses

    assert site.get(f"/{'x' * 60_000}/").status == 404
    assert page_cache.rule_of.cache_info().misses == before


@pytest.mark.parametrize(
    "host", ["evil.example.org", "", "localhost:99999", "localhost\t", "LOCALHOST", "a" * 3000]
)
def test_names_that_are_not_ours_are_left_to_django_and_keep_nothing(site, host):
    site.get("/", host=host)

    assert site.kept == set()


def test_a_site_behind_https_keeps_nothing_for_who_comes_without(site, settings):
    settings.IS_HTTPS, settings.TRUSTED_PROXIES = True, 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    site.get("/", x_forwarded_proto="http")
    assert site.kept == set()

    site.get("/", x_forwarded_proto="https")
    assert site.kept == {"/"}


def _page_of(size: int) -> Page:
    return Page(1, 0.0, 0.0, "", "", _Answer([], b"x" * size), [], is_dated=False)


def test_memory_is_bounded_and_the_oldest_goes_first():
    shelf = _Shelf(most=100_000)
    for number in range(500):
        shelf.put((number,), _page_of(10_000))
    shelf.put((499,), _page_of(1_000))

    assert 1 <= len(shelf.pages) <= 10
    assert shelf.bytes <= 100_000
    assert (499,) in shelf.pages


def test_what_alone_is_more_than_all_memory_is_not_kept():
    shelf = _Shelf(most=100_000)
    shelf.put((1,), _page_of(10))
    shelf.put((2,), _page_of(1_000_000))

    assert (2,) not in shelf.pages


# Clock, crowd and faults


def test_a_page_is_made_anew_at_the_moment_it_depends_on(site):
    now = datetime(2030, 6, 1, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        make_news(
            Edition.objects.get(), title="Rooms are known", published_at=now + timedelta(minutes=5)
        )
        assert "Rooms are known" not in site.get("/2024/news/").text
        clock.shift(timedelta(minutes=5, seconds=-1))
        assert "Rooms are known" not in site.get("/2024/news/").text
        assert len(site.asked) == 1
        clock.shift(timedelta(seconds=1))

        assert "Rooms are known" in site.get("/2024/news/").text
        assert "Rooms are known" in site.get("/2024/news.atom").text


def test_a_clock_that_is_set_back_makes_pages_anew(site):
    now = datetime(2030, 6, 1, 12, tzinfo=UTC)
    make_news(Edition.objects.get(), title="Rooms are known", published_at=now)
    with time_machine.travel(now, tick=False) as clock:
        assert "Rooms are known" in site.get("/2024/news/").text
        clock.shift(timedelta(hours=-1))

        assert "Rooms are known" not in site.get("/2024/news/").text


def test_news_that_come_due_while_a_feed_is_made_are_in_it_at_the_next_request(site, monkeypatch):
    now = datetime(2030, 6, 1, 12, tzinfo=UTC)
    make_news(Edition.objects.get(), title="Rooms are known", published_at=now)
    published = NewsItemQuerySet.published
    with time_machine.travel(now - timedelta(seconds=1), tick=False) as clock:

        def just_before(rows, *at):
            found = published(rows, *at)
            clock.move_to(now + timedelta(seconds=1))
            return found

        monkeypatch.setattr(NewsItemQuerySet, "published", just_before)
        assert "Rooms are known" not in site.get("/2024/news.atom").text
        monkeypatch.undo()

        assert "Rooms are known" in site.get("/2024/news.atom").text


def test_initials_in_the_place_of_a_photo_that_is_missing_are_kept_for_a_minute(site):
    person = make_person()
    Person.objects.update(photo="people/missing.jpg", photo_width=100, photo_height=100)
    make_group(Edition.objects.get(), person)
    with time_machine.travel(datetime(2030, 6, 1, 12, tzinfo=UTC), tick=False) as clock:
        for seconds in (0, 59, 1):
            clock.shift(timedelta(seconds=seconds))
            assert site.get("/2024/people/").status == 200

    assert len(site.asked) == 2


def test_a_crowd_at_one_page_has_it_made_once(shared_site):
    original, together = shared_site._django, threading.Barrier(20, timeout=30)

    def slow(environ, start_response):
        time.sleep(0.3)
        return original(environ, start_response)

    shared_site._django, answers = slow, []

    def visit():
        together.wait()
        answers.append(shared_site.get("/").status)
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 20
    assert len(shared_site.asked) == 1


def test_who_comes_after_an_edit_gets_no_page_that_was_begun_before_it(shared_site):
    """Waits for the one that is being made, and has it made again."""
    original, begun, go_on = shared_site._django, threading.Event(), threading.Event()

    def made_before_the_edit(environ, start_response):
        response = original(environ, start_response)
        begun.set()
        go_on.wait(30)
        return response

    shared_site._django, early = made_before_the_edit, []

    def come_early():
        early.append(shared_site.get("/").text)
        connection.close()

    thread = threading.Thread(target=come_early)
    thread.start()
    begun.wait(30)
    Edition.objects.update(title="Second")
    shared_site._django = original
    threading.Timer(0.2, go_on.set).start()

    late = shared_site.get("/").text
    thread.join()

    assert "Second" in late
    assert "First" in early[0]
    assert "Second" in shared_site.get("/").text


def test_when_the_one_who_makes_it_fails_the_others_are_answered_all_the_same(shared_site):
    original, calls = shared_site._django, []

    def fails_once(environ, start_response):
        calls.append(1)
        if len(calls) == 1:
            time.sleep(0.3)
            raise OperationalError("database is locked")
        return original(environ, start_response)

    shared_site._django, answers = fails_once, []

    def first():
        with pytest.raises(OperationalError):
            shared_site.get("/")
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    while not calls:
        time.sleep(0.01)
    answers.append(shared_site.get("/").status)
    thread.join()

    assert answers == [200]
    assert shared_site.get("/").status == 200


def test_pages_in_memory_are_shown_while_the_database_is_gone(shared_site, monkeypatch):
    import sqlite3

    from apps.core import public_version

    before = shared_site.get("/")

    def gone(self):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(public_version, "_driver_faults", lambda: (sqlite3.Error,))
    monkeypatch.setattr(PublicVersion, "_connection", gone)

    assert shared_site.get("/").body == before.body
    assert len(shared_site.asked) == 1


def test_a_feed_from_memory_knows_since_when_it_is_so_and_is_not_built_to_say_so(site):
    make_news(Edition.objects.get(), title="Rooms are known")
    feed = site.get("/2024/news.atom")

    for known in (
        {"if_none_match": feed.headers["etag"]},
        {"if_modified_since": feed.headers["last-modified"]},
    ):
        again = site.get("/2024/news.atom", **known)

        assert again.status == 304
        assert again.headers["access-control-allow-origin"] == "*"
    assert len(site.asked) == 1
