"""The nginx of deploy/, started as it is but for ports and folders, and a visitor who speaks TLS."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPMessage
from pathlib import Path

import pytest

from tests.browser import needed
from tests.processes import kill_process, start_watched
from tests.workshop.commands import ROOT

CONFIGURATION = ROOT / "deploy" / "nginx" / "workshop.conf"
NAME = "workshop.example.org"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


def nginx_path() -> str:
    """The installed nginx. Without one the test is skipped and says so; in CI it fails."""
    where = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    return needed("nginx", shutil.which("nginx", path=where))


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def wait_until(is_so, *, seconds: float = 20) -> None:
    """Returns once `is_so` says yes; fails the test after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.02)
    pytest.fail("It did not come about.")


def answers_on(port: int) -> bool:
    """Whether anybody listens there."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Answer:
    """What came back for one request, as it came."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def memory(self) -> str | None:
        """What nginx says of its memory: MISS, HIT, EXPIRED, REVALIDATED; None if not asked."""
        return self.headers.get("X-Memory")


class _Connection(http.client.HTTPSConnection):
    """To this machine, from `source`, under the site's name."""

    def __init__(self, port: int, tls: ssl.SSLContext, source: str) -> None:
        super().__init__("127.0.0.1", port, context=tls)
        self._tls, self._source = tls, source

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), 30, (self._source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=NAME)


class Front:
    """A running nginx before a site on `site_port`, all its files below `folder`."""

    def __init__(
        self, folder: Path, *, site_port: int, data_dir: Path, changes: dict[str, str] | None = None
    ) -> None:
        self.folder, self.port, self.plain_port = folder, free_port(), free_port()
        self.memory_dir, self.webroot = folder / "memory", folder / "webroot"
        self.log = folder / "workshop.log"
        self.webroot.mkdir(parents=True)
        self._make_certificate()
        text = CONFIGURATION.read_text()
        if not BROTLI.exists() and os.environ.get("CI"):
            pytest.fail("nginx's module brotli_static is missing, and in CI nothing may be.")
        replacements = {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{site_port};",
            "/var/lib/nginx/workshop ": f"{self.memory_dir} ",
            f"/etc/letsencrypt/live/{NAME}": str(folder),
            "/var/log/nginx/workshop.log": str(self.log),
            "/var/www/html": str(self.webroot),
            "root /var/lib/workshop;": f"root {data_dir};",
            "    proxy_cache_revalidate on;\n": "    proxy_cache_revalidate on;\n"
            "    add_header X-Memory $upstream_cache_status always;\n",
            **({} if BROTLI.exists() else {"        brotli_static on;": "        #"}),
            **(changes or {}),
        }
        for old, new in replacements.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / "workshop.conf").write_text(text)
        (folder / "nginx.conf").write_text(
            f"load_module {BROTLI};\n" * BROTLI.exists()
            + ("user root;\n" if os.geteuid() == 0 else "")
            + f"daemon off;\nworker_processes 1;\npid {folder}/pid;\n"
            "events { worker_connections 768; }\n"
            # As in Debian's own nginx.conf, where it could change what our file says.
            f"http {{\ninclude /etc/nginx/mime.types;\ndefault_type application/octet-stream;\n"
            f"gzip on;\naccess_log {folder}/access.log;\n"
            + "".join(
                f"{kind}_temp_path {folder}/{kind};\n"
                for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            )
            + f"include {folder}/workshop.conf;\n}}\n"
        )
        self.command = [nginx_path(), "-e", str(folder / "error.log"), "-c", f"{folder}/nginx.conf"]
        self.process = start_watched(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: self.process.poll() is not None or answers_on(self.port))
        assert self.process.poll() is None, (folder / "error.log").read_text()

    def _make_certificate(self) -> None:
        subprocess.run(
            [
                *(needed("openssl", shutil.which("openssl")), "req", "-x509", "-nodes"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"),
                *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
                *("-keyout", str(self.folder / "privkey.pem")),
                *("-out", str(self.folder / "fullchain.pem")),
            ],
            check=True,
            capture_output=True,
        )

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """What a visitor trusts."""
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def connect(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """A connection over TLS, from `source`."""
        return _Connection(self.port, self.tls, source)

    def get(self, path: str, *, method: str = "GET", body=None, **more) -> Answer:
        """One request on a connection of its own; `more` is `source`, or headers by their name."""
        connection = self.connect(more.pop("source", "127.0.0.1"))
        headers = {"Host": NAME, **{name.replace("_", "-"): text for name, text in more.items()}}
        with contextlib.closing(connection):
            return ask(connection, path, method=method, body=body, headers=headers)

    def end(self) -> None:
        kill_process(self.process)


def ask(
    connection: http.client.HTTPConnection,
    path: str,
    *,
    method: str = "GET",
    body=None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request on this connection."""
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, text in (headers or {"Host": NAME}).items():
        connection.putheader(name, text)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def ask_the_site(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """The same past nginx, as nginx would ask."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    known = {"Host": NAME, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    with contextlib.closing(connection):
        return ask(connection, path, method=method, headers={**known, **headers})
