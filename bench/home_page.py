"""CPU time of the home page of 2024 when it is not in the page cache.

.venv/bin/python bench/home_page.py
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO

from common import cpu_ms, pace_ms, report, setup_django


def main() -> None:
    """Print milliseconds, also in units of a fixed piece of Python."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder, editions=("2023", "2024"))
        from django.core.handlers.wsgi import WSGIHandler

        application = WSGIHandler()  # without the page cache, which is in front of it
        cost, pace = cpu_ms(lambda: get(application, "/2024/")), pace_ms()
        report("home page 2024, not cached, CPU", f"{cost:.1f} ms", "≤ 15 ms")
        report("  in units of summing a million squares", f"{cost / pace:.3f}", "-")


def get(application, path: str) -> bytes:
    """The body of a GET request."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    response = application(environ, lambda status, headers: statuses.append(status))
    body = b"".join(response)
    response.close()
    if not statuses[0].startswith("200"):
        raise SystemExit(f"{path}: {statuses[0]}")
    return body


if __name__ == "__main__":
    main()
