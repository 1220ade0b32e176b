"""nginx serves public files from the disk, with the headers of the site, and no others."""

from __future__ import annotations

import re
import secrets
import stat
import zlib
from pathlib import Path

import brotli
import pytest

from tests.deploy.front import BROTLI, Answer, request_without_tls

PHOTO = secrets.token_bytes(50_000)
# Headers of a connection, of a moment or of an encoding.
NOT_COMPARED = {
    *("server", "date", "connection", "vary", "etag", "last-modified", "accept-ranges"),
    *("content-disposition", "content-encoding", "transfer-encoding", "keep-alive", "x-cache"),
}
# Headers of pages, which the site adds to files too.
NOT_OF_FILES = {
    *("access-control-allow-origin", "content-security-policy", "cross-origin-opener-policy"),
    *("permissions-policy", "x-frame-options"),
}
TYPES = ("avif", "webp", "jpg", "jpeg", "png")


@pytest.fixture
def media(site) -> Path:
    """The folder of uploads, with pictures and with files that are no uploads."""
    folder = site.data_dir / "media" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in (*TYPES, "pdf", "html", "svg"):
        (folder / f"a.{suffix}").write_bytes(PHOTO)
    return folder


def file_headers(answer: Answer) -> dict[str, str]:
    headers = {name.lower(): text for name, text in answer.headers.items()}
    for name in NOT_COMPARED | NOT_OF_FILES:
        headers.pop(name, None)
    directives = re.split(", *", headers["cache-control"])
    headers["cache-control"] = str(sorted(each for each in directives if "max-age" not in each))
    headers["content-type"] = headers["content-type"].replace('"', "").lower()
    return headers


@pytest.fixture
def static_files(site) -> list[Path]:
    """One hashed file of each type."""
    folder = site.data_dir / "static"
    hashed = re.compile(r".+\.[0-9a-f]{12}(\.[a-z0-9]+)")
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if (match := hashed.fullmatch(path.name)) and match[1] not in {".br", ".gz", ".md"}:
            files.setdefault(match[1], path.relative_to(folder))
    return list(files.values())


def test_files_come_from_the_disk_as_the_site_sends_them(front, site, static_files, media):
    assert {path.suffix for path in static_files} >= {
        *(".css", ".js", ".svg", ".woff2", ".png", ".ico")
    }
    pictures = [f"/media/tests/a.{suffix}" for suffix in TYPES]
    for path in [*(f"/static/{name}" for name in static_files), *pictures]:
        from_nginx, from_site = front.get(path), request_without_tls(site.port, path)

        assert (from_nginx.status, from_nginx.cache) == (200, None), path
        assert from_nginx.body == from_site.body, path
        assert file_headers(from_nginx) == file_headers(from_site), path
        assert "max-age=31536000" in from_nginx.headers["Cache-Control"], path


def test_every_answer_about_a_file_tells_browsers_to_use_tls(front, site, media):
    path = "/media/tests/a.png"
    modified = front.get(path).headers["Last-Modified"]
    answers = [
        front.get(path),
        front.get(path, method="HEAD"),
        front.get(path, Range="bytes=10-19"),
        front.get(path, If_Modified_Since=modified),
        front.get(path, Range="bytes=90000-90001"),
        front.get("/media/tests/missing.png"),
        front.get("/media/tests/a.pdf"),
        front.get("/static/missing.0123456789ab.css"),
        front.post(path, "a=b"),
    ]

    assert [answer.status for answer in answers] == [200, 200, 206, 304, 416, 404, 404, 404, 403]
    of_site = request_without_tls(site.port, "/").headers.get_all("Strict-Transport-Security")
    assert of_site == ["max-age=31536000"]
    for answer in answers:
        assert answer.headers.get_all("Strict-Transport-Security") == of_site, answer


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip", "gzip", lambda body: zlib.decompress(body, wbits=31)),
        ("gzip, br", "br", brotli.decompress),
        ("identity", None, bytes),
    ],
)
def test_static_files_are_sent_compressed(front, site, static_files, accepted, encoding, unpack):
    if encoding == "br" and not BROTLI.exists():
        pytest.skip("The line for Brotli is left out without nginx's module.")
    path = next(path for path in static_files if path.suffix == ".css")

    answer = front.get(f"/static/{path}", Accept_Encoding=accepted)

    assert answer.headers["Content-Encoding"] == encoding
    assert unpack(answer.body) == (site.data_dir / "static" / path).read_bytes()


def test_uploads_can_be_requested_in_part_by_head_and_conditionally(front, media):
    path = "/media/tests/a.webp"
    etag = front.get(path).headers["ETag"]
    head = front.get(path, method="HEAD")
    part = front.get(path, Range="bytes=100-199")
    unchanged = front.get(path, If_None_Match=etag)

    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "50000")
    assert (part.status, part.body) == (206, PHOTO[100:200])
    assert (unchanged.status, unchanged.body) == (304, b"")
    for answer in (head, part, unchanged):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert front.get(path, Range="bytes=900000-").status == 416
    assert front.get(path, method="POST", body=b"x=1").status in {403, 405}


@pytest.mark.parametrize(
    "path",
    [
        *(f"/media/tests/{name}" for name in ("a.html", "a.pdf", "a.svg", "nothing.webp", "")),
        *("/private/tests/a.pdf", "/media/../private/tests/a.pdf", "/media/../db.sqlite3"),
        *("/media/%2e%2e/db.sqlite3", "/media/tests/..%2f..%2fdb.sqlite3", "/db.sqlite3"),
        *("/static/../db.sqlite3", "/static/..%2fdb.sqlite3", "/static/x.000000000000.css"),
        *("/static/", "/static/413.html", "/static/503.html"),
    ],
)
def test_other_paths_are_answered_by_the_site(front, media, path):
    answer = front.get(path)

    assert answer.status == 404
    assert "<html" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_only_public_files_are_readable_by_other_users(site, media):
    def others(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode) & 0o077

    static = [site.data_dir / "static", *(site.data_dir / "static").rglob("*")]
    assert {others(path) for path in static if path.is_dir()} == {0o055}
    assert {others(path) for path in static if path.is_file()} == {0o044}
    assert {others(site.data_dir / name) for name in ("lock", "static.digest")} == {0}
    assert others(site.data_dir) == 0o010
