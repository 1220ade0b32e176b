"""Files behind nginx: those of the disk as the site would send them, and none but what is public."""

from __future__ import annotations

import re
import secrets
import stat
import zlib
from pathlib import Path

import brotli
import pytest

from tests.deploy.front import BROTLI, Answer, ask_the_site

PHOTO = secrets.token_bytes(50_000)
# Of each hop, of the moment, or of how the bytes were packed.
NOT_COMPARED = {
    *("server", "date", "connection", "vary", "etag", "last-modified", "accept-ranges"),
    *("content-disposition", "content-encoding", "transfer-encoding", "keep-alive", "x-memory"),
}
# What the site adds to every answer and a file has no use for: nothing in it runs or opens windows.
NOT_OF_FILES = {
    *("access-control-allow-origin", "content-security-policy", "cross-origin-opener-policy"),
    *("permissions-policy", "strict-transport-security", "x-frame-options"),
}


@pytest.fixture
def media(site) -> Path:
    """The folder of uploads, with one of each kind and one of no kind."""
    folder = site.data_dir / "media" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("avif", "webp", "jpg", "jpeg", "png", "pdf", "html", "svg"):
        (folder / f"a.{suffix}").write_bytes(PHOTO)
    return folder


def of_a_file(answer: Answer) -> dict[str, str]:
    headers = {name.lower(): text for name, text in answer.headers.items()}
    for name in NOT_COMPARED | NOT_OF_FILES:
        headers.pop(name, None)
    headers["cache-control"] = str(
        sorted(part for part in re.split(", *", headers["cache-control"]) if "max-age" not in part)
    )
    headers["content-type"] = headers["content-type"].replace('"', "").lower()
    return headers


def static_files(site) -> list[Path]:
    """One file of each kind that a page asks for."""
    folder = site.data_dir / "static"
    named = re.compile(r".+\.[0-9a-f]{12}(\.[a-z0-9]+)")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if (match := named.fullmatch(path.name)) and match[1] not in {".br", ".gz", ".md"}:
            found.setdefault(match[1], path.relative_to(folder))
    return list(found.values())


def test_static_files_come_from_the_disk_as_the_site_would_send_them(front, site):
    files = static_files(site)
    assert {path.suffix for path in files} >= {".css", ".js", ".svg", ".woff2", ".png", ".ico"}

    for path in files:
        from_nginx, from_site = (
            front.get(f"/static/{path}"),
            ask_the_site(site.port, f"/static/{path}"),
        )
        assert from_nginx.memory is None, path
        assert from_nginx.body == from_site.body, path
        assert of_a_file(from_nginx) == of_a_file(from_site), path
        assert "max-age=31536000" in from_nginx.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip", "gzip", lambda body: zlib.decompress(body, wbits=31)),
        ("gzip, br", "br", brotli.decompress),
        ("identity", None, bytes),
    ],
)
def test_static_files_come_compressed_as_they_were_gathered(
    front, site, accepted, encoding, unpack
):
    if encoding == "br" and not BROTLI.exists():
        pytest.skip("The line for Brotli is left out without nginx's module.")
    path = next(path for path in static_files(site) if path.suffix == ".css")

    answer = front.get(f"/static/{path}", Accept_Encoding=accepted)

    assert answer.headers["Content-Encoding"] == encoding
    assert unpack(answer.body) == (site.data_dir / "static" / path).read_bytes()


@pytest.mark.parametrize("suffix", ["avif", "webp", "jpg", "jpeg", "png"])
def test_uploads_come_from_the_disk_as_the_site_would_send_them(front, site, media, suffix):
    path = f"/media/tests/a.{suffix}"
    from_nginx, from_site = front.get(path), ask_the_site(site.port, path)

    assert from_nginx.memory is None
    assert from_nginx.body == PHOTO
    assert of_a_file(from_nginx) == of_a_file(from_site)


def test_of_an_upload_a_part_its_head_and_whether_it_changed_can_be_asked(front, media):
    whole = front.get("/media/tests/a.webp")
    head = front.get("/media/tests/a.webp", method="HEAD")
    part = front.get("/media/tests/a.webp", Range="bytes=100-199")
    beyond = front.get("/media/tests/a.webp", Range="bytes=900000-")
    known = front.get("/media/tests/a.webp", If_None_Match=whole.headers["ETag"])

    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "50000")
    assert (part.status, part.body) == (206, PHOTO[100:200])
    assert beyond.status == 416
    assert (known.status, known.body) == (304, b"")
    for answer in (head, part, known):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/media/tests/a.html",
        "/media/tests/a.pdf",
        "/private/tests/a.pdf",
        "/media/../private/tests/a.pdf",
        "/media/tests/a.svg",
        "/media/tests/nothing.webp",
        "/media/tests/",
        "/media/../db.sqlite3",
        "/media/%2e%2e/db.sqlite3",
        "/media/tests/..%2f..%2fdb.sqlite3",
        "/static/../db.sqlite3",
        "/static/..%2fdb.sqlite3",
        "/static/x.000000000000.css",
        "/static/",
        "/db.sqlite3",
    ],
)
def test_what_is_no_file_for_visitors_is_answered_by_the_site(front, media, path):
    answer = front.get(path)

    assert answer.status == 404
    assert "<html" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_form_sent_to_a_file_is_refused_by_the_site(front, media):
    answer = front.get("/media/tests/a.webp", method="POST", body=b"x=1")

    assert answer.status in {403, 405}
    assert "<html" in answer.text or not answer.body


def test_the_umask_closes_everything_but_what_is_public(site, media):
    def others(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode) & 0o077

    static = [site.data_dir / "static", *(site.data_dir / "static").rglob("*")]
    assert {others(path) for path in static if path.is_dir()} == {0o055}
    assert {others(path) for path in static if path.is_file()} == {0o044}
    ours = [path for path in site.data_dir.iterdir() if path.name not in {"static", "media"}]
    made_by_it = [path for path in ours if path.name in {"lock", "write.lock", "static.digest"}]
    assert made_by_it
    assert {others(path) for path in made_by_it} == {0}
    assert others(site.data_dir) == 0o010
