"""Page cache: a WSGI application in front of Django that keeps public pages in memory.

Views opt in with `public_page`. Pages are rendered from a request without cookies, address or
browser of any visitor, and shown while the public version is unchanged, for at most MAXIMUM_AGE
since they may depend on the clock. Requests with a session cookie always go to Django.

The public version is a number that database triggers on the tables behind public pages increment,
so `QuerySet.update`, imports, raw SQL and other processes count too.
"""

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import brotli
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.http import Http404
from django.urls import resolve
from django.utils.http import parse_etags

MAXIMUM_AGE = 10  # seconds
MAXIMUM_BYTES = 32 * 1024 * 1024  # per process; the oldest pages are dropped
_COMPRESSIBLE = re.compile(r"text/|application/(json|xml|atom)|image/svg")
_BROTLI = partial(brotli.compress, quality=5)
_COMPRESSORS: dict[str, Callable] = {"br": _BROTLI, "gzip": gzip.compress}
# Headers that a 304 response repeats (RFC 9110, 15.4.5), and those for scripts of other sites.
_REPEATED = ("etag", "last-modified", "cache-control", "vary", "x-accel-", "access-control-")
_Key = tuple[str, bool, str, str]  # host, https, path, query
_Environ = dict[str, Any]


@lru_cache(maxsize=2048)
def kept_parameters(path: str) -> frozenset[str] | None:
    """The parameters of `public_page` for the view at `path`; None for any other view."""
    try:
        return getattr(resolve(path).func, "public_page", None)
    except Http404:
        return None


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str:
    """The smallest encoding that this Accept-Encoding header allows, or "" (RFC 9110, 12.5.3)."""
    parts = (part.partition(";q=") for part in accepted.lower().replace(" ", "").split(","))
    allowed = {name for name, _, weight in parts if not weight or weight.strip("0.")}
    return next((name for name in _COMPRESSORS if name in allowed), "")


class CachedPage(NamedTuple):
    """A page rendered at `made_at`, in seconds since 1970; headers and body by encoding."""

    version: int
    made_at: float
    etag: str
    last_modified: str | None
    size: int  # bytes in memory, about
    encodings: dict[str, tuple[list[tuple[str, str]], bytes]]

    def is_fresh(self, version: int | None) -> bool:
        return self.version == version and 0 <= time.time() - self.made_at < MAXIMUM_AGE

    def is_known(self, environ: _Environ) -> bool:
        """Whether the browser has this page already (RFC 9110, 13.1)."""
        if known := environ.get("HTTP_IF_NONE_MATCH"):
            etags = {etag.removeprefix("W/") for etag in parse_etags(known[:2000])}
            return known == self.etag or bool(etags & {"*", self.etag.removeprefix("W/")})
        return self.last_modified == environ.get("HTTP_IF_MODIFIED_SINCE", "")


class PageCache:
    """Answers from memory, or has `application` answer."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self._pages: dict[_Key, CachedPage] = {}
        self._version: int | None = None
        self._lock = threading.Lock()  # one thread renders, the others wait for its page
        names = [settings.SITE_URL.partition("://")[2], *settings.ALLOWED_HOSTS]
        self._hosts = {*names, *(f"{name}:{settings.PORT}" for name in names)}
        self._session_cookie = f"{settings.SESSION_COOKIE_NAME}="

    def __call__(self, environ: _Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        page = self._find(environ)
        if page is None:
            return self._application(environ, start_response)
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")[:200])
        headers, body = page.encodings.get(encoding) or page.encodings[""]
        if page.is_known(environ):
            headers = [pair for pair in headers if pair[0].lower().startswith(_REPEATED)]
            start_response("304 Not Modified", headers)
            return []
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _find(self, environ: _Environ) -> CachedPage | None:
        """The page from memory, or rendered now; None if Django is to answer."""
        key = self._key(environ)
        if key is None:
            return None
        version, page = self._read_version(), self._pages.get(key)
        if version is None or (page is not None and page.is_fresh(version)):
            return page  # without a database, what there is in memory
        with self._lock:
            # An edit may have come before the page that this request waited for.
            version, page = self._read_version(), self._pages.get(key)
            if version is None or (page is not None and page.is_fresh(version)):
                return page
            page = self._render(version, key, environ)
            if page is not None:
                self._pages.pop(key, None)
                self._pages[key] = page
                while sum(page.size for page in self._pages.values()) > MAXIMUM_BYTES:
                    del self._pages[next(iter(self._pages))]
        return page

    def _read_version(self) -> int | None:
        version = read_public_version()
        if version is not None and version != self._version:
            self._pages, self._version = {}, version
        return version

    def _key(self, environ: _Environ) -> _Key | None:
        """None for a request that is not anonymous, or not for a page that is kept."""
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or environ.get("HTTP_HOST") not in self._hosts
            or "HTTP_AUTHORIZATION" in environ
            or self._session_cookie in environ.get("HTTP_COOKIE", "")
            or len(path) + len(query) > 1000
            or (parameters := kept_parameters(path)) is None
        ):
            return None
        if query:
            given = parse_qs(query, keep_blank_values=True)
            given = {name: given[name] for name in given if not name.startswith("utm_")}
            if not parameters >= given.keys() or any(len(values) > 1 for values in given.values()):
                return None
            query = urlencode(sorted(given.items()), doseq=True)
        return environ["HTTP_HOST"], environ.get("HTTP_X_FORWARDED_PROTO") == "https", path, query

    def _render(self, version: int, key: _Key, environ: _Environ) -> CachedPage | None:
        """None if the response is not one for everyone."""
        host, is_https, path, query = key
        neutral = {k: v for k, v in environ.items() if k.startswith(("wsgi.", "SERVER_", "SCRIPT"))}
        neutral |= {"wsgi.input": BytesIO(), "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "GET"}
        neutral |= {"HTTP_HOST": host, "PATH_INFO": path, "QUERY_STRING": query}
        neutral["HTTP_X_FORWARDED_PROTO"] = "https" if is_https else "http"
        made_at = time.time()
        response = self._application(neutral, lambda *args: None)
        response.close()
        is_whole = response.status_code == 200 and not response.streaming
        is_private = re.search("private|no-store", response.get("Cache-Control", "private"))
        if not is_whole or is_private or response.cookies or "Content-Encoding" in response:
            return None
        body = response.content
        etag = response.get("ETag") or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        response["ETag"] = etag = "W/" + etag.removeprefix("W/")  # compressed bytes differ
        response["Content-Length"] = str(len(body))
        response["X-Accel-Expires"] = "1"  # nginx may keep it for a second
        response["Vary"] = "Accept-Encoding, Cookie"
        encodings = {"": (list(response.items()), body)}
        if _COMPRESSIBLE.match(response["Content-Type"]):
            for name, compress in _COMPRESSORS.items():
                packed = compress(body)
                response["Content-Encoding"], response["Content-Length"] = name, str(len(packed))
                encodings[name] = list(response.items()), packed
        size = sum(2000 + len(packed) for _, packed in encodings.values())
        return CachedPage(version, made_at, etag, response.get("Last-Modified"), size, encodings)


# Public version

_INCREMENT = "UPDATE core_public_version SET number = number + 1 WHERE id = 1"
# By app label: the private models, and whether history tables count.
_registered: dict[str, tuple[frozenset[str], bool]] = {}


def register_public_models(
    app: AppConfig, *, private: frozenset[str] = frozenset(), history: bool = False
) -> None:
    """Raise the public version after changes to the models of `app`, except `private` ones.

    With `history` also after changes to their history tables.
    """
    _registered[app.label] = private, history


def public_tables() -> list[str]:
    """Names of all tables whose changes count."""
    return sorted(
        model._meta.db_table
        for label, (private, has_history) in _registered.items()
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model.__name__ not in private
        and (has_history or not hasattr(model, "instance_type"))  # set by simple_history
    )


def read_public_version() -> int | None:
    """The number now, by the driver itself; None if the database does not answer."""
    db = connections[DEFAULT_DB_ALIAS]
    try:
        if db.connection is None:
            db.ensure_connection()
        return db.connection.execute("SELECT max(number) FROM core_public_version").fetchone()[0]
    except (DatabaseError, db.Database.Error):  # type: ignore[attr-defined]  # all have it
        db.close()
        return None


def raise_public_version() -> None:
    """Have pages made again after a change that is not in the database."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_INCREMENT)


def install_triggers(using: str = DEFAULT_DB_ALIAS, **signal: object) -> None:
    """Create missing triggers after migrations (SQLite drops those of an altered table).

    Raises the public version, since a migration may change what pages show.
    """
    connection = connections[using]
    once, each = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    per_table = [sql.format(table=table) for table in public_tables() for sql in each]
    with connection.cursor() as cursor:
        for sql in [*once, *per_table, _INCREMENT]:
            cursor.execute(sql)


_CREATE = (
    "CREATE TABLE IF NOT EXISTS core_public_version (id int PRIMARY KEY, number bigint NOT NULL)"
)
_SQLITE = (
    [_CREATE, "INSERT OR IGNORE INTO core_public_version VALUES (1, abs(random() / 4))"],
    [
        f'CREATE TRIGGER IF NOT EXISTS "public_{{table}}_{event}" AFTER {event} ON "{{table}}" '
        f"BEGIN {_INCREMENT}; END"
        for event in ("INSERT", "UPDATE", "DELETE")
    ],
)
# Counted once, at the end of a transaction, so that two transactions cannot deadlock here.
_FUNCTION = f"""CREATE OR REPLACE FUNCTION count_public_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('workshop.counted', true) IS DISTINCT FROM txid_current()::text THEN
            {_INCREMENT};
            PERFORM set_config('workshop.counted', txid_current()::text, true);
        END IF;
        RETURN NULL;
    END $$"""
_RANDOM = (
    "INSERT INTO core_public_version VALUES (1, floor(random() * 2 ^ 60)) ON CONFLICT DO NOTHING"
)
_POSTGRESQL = (
    [_CREATE, _RANDOM, _FUNCTION],
    [
        'DROP TRIGGER IF EXISTS public_rows ON "{table}"',
        'CREATE CONSTRAINT TRIGGER public_rows AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_public_change()",
    ],
)
