"""How fast letters go out, and that none goes twice or is lost.

    .venv/bin/python bench/letters.py [--letters 1000] [--workers 2]

Queues letters with a private link each in a data folder of its own (SQLite), starts a mail server
that takes everything, and lets the workers run until nothing is due. "killed" repeats it with one
worker killed (SIGKILL) again and again and started anew, and the letters in doubt counted. Exits
with 1 if a letter went twice, or was lost without being in doubt.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
FILL = """
import sys
from django.db import transaction
from django.utils import timezone
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.letters import send_letter
edition, _ = Edition.objects.get_or_create(slug="2024", defaults={{"year": 2024, "title": "Workshop"}})
now = timezone.now()
with transaction.atomic():
    for number in range({count}):
        expression = Expression.objects.create(edition=edition, name="Ada Example",
            email=f"ada{{number}}@example.org", university="Example University", title="Small models",
            abstract="They are small. " * 80, wants_poster=True, submitted_at=now, changed_at=now,
            fingerprint=str(number))
        send_letter(expression, "receipt")
"""
STATES = """
import json
from collections import Counter
from apps.mail.models import Letter
print(json.dumps(Counter(Letter.objects.values_list("state", flat=True))))
"""


class Sink:
    """Takes every letter and notes for whom it was."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server, session, envelope
    ) -> str:
        await asyncio.sleep(0)
        self.got.update(envelope.rcpt_tos)
        return "250 OK"


def manage(*arguments: str) -> list[str]:
    """The command line of one of our commands."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def shell(code: str) -> str:
    """What `code` says when it runs within the site."""
    command = manage("shell", "--no-imports", "-c", code)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def send(workers: int) -> None:
    """Lets `workers` run side by side until nothing is due."""
    running = [
        subprocess.Popen(manage("send_letters"), stdout=subprocess.DEVNULL) for _ in range(workers)
    ]
    for worker in running:
        worker.wait()


def send_with_kills(sink: Sink, kills: int, every: int) -> int:
    """The same with a worker that is killed after each `every` letters; returns how often."""
    done = 0
    while done < kills:
        worker = subprocess.Popen(manage("send_letters"), stdout=subprocess.DEVNULL)
        goal = sink.got.total() + every
        while sink.got.total() < goal and worker.poll() is None:
            time.sleep(0.001)
        if worker.poll() is not None:
            break
        worker.kill()
        worker.wait()
        done += 1
    send(1)
    return done


def measure(way: str, count: int, workers: int) -> bool:
    """Prints a line of the table; whether every letter is accounted for."""
    sink = Sink()
    office = Controller(sink, hostname="127.0.0.1", port=free_port())
    office.start()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "SMTP_URL": f"smtp://127.0.0.1:{office.port}"}
        subprocess.run(manage("migrate", "--verbosity=0"), check=True)
        shell(FILL.format(count=count))
        begin = time.perf_counter()
        kills = 0
        if way == "killed":
            kills = send_with_kills(sink, kills=10, every=max(1, count // 12))
        else:
            send(workers)
        seconds = time.perf_counter() - begin
        states = json.loads(shell(STATES))
    office.stop()
    twice = sum(1 for times in sink.got.values() if times > 1)
    in_doubt = states.get("sending", 0)
    lost = max(0, count - len(sink.got) - in_doubt) + states.get("queued", 0)
    print(
        f"{way:>12}{count:9}{seconds:9.1f}{len(sink.got) / seconds:11.0f}{twice:8}{lost:7}"
        f"{in_doubt:10}{kills:7}"
    )
    return not (twice or lost)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def main() -> None:
    """Prints the table; start-up of the workers (about a second) is within the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(
        f"{'':>12}{'letters':>9}{'seconds':>9}{'letters/s':>11}{'twice':>8}{'lost':>7}"
        f"{'in doubt':>10}{'kills':>7}"
    )
    ways = [("one worker", 1), (f"{options.workers} workers", options.workers), ("killed", 1)]
    results = [measure(way, options.letters, workers) for way, workers in ways]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
