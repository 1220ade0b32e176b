"""A visitor of the site as the server runs it, page cache included, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from apps.core.page_cache import PageCache

HOST = "localhost"


class OwnTransaction:
    """The number as the test's own transaction sees it, which ends with the test and undone."""

    def __call__(self) -> int | None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # which counts as a transaction ends, and once
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SELECT set_config('workshop.counted', '', true)")
            cursor.execute("SELECT number FROM core_public_version")
            row = cursor.fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Nothing of its own to give back."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Site:
    """PageCache with Django behind it, and how often Django was asked.

    `is_shared`: as in a server, with a connection of its own, for tests whose rows are committed.
    """

    is_shared: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._django = WSGIHandler()
        self.cache = PageCache(self._ask)
        if not self.is_shared:
            self.cache._version = OwnTransaction()  # type: ignore[assignment]  # called the same way

    def _ask(self, environ, start_response):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return self._django(environ, start_response)

    def get(self, address: str, method: str = "GET", **headers: str) -> Answer:
        """Asks for `address`; headers as `accept_encoding="br"`."""
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_HOST": HOST,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": BytesIO(),
            "wsgi.input": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        said: list = []
        with self._own_connection():
            body = self.cache(environ, lambda *words: said.extend(words))
            try:
                content = b"".join(body)
            finally:
                if hasattr(body, "close"):
                    body.close()
        status, pairs = said[:2]
        return Answer(int(status[:3]), {name.lower(): value for name, value in pairs}, content)

    @contextmanager
    def _own_connection(self) -> Iterator[None]:
        """Keeps the test's connection open, with what it has not committed, as the test client does."""
        if self.is_shared:
            yield
            return
        signals = (request_started, request_finished)
        for signal in signals:
            signal.disconnect(close_old_connections)
        try:
            yield
        finally:
            for signal in signals:
                signal.connect(close_old_connections)

    @property
    def kept(self) -> set[str]:
        """The addresses that are in memory."""
        shelves = (self.cache._pages, self.cache._choices)
        return {
            path + (f"?{query}" if query else "")
            for shelf in shelves
            for _, path, query in shelf.pages
        }


@contextmanager
def open_site(*, is_shared: bool = False) -> Iterator[Site]:
    """A Site with nothing in memory yet."""
    site = Site(is_shared=is_shared)
    try:
        yield site
    finally:
        site.cache._version.close()
