"""The nginx of deploy/ with other ports and folders, and a client that speaks TLS."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPMessage
from pathlib import Path

import pytest

from tests.browser import needed
from tests.processes import free_port, is_listening, kill_process, start_watched, wait_until
from tests.workshop.commands import ROOT

CONFIGURATION = ROOT / "deploy" / "nginx" / "workshop.conf"
NAME = "workshop.example.org"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


@dataclass
class Answer:
    """A response."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def cache(self) -> str | None:
        """nginx's cache status: MISS, HIT, EXPIRED, REVALIDATED; None if it was bypassed."""
        return self.headers.get("X-Cache")


class _Connection(http.client.HTTPSConnection):
    """A connection to this machine from the address `source`."""

    def __init__(self, port: int, tls: ssl.SSLContext, source: str) -> None:
        super().__init__("127.0.0.1", port, context=tls)
        self._tls, self._source = tls, source

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), 30, (self._source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=NAME)


class Front:
    """A running nginx in front of a site on `site_port`; all its files are below `folder`."""

    def __init__(
        self, folder: Path, *, site_port: int, data_dir: Path, changes: dict[str, str] | None = None
    ) -> None:
        self.folder, self.port, self.plain_port = folder, free_port(), free_port()
        self.cache_dir, self.webroot = folder / "cache", folder / "webroot"
        self.webroot.mkdir(parents=True)
        self._make_certificate()
        if not BROTLI.exists() and os.environ.get("CI"):
            pytest.fail("nginx's module brotli_static is missing, and in CI nothing may be.")
        text = CONFIGURATION.read_text()
        replacements = {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "    listen [::]:443 ssl http2 default_server;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{site_port};",
            "/var/lib/nginx/workshop ": f"{self.cache_dir} ",
            f"/etc/letsencrypt/live/{NAME}": str(folder),
            "/var/log/nginx/workshop.log": f"{folder}/workshop.log",
            "/var/www/html": str(self.webroot),
            "root /var/lib/workshop;": f"root {data_dir};",
            "    proxy_cache_revalidate on;\n": "    proxy_cache_revalidate on;\n"
            "    add_header X-Cache $upstream_cache_status always;\n",
            **({} if BROTLI.exists() else {"        brotli_static on;": "        #"}),
            **(changes or {}),
        }
        for old, new in replacements.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / "workshop.conf").write_text(text)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"load_module {BROTLI};\n" * BROTLI.exists()
            + "user root;\n" * (os.geteuid() == 0)
            + f"daemon off;\nworker_processes 1;\npid {folder}/pid;\n"
            "events { worker_connections 768; }\n"
            # As in Debian's own nginx.conf.
            "http {\ninclude /etc/nginx/mime.types;\ndefault_type application/octet-stream;\n"
            f"gzip on;\naccess_log {folder}/access.log;\n{temporary}"
            f"include {folder}/workshop.conf;\n}}\n"
        )
        where = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
        nginx = needed("nginx", shutil.which("nginx", path=where))
        self.command = [nginx, "-e", str(folder / "error.log"), "-c", f"{folder}/nginx.conf"]
        self.process = start_watched(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: self.process.poll() is not None or is_listening(self.port))
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
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def connect(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """A new connection over TLS."""
        return _Connection(self.port, self.tls, source)

    def get(self, path: str, *, method: str = "GET", body=None, **options) -> Answer:
        """One request on a new connection; `options` are `source` and headers by their names."""
        connection = self.connect(options.pop("source", "127.0.0.1"))
        headers = {"Host": NAME} | {
            name.replace("_", "-"): text for name, text in options.items() if text is not None
        }
        with contextlib.closing(connection):
            return request(connection, path, method=method, body=body, headers=headers)

    def post(self, path: str, data: str, *, cookie: str = "", **options) -> Answer:
        """Send a form."""
        return self.get(
            path,
            method="POST",
            body=data.encode(),
            Content_Type="application/x-www-form-urlencoded",
            Cookie=cookie,
            Origin=f"https://{NAME}",
            **options,
        )

    def end(self) -> None:
        kill_process(self.process)


def request(
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


def request_without_tls(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """One request without TLS: to nginx, or to the site as nginx would send it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Host": NAME, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    with contextlib.closing(connection):
        return request(connection, path, method=method, headers=sent | headers)
