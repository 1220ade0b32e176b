"""The worker for letters beside the server: kept alive, and ended with it."""

import os
import sys
import time
from pathlib import Path

import pytest

from apps.ops import letter_worker
from apps.ops.letter_worker import LetterWorker

# Notes its number, then lives until it is told to end.
_NOTES_ITSELF = """
import os, signal, sys, time
with open(sys.argv[1], "a") as notes:
    print(os.getpid(), sys.argv[2], file=notes)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
time.sleep(60)
"""


@pytest.fixture
def notes(tmp_path, monkeypatch) -> Path:
    """The file in which each worker that was started stands with its number."""
    path = tmp_path / "notes"
    path.touch()
    command = (sys.executable, "-c", _NOTES_ITSELF, str(path))
    monkeypatch.setattr(letter_worker, "_COMMAND", command)
    monkeypatch.setattr(letter_worker, "_SECONDS_TO_RESTART", (0.1,))
    return path


def numbers(notes: Path, count: int) -> list[int]:
    """The first `count` workers, once they have been started."""
    deadline = time.monotonic() + 20
    while len(lines := notes.read_text().splitlines()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert {line.split()[1] for line in lines} == {str(os.getpid())}
    return [int(line.split()[0]) for line in lines]


def is_alive(number: int) -> bool:
    return Path(f"/proc/{number}").exists()


def test_one_that_dies_is_started_again_and_all_ends_with_the_server(notes):
    worker = LetterWorker()
    worker.start()
    (first,) = numbers(notes, 1)

    os.kill(first, 9)
    _, second = numbers(notes, 2)
    assert is_alive(second)
    worker.stop()

    assert not is_alive(second)
    assert len(numbers(notes, 2)) == 2


def test_on_a_host_without_a_mail_server_it_runs_for_the_chores(notes, settings):
    settings.IS_LOCAL = False
    worker = LetterWorker()

    worker.start()

    assert len(numbers(notes, 1)) == 1
    worker.stop()


def test_with_a_mail_server_it_runs_on_a_host(notes, settings):
    settings.IS_LOCAL, settings.HAS_MAIL = False, True
    worker = LetterWorker()

    worker.start()

    assert len(numbers(notes, 1)) == 1
    worker.stop()
