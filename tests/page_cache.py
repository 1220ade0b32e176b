"""Requests through the page cache, without a server."""

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


@dataclass
class Answer:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Site:
    """PageCache with Django behind it, and the requests that Django received."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)  # addresses whose page is kept in memory

    def __post_init__(self) -> None:
        self.django = WSGIHandler()
        self._cache = PageCache(self._ask)

    def _ask(self, environ, start_response):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return self.django(environ, start_response)

    def get(self, address: str, method: str = "GET", **headers: str) -> Answer:
        """Request `address`; headers as `accept_encoding="br"`."""
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
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            # Changes are counted on commit, which the transaction of a test never reaches.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SELECT set_config('workshop.counted', '', true)")
        start: list = []
        with _open_connection():
            body = self._cache(environ, lambda *args: start.extend(args))
            content = b"".join(body)
            if hasattr(body, "close"):
                body.close()
        status, pairs = start[:2]
        answer = Answer(int(status[:3]), {name.lower(): v for name, v in pairs}, content)
        if "x-accel-expires" in answer.headers:
            self.kept.add(address)
        return answer


@contextmanager
def _open_connection() -> Iterator[None]:
    """Keep the connection, with the test's uncommitted rows, as the test client does."""
    signals = (request_started, request_finished) if connection.in_atomic_block else ()
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
