"""A rush at the deadline: 64 students press the button at once, for twenty seconds.

    .venv/bin/python bench/submissions.py [--kill] [--clients 64] [--seconds 20] [--workers 2]

Serves the invented workshop (`manage.py serve --demo`) from a data folder of its own and sends whole
submissions over HTTP, each client as a browser does: it fetches the form once, waits as long as the
form asks for, and posts one after the other, each by another made-up person. With --kill the server
and all its processes are killed (SIGKILL) half-way and started again; what was not answered is sent
again, as a person would. The limit on one network is raised, and the mail server is out of reach:
letters wait in the database. Then every confirmed submission is looked up in the database: its row, its
receipt, and that it is there once.

The machine's own pace is measured in the same run: how many durable transactions of one row, and how
many pages with the form, it does in a second; and the server's own time on the processors, which
other programs' work changes less than it does the rest. Exits with 1 if anything was lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
FORM = "/frugal/interest/"
# Longer than the form asks for between its first view and its sending.
SECONDS_TO_FILL_IN = 3.3
SECONDS_TO_START = 180
ABSTRACT = "We measure what is lost when a small model is asked a large question, and why. " * 8


@dataclass
class Outcome:
    """What became of a run; `confirmed` has the references that people were shown."""

    confirmed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0
    wrong: Counter[str] = field(default_factory=Counter)
    # Of all the server's processes together, not known through a kill; and of our own.
    processor_seconds: float = 0.0
    own_seconds: float = 0.0
    interrupted: int = 0
    without_row: int = 0
    without_letter: int = 0
    doubled: int = 0
    locked: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether all that was confirmed is there, once, and nothing went wrong."""
        faults = (self.without_row, self.without_letter, self.doubled, self.locked)
        return bool(self.confirmed) and not any(faults) and not self.wrong


class Site:
    """A site served from `data_dir` on `port` in a process group of its own; the invented workshop,
    unless `command` is another."""

    def __init__(
        self, data_dir: Path, port: int, workers: int = 2, command: str = "serve --demo"
    ) -> None:
        self.data_dir, self.port, self.command = data_dir, port, command
        self.log = data_dir / "server.log"
        kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "WORKERS": str(workers),
            "SUBMISSION_LIMIT": "1000000",
            # A mail server that cannot be reached: letters are written and wait. Without one the
            # worker would print each letter's link, which a host never does.
            "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def start(self) -> None:
        """Returns when it answers; raises SystemExit if it does not."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *self.command.split()],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=5) as trial,
            ):
                trial.sendall(
                    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                if b" 200 " in trial.recv(100):
                    return
            time.sleep(0.02)
        self.kill()
        raise SystemExit("The site did not start and said:\n" + self.log.read_text())

    def kill(self) -> None:
        """SIGKILL to the server and to everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def processor_seconds(self) -> float:
        """What the server and all that it started have used so far; 0 where the system won't say."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # proc(5): after the name in brackets, the group is the third and the times are
                # the twelfth and thirteenth.
                words = path.read_text().rpartition(")")[2].split()
                if int(words[2]) == self.process.pid:
                    ticks += int(words[11]) + int(words[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _end_with_parent() -> None:
    """Has Linux send SIGTERM to this process when the one that started it is no more (prctl(2),
    PR_SET_PDEATHSIG): a bench killed outright leaves no server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def tidy_up_on_sigterm() -> None:
    """A bench that is told to end, as by `timeout`, kills its server and removes its folder."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to end."))


class _Fields(HTMLParser):
    """The fields of the page's form, filled in as somebody in a hurry would."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.is_in_form = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_in_form = said.get("method", "").lower() == "post"
        name, kind = said.get("name", ""), said.get("type", "text")
        if not self.is_in_form or not name or tag not in {"input", "textarea", "select"}:
            return
        if kind in {"hidden", "radio", "checkbox"}:
            self.values.setdefault(name, said.get("value", ""))
        elif tag == "textarea":
            self.values[name] = ABSTRACT if name == "abstract" else ""
        else:
            self.values[name] = {"university": "University of Strathmoor"}.get(name, "")

    def handle_endtag(self, tag: str) -> None:
        self.is_in_form = self.is_in_form and tag != "form"


class Client:
    """One browser: a kept connection, a cookie, and a form fetched once."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.number = port, number
        self.cookie = ""
        self.fields: dict[str, str] = {}
        self.same = ""  # of all this one sends, encoded once: the load generator shares the cores
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def fetch_form(self) -> None:
        """Gets the page with the form; a second time only that."""
        status, headers, body = await self._ask("GET", b"")
        if status != 200:
            raise SystemExit(f"The form answered {status}:\n{body[:500]!r}")
        if not self.fields:
            cookies = re.findall(r"^set-cookie: ([^;\r\n]+)", headers, re.MULTILINE | re.IGNORECASE)
            self.cookie = "; ".join(cookies)
            self.fields = _Fields(body.decode()).values
            own = {"name", "email", "title"}
            same = {name: value for name, value in self.fields.items() if name not in own}
            self.same = urlencode(same)

    async def submit(self, number: int) -> tuple[str, str]:
        """Sends one made-up person's submission: the reference, or else what was wrong."""
        who = {
            "name": f"Ada Example {self.number}-{number}",
            "email": f"ada-{self.number}-{number}@example.org",
            "title": f"Small answers to large questions, part {self.number}-{number}",
        }
        status, headers, body = await self._ask("POST", f"{self.same}&{urlencode(who)}".encode())
        found = re.search(r"^location: \S*/sent/([^/\s]+)/", headers, re.MULTILINE | re.IGNORECASE)
        if status == 302 and found:
            return found[1], ""
        said = re.search(r'class="[^"]*error[^"]*"[^>]*>(.{0,300})', body.decode(), re.DOTALL)
        return "", f"{status}" + (f": {' '.join(said[1].split())}" if said else "")

    def hang_up(self) -> None:
        """The next request makes a new connection."""
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def _ask(self, method: str, body: bytes) -> tuple[int, str, bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        site = f"http://localhost:{self.port}"
        head = f"{method} {FORM} HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
        if self.cookie:
            head += f"Cookie: {self.cookie}\r\n"
        if method == "POST":
            head += f"Origin: {site}\r\nReferer: {site}{FORM}\r\nContent-Length: {len(body)}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        headers = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"^content-length: (\d+)", headers, re.MULTILINE | re.IGNORECASE)
        answer = await self.reader.readexactly(int(length[1])) if length else b""
        return int(headers.split(" ", 2)[1]), headers, answer


async def rush(
    site: Site, *, clients: int, seconds: float, kill: bool = False, first: int = 0
) -> Outcome:
    """Lets `clients` submit at once for so many seconds; with `kill` through a SIGKILL half-way.

    They are numbered from `first` on: nobody sends the same twice.
    """
    outcome = Outcome()
    people = [Client(site.port, number) for number in range(first, first + clients)]
    for person in people:
        await person.fetch_form()
    await asyncio.sleep(SECONDS_TO_FILL_IN)
    begun, used, own = time.monotonic(), site.processor_seconds(), time.process_time()
    # A server that is down for a moment is no reason to go home.
    end = begun + seconds
    jobs = [asyncio.create_task(_keep_submitting(person, end, outcome)) for person in people]
    if kill:
        await asyncio.sleep(seconds / 2)
        site.kill()
        await asyncio.to_thread(site.start)
    await asyncio.gather(*jobs)
    outcome.lasted = time.monotonic() - begun
    outcome.own_seconds = time.process_time() - own
    outcome.processor_seconds = 0.0 if kill else site.processor_seconds() - used
    for person in people:
        person.hang_up()
    return outcome


async def _keep_submitting(person: Client, end: float, outcome: Outcome) -> None:
    number = 0
    while time.monotonic() < end:
        number += 1
        asked = time.monotonic()
        while True:
            try:
                reference, wrong = await person.submit(number)
                break
            except (OSError, asyncio.IncompleteReadError):
                # No answer: whether it arrived, nobody knows. It is sent again, the same.
                outcome.interrupted += 1
                person.hang_up()
                await asyncio.sleep(0.1)
                if time.monotonic() > end + SECONDS_TO_START:
                    outcome.wrong["no answer"] += 1
                    return
        if wrong:
            outcome.wrong[wrong] += 1
        else:
            outcome.confirmed.append(reference)
            outcome.seconds.append(time.monotonic() - asked)


def look_up(site: Site, outcome: Outcome) -> None:
    """Compares what people were told with what the database holds."""
    with contextlib.closing(sqlite3.connect(site.data_dir / "db.sqlite3")) as database:
        rows = {row for (row,) in database.execute("SELECT reference FROM interest_expression")}
        with_receipt = {
            row
            for (row,) in database.execute(
                "SELECT e.reference FROM interest_expression e"
                " JOIN interest_expressionletter k ON k.expression_id = e.id"
                " JOIN mail_letter l ON l.id = k.letter_id WHERE l.kind = 'interest/receipt'"
            )
        }
        (outcome.doubled,) = database.execute(
            "SELECT count(*) - count(DISTINCT fingerprint) FROM interest_expression"
        ).fetchone()
    outcome.without_row = len(set(outcome.confirmed) - rows)
    outcome.without_letter = len(set(outcome.confirmed) - with_receipt)
    outcome.locked = site.log.read_text().count("database is locked")


def durable_transactions(folder: Path, seconds: float = 2.0) -> float:
    """How many transactions of one row this disk takes in a second, each synced."""
    with contextlib.closing(sqlite3.connect(folder / "pace.sqlite3", isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.execute("CREATE TABLE IF NOT EXISTS pace (words TEXT)")
        begun, count = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            base.execute("INSERT INTO pace VALUES (?)", (ABSTRACT,))
            count += 1
        return count / (time.monotonic() - begun)


async def pages(site: Site, clients: int, seconds: float = 3.0) -> float:
    """How many pages with the form come in a second, asked for by as many clients."""
    people = [Client(site.port, number) for number in range(clients)]
    begun, count = time.monotonic(), 0

    async def keep_asking(person: Client) -> None:
        nonlocal count
        while time.monotonic() - begun < seconds:
            await person.fetch_form()
            count += 1

    await asyncio.gather(*(keep_asking(person) for person in people))
    for person in people:
        person.hang_up()
    return count / (time.monotonic() - begun)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def main() -> None:
    """Measures and prints; exits with 1 if anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(description="Submissions at the deadline.")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", action="store_true", help="SIGKILL half-way, and start again")
    chosen = parser.parse_args()
    tidy_up_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="workshop-submissions-") as folder:
        site = Site(Path(folder), free_port(), chosen.workers)
        site.start()
        try:
            pace = durable_transactions(site.data_dir)
            shown = asyncio.run(pages(site, chosen.clients))
            outcome = asyncio.run(
                rush(site, clients=chosen.clients, seconds=chosen.seconds, kill=chosen.kill)
            )
        finally:
            site.kill()
        look_up(site, outcome)
        report(outcome, pace, shown)
    sys.exit(0 if outcome.is_clean else 1)


def report(outcome: Outcome, pace: float, shown: float) -> None:
    """Prints what was found."""
    rate = len(outcome.confirmed) / outcome.lasted
    milliseconds = sorted(1000 * second for second in outcome.seconds) or [0.0]
    last = len(milliseconds) - 1
    lost = outcome.without_row + outcome.without_letter
    print(f"load average          {os.getloadavg()[0]:8.1f}  of {os.cpu_count()} cores")
    print(f"durable transactions  {pace:8.0f}  a second, of one row, one writer")
    print(f"pages with the form   {shown:8.0f}  a second")
    print(f"submissions           {len(outcome.confirmed):8}")
    print(f"  a second            {rate:8.0f}  {rate / shown:.2f} of the pages")
    if outcome.processor_seconds:
        each = 1000 * outcome.processor_seconds / len(outcome.confirmed)
        own = 1000 * outcome.own_seconds / len(outcome.confirmed)
        print(
            f"  processor           {each:8.1f}  ms of the server for each, {own:.1f} of this bench"
        )
    print(f"  median              {statistics.median(milliseconds):8.0f}  ms")
    print(f"  p99                 {milliseconds[round(0.99 * last)]:8.0f}  ms")
    print(f"  slowest             {milliseconds[-1]:8.0f}  ms")
    print(f"sent again            {outcome.interrupted:8}")
    print(f"lost                  {lost:8}")
    print(f"doubled               {outcome.doubled:8}")
    print(f"errors                {outcome.wrong.total():8}  {dict(outcome.wrong) or ''}")
    print(f"database is locked    {outcome.locked:8}")


if __name__ == "__main__":
    main()
