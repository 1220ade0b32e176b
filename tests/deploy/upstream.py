"""A site of a few lines behind nginx: answers as a test sets it, and records the requests."""

from __future__ import annotations

import hashlib
import http.server
import threading
import time
from dataclasses import dataclass, field

# Headers of a public page, which nginx may keep for a second.
PUBLIC = {
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding, Cookie",
    "X-Accel-Expires": "1",
}


@dataclass
class Request:
    """A request that reached the site."""

    method: str
    path: str
    headers: dict[str, str]
    sha256: str


@dataclass
class Upstream:
    """The site; its answer is set by the fields."""

    headers: dict[str, str] = field(default_factory=lambda: dict(PUBLIC))
    text: str = "one"
    seconds: float = 0.0
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one packet

            def do_GET(self) -> None:
                site.answer(self)

            def do_HEAD(self) -> None:
                site.answer(self)

            def do_POST(self) -> None:
                site.answer(self)

            def log_message(self, *args) -> None:
                """Log nothing."""

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        """Send the text followed by the visitor's cookie, or 304."""
        sent = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        headers = {name.lower(): text for name, text in request.headers.items()}
        digest = hashlib.sha256(sent).hexdigest()
        self.requests.append(Request(request.command, request.path, headers, digest))
        body = (self.text + headers.get("cookie", "")).encode()
        time.sleep(self.seconds)
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        is_known = headers.get("if-none-match") == etag
        request.send_response(304 if is_known else 200)
        for name, text in {"ETag": etag, **self.headers}.items():
            request.send_header(name, text)
        if not is_known:
            request.send_header("Content-Type", "text/html; charset=utf-8")
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if not is_known and request.command != "HEAD":
            request.wfile.write(body)

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200
