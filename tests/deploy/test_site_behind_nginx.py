"""The site behind nginx, as deploy/ and docs/hosting.md set them up."""

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
from tests.deploy.front import NAME, Answer, Front, request_without_tls
from tests.processes import is_listening, wait_until


def csrf_of(front: Front, path: str) -> tuple[str, str]:
    """The token in the form at `path`, and its cookie."""
    page = front.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    return token[1], cookie_of(page, "__Host-csrf")


def cookie_of(answer: Answer, name: str) -> str:
    cookie = re.search(rf"({name}=[^;]+)", str(answer.headers))
    assert cookie
    return cookie[1]


def test_the_home_page_has_the_headers_of_the_site(front, site):
    answer = front.get("/")

    assert (answer.status, "Frugal" in answer.text) == (200, True)
    # For this host alone: others of the domain have made no promise.
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers.get_all("Content-Security-Policy") == [
        request_without_tls(site.port, "/").headers["Content-Security-Policy"]
    ]
    assert "/" not in answer.headers["Server"], "the version of nginx is hidden"
    for path in ("/livez", "/healthz"):
        assert front.get(path).text == "ok"


@pytest.mark.parametrize("name", [NAME, "elsewhere.example.org"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_without_tls_are_redirected_to_our_name(front, method, name):
    answer = request_without_tls(front.plain_port, "/2024/?a=b", method, Host=name)

    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{NAME}/2024/?a=b"


def test_certbot_can_prove_the_name_without_tls(front):
    folder = front.webroot / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("proof")

    answer = request_without_tls(front.plain_port, "/.well-known/acme-challenge/token")

    assert (answer.status, answer.text) == (200, "proof")


def test_another_host_name_does_not_reach_the_site(front):
    with pytest.raises(http.client.RemoteDisconnected):
        front.get("/", Host="elsewhere.example.org")


def test_an_edit_is_visible_within_two_seconds(front, site):
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
def test_public_pages_are_kept_for_a_second_and_then_revalidated(front, path):
    time.sleep(2)  # other tests request these addresses too
    first = front.get(path, Accept_Encoding="gzip, br")
    second = front.get(path, Accept_Encoding="br;q=0.9, gzip;q=0.5")
    time.sleep(2)
    third = front.get(path, Accept_Encoding="gzip, br")

    assert first.cache in {"MISS", "REVALIDATED", "EXPIRED"}
    assert second.cache in {"HIT", "REVALIDATED"}  # a second may have passed in between
    assert third.cache == "REVALIDATED"
    for answer in (first, second, third):
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.body == first.body
    assert front.get(path, If_None_Match=third.headers["ETag"]).status == 304


def test_private_pages_and_forms_are_never_kept(front, site):
    session = f"__Host-session={site.secrets['session']}"
    link = f"/frugal/interest/link/{site.secrets['token']}/"
    token, csrf = csrf_of(front, link)
    opened = front.post(link, f"csrfmiddlewaretoken={token}", cookie=csrf)
    assert opened.status == 302
    without_cookie = (link, "/accounts/login/")
    pages = {
        "/admin/": session,
        "/admin/interest/expression/": session,
        "/frugal/programme/draft/": session,
        "/": session,
        opened.headers["Location"]: cookie_of(opened, "__Host-mine"),
        **dict.fromkeys(without_cookie),
    }

    for path, cookie in pages.items():
        for _ in range(3):
            answer = front.get(path, Cookie=cookie)
            assert answer.status == 200, path
            assert answer.cache in {None, "MISS"}, path
        assert answer.text != front.get(path).text or path in {"/", *without_cookie}, path


def test_visitors_are_counted_by_the_address_that_nginx_saw(front):
    path = "/frugal/interest/new-link/"
    token, cookie = csrf_of(front, path)

    def request_link(number: int, source: str) -> int:
        data = f"csrfmiddlewaretoken={token}&email=n{number}@example.org"
        forged = f"203.0.113.{number}"
        return front.post(path, data, cookie=cookie, source=source, X_Forwarded_For=forged).status

    statuses = [request_link(number, "127.0.0.8") for number in range(REQUESTS_PER_NETWORK + 1)]

    assert statuses == [302] * REQUESTS_PER_NETWORK + [429]
    assert request_link(99, "127.0.0.7") == 302


def test_a_request_that_is_too_large_is_refused_unread(front):
    connection = front.connect()
    with contextlib.closing(connection):
        connection.putrequest("POST", "/accounts/login/", skip_host=True)
        connection.putheader("Host", NAME)
        connection.putheader("Content-Length", str(settings.LARGEST_REQUEST + 1))
        connection.endheaders()
        answer = connection.getresponse()

        assert answer.status == 413
        assert "The form or file is too large" in answer.read().decode()
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_large_public_form_gets_the_page_that_says_so(front):
    answer = front.post("/accounts/login/", "x" * (settings.LARGEST_PUBLIC_FORM * 8))

    assert answer.status == 413
    assert "The form or file is too large" in answer.text


def test_the_largest_request_is_read_by_the_site(front, site):
    path, session = "/admin/people/person/add/", f"__Host-session={site.secrets['session']}"
    page = front.get(path, Cookie=session)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token[1]}',
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n',
    ]
    answer = front.get(
        path,
        method="POST",
        body="\r\n".join(parts).encode() + b"x" * (settings.LARGEST_REQUEST - 1000) + b"\r\n--b--",
        Content_Type="multipart/form-data; boundary=b",
        Cookie=f"{session}; {cookie_of(page, '__Host-csrf')}",
        Origin=f"https://{NAME}",
    )

    # The form again, as its fields were empty: the site has read the token.
    assert answer.status == 200
    assert "<title>Error: Add person" in answer.text


def test_forty_slow_visitors_do_not_delay_others(front):
    slow = [front.connect() for _ in range(40)]
    try:
        for connection in slow:
            connection.putrequest("POST", "/accounts/login/", skip_host=True)
            connection.putheader("Host", NAME)
            connection.putheader("Content-Length", "1000")
            connection.endheaders(b"x")
        began = time.monotonic()
        statuses = [front.get("/accounts/login/").status for _ in range(5)]
        seconds = time.monotonic() - began
    finally:
        for connection in slow:
            connection.close()

    # Without nginx they would wait until the slow requests time out.
    assert statuses == [200] * 5
    assert seconds < 10


def test_while_the_site_is_down_visitors_get_a_maintenance_page(front, site):
    token = site.secrets["token"]
    before = set(front.cache_dir.rglob("*"))
    assert site.stop() == 0
    assert not is_listening(site.port)

    try:
        # A page requested by another test is shown until its second is over.
        wait_until(lambda: front.get("/").cache != "HIT")
        answers = [
            front.get("/"),
            front.get(f"/frugal/interest/link/{token}/"),
            front.get("/frugal/interest/", method="POST", body=b"x=1"),
            front.get("/admin/", Cookie="__Host-session=x"),
            front.get("/media/tests/nothing.webp"),
        ]
        assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', answers[0].text)
        files = [front.get(path).status for path in assets]
    finally:
        site.start()

    for answer in answers:
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "30"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "The site is not available at the moment" in answer.text
        assert "Example Workshop" in answer.text
    assert len(files) > 3
    assert set(files) == {200}
    assert "https://" not in answers[0].text
    assert set(front.cache_dir.rglob("*")) <= before
    for log in front.folder.glob("*.log"):
        assert token not in log.read_text()
    assert front.get("/").status == 200


def test_nginx_accepts_its_configuration(front):
    result = subprocess.run([*front.command, "-t"], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert "warn" not in result.stderr


def test_connections_use_tls_1_3_and_http_2(front):
    front.tls.set_alpn_protocols(["h2", "http/1.1"])
    with contextlib.closing(front.connect()) as connection:
        connection.connect()
        assert connection.sock.version() == "TLSv1.3"
        assert connection.sock.selected_alpn_protocol() == "h2"
    front.tls.set_alpn_protocols(["http/1.1"])
