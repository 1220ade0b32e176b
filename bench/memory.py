"""What one worker takes of memory after it has shown every page, and how soon a server answers.

    .venv/bin/python bench/memory.py

The real server with one worker, on a data folder with both shipped editions: every address of the
sitemap, the feeds and the sitemap itself, plain, as gzip and as brotli. It was started once before, so
that the static files are gathered. Then it is started anew five times, from the command to the first
page, by turns with a Python that imports Django and no more.
"""

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from start import free_port

ROOT = Path(__file__).resolve().parent.parent
MOST_MEGABYTES = 130
STARTS = 5
FEEDS = ("news.atom", "programme.ics", "schedule.xml", "schedule.json")


def get(port: int, path: str, encoding: str = "identity") -> tuple[int, bytes]:
    """Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": f"localhost:{port}", "Accept-Encoding": encoding}
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def start(environment: dict[str, str], port: int) -> tuple[subprocess.Popen, float]:
    """The server, and the seconds until the home page had come."""
    begun = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    while True:
        try:
            if get(port, "/")[0] == http.HTTPStatus.OK:
                return server, time.monotonic() - begun
        except OSError:
            time.sleep(0.01)


def stop(server: subprocess.Popen) -> float:
    """Ends it; the seconds that all its processes had a processor."""
    children = os.times()
    server.send_signal(signal.SIGTERM)
    server.wait(30)
    now = os.times()
    return (
        now.children_user + now.children_system - children.children_user - children.children_system
    )


def megabytes(process: int) -> dict[str, float]:
    """What it has in memory: resident now, at most, and its own share of what others use too."""
    status = Path(f"/proc/{process}/status").read_text()
    shares = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = {
        "now": re.search(r"VmRSS:\s+(\d+)", status),
        "at most": re.search(r"VmHWM:\s+(\d+)", status),
        "its share": re.search(r"^Pss:\s+(\d+)", shares, re.MULTILINE),
    }
    return {name: int(size[1]) / 1024 for name, size in found.items()}


def visit(port: int) -> int:
    """Every page and feed, in three encodings; how many addresses there are."""
    _, sitemap = get(port, "/sitemap.xml")
    paths = [urlsplit(found).path for found in re.findall(r"<loc>([^<]+)", sitemap.decode())]
    slugs = sorted({path.split("/")[1] for path in paths if re.match(r"/20\d\d/", path)})
    feeds = [f"/{slug}/{name}" for slug in slugs for name in FEEDS]
    paths = ["/", "/sitemap.xml", *paths, *(path for path in feeds if get(port, path)[0] == 200)]
    for encoding in ("identity", "gzip", "br"):
        for path in paths:
            if get(port, path, encoding)[0] != http.HTTPStatus.OK:
                raise SystemExit(f"{path} is not there.")
    return len(paths)


def main() -> int:
    """Prints both; 1 if the worker took more than is promised."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {**os.environ, "DATA_DIR": folder, "PORT": str(port), "WORKERS": "1"}
        for year in ("2023", "2024"):
            for command in (["migrate", "-v0"], ["import_edition", f"content/{year}", "-v0"]):
                run = [sys.executable, "manage.py", *command]
                subprocess.run(
                    run, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
                )
        stop(start(environment, port)[0])
        server, _ = start(environment, port)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        worker = next(int(child) for child in children if megabytes(int(child))["now"] > 50)
        fresh = megabytes(worker)
        count = visit(port)
        after = megabytes(worker)
        print(f"{'worker':24}" + "".join(f"{name:>12}" for name in after))
        for name, sizes in (("fresh, MB", fresh), (f"{count} addresses later, MB", after)):
            print(f"{name:24}" + "".join(f"{size:12.0f}" for size in sizes.values()))
        stop(server)
        seconds, spent, bare = [], [], []
        for _ in range(STARTS):
            begun = os.times()
            subprocess.run([sys.executable, "-c", "import django.contrib.admin"], check=True)
            ended = os.times()
            bare.append(
                ended.children_user
                + ended.children_system
                - begun.children_user
                - begun.children_system
            )
            server, first = start(environment, port)
            seconds.append(first)
            spent.append(stop(server))
        print(
            f"\nStart to first page: {statistics.median(seconds):.2f} s, of a processor with the end "
            f"{statistics.median(spent):.2f} s; Django's admin imported: {statistics.median(bare):.2f} s"
        )
    return 1 if after["now"] > MOST_MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
