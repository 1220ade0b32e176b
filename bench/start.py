"""How long a newcomer waits: from clone to first page, and at the second start.

Clones what is committed here into an empty folder, calls `make run` there as a person at a
terminal would, asks for the home page and presses Ctrl-C, twice. Prints the seconds beside what is
promised; exits with 1 only if a start or a stop failed, since a busy machine proves nothing.

    python3 bench/start.py
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
MOST_SECONDS = {"from clone to first page": 60, "second start to first page": 5}
# Of whoever measures; a newcomer has none of it.
NOT_OURS = ("DATA_DIR", "DATABASE_URL", "PORT", "MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV")


def clone(folder: Path) -> None:
    """What is committed, into `folder`, whoever owns the original."""
    trust = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    command = ["git", "clone", "--quiet", str(ROOT), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, **trust})


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def start_and_stop(folder: Path) -> float:
    """Runs `make run` until the home page has come, then presses Ctrl-C.

    Returns the moment the page was there (time.monotonic); raises SystemExit if it fails.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    server = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    try:
        for line in server.stdout:
            said.append(line)
            if line == f"http://localhost:{port}\n":
                break
        else:
            raise SystemExit("make run ended early and said:\n" + "".join(said))
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=10) as page:
            page.read()
    finally:
        answered = time.monotonic()
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGINT)
        rest, _ = server.communicate(timeout=20)
    if not rest.endswith("Stopped.\n") or "Traceback" in rest:
        raise SystemExit("make run did not stop cleanly and said:\n" + rest)
    return answered


def main() -> None:
    """Measures both and prints them."""
    # Started in the background, a shell would have us and all that we start ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    seconds = {}
    with tempfile.TemporaryDirectory(prefix="workshop-start-") as folder:
        begun = time.monotonic()
        clone(Path(folder) / "workshop")
        seconds["from clone to first page"] = start_and_stop(Path(folder) / "workshop") - begun
        begun = time.monotonic()
        seconds["second start to first page"] = start_and_stop(Path(folder) / "workshop") - begun
    for what, most in MOST_SECONDS.items():
        verdict = "" if seconds[what] <= most else ", NOT KEPT"
        print(f"{what}: {seconds[what]:.1f} s (promised: {most} s{verdict})")


if __name__ == "__main__":
    main()
