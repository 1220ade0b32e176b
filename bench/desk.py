"""List, search and board with 10,000 expressions: median CPU times of the organisers' screens.

.venv/bin/python bench/desk.py
"""

from __future__ import annotations

import statistics
import tempfile
import time

from common import fill_edition, report, setup_django

LIST = "/admin/interest/expression/"
ROUNDS = 9


def main() -> None:
    """Print milliseconds for each screen."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        edition, client = fill_edition(10_000)
        screens = {
            "list": LIST,
            "list, last page": f"{LIST}?p=200",
            "list by name": f"{LIST}?o=2",
            "search with a few results": f"{LIST}?q=student+777",
            "search with all results": f"{LIST}?q=student",
            "board": f"/admin/selection/board/{edition.pk}/",
            "first screen": "/admin/",
        }
        for name, path in screens.items():
            times = []
            for _ in range(ROUNDS):
                begun = time.process_time()
                status = client.get(path).status_code
                times.append(time.process_time() - begun)
            if status != 200:
                raise SystemExit(f"{path} answered {status}.")
            report(
                f"{name}, 10,000 expressions",
                f"{1000 * statistics.median(times):.0f} ms",
                "≤ 300 ms",
            )


if __name__ == "__main__":
    main()
