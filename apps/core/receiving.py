"""What visitors send is taken in whole before anybody works on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

_Environ = dict[str, Any]
_Application = Callable[[_Environ, Callable[..., Any]], Iterable[bytes]]
# How many may be sending at once: fewer than the server has threads, so that some are always left
# for those who only read, and no more bodies than these lie on the disk.
SENDERS = 40
_IN_MEMORY = 256 * 1024
_CHUNK = 64 * 1024


class Receiving:
    """A WSGI application that hands another each request with all that was sent.

    Whoever sends slowly then holds a thread of the server, of which there are many, and none of
    those that work. While SENDERS are sending, the next is told to come again in a moment.
    """

    def __init__(self, application: _Application) -> None:
        self._application = application
        self._senders = BoundedSemaphore(SENDERS)

    def __call__(self, environ: _Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """What the application answers, or 503 while too many are sending."""
        if not _is_sent_to_us(environ):
            return self._application(environ, start_response)
        if not self._senders.acquire(blocking=False):
            return _busy(start_response)
        try:
            body = _received(environ)
        finally:
            self._senders.release()
        with body:
            return self._application(environ | {"wsgi.input": body}, start_response)


def _is_sent_to_us(environ: _Environ) -> bool:
    """Whether a body comes. What is larger than we take is left where it is, to be refused unread."""
    length = environ.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and 0 < int(length) <= settings.LARGEST_REQUEST


def _received(environ: _Environ) -> SpooledTemporaryFile:
    missing, stream = int(environ["CONTENT_LENGTH"]), environ["wsgi.input"]
    body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed once it is answered
    while missing:
        chunk = stream.read(min(_CHUNK, missing))
        if not chunk:  # gone in the middle; Django sees what came
            break
        body.write(chunk)
        missing -= len(chunk)
    body.seek(0)
    return body


def _busy(start_response: Callable[..., Any]) -> Iterable[bytes]:
    page = render_to_string("503.html").encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    headers += [("Retry-After", "5"), ("Cache-Control", "no-store, private")]
    start_response("503 Service Unavailable", headers)
    return [page]
