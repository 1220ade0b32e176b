"""Static copies as WARC 1.1 files (ISO 28500), which web archives read.

They need the package `warcio`, which is optional.
"""

from __future__ import annotations

import hashlib
import uuid
from base64 import b32encode
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from mimetypes import guess_type
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote

from django.conf import settings

from apps.ops.freezing.crawling import OUTSIDE, Crawler
from apps.ops.freezing.links import change_links, join

ENDINGS = (".warc", ".warc.gz")
_SOFTWARE = "workshop, manage.py freeze"
_MADE_FOR_ALL = ("robots.txt", "sitemap.xml", "favicon.ico")  # their addresses are their names
_TYPES = {".woff2": "font/woff2", ".ico": "image/vnd.microsoft.icon"}

# When an answer was first archived, by its address and digest.
Dates = dict[tuple[str, str], str]


class WarcRefused(Exception):
    """The file cannot be written, or is not an earlier one of this site; the message is a sentence."""


def read_dates(path: Path) -> Dates:
    """The dates of an earlier file, which is to be replaced; {} if there is none.

    Raises WarcRefused.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        raise WarcRefused(
            "A WARC file needs the package warcio: .venv/bin/pip install warcio"
        ) from None
    if not path.name.endswith(ENDINGS):
        raise WarcRefused("The name of a WARC file ends in .warc or .warc.gz.")
    if not path.exists():
        return {}
    dates: Dates = {}
    try:
        with path.open("rb") as file:
            records = iter(ArchiveIterator(file))
            is_own = _SOFTWARE.encode() in next(records).content_stream().read()
            for record in records:
                header = record.rec_headers.get_header
                key = header("WARC-Target-URI"), header("WARC-Payload-Digest")
                dates[key] = header("WARC-Date")
    except (ArchiveLoadFailed, OSError, StopIteration):
        is_own = False
    if not is_own:
        raise WarcRefused(f"{path} is there already, and is no earlier WARC file of the site.")
    return dates


def write_warc(out: IO[bytes], crawler: Crawler, *, dates: Dates, is_compressed: bool) -> None:
    """Write the pages and files of a finished copy as they are at the addresses of its site.

    What is unchanged since the earlier file keeps its date, so the bytes are the same if nothing
    changed.
    """
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(out, gzip=is_compressed, warc_version="1.1")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = [dates.get((uri, _digest(body)), "") for uri, _, body in _answers(crawler)]
    is_same = all(kept) and len(kept) == len(dates)
    about = {
        "software": _SOFTWARE,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": settings.SITE_URL,
    }
    information = writer.create_warcinfo_record(None, about)
    _identify(information, max(kept) if is_same else now, about["isPartOf"])
    writer.write_record(information)
    for uri, content_type, body in _answers(crawler):
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        record = writer.create_warc_record(
            uri,
            "response",
            payload=BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Payload-Digest": _digest(body)},
        )
        _identify(record, dates.get((uri, _digest(body)), now), uri + _digest(body))
        writer.write_record(record)


def _identify(record: Any, date: str, content: str) -> None:
    """Set date and identifier of a record; warcio's own are those of the moment."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{date} {content}")
    record.rec_headers.replace_header("WARC-Date", date)
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{identifier}>")


def _digest(body: bytes) -> str:
    """The form that indexes of archives use to find equal answers."""
    return f"sha1:{b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()}"


def _answers(crawler: Crawler) -> Iterator[tuple[str, str, bytes]]:
    """URL, type and body of each page and file; links of pages are those of the site."""
    paths = {name: path for path, name in crawler.files.items() if name and name != OUTSIDE}
    paths |= {name: f"/{name}" for name in _MADE_FOR_ALL if name in crawler.sums}
    urls = {name: settings.SITE_URL + _quoted(path) for name, path in paths.items()}
    for name, url in sorted(urls.items(), key=lambda pair: pair[1]):
        body = (crawler.folder / name).read_bytes()
        if name.endswith(".html"):
            body = _with_addresses(body.decode(), name, urls).encode()
        yield url, crawler.types.get(name) or _type_of(name), body


def _with_addresses(html: str, name: str, urls: dict[str, str]) -> str:
    """A page of the copy with the addresses of the site instead of links between files."""

    def change(reference: str) -> str:
        file, fragment = join(name, reference)
        url = urls.get(unquote(file))
        if url is None or reference.startswith("#"):
            return reference
        return f"{url}#{fragment}" if fragment else url

    return change_links(html, change)


def _quoted(path: str) -> str:
    path, mark, query = path.partition("?")
    return quote(path) + mark + query


def _type_of(name: str) -> str:
    return _TYPES.get(Path(name).suffix) or guess_type(name)[0] or "application/octet-stream"
