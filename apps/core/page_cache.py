"""Pages for everybody, kept in memory in front of Django.

A page is made once for nobody in particular: Django is asked for it with nothing of the visitor
in the question, neither cookie nor address nor browser, so nothing of a visitor can be in the
answer. It is shown until the number of `public_version` changes or a moment comes that the page
depends on (`clock`). Views say with `public_page` that theirs is such a page; all other
requests, and those of anybody signed in, go to Django as they are.

One cache per process, bounded by bytes. Under a rush each page is made once and others wait for it.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from io import BytesIO
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlencode

import brotli
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve
from django.utils.http import http_date, parse_etags

from apps.core import clock
from apps.core.public_version import PublicVersion

_Environ = dict[str, Any]
_Headers = list[tuple[str, str]]
_StartResponse = Callable[..., Any]
_Application = Callable[[_Environ, _StartResponse], Iterable[bytes]]

BYTES_OF_PAGES = 24 * 1024 * 1024
# Of pages with a question mark in their address, which anybody can make many of.
BYTES_OF_CHOICES = 8 * 1024 * 1024
_LONGEST_CHOICE = 100
# No public address is half as long. Requests bring up to 64 kB, and `rule_of` remembers many.
_LONGEST_PATH = 1000
_MOST_PARAMETERS = 50
_SECONDS_TO_WAIT = 30
_OF_THE_SERVER = (
    "wsgi.version",
    "wsgi.url_scheme",
    "wsgi.errors",
    "wsgi.multithread",
    "wsgi.multiprocess",
    "wsgi.run_once",
)
# RFC 9110, 15.4.5: what 304 says again. All else a browser has already.
_SAID_AGAIN = {"etag", "last-modified", "cache-control", "vary", "x-accel-expires"}
# Small texts gain nothing.
_LEAST_TO_COMPRESS = 200
_COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "image/svg",
)


def public_page(*choices: str, unless: str = "") -> Callable:
    """Marks a view whose page is the same for all who are not signed in.

    `choices` are the query parameters it reads; all others are ignored. With the parameter
    `unless` the page is made each time, since it holds free words. What the view decides by the
    clock it asks of `clock`. It may still answer an organiser differently.
    """

    def mark(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):
                # Browsers keep it, and ask each time whether it is still the same.
                response["Cache-Control"] = "private, no-cache" if request.COOKIES else "no-cache"
            return response

        shown.public_page = _Rule(choices, unless)  # type: ignore[attr-defined]  # read by rule_of
        return shown

    return mark


@dataclass(frozen=True)
class _Rule:
    choices: tuple[str, ...]
    unless: str

    def chosen(self, query: str) -> str | None:
        """What of a query string makes another page, in one order; None: made each time."""
        try:
            given = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            return None
        if self.unless and "".join(given.get(self.unless, ())).strip():
            return None
        # As Django reads them: the last of several.
        chosen = [(name, given[name][-1]) for name in self.choices if name in given]
        if any(len(value) > _LONGEST_CHOICE for _, value in chosen):
            return None
        return urlencode(chosen)


@lru_cache(maxsize=2048)
def rule_of(path: str) -> _Rule | None:
    """How the page at `path` is kept; None if it is none that is."""
    try:
        view = resolve(path).func
    except Http404:
        return None
    return getattr(view, "public_page", None)


@dataclass(frozen=True)
class _Answer:
    """A page in one encoding, ready to be sent."""

    headers: _Headers
    body: bytes


@dataclass
class Page:
    """A page as it was made at one version."""

    version: int
    # Seconds since 1970. Before `since` is now if the clock was set back.
    since: float
    until: float
    etag: str
    last_modified: str
    plain: _Answer
    not_modified: _Headers
    # RFC 9110, 13.1.3, is followed only where the view itself knew since when: a second is too
    # coarse for pages that change by hand.
    is_dated: bool
    encoded: dict[str, _Answer] = field(default_factory=dict)

    def is_true(self, version: int) -> bool:
        """Whether it is the page of now, while the public version is `version`."""
        return self.version == version and self.since <= time.time() < self.until

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        bodies = len(self.plain.body) + sum(len(answer.body) for answer in self.encoded.values())
        return bodies + 4096

    def answer(self, encoding: str) -> _Answer:
        """The page in `encoding`, made at the first wish for it."""
        if not encoding:
            return self.plain
        answer = self.encoded.get(encoding)
        if answer is None:
            answer = self.encoded[encoding] = _encode(self.plain, encoding)
        return answer


def _encode(plain: _Answer, encoding: str) -> _Answer:
    content_type = next((v for k, v in plain.headers if k.lower() == "content-type"), "")
    if len(plain.body) < _LEAST_TO_COMPRESS or not content_type.startswith(_COMPRESSIBLE):
        return plain
    if encoding == "br":
        body = brotli.compress(plain.body, quality=6)
    else:
        body = gzip.compress(plain.body, compresslevel=6, mtime=0)
    headers = [(k, v) for k, v in plain.headers if k.lower() != "content-length"]
    headers += [("Content-Length", str(len(body))), ("Content-Encoding", encoding)]
    return _Answer(headers, body)


@lru_cache(maxsize=256)
def _encoding_of(accepted: str) -> str:
    """The best of "br" and "gzip" that an Accept-Encoding allows, or "" (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accepted.lower().split(",")[:20]:
        name, _, weight = part.partition(";")
        try:
            weights[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    best = max(("br", "gzip"), key=lambda name: weights.get(name, 0.0))
    return best if weights.get(best, 0.0) > 0 else ""


class _Shelf:
    """Pages by key, the oldest of them given up once they take more than `most` bytes."""

    def __init__(self, most: int) -> None:
        self.most, self.bytes = most, 0
        self.pages: dict[tuple, Page] = {}
        self._sizes: dict[tuple, int] = {}
        self._lock = threading.Lock()

    def put(self, key: tuple, page: Page) -> None:
        with self._lock:
            self._drop(key)
            # With the encodings to come; text shrinks to a fifth or so.
            size = 2 * page.size
            while self.pages and self.bytes + size > self.most:
                self._drop(next(iter(self.pages)))
            if size <= self.most:
                self.pages[key], self._sizes[key] = page, size
                self.bytes += size

    def _drop(self, key: tuple) -> None:
        if self.pages.pop(key, None) is not None:
            self.bytes -= self._sizes.pop(key)


class _Flight:
    """A page being made, and those who wait for it."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.page: Page | None = None


class PageCache:
    """A WSGI application in front of another, `application`."""

    def __init__(self, application: _Application) -> None:
        self._application = application
        self._version = PublicVersion()
        self._pages = _Shelf(BYTES_OF_PAGES)
        self._choices = _Shelf(BYTES_OF_CHOICES)
        self._flights: dict[tuple, _Flight] = {}
        self._lock = threading.Lock()
        self._hosts = _own_hosts()
        # Whoever has one is somebody: pages differ for organisers, and say once what was done.
        self._session_cookie = f"{settings.SESSION_COOKIE_NAME}="

    def __call__(self, environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
        """Answers from memory if it can, else has `application` answer."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        is_question = method in {"GET", "HEAD"} and len(path) <= _LONGEST_PATH
        if not is_question or not self._is_for_anybody(environ):
            return self._application(environ, start_response)
        query: str | None = environ.get("QUERY_STRING", "")
        if query:
            rule = rule_of(path)
            query = rule.chosen(query) if rule else None
            if query is None:
                return self._application(environ, start_response)
        version = self._version()
        if version is None:
            return self._application(environ, start_response)
        shelf = self._choices if query else self._pages
        key = (environ["HTTP_HOST"], path, query)
        page = shelf.pages.get(key)
        if page is None or not page.is_true(version):
            if rule_of(path) is None:
                return self._application(environ, start_response)
            page = self._make(shelf, key, version, environ)
            if page is None:
                return self._application(environ, start_response)
        return _send(page, environ, start_response)

    def _is_for_anybody(self, environ: _Environ) -> bool:
        """Whether the visitor is nobody in particular, and asks for our site as it is called."""
        if environ.get("HTTP_HOST") not in self._hosts or "HTTP_AUTHORIZATION" in environ:
            return False
        if settings.IS_HTTPS and not _is_secure(environ):
            return False
        return self._session_cookie not in environ.get("HTTP_COOKIE", "")

    def _make(self, shelf: _Shelf, key: tuple, version: int, environ: _Environ) -> Page | None:
        """The page as of `version` or later: made, or waited for; None if it is not to be kept."""
        with self._lock:
            page = shelf.pages.get(key)
            if page is not None and page.is_true(version):  # made since we looked
                return page
            flight = self._flights.get(key)
            is_mine = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if not is_mine:
            flight.is_over.wait(_SECONDS_TO_WAIT)
            page = flight.page
            if page is not None and page.version < version:  # begun before the latest change
                return self._make(shelf, key, version, environ)
            return page
        try:
            flight.page = self._render(version, key, environ)
            if flight.page is not None:
                shelf.put(key, flight.page)
            return flight.page
        finally:
            with self._lock:
                del self._flights[key]
            flight.is_over.set()

    def _render(self, version: int, key: tuple, environ: _Environ) -> Page | None:
        host, path, query = key
        said: list[Any] = []
        since = time.time()
        asked = _anonymous(environ, host, path, query)
        with clock.watched() as watch:
            response = self._application(asked, lambda *answer: said.extend(answer[:2]))
        try:
            status, headers = said
            if not status.startswith("200 ") or not _may_be_kept(response, headers):
                return None
            body = b"".join(response)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                close()
        until = watch.until.timestamp() if watch.until else float("inf")
        return _page(version, since, until, headers, body)


def _anonymous(environ: _Environ, host: str, path: str, query: str) -> _Environ:
    """A question with nothing of the visitor in it."""
    kept = (
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
        "SCRIPT_NAME",
        "HTTP_X_FORWARDED_PROTO",
    )
    return {
        **{name: environ[name] for name in kept if name in environ},
        **{name: environ[name] for name in _OF_THE_SERVER if name in environ},
        "wsgi.input": BytesIO(),
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": host,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
    }


def _may_be_kept(response: object, headers: _Headers) -> bool:
    """Whether an answer is a whole page for everybody, whatever its view was marked as."""
    given: dict[str, str] = {}
    for name, value in headers:
        given[name.lower()] = value
    control = given.get("cache-control", "")
    return (
        isinstance(response, HttpResponse)
        and "set-cookie" not in given
        and "content-encoding" not in given
        and ("no-cache" in control or "public" in control)
        and not any(word in control for word in ("no-store", "private"))
    )


def _page(version: int, since: float, until: float, headers: _Headers, body: bytes) -> Page:
    given = {name.lower(): value for name, value in headers}
    etag = given.get("etag") or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # Weak: the same page in another encoding has other bytes (RFC 9110, 8.8.1).
    etag = etag if etag.startswith("W/") else f"W/{etag}"
    last_modified = given.get("last-modified") or http_date(time.time())
    rest = [
        (name, value)
        for name, value in headers
        if name.lower() not in {"etag", "last-modified", "content-length", "vary"}
    ]
    vary = {word.strip() for word in given.get("vary", "").split(",") if word.strip()}
    common = [
        *rest,
        ("ETag", etag),
        ("Last-Modified", last_modified),
        ("Vary", ", ".join(sorted(vary | {"Accept-Encoding", "Cookie"}))),
        # To a web server in front, which strips it: keep this for a second, and nothing else.
        ("X-Accel-Expires", "1"),
    ]
    return Page(
        version=version,
        since=since,
        until=until,
        etag=etag,
        last_modified=last_modified,
        plain=_Answer([*common, ("Content-Length", str(len(body)))], body),
        not_modified=[
            (name, value)
            for name, value in common
            if name.lower() in _SAID_AGAIN or name.lower().startswith("access-control-")
        ],
        is_dated="last-modified" in given,
    )


def _send(page: Page, environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH")
    if (known and _is_known(page, known)) or (
        not known and page.is_dated and environ.get("HTTP_IF_MODIFIED_SINCE") == page.last_modified
    ):
        start_response("304 Not Modified", page.not_modified)
        return []
    accepted = environ.get("HTTP_ACCEPT_ENCODING")
    answer = page.answer(_encoding_of(accepted[:200])) if accepted else page.plain
    start_response("200 OK", answer.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def _is_known(page: Page, known: str) -> bool:
    """Whether If-None-Match names the page as it is, by weak comparison (RFC 9110, 13.1.2)."""
    if known == page.etag:
        return True
    etags = parse_etags(known[:2000])
    return "*" in etags or page.etag in {f"W/{etag.removeprefix('W/')}" for etag in etags}


def _is_secure(environ: _Environ) -> bool:
    if environ["wsgi.url_scheme"] == "https":
        return True
    return bool(settings.TRUSTED_PROXIES) and environ.get("HTTP_X_FORWARDED_PROTO") == "https"


def _own_hosts() -> frozenset[str]:
    """Our own names as browsers say them. By any other that Django allows, pages are not kept."""
    port = settings.PORT
    names = [name for name in settings.ALLOWED_HOSTS if name and not name.startswith(".")]
    ours = settings.SITE_URL.partition("://")[2]
    return frozenset(chain([ours], names, (f"{name}:{port}" for name in names)))
