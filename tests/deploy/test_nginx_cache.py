"""nginx's memory of one second: it holds what anybody may see, and nothing else, ever."""

import hashlib
import threading
import time
from collections.abc import Iterator

import pytest

from tests.deploy.front import NAME, Front, ask
from tests.deploy.upstream import PUBLIC, Upstream


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[Front, Upstream]]:
    site = Upstream()
    folder = tmp_path_factory.mktemp("front")
    front = Front(
        folder,
        site_port=site.port,
        data_dir=folder,
        # Room for about a hundred pages, so that a flood is soon one.
        changes={"keys_zone=workshop:1m": "keys_zone=workshop:32k"},
    )
    yield front, site
    front.end()
    site.end()


@pytest.fixture
def site(running) -> Upstream:
    _, site = running
    # What is kept is kept for the length of a test, where a test does not say otherwise.
    site.headers, site.text, site.seconds = {**PUBLIC, "X-Accel-Expires": "60"}, "one", 0.0
    site.asked.clear()
    return site


@pytest.fixture
def front(running) -> Front:
    return running[0]


@pytest.fixture
def path(request) -> str:
    """An address that no other test asks for."""
    return f"/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}/"


@pytest.mark.parametrize("order", [list(PUBLIC), list(reversed(PUBLIC))])
def test_a_public_page_is_asked_for_once(front, site, path, order):
    site.headers = {name: site.headers[name] for name in order}

    answers = [front.get(path) for _ in range(5)]

    assert [answer.memory for answer in answers] == ["MISS", "HIT", "HIT", "HIT", "HIT"]
    assert {answer.text for answer in answers} == {"one"}
    assert len(site.asked) == 1


def test_browsers_are_told_to_ask_each_time_and_nothing_of_nginx(front, site, path):
    for answer in (front.get(path), front.get(path)):
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "X-Accel-Expires" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "__Host-session=s"},
        {"Cookie": "__Host-csrf=c"},
        {"Cookie": "__Host-mine=m"},
        {"Cookie": "x=1; __Host-speaker=s"},
        {"Cookie": "of-somebody-else=1"},
        {"Authorization": "Basic eDp5"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_who_brings_a_cookie_or_a_password_never_meets_the_memory(front, site, path, headers):
    mine = [front.get(path, **headers) for _ in range(2)]
    anonymous = [front.get(path) for _ in range(2)]
    again = front.get(path, **headers)

    assert [answer.memory for answer in (*mine, again)] == [None, None, None]
    assert [answer.memory for answer in anonymous] == ["MISS", "HIT"]
    assert {answer.text for answer in (*mine, again)} == {"one" + headers.get("Cookie", "")}
    assert {answer.text for answer in anonymous} == {"one"}
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "__Host-session=s; Path=/; Secure"},
        {"Cache-Control": "private"},
        {"Cache-Control": "no-store, private"},
        {"Cache-Control": "NO-STORE"},
        {"Vary": "User-Agent"},
        {"Vary": "Accept-Encoding, Accept-Language"},
        {"Vary": "*"},
        {"X-Accel-Expires": "0"},
    ],
    ids=str,
)
def test_an_answer_for_one_person_is_not_kept_even_if_the_site_says_so(front, site, path, headers):
    site.headers |= headers

    for _ in range(3):
        assert front.get(path).memory == "MISS"

    assert len(site.asked) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache-Control": "no-cache"},
        {"Cache-Control": "public, max-age=3600"},
        {"Expires": "Thu, 01 Jan 2099 00:00:00 GMT"},
    ],
    ids=str,
)
def test_nothing_is_kept_that_the_site_does_not_ask_to_keep(front, site, path, headers):
    site.headers = headers

    for _ in range(3):
        front.get(path)

    assert len(site.asked) == 3


def test_a_form_that_is_sent_is_neither_kept_nor_answered_from_the_memory(front, site, path):
    front.get(path)

    for _ in range(2):
        assert front.get(path, method="POST", body=b"x=1").memory is None

    assert [asked.method for asked in site.asked] == ["GET", "POST", "POST"]


def test_an_upload_arrives_as_it_was_sent(front, site, path):
    photo = bytes(range(256)) * 40_000

    front.get(path, method="POST", body=photo)

    assert site.asked[0].sha256 == hashlib.sha256(photo).hexdigest()


@pytest.mark.parametrize(
    ("other", "headers"),
    [("?a=1", {}), ("a/", {}), ("", {"Host": "other.example.org"}), ("?", {})],
)
def test_another_address_is_another_page(front, site, path, other, headers):
    front.get(path)
    site.text = "two"

    answer = front.get(path + other, **headers)

    assert (answer.memory, answer.text) == ("MISS", "two")


def test_the_host_is_known_whatever_way_it_is_written(front, site, path):
    front.get(path)

    assert front.get(path, Host=NAME.upper()).memory == "HIT"
    assert front.get(path, Host=f"{NAME}:443").memory == "HIT"
    assert site.asked[0].headers["host"] == NAME


def test_head_is_answered_from_the_same_page(front, site, path):
    first = front.get(path, method="HEAD")
    page = front.get(path)

    assert (first.memory, first.body) == ("MISS", b"")
    assert first.headers["Content-Length"] == str(len(page.body))
    assert (page.memory, page.text) == ("HIT", "one")


def test_a_browser_that_has_the_page_hears_304(front, site, path):
    etag = front.get(path).headers["ETag"]

    kept, private = (
        front.get(path, If_None_Match=etag, **headers) for headers in ({}, {"Authorization": "x"})
    )

    for answer in (kept, private):
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)
        assert answer.headers["Cache-Control"] == "no-cache"
    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None, etag]


def test_a_part_of_a_file_is_cut_by_the_site(front, site, path):
    front.get(path)

    answer = front.get(path, Range="bytes=1-1")

    assert (answer.memory, answer.status, answer.text) == (None, 200, "one")
    assert site.asked[1].headers["range"] == "bytes=1-1"


def test_an_unchanged_page_is_not_sent_to_nginx_again(front, site, path):
    site.headers = PUBLIC
    front.get(path)
    time.sleep(2)

    answer = front.get(path)

    assert (answer.memory, answer.text) == ("REVALIDATED", "one")
    assert site.asked[1].headers["if-none-match"] == answer.headers["ETag"]


def test_an_edit_shows_within_two_seconds_to_the_first_who_asks(front, site, path):
    site.headers = PUBLIC
    time.sleep(1.02 - time.time() % 1)  # nginx counts whole seconds: now one begins
    front.get(path)
    site.text = "two"
    assert front.get(path).text == "one"

    time.sleep(2)

    assert front.get(path).text == "two"


def test_a_page_that_became_private_is_gone_within_two_seconds(front, site, path):
    site.headers = PUBLIC
    front.get(path)
    site.text, site.headers = "two", {"Cache-Control": "private"}

    time.sleep(2)
    answers = [front.get(path), front.get(path)]

    assert [answer.text for answer in answers] == ["two", "two"]
    assert len(site.asked) == 3


def test_first_visitors_of_a_page_that_is_not_kept_do_not_wait_for_one_another(front, site, path):
    site.headers, site.seconds = {"Set-Cookie": "__Host-csrf=c"}, 0.3
    threads = [threading.Thread(target=front.get, args=(path,)) for _ in range(20)]
    began = time.monotonic()

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One after the other they would take 6 s, and with a lock half a second each.
    assert time.monotonic() - began < 4
    assert len(site.asked) == 20


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("*", None),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br, gzip"),
        ("gzip, deflate, br, zstd", "br, gzip"),
        ("BR;q=1.0, GZIP;q=0.8, *;q=0.1", "br, gzip"),
        ("br;q=0.001", "br"),
        ("br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip ; q=0", None),
        ("brotli, gzipped, xbr, x-gzip", None),
    ],
)
def test_the_site_is_told_one_of_four_encodings(front, site, path, sent, told):
    front.get(path, **({} if sent is None else {"Accept_Encoding": sent}))

    assert site.asked[0].headers.get("accept-encoding") == told


def test_each_encoding_is_a_page_of_its_own_and_invented_ones_are_none(front, site, path):
    answers = {}
    for sent in ("gzip", "br", "br, gzip", "identity"):
        site.text = sent
        answers[sent] = front.get(path, Accept_Encoding=sent).text

    invented = [front.get(path, Accept_Encoding=f"gzip, x{n};q=0.{n}").text for n in range(30)]

    assert answers == {sent: sent for sent in answers}
    assert set(invented) == {"gzip"}
    assert len(site.asked) == 4


def test_a_flood_of_invented_addresses_fills_neither_memory_nor_disk(front, site, path):
    connection = front.connect()

    for number in range(1_000):
        assert ask(connection, f"{path}?x={number}").status == 200

    connection.close()
    assert sum(1 for file in front.memory_dir.rglob("*") if file.is_file()) < 400
    assert front.get(path).text == "one"


def test_nobody_says_of_themselves_who_they_are(front, site, path):
    front.get(
        path,
        X_Forwarded_For="203.0.113.7",
        X_Forwarded_Proto="http",
        source="127.0.0.9",
    )

    headers = site.asked[0].headers
    assert headers["x-forwarded-for"] == "127.0.0.9"
    assert headers["x-forwarded-proto"] == "https"
