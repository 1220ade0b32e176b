"""The cached home page against nginx serving the same bytes, and reads that miss an edit.

    .venv/bin/python bench/pages.py [--rounds 5] [--seconds 2] [--reads 5000]

Needs nginx and wrk (Debian: nginx-light, wrk) and two cores: the servers run on the first, wrk on
the second, in turns. The figure is the median of the ratios within a round. Then two programs edit
the page in three ways while threads read it: each read must show what was committed before its
request. Exits with 1 after a stale read.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import mmap
import os
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from common import ROOT, Site, free_port, report, stop_on_sigterm

from tests.processes import kill_process, start_watched

CONNECTIONS = 16
# Where each editor writes the last number that it committed.
COUNTERS = struct.Struct("<qq")


@contextlib.contextmanager
def core(number: int) -> Iterator[None]:
    """Run programs started inside on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def wrk(port: int, path: str, seconds: float, host: str) -> float:
    """Requests a second, from the second core."""
    with core(1):
        output = subprocess.run(
            [
                *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"),
                *("-H", f"Host: {host}", f"http://127.0.0.1:{port}{path}"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None or "Non-2xx" in output:
        raise SystemExit(f"wrk reported:\n{output}")
    return float(rate[1])


def start_nginx(folder: Path, body: bytes) -> tuple[subprocess.Popen, int]:
    """nginx on the first core, with `body` as /index.html; returns it with its port."""
    port = free_port()
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_bytes(body)
    folder.chmod(0o755)
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
        f"server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}\n"
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    with core(0):
        nginx = start_watched([program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])
    for _ in range(100):
        with contextlib.suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
            return nginx, port
        time.sleep(0.1)
    raise SystemExit((folder / "error.log").read_text())


def compare(site: Site, folder: Path, rounds: int, seconds: float) -> None:
    """Print the ratio of the two rates."""
    nginx, port = start_nginx(folder, site.get("/")[2])
    try:
        rates = [
            (
                wrk(site.port, "/", seconds, f"localhost:{site.port}"),
                wrk(port, "/index.html", seconds, "localhost"),
            )
            for _ in range(rounds)
        ]
    finally:
        kill_process(nginx)
    ours, files = (statistics.median(column) for column in zip(*rates, strict=True))
    print(f"  {ours:,.0f} pages and {files:,.0f} files a second")
    ratio = statistics.median(own / other for own, other in rates)
    report("cached home page / file of nginx, one core", f"{ratio:.2f}", "≥ 0.45")


def edit(number: int, counters: Path) -> None:
    """Edit the current edition in three ways in turn, and write what was committed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
    django.setup()
    from django.db import connection, transaction

    from apps.editions.models import Edition

    field = ("summary", "venue")[number]
    pk = Edition.objects.get(is_current=True).pk

    def by_save(text: str) -> None:
        with transaction.atomic():
            edition = Edition.objects.select_for_update().get(pk=pk)
            setattr(edition, field, text)
            edition.save(update_fields=[field])

    def by_update(text: str) -> None:
        Edition.objects.filter(pk=pk).update(**{field: text})

    def by_sql(text: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE editions_edition SET {field} = %s WHERE id = %s", [text, pk])  # noqa: S608  # a column of ours

    with counters.open("r+b") as file, mmap.mmap(file.fileno(), COUNTERS.size) as memory:
        count = 0
        while True:
            count += 1
            (by_save, by_update, by_sql)[count % 3](f"edited-{'ab'[number]}-{count}-")
            struct.pack_into("<q", memory, 8 * number, count)
            time.sleep(0.001 * (count % 7))


def count_stale_reads(site: Site, folder: Path, reads: int) -> int:
    """Read while two programs edit; print and return the number of reads that missed an edit."""
    counters = folder / "counters"
    counters.write_bytes(bytes(COUNTERS.size))
    editors = [
        start_watched(
            [sys.executable, __file__, "--edit", str(number), "--counters", str(counters)],
            cwd=ROOT,
            env=site.environment | {"PYTHONPATH": str(ROOT)},
        )
        for number in range(2)
    ]
    lock, results = threading.Lock(), {"left": reads, "stale": 0, "newest": 0}

    def read() -> None:
        with counters.open("r+b") as file, mmap.mmap(file.fileno(), COUNTERS.size) as memory:
            while True:
                with lock:
                    if results["left"] <= 0:
                        return
                    results["left"] -= 1
                committed = COUNTERS.unpack_from(memory)
                body = site.get("/")[2]
                shown = [re.search(rb"edited-%c-(\d+)-" % mark, body) for mark in b"ab"]
                numbers = [int(match[1]) if match else 0 for match in shown]
                with lock:
                    results["stale"] += any(
                        number < least for number, least in zip(numbers, committed, strict=True)
                    )
                    results["newest"] = max(results["newest"], sum(numbers))

    try:
        while not all(COUNTERS.unpack(counters.read_bytes())):
            time.sleep(0.1)
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        edits = sum(COUNTERS.unpack(counters.read_bytes()))
    finally:
        for editor in editors:
            kill_process(editor)
    report(f"stale reads of {reads:,}, through {edits:,} edits", str(results["stale"]), "0")
    if not results["newest"]:
        raise SystemExit("No edit was ever seen: the check itself is wrong.")
    return results["stale"]


def main() -> int:
    """Returns 1 after a stale read."""
    parser = argparse.ArgumentParser(description="The cached home page.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--reads", type=int, default=5000)
    parser.add_argument("--edit", type=int)
    parser.add_argument("--counters", type=Path)
    chosen = parser.parse_args()
    if chosen.edit is not None:
        edit(chosen.edit, chosen.counters)
    stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="workshop-pages-") as folder:
        data_dir = Path(folder, "data")
        data_dir.mkdir(mode=0o700)
        site = Site(data_dir, free_port())
        with core(0):
            site.start()
        try:
            compare(site, Path(folder), chosen.rounds, chosen.seconds)
            stale = count_stale_reads(site, Path(folder), chosen.reads)
        finally:
            site.kill()
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
