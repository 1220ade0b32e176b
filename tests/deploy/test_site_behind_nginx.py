"""The real site behind the real nginx, as deploy/ and docs/hosting.md set them up."""

from __future__ import annotations

import contextlib
import http.client
import re
import secrets
import subprocess
import time

import pytest
from django.conf import settings

from apps.private_links.views import REQUESTS_PER_NETWORK
from tests.deploy.front import NAME, Front, answers_on, ask, ask_the_site, wait_until


def form_key(front: Front, path: str) -> tuple[str, str]:
    """The token in the form of that page, and the cookie that came with it."""
    form = front.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    cookie = re.search(r"(__Host-csrf=[^;]+)", str(form.headers))
    assert token
    assert cookie
    return token[1], cookie[1]


# The pages


def test_the_home_page_comes_with_everything_the_site_says(front, site):
    answer = front.get("/")

    assert answer.status == 200
    assert "Frugal" in answer.text or "frugal" in answer.text
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers.get_all("Content-Security-Policy") == [
        ask_the_site(site.port, "/").headers["Content-Security-Policy"]
    ]
    assert "Version" not in answer.headers["Server"]
    assert "/" not in answer.headers["Server"]


def test_the_watchman_is_answered(front):
    for path in ("/livez", "/healthz"):
        answer = front.get(path)
        assert (answer.status, answer.text) == (200, "ok")


@pytest.mark.parametrize("name", [NAME, "elsewhere.example.org"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_comes_without_tls_is_sent_to_it_under_our_name(front, method, name):
    connection = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)
    with contextlib.closing(connection):
        answer = ask(connection, "/2024/?a=b", method=method, headers={"Host": name})

    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{NAME}/2024/?a=b"


def test_certbot_may_prove_the_name_without_tls(front):
    folder = front.webroot / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("proof")
    connection = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)

    with contextlib.closing(connection):
        answer = ask(connection, "/.well-known/acme-challenge/token")

    assert (answer.status, answer.text) == (200, "proof")


def test_a_host_that_is_not_ours_is_refused_by_the_site(front):
    assert front.get("/", Host="elsewhere.example.org").status == 400


def test_an_edit_shows_within_two_seconds(front, site):
    title = f"Workshop {secrets.token_hex(4)}"
    front.get("/")
    site.manage(
        *("shell", "--no-imports", "-c"),
        "from apps.editions.models import Edition; "
        f"Edition.objects.filter(is_current=True).update(title={title!r})",
    )
    time.sleep(2)

    assert title in front.get("/").text


@pytest.mark.parametrize("path", ["/", "/frugal/programme/", "/frugal/news.atom"])
def test_public_pages_are_kept_for_a_second_and_then_asked_about(front, path):
    time.sleep(2)  # other tests request these addresses too
    first = front.get(path, Accept_Encoding="gzip, br")
    second = front.get(path, Accept_Encoding="br;q=0.9, gzip;q=0.5")
    time.sleep(2)
    third = front.get(path, Accept_Encoding="gzip, br")

    assert first.memory in {"MISS", "REVALIDATED", "EXPIRED"}
    assert second.memory in {"HIT", "REVALIDATED"}  # a second may have passed in between
    assert third.memory == "REVALIDATED"
    for answer in (first, second, third):
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.body == first.body


def test_a_feed_that_was_fetched_before_is_304(front):
    first = front.get("/frugal/news.atom")

    again = front.get("/frugal/news.atom", If_None_Match=first.headers["ETag"])

    assert (first.status, again.status, again.body) == (200, 304, b"")


# What is for one person


def test_the_desk_a_students_page_and_forms_are_never_remembered(front, site):
    session = f"__Host-session={site.known['session']}"
    link = f"/frugal/interest/link/{site.known['token']}/"
    token, csrf = form_key(front, link)
    opened = front.get(
        link,
        method="POST",
        body=f"csrfmiddlewaretoken={token}".encode(),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=csrf,
        Origin=f"https://{NAME}",
    )
    mine = re.search(r"(__Host-mine=[^;]+)", str(opened.headers))
    assert opened.status == 302
    assert mine
    without = [link, "/accounts/login/"]
    asked = {
        "/admin/": session,
        "/admin/interest/expression/": session,
        "/frugal/programme/draft/": session,
        "/": session,
        opened.headers["Location"]: mine[1],
        **dict.fromkeys(without, ""),
    }

    for path, cookie in asked.items():
        for _ in range(3):
            answer = front.get(path, **({"Cookie": cookie} if cookie else {}))
            assert answer.status == 200, path
            assert answer.memory in {None, "MISS"}, path
        assert answer.text != front.get(path).text or path in {"/", *without}, path

    files = [path for path in front.memory_dir.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    assert b"csrfmiddlewaretoken" not in kept
    assert site.known["token"].encode() not in kept


def test_visitors_are_counted_by_the_address_nginx_saw(front):
    token, cookie = form_key(front, "/frugal/interest/new-link/")

    def ask_for_a_link(number: int, source: str) -> int:
        return front.get(
            "/frugal/interest/new-link/",
            method="POST",
            source=source,
            body=f"csrfmiddlewaretoken={token}&email=n{number}@example.org".encode(),
            Content_Type="application/x-www-form-urlencoded",
            Cookie=cookie,
            Origin=f"https://{NAME}",
            X_Forwarded_For=f"203.0.113.{number}",
        ).status

    answers = [ask_for_a_link(number, "127.0.0.8") for number in range(REQUESTS_PER_NETWORK + 1)]

    assert answers == [302] * REQUESTS_PER_NETWORK + [429]
    assert ask_for_a_link(99, "127.0.0.7") == 302


# When it is too much, too slow or too late


def test_more_than_the_site_takes_is_refused_unread_in_its_own_words(front):
    connection = front.connect()
    with contextlib.closing(connection):
        connection.putrequest("POST", "/accounts/login/", skip_host=True)
        connection.putheader("Host", NAME)
        connection.putheader("Content-Length", str(settings.LARGEST_REQUEST + 1))
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode()

    assert answer.status == 413
    assert "That was too much at once" in body
    assert answer.headers["Cache-Control"] == "no-store"


def test_almost_as_much_as_the_site_takes_is_read_by_it(front):
    token, cookie = form_key(front, "/accounts/login/")
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}',
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n',
    ]
    answer = front.get(
        "/accounts/login/",
        method="POST",
        body="\r\n".join(parts).encode() + b"x" * (settings.LARGEST_REQUEST - 1000) + b"\r\n--b--",
        Content_Type="multipart/form-data; boundary=b",
        Cookie=cookie,
        Origin=f"https://{NAME}",
    )

    # The form again: its key was found, so that the whole was read, and the fields were empty.
    assert answer.status == 200
    assert 'name="csrfmiddlewaretoken"' in answer.text


def test_forty_slow_visitors_keep_nobody_waiting(front):
    slow = [front.connect() for _ in range(40)]
    try:
        for connection in slow:
            connection.putrequest("POST", "/accounts/login/", skip_host=True)
            connection.putheader("Host", NAME)
            connection.putheader("Content-Length", "1000")
            connection.endheaders(b"x")
        began = time.monotonic()
        answers = [front.get("/accounts/login/").status for _ in range(5)]
        seconds = time.monotonic() - began
    finally:
        for connection in slow:
            connection.close()

    # Without nginx they would wait until these give up.
    assert answers == [200] * 5
    assert seconds < 10


def test_while_the_site_is_away_visitors_read_why_and_find_it_again(front, site):
    token = site.known["token"]
    before = set(front.memory_dir.rglob("*"))
    assert site.stop() == 0
    assert not answers_on(site.port)

    try:
        # What another test asked for a moment ago is shown until its second is over.
        wait_until(lambda: front.get("/").memory != "HIT")
        answers = [
            front.get("/"),
            front.get(f"/frugal/interest/link/{token}/"),
            front.get("/frugal/interest/", method="POST", body=b"x=1"),
            front.get("/admin/", Cookie="__Host-session=x"),
        ]
        page = answers[0]
        assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
        files = [front.get(path).status for path in assets]
        gone = front.get("/media/tests/nothing.webp")
    finally:
        site.start()

    for answer in (*answers, gone):
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "30"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "The site will be back in a moment" in answer.text
        assert "Example Workshop" in answer.text
    assert len(files) > 3
    assert set(files) == {200}
    assert "https://" not in page.text
    assert set(front.memory_dir.rglob("*")) <= before
    for log in front.folder.glob("*.log"):
        assert token not in log.read_text()
    assert front.get("/").status == 200


def test_the_pages_nginx_says_by_itself_are_nobodys_address(front):
    for page in ("413", "503"):
        assert front.get(f"/static/{page}.html").status == 404


def test_nginx_finds_no_fault_with_it(front):
    result = subprocess.run([*front.command, "-t"], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert "warn" not in result.stderr


def test_the_visitor_connects_with_tls_1_2_at_least_and_http_2(front: Front):
    front.tls.set_alpn_protocols(["h2", "http/1.1"])
    connection = front.connect()
    connection.connect()
    try:
        assert connection.sock.version() == "TLSv1.3"
        assert connection.sock.selected_alpn_protocol() == "h2"
    finally:
        connection.close()
        front.tls.set_alpn_protocols(["http/1.1"])
