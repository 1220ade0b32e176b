"""Processes of tests and benchmarks, which end with the run.

They are ended by the fixture that started them, else when the interpreter exits (SIGTERM is handled
like Ctrl-C, see environment.py). Against a run that is killed, `serve` and `send_letters` are
started with --stop-with-parent, and other programs through this file as a script.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_started: list[subprocess.Popen] = []


def free_port() -> int:
    """A port on which no program listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def is_listening(port: int) -> bool:
    """Whether a program listens on this port."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, *, seconds: float = 20) -> None:
    """Return once `condition` holds; fail the test after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_process(command: Sequence[str], **options: Any) -> subprocess.Popen:
    """Start a command in its own session; `options` are those of Popen."""
    options = {"stdin": subprocess.DEVNULL, "start_new_session": True} | options
    process = subprocess.Popen(command, **options)
    _started.append(process)
    return process


def start_watched(command: Sequence[str], **options: Any) -> subprocess.Popen:
    """Start a program that cannot watch its parent itself; the process returned is its watcher."""
    return start_process([sys.executable, __file__, str(os.getpid()), *command], **options)


def session_members(leader: int) -> list[int]:
    """The process that started a session and all its descendants, by process number."""
    members = [leader]
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(int(path.name)) == leader:
                members.append(int(path.name))
    return members


def kill_process(process: subprocess.Popen) -> None:
    """Kill a process and all its descendants at once."""
    if process.poll() is None or len(session_members(process.pid)) > 1:
        for pid in session_members(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
    if process in _started:
        _started.remove(process)


@atexit.register
def _kill_all() -> None:
    for process in _started:
        kill_process(process)


def _watch(parent: int, command: Sequence[str]) -> int:
    """Run a command until it ends or the process `parent` ends."""
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None and os.getppid() == parent:
        time.sleep(0.2)
    child.terminate()
    return child.wait()


if __name__ == "__main__":
    sys.exit(_watch(int(sys.argv[1]), sys.argv[2:]))
