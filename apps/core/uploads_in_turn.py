"""Large uploads are worked on one at a time, so that ten photos at once hold up nobody else."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

_Environ = dict[str, Any]
_Application = Callable[[_Environ, Callable[..., Any]], Iterable[bytes]]
# Forms with words alone stay below; a photo or slides from a camera or a desk are above.
LARGE = 1024 * 1024


class UploadsInTurn:
    """A WSGI application that lets one large request at a time through to another.

    One at a time of all workers on this machine: unpacking a photo of 12 megapixels keeps a
    processor busy and takes tens of megabytes. The others wait in the server's own threads, of
    which there are many, and not in Django's.
    """

    def __init__(self, application: _Application) -> None:
        self._application = application

    def __call__(self, environ: _Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """What the application answers."""
        if not _is_large(environ):
            return self._application(environ, start_response)
        with _turn():
            return self._application(environ, start_response)


def _is_large(environ: _Environ) -> bool:
    """Whether so much comes that it waits; what is refused unread does not."""
    length = environ.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and LARGE < int(length) <= settings.LARGEST_REQUEST


@contextmanager
def _turn() -> Iterator[None]:
    # Opened anew by each: two threads that share an open file share its lock. It ends with the
    # process, whatever becomes of that.
    with (settings.DATA_DIR / "uploads.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
