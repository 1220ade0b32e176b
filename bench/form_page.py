"""The page with the empty form, made for each visitor: pages a second from one core.

    .venv/bin/python bench/form_page.py [--beside http://127.0.0.1:8001/event/cfp]

With --beside the same page of another program, such as pretalx, is requested in turns, and the
ratio printed. Without it, compare with the 48 pages a second that pretalx 2025.2 gave.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from common import Site, free_port, report, stop_on_sigterm

THREADS, SECONDS, ROUNDS = 8, 3.0, 3
PRETALX = 48.0


def rate(url: str) -> float:
    """Pages a second, requested by several threads."""
    counts = [0] * THREADS
    end = time.monotonic() + SECONDS

    def keep_requesting(number: int) -> None:
        while time.monotonic() < end:
            # Another query string each time: no cache has the page.
            with urllib.request.urlopen(f"{url}?visitor={time.monotonic_ns()}") as page:
                page.read()
            counts[number] += 1

    threads = [threading.Thread(target=keep_requesting, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def main() -> None:
    """Print the rate and the ratio."""
    parser = argparse.ArgumentParser(description="The page with the empty form.")
    parser.add_argument("--beside", help="the address of another program's form")
    beside = parser.parse_args().beside
    stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="workshop-form-") as folder:
        site = Site(Path(folder), free_port())
        site.start()
        url = f"http://localhost:{site.port}/frugal/interest/"
        try:
            rates = [(rate(url), rate(beside) if beside else PRETALX) for _ in range(ROUNDS)]
        finally:
            site.kill()
    own = statistics.median(own for own, _ in rates)
    ratio = statistics.median(own / other for own, other in rates)
    name = "the other program" if beside else "pretalx 2025.2 on a quiet machine"
    print(f"  {own:.0f} pages a second")
    report(f"page with the empty form, against {name}", f"{ratio:.1f} x", "≥ 3 x")


if __name__ == "__main__":
    main()
