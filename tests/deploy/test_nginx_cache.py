"""nginx's cache of one second holds public pages and nothing else."""

import hashlib
import threading
import time
from collections.abc import Iterator

import pytest

from tests.deploy.front import NAME, Front, request
from tests.deploy.upstream import PUBLIC, Upstream


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[Front, Upstream]]:
    site = Upstream()
    folder = tmp_path_factory.mktemp("front")
    front = Front(
        folder,
        site_port=site.port,
        data_dir=folder,
        # Room for about a hundred pages, so that few requests are a flood.
        changes={
            "keys_zone=workshop:1m": "keys_zone=workshop:32k",
            f"server_name {NAME};\n\n    ssl": f"server_name {NAME} other.example.org;\n\n    ssl",
        },
    )
    yield front, site
    front.end()
    site.end()


@pytest.fixture
def site(running) -> Upstream:
    """Pages are kept for the length of a test, unless it sets other headers."""
    _, site = running
    site.headers, site.text, site.seconds = {**PUBLIC, "X-Accel-Expires": "60"}, "one", 0.0
    site.requests.clear()
    return site


@pytest.fixture
def front(running) -> Front:
    return running[0]


@pytest.fixture
def path(request) -> str:
    """An address of this test alone."""
    return f"/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}/"


@pytest.mark.parametrize("order", [list(PUBLIC), list(reversed(PUBLIC))])
def test_a_public_page_is_requested_once(front, site, path, order):
    site.headers = {name: site.headers[name] for name in order}

    answers = [front.get(path) for _ in range(3)]

    assert [answer.cache for answer in answers] == ["MISS", "HIT", "HIT"]
    assert {answer.text for answer in answers} == {"one"}
    assert len(site.requests) == 1
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "X-Accel-Expires" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "__Host-session=s"},
        {"Cookie": "x=1; __Host-speaker=s"},
        {"Cookie": "of-another-site=1"},
        {"Authorization": "Basic eDp5"},
    ],
    ids=str,
)
def test_a_request_with_a_cookie_or_a_password_bypasses_the_cache(front, site, path, headers):
    private = [front.get(path, **headers) for _ in range(2)]
    anonymous = [front.get(path) for _ in range(2)]
    private.append(front.get(path, **headers))

    assert [answer.cache for answer in private] == [None, None, None]
    assert [answer.cache for answer in anonymous] == ["MISS", "HIT"]
    assert {answer.text for answer in private} == {"one" + headers.get("Cookie", "")}
    assert {answer.text for answer in anonymous} == {"one"}
    assert len(site.requests) == 4


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "__Host-session=s; Path=/; Secure"},
        {"Cache-Control": "no-store, private"},
        {"Cache-Control": "private"},
        {"Cache-Control": "NO-STORE"},
        {"Vary": "User-Agent"},
        {"Vary": "Accept-Encoding, Accept-Language"},
        {"Vary": "*"},
        {"X-Accel-Expires": "0"},
    ],
    ids=str,
)
def test_a_private_response_is_not_kept(front, site, path, headers):
    site.headers |= headers

    assert [front.get(path).cache for _ in range(2)] == ["MISS", "MISS"]
    assert len(site.requests) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache-Control": "public, max-age=3600"},
        {"Expires": "Thu, 01 Jan 2099 00:00:00 GMT"},
    ],
    ids=str,
)
def test_only_marked_responses_are_kept(front, site, path, headers):
    site.headers = headers

    for _ in range(2):
        front.get(path)

    assert len(site.requests) == 2


def test_a_form_is_neither_kept_nor_answered_from_the_cache(front, site, path):
    photo = bytes(range(256)) * 40_000
    front.get(path)

    assert front.get(path, method="POST", body=photo).cache is None

    assert [each.method for each in site.requests] == ["GET", "POST"]
    assert site.requests[1].sha256 == hashlib.sha256(photo).hexdigest()


@pytest.mark.parametrize(
    ("other", "headers"),
    [("?a=1", {}), ("a/", {}), ("", {"Host": "other.example.org"}), ("?", {})],
)
def test_another_address_is_another_page(front, site, path, other, headers):
    front.get(path)
    site.text = "two"

    answer = front.get(path + other, **headers)

    assert (answer.cache, answer.text) == ("MISS", "two")


def test_the_host_may_be_in_capitals_or_have_a_port(front, site, path):
    front.get(path)

    assert front.get(path, Host=NAME.upper()).cache == "HIT"
    assert front.get(path, Host=f"{NAME}:443").cache == "HIT"
    assert site.requests[0].headers["host"] == NAME


def test_head_is_answered_from_the_same_page(front, site, path):
    head, page = front.get(path, method="HEAD"), front.get(path)

    assert (head.cache, head.body) == ("MISS", b"")
    assert head.headers["Content-Length"] == str(len(page.body))
    assert (page.cache, page.text) == ("HIT", "one")


def test_a_browser_that_has_the_page_gets_304(front, site, path):
    etag = front.get(path).headers["ETag"]

    for headers in ({}, {"Authorization": "x"}):
        answer = front.get(path, If_None_Match=etag, **headers)

        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)
        assert answer.headers["Cache-Control"] == "no-cache"
    assert [each.headers.get("if-none-match") for each in site.requests] == [None, etag]


def test_range_requests_reach_the_site(front, site, path):
    front.get(path)

    answer = front.get(path, Range="bytes=1-1")

    assert (answer.cache, answer.status, answer.text) == (None, 200, "one")
    assert site.requests[1].headers["range"] == "bytes=1-1"


def test_an_edit_is_visible_within_two_seconds_and_an_unchanged_page_is_revalidated(
    front, site, path
):
    site.headers = PUBLIC
    time.sleep(1.02 - time.time() % 1)  # nginx counts whole seconds
    front.get(path)
    site.text = "two"
    assert front.get(path).text == "one"

    time.sleep(2)
    edited = front.get(path)
    time.sleep(2)
    unchanged = front.get(path)

    assert edited.text == "two"
    assert (unchanged.cache, unchanged.text) == ("REVALIDATED", "two")
    assert site.requests[2].headers["if-none-match"] == unchanged.headers["ETag"]


def test_a_page_that_became_private_leaves_the_cache_within_two_seconds(front, site, path):
    site.headers = PUBLIC
    front.get(path)
    site.text, site.headers = "two", {"Cache-Control": "private"}

    time.sleep(2)
    answers = [front.get(path), front.get(path)]

    assert [answer.text for answer in answers] == ["two", "two"]
    assert len(site.requests) == 3


def test_visitors_of_an_uncached_page_do_not_wait_for_each_other(front, site, path):
    site.headers, site.seconds = {"Set-Cookie": "__Host-csrf=c"}, 0.3
    threads = [threading.Thread(target=front.get, args=(path,)) for _ in range(20)]
    began = time.monotonic()

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One after the other they would take 6 s, and with a lock half a second each.
    assert time.monotonic() - began < 4
    assert len(site.requests) == 20


@pytest.mark.parametrize(
    ("sent", "passed_on"),
    [
        (None, None),
        ("", None),
        ("*", None),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br, gzip"),
        ("BR;q=1.0, GZIP;q=0.8, *;q=0.1", "br, gzip"),
        ("br;q=0.001", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip ; q=0", None),
        ("brotli, gzipped, xbr, x-gzip", None),
    ],
)
def test_accept_encoding_is_reduced_to_four_values(front, site, path, sent, passed_on):
    front.get(path, Accept_Encoding=sent)

    assert site.requests[0].headers.get("accept-encoding") == passed_on


def test_each_encoding_is_kept_once_however_it_is_written(front, site, path):
    answers = {}
    for sent in ("gzip", "br", "br, gzip", "identity"):
        site.text = sent
        answers[sent] = front.get(path, Accept_Encoding=sent).text

    invented = [front.get(path, Accept_Encoding=f"gzip, x{n};q=0.{n}").text for n in range(30)]

    assert answers == {sent: sent for sent in answers}
    assert set(invented) == {"gzip"}
    assert len(site.requests) == 4


def test_a_flood_of_invented_addresses_does_not_fill_the_cache(front, site, path):
    connection = front.connect()

    for number in range(1_000):
        assert request(connection, f"{path}?x={number}").status == 200

    connection.close()
    assert sum(1 for file in front.cache_dir.rglob("*") if file.is_file()) < 400
    assert front.get(path).text == "one"


def test_visitors_cannot_forge_their_address(front, site, path):
    front.get(path, X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="http", source="127.0.0.9")

    headers = site.requests[0].headers
    assert headers["x-forwarded-for"] == "127.0.0.9"
    assert headers["x-forwarded-proto"] == "https"
