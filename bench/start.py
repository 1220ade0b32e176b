"""Seconds from `git clone` to the first page, and of a second start.

    python3 bench/start.py

Clones the committed state, calls `make run`, requests the home page and presses Ctrl-C, twice. Needs
nothing but Python, since a new machine has no more. Exits with 1 if a start or stop fails.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"from clone to page": 45, "second start to page": 3}
# Variables of the developer, which a new machine does not have.
REMOVED = ("DATA_DIR", "DATABASE_URL", "PORT", "MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV")


def clone(folder: Path) -> None:
    """Clone into `folder`, whatever user owns the original."""
    trust = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    command = ["git", "clone", "--quiet", str(ROOT), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, **trust})


def start_and_stop(folder: Path) -> float:
    """The time (monotonic) at which the page arrived; raises SystemExit on a failure."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    server = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in REMOVED},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines = []
    try:
        for line in server.stdout:
            lines.append(line)
            if line == f"http://localhost:{port}\n":
                break
        else:
            raise SystemExit("make run ended early:\n" + "".join(lines))
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=10) as page:
            page.read()
    finally:
        answered_at = time.monotonic()
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGINT)
        rest, _ = server.communicate(timeout=40)
    if not rest.endswith("Stopped.\n") or "Traceback" in rest:
        raise SystemExit("make run did not stop cleanly:\n" + rest)
    return answered_at


def main() -> None:
    """Print both figures."""
    # A shell that starts this in the background ignores Ctrl-C for all its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="workshop-start-") as folder:
        for name, goal in GOALS.items():
            begun = time.monotonic()
            if name == "from clone to page":
                clone(Path(folder) / "workshop")
            seconds = start_and_stop(Path(folder) / "workshop") - begun
            print(f"{name:58}{seconds:14.1f} s   to reach: ≤ {goal} s", flush=True)


if __name__ == "__main__":
    main()
