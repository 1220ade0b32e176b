"""Lighthouse of the demo's home page: the live one, and that of a static copy.

.venv/bin/python bench/frozen_home.py

Needs Chromium, nginx and npx, which fetches Lighthouse, or its program at LIGHTHOUSE.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from common import Site, free_port, report

from tests.browser import chromium_path
from tests.deploy.plain_nginx import Nginx
from tests.processes import kill_process

LIGHTHOUSE = os.environ.get("LIGHTHOUSE", "npx --yes lighthouse@12")
_FACTS = (
    *("first-contentful-paint", "largest-contentful-paint", "total-blocking-time"),
    *("cumulative-layout-shift", "total-byte-weight"),
)


def main() -> None:
    """Print the figures; raise SystemExit if a score of the copy is lower."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        site = Site(folder / "data", free_port())
        site.start()
        try:
            site.manage("freeze", str(folder / "copy"), "--base", "/workshop/")
            live = measure(f"http://localhost:{site.port}/")
        finally:
            site.kill()
        nginx = Nginx(folder)
        try:
            frozen = measure(f"http://localhost:{nginx.port}/workshop/")
        finally:
            kill_process(nginx.process)
    for key in live:
        report(f"{key}, live; static copy", f"{live[key]}; {frozen[key]}", "the same")
    lower = [key for key in live if isinstance(live[key], int) and frozen[key] < live[key]]
    if lower:
        raise SystemExit("Lower in the static copy: " + ", ".join(lower))


def measure(url: str) -> dict[str, int | str]:
    """Scores of at most 100, then facts as Lighthouse prints them; a phone on a slow network."""
    flags = ["--quiet", "--output=json", "--chrome-flags=--headless --no-sandbox"]
    answer = subprocess.run(
        [*shlex.split(LIGHTHOUSE), url, *flags],
        env=os.environ | {"CHROME_PATH": chromium_path()},
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(answer.stdout)
    scores = {row["title"]: round(100 * row["score"]) for row in found["categories"].values()}
    return scores | {key: found["audits"][key]["displayValue"] for key in _FACTS}


if __name__ == "__main__":
    main()
