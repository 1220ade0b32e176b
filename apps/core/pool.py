"""A few threads in which all of Django runs, whatever the server has."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_Environ = dict[str, Any]
_Application = Callable[[_Environ, Callable[..., Any]], Iterable[bytes]]
# While half of them wait for the disk with what they have ready, the others get more ready: with
# fewer, both cores of a small machine stood still now and then in a rush of submissions.
SIZE = 4 * (os.cpu_count() or 1)


class Pool:
    """A WSGI application that runs another in SIZE threads of its own.

    The server's own threads, of which there are many, only wait for it: so a page that is kept in
    memory never waits behind forms, and there are no more connections to the database than threads
    here.
    """

    def __init__(self, application: _Application) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(SIZE, thread_name_prefix="django")

    def __call__(self, environ: _Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """What the application answers; its body is sent by the server's thread."""
        said: list[tuple] = []
        run = contextvars.copy_context().run
        answer = self._threads.submit(
            run, self._application, environ, lambda *words: said.append(words)
        ).result()
        start_response(*said[-1])
        return answer
