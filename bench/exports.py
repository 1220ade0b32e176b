"""Export of 10,000 expressions as CSV and as Excel file: CPU time, and memory added.

.venv/bin/python bench/exports.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from common import fill_edition, report, setup_django

LIST = "/admin/interest/expression/"
GOALS = {"csv": "≤ 3 s, ≤ 60 MB", "xlsx": "≤ 6 s, ≤ 60 MB"}


def main() -> None:
    """Print seconds and MB for each format."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        _, client = fill_edition(10_000)
        for kind, goal in GOALS.items():
            export(client, kind, "?q=student+777")  # loads what is loaded once
            before = _memory_mb("VmRSS", reset=True)
            begun = time.process_time()
            size = export(client, kind)
            seconds = time.process_time() - begun
            added = _memory_mb("VmHWM") - before
            value = f"{seconds:.1f} s, {added:.0f} MB"
            report(f"export of 10,000 as {kind}, {size / 1e6:.1f} MB", value, goal)


def export(client, kind: str, search: str = "") -> int:
    """The size of the file."""
    response = client.post(f"{LIST}export/{kind}/{search}")
    if response.status_code != 200:
        raise SystemExit(f"The export answered {response.status_code}.")
    return sum(len(piece) for piece in response)


def _memory_mb(name: str, *, reset: bool = False) -> float:
    """A value of /proc/self/status; `reset` begins a new peak (proc(5), clear_refs)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"Linux does not report {name}.")


if __name__ == "__main__":
    main()
