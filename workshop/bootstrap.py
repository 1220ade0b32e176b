"""Entry point of `make`: creates the .venv, then runs a command in it.

It runs before anything is installed, so it uses the standard library only, and syntax of Python 3.6,
so that an old Python can report its version.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

LEAST_PYTHON = (3, 11)
NEWEST_PYTHON_TRIED = 14
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Written last: a .venv without it is incomplete.
STAMP = VENV / "workshop-stamp.json"
# For glibc: return freed memory to the system instead of keeping it for each thread.
MEMORY_SETTINGS = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072"}
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}

COMMANDS = {
    "run": ("run", ["manage.py", "serve"]),
    "demo": ("run", ["manage.py", "serve", "--demo"]),
    "backup": ("run", ["manage.py", "backup"]),
    "restore": ("run", ["manage.py", "restore"]),
    "test": ("dev", ["-m", "pytest", "-n", "auto", "--dist", "worksteal"]),
    "bench": ("dev", ["bench/all.py"]),
    "check": ("dev", [".ci/check.py"]),
    "format": ("dev", [".ci/check.py", "--format"]),
}


class CannotGoOn(Exception):
    """Something is missing on this machine; the message says what to do."""


def main(arguments):
    """Run one of COMMANDS with its arguments in the .venv; does not return on success."""
    if not arguments or arguments[0] not in COMMANDS:
        raise CannotGoOn("Give one of: " + ", ".join(COMMANDS))
    command, rest = arguments[0], arguments[1:]
    if sys.version_info < LEAST_PYTHON:
        _run_with_newer_python()
    packages, start = COMMANDS[command]
    _ensure_venv(packages)
    if command == "demo":
        # Not beside real data; the command itself refuses a folder with other editions.
        folder = "demo-large" if "--size=large" in rest else "demo"
        os.environ["DATA_DIR"] = os.environ.get("DATA_DIR") or str(ROOT / "var" / folder)
    if command in {"run", "demo"}:
        # Nothing is written outside DATA_DIR.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        os.environ.update(MEMORY_SETTINGS)
        if "MAKELEVEL" in os.environ:
            start = [*start, "--stop-with-parent"]
    os.chdir(str(ROOT))
    python = str(VENV / "bin" / "python")
    sys.stdout.flush()
    os.execv(python, [python, *start, *rest])


def _run_with_newer_python():
    for minor in range(NEWEST_PYTHON_TRIED, LEAST_PYTHON[1] - 1, -1):
        python = shutil.which(f"python3.{minor}")
        # A name on the PATH may be a placeholder for a Python that is not installed.
        if python and subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(python, [python, *sys.argv])
    least, ours = (".".join(map(str, version[:2])) for version in (LEAST_PYTHON, sys.version_info))
    raise CannotGoOn(
        f"Python {least} or newer is needed, and this is {ours}: install one (on Debian or Ubuntu: "
        "sudo apt-get install python3 python3-venv) or name it, as in: make run "
        "PYTHON=/usr/local/bin/python3.12"
    )


def _ensure_venv(packages):
    """Create, complete or renew the .venv according to LOCKS[packages]."""
    handle = os.open(str(ROOT), os.O_RDONLY)
    try:
        # Of two commands started together, the second waits for the first.
        fcntl.flock(handle, fcntl.LOCK_EX)
        wanted = {name: _digest(ROOT / lock) for name, lock in LOCKS.items()}
        made = _read_stamp()
        if made.get(packages) == wanted[packages] and made.get("run") == wanted["run"]:
            return
        if made.get("run") != wanted["run"] or made.get("dev"):
            # Missing, incomplete, or of another lock: start again.
            _make_venv()
            made = {}
        elif STAMP.exists():
            STAMP.unlink()
        _install(LOCKS[packages], handle)
        made["run"] = wanted["run"]  # the development lock includes the other one
        made[packages] = wanted[packages]
        STAMP.write_text(json.dumps(dict(_this_place(), **made)))
    finally:
        os.close(handle)


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _this_place():
    # A .venv works only in its folder and with the Python that created it.
    return {"root": str(ROOT), "python": list(sys.version_info[:2])}


def _read_stamp():
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    python = VENV / "bin" / "python"
    is_ours = all(stamp.get(key) == value for key, value in _this_place().items())
    return stamp if is_ours and python.exists() else {}


def _make_venv():
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out; venv alone would fail half-way)
        import venv
    except ImportError:
        raise CannotGoOn(
            "Python's venv module is missing: install it and try again (on Debian or Ubuntu: "
            f"sudo apt-get install python3.{sys.version_info[1]}-venv)."
        ) from None
    print("Making .venv ...", flush=True)
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(str(VENV))
    except subprocess.CalledProcessError as fault:
        _show_last_lines((fault.output or b"").decode(errors="replace"))
        raise CannotGoOn(
            "The .venv could not be made: repair Python's ensurepip module, or name another "
            "Python, as in: make run PYTHON=/usr/local/bin/python3.12"
        ) from None
    except OSError as fault:
        raise CannotGoOn(f"The .venv could not be made in {ROOT}: {fault.strerror}.") from None


def _install(lock, handle):
    path = ROOT / lock
    count = sum("==" in line and not line.startswith("#") for line in path.read_text().splitlines())
    print(f"Installing {count} packages, about half a minute ...", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    # The lock names every package, so nothing has to be resolved.
    options = ["--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", str(path)]
    result = subprocess.run(
        pip + options,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        # If this process is killed, pip continues for a while and keeps the lock.
        pass_fds=[handle],
    )
    if result.returncode:
        _show_last_lines(result.stdout.decode(errors="replace"))
        raise CannotGoOn(
            f"The packages of {lock} could not be installed: check the connection to the package "
            "index and the free space, then give the same command again."
        )


def _show_last_lines(output):
    sys.stderr.write("".join(f"  {line}\n" for line in output.splitlines()[-8:]))


def _stop(signum, frame):
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Any signal that ends this process ends pip too.
    signal.signal(signal.SIGTERM, _stop)
    try:
        main(sys.argv[1:])
    except CannotGoOn as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
