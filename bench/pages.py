"""The home page beside nginx serving the same bytes as a file; edits never missed; a rush meanwhile.

    .venv/bin/python bench/pages.py [--rounds 5] [--seconds 2] [--reads 20000]

Needs nginx and wrk (Debian: nginx-light, wrk) and two cores: all servers run on the first, wrk on the second.
The servers take turns, round after round, and each figure is the median of the ratios within a
round, so that what else the machine does falls on all of them. Then two programs edit the page by every
route there is while a third reads: each read must show what was committed before it was asked. Last,
16 clients submit as fast as they can while wrk asks for the home page. Exits with 1 after a stale read.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import http.client
import mmap
import os
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from submissions import ROOT, Site, _end_with_parent, free_port, rush, tidy_up_on_sigterm

CONNECTIONS = 16
# Where each editor writes the number it committed last, and the reader looks.
COUNTERS = struct.Struct("<qq")
DOES_NOTHING = """
from pathlib import Path
BODY = Path({path!r}).read_bytes()
HEADERS = {headers!r}
def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
"""


_MS = {"us": 0.001, "ms": 1, "s": 1000}


def _read(pattern: str, report: str) -> tuple[str, ...]:
    """What stands in a report of wrk; ends the bench with the report if it is not there."""
    found = re.search(pattern, report)
    if found is None:
        raise SystemExit(f"wrk said something else:\n{report}")
    return found.groups()


class Speed:
    """What wrk found: requests a second, the 99th percentile in ms, and what was not answered."""

    def __init__(self, report: str) -> None:
        self.rate = float(_read(r"Requests/sec:\s+([\d.]+)", report)[0])
        value, unit = _read(r"99%\s+([\d.]+)(us|ms|s)", report)
        self.p99 = float(value) * _MS[unit]
        value, unit = _read(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", report)
        self.slowest = float(value) * _MS[unit]
        self.wrong = sum(
            int(count)
            for line in re.findall(r"(?:Non-2xx|Socket errors).*", report)
            for count in re.findall(r" (\d+)", line)
        )


def wrk(port: int, path: str, seconds: float, *headers: str) -> Speed:
    """Asks as fast as it can from the second core."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    with core(1):
        run = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
        )
    return Speed(run.stdout)


@contextlib.contextmanager
def core(number: int) -> Iterator[None]:
    """What is started inside runs on that core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def fetch(port: int, **headers: str) -> tuple[dict[str, str], bytes]:
    """The home page, as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    given = {"Host": f"localhost:{port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection.request("GET", "/", headers=given)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return {name.lower(): value for name, value in answer.getheaders()}, body


class Servers:
    """nginx with the file, granian with nothing to do, nginx before the site; all on the first core."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.file, self.nothing, self.front = free_port(), free_port(), free_port()
        headers, body = fetch(site.port)
        (folder / "www").mkdir()
        (folder / "www" / "index.html").write_bytes(body)
        folder.chmod(0o755)
        for name in ("date", "server"):
            headers.pop(name)
        path = str(folder / "www" / "index.html")
        (folder / "nothing.py").write_text(
            DOES_NOTHING.format(path=path, headers=list(headers.items()))
        )
        front = (ROOT / "deploy" / "nginx" / "workshop.conf").read_text()
        # As it stands there but for TLS, which would measure ciphers, and for places.
        front = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", front, flags=re.DOTALL)
        front = re.sub(r"    ssl_.*;\n|    listen \[::\].*;\n|    brotli_static.*\n", "", front)
        front = front.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{self.front};")
        front = front.replace("workshop.example.org", "localhost")
        front = front.replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{site.port};")
        front = front.replace("/var/lib/nginx/workshop ", f"{folder}/memory ")
        front = front.replace("/var/log/nginx/", f"{folder}/").replace(
            "/var/lib/workshop", str(site.data_dir)
        )
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            ("user root;\n" if os.geteuid() == 0 else "")
            + f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events { worker_connections 1024; }\n"
            "http { include /etc/nginx/mime.types; sendfile on; tcp_nopush on; access_log off;\n"
            f"keepalive_requests 100000000;\n{temporary}"
            f"server {{ listen 127.0.0.1:{self.file}; root {folder}/www;\n"
            f"  location /packed/ {{ alias {folder}/www/; gzip on; }} }}\n{front}\n}}\n"
        )
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        with core(0):
            self._nginx = subprocess.Popen(
                [nginx, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
                preexec_fn=_end_with_parent,
            )
            self._granian = subprocess.Popen(
                [
                    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
                    *("--port", str(self.nothing), "--blocking-threads", "1"),
                    *("--log-level", "error", "nothing:application"),
                ],
                cwd=folder,
                preexec_fn=_end_with_parent,
            )
        for port in (self.file, self.nothing, self.front):
            _wait_for(port)

    def stop(self) -> None:
        """Ends both."""
        for process in (self._nginx, self._granian):
            process.send_signal(signal.SIGTERM)
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            fetch(port)
            return
        time.sleep(0.1)
    raise SystemExit(f"Nothing answers on port {port}.")


def compare(servers: Servers, site: Site, rounds: int, seconds: float) -> None:
    """Prints the first part of the table."""
    headers, body = fetch(site.port)
    host, packed = f"Host: localhost:{site.port}", "Accept-Encoding: br, gzip"
    asked = {
        "nginx, the file": (servers.file, "/index.html", ()),
        "nginx, compressing as it goes": (servers.file, "/packed/index.html", (packed,)),
        "granian, nothing to do": (servers.nothing, "/", ()),
        "the site": (site.port, "/", (host,)),
        "the site, br": (site.port, "/", (host, packed)),
        "the site, 304": (site.port, "/", (host, f"If-None-Match: {headers['etag']}")),
        "the site through our nginx": (servers.front, "/", ("Host: localhost",)),
    }
    speeds: dict[str, list[Speed]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (port, path, given) in asked.items():
            speeds[name].append(wrk(port, path, seconds, *given))
    _, br = fetch(site.port, accept_encoding="br")
    print(f"{len(body):,} bytes, br {len(br):,}, gzip -1 {len(gzip.compress(body, 1)):,}")
    for name, found in speeds.items():
        wrong = sum(speed.wrong for speed in found)
        print(
            f"{name:34}{statistics.median(speed.rate for speed in found):9,.0f}/s"
            f"{statistics.median(speed.p99 for speed in found):9.2f} ms p99"
            + (f"   {wrong} wrong" if wrong and "304" not in name else "")
        )
    for one, other, goal in (
        ("the site", "nginx, the file", 0.55),
        ("the site", "granian, nothing to do", 0.95),
        ("the site, br", "nginx, compressing as it goes", 4.5),
        ("the site, 304", "nginx, the file", 0.75),
        ("the site through our nginx", "nginx, the file", 0.95),
    ):
        ratios = [a.rate / b.rate for a, b in zip(speeds[one], speeds[other], strict=True)]
        medians = [statistics.median(speed.rate for speed in speeds[name]) for name in (one, other)]
        print(
            f"{one} / {other}: {statistics.median(ratios):.2f} "
            f"(from {min(ratios):.2f} to {max(ratios):.2f}), of the medians"
            f" {medians[0] / medians[1]:.2f}; goal {goal}"
        )


def edit(which: int, counters: Path) -> None:
    """Edits the current edition by one route after the other, and says what it committed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
    django.setup()
    from django.db import connection, transaction

    from apps.editions.models import Edition

    field = ("summary", "venue")[which]
    pk = Edition.objects.get(is_current=True).pk

    def by_save(words: str) -> None:
        with transaction.atomic():
            edition = Edition.objects.select_for_update().get(pk=pk)
            setattr(edition, field, words)
            edition.save(update_fields=[field])

    def by_update(words: str) -> None:
        Edition.objects.filter(pk=pk).update(**{field: words})

    def by_hand(words: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE editions_edition SET {field} = %s WHERE id = %s", [words, pk])  # noqa: S608  # a column of ours

    with counters.open("r+b") as file, mmap.mmap(file.fileno(), COUNTERS.size) as memory:
        number = 0
        while True:
            number += 1
            (by_save, by_update, by_hand)[number % 3](f"edited-{'ab'[which]}-{number}-")
            struct.pack_into("<q", memory, 8 * which, number)
            time.sleep(0.001 * (number % 7))


def stale_reads(site: Site, folder: Path, reads: int) -> int:
    """Reads while two editors edit; prints and returns how many reads missed an edit."""
    counters = folder / "counters"
    counters.write_bytes(bytes(COUNTERS.size))
    editors = [
        subprocess.Popen(
            [sys.executable, __file__, "--edit", str(which), "--counters", str(counters)],
            cwd=ROOT,
            env=site.environment | {"PYTHONPATH": str(ROOT)},
            preexec_fn=_end_with_parent,
        )
        for which in range(2)
    ]
    stale, lock, left = [0, 0], threading.Lock(), [reads]

    def read() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        with counters.open("r+b") as file, mmap.mmap(file.fileno(), COUNTERS.size) as memory:
            while True:
                with lock:
                    if left[0] <= 0:
                        return
                    left[0] -= 1
                least = COUNTERS.unpack_from(memory)
                connection.request("GET", "/", headers={"Host": f"localhost:{site.port}"})
                body = connection.getresponse().read()
                shown = [re.search(rb"edited-%c-(\d+)-" % mark, body) for mark in b"ab"]
                seen = [int(found[1]) if found else 0 for found in shown]
                with lock:
                    stale[0] += any(a < b for a, b in zip(seen, least, strict=True))
                    stale[1] = max(stale[1], sum(seen))

    try:
        while not all(COUNTERS.unpack(counters.read_bytes())):
            time.sleep(0.1)  # until both are at work
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        edits = sum(COUNTERS.unpack(counters.read_bytes()))
    finally:
        for editor in editors:
            editor.kill()
            editor.wait()
    print(f"stale reads: {stale[0]} of {reads:,}, through {edits:,} edits (goal 0)")
    if not stale[1]:
        raise SystemExit("No edit was ever seen: the check itself is wrong.")
    return stale[0]


def while_students_submit(site: Site, servers: Servers, seconds: float) -> None:
    """Prints how the home page fares while 16 clients submit."""
    for first, name, port, host in (
        (0, "the site", site.port, f"Host: localhost:{site.port}"),
        (1000, "through our nginx", servers.front, "Host: localhost"),
    ):
        outcome: list = []

        def submit(found: list = outcome, first: int = first) -> None:
            with core(1):
                submitted = rush(site, clients=16, seconds=seconds + 8, first=first)
                found.append(asyncio.run(submitted))

        thread = threading.Thread(target=submit)
        thread.start()
        time.sleep(5)  # until the forms are filled in
        speed = wrk(port, "/", seconds, host)
        thread.join()
        found = outcome[0]
        print(
            f"{name}, while 16 submit {len(found.confirmed) / found.lasted:.0f}/s: {speed.rate:,.0f}/s,"
            f" p99 {speed.p99:.1f} ms, slowest {speed.slowest:.0f} ms, {speed.wrong} wrong,"
            f" {found.wrong.total()} submissions refused"
        )


def main() -> int:
    """Measures and prints; 1 after a stale read."""
    parser = argparse.ArgumentParser(description="The home page from memory.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--reads", type=int, default=20_000)
    parser.add_argument("--edit", type=int)
    parser.add_argument("--counters", type=Path)
    chosen = parser.parse_args()
    if chosen.edit is not None:
        edit(chosen.edit, chosen.counters)
    tidy_up_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="workshop-pages-") as folder:
        data_dir = Path(folder, "data")
        data_dir.mkdir()
        site = Site(data_dir, free_port(), workers=1)
        with core(0):
            site.start()
        servers = Servers(Path(folder), site)
        print(f"load average {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
        try:
            compare(servers, site, chosen.rounds, chosen.seconds)
            while_students_submit(site, servers, 10)
            stale = stale_reads(site, Path(folder), chosen.reads)
        finally:
            servers.stop()
            site.kill()
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
