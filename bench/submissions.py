"""Submissions at the deadline: 64 clients for 20 seconds, also through a SIGKILL of the server.

    .venv/bin/python bench/submissions.py [--kill] [--clients 64] [--seconds 20] [--workers 1]

Each client acts like a browser: it fetches the form once, waits as long as the form requires, and
submits one made-up person after the other over HTTP. With --kill all processes of the server are
killed half-way and started again, and requests without an answer are repeated. Then each confirmed
submission is looked up in the database: its row, its receipt, and that it is there once. Without
--kill, both are measured. Exits with 1 if anything was lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import SECONDS_TO_START, Site, free_port, report, stop_on_sigterm

FORM = "/frugal/interest/"
SECONDS_TO_FILL_IN = 3.3  # more than the form requires
ABSTRACT = "We measure what is lost when a small model is asked a large question, and why. " * 8


@dataclass
class Outcome:
    """Result of a run; `confirmed` has the references that the pages showed."""

    confirmed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    duration: float = 0.0
    wrong: Counter[str] = field(default_factory=Counter)
    interrupted: int = 0
    without_row: int = 0
    without_letter: int = 0
    doubled: int = 0
    locked: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether all confirmed submissions are there once, without any error."""
        faults = (self.without_row, self.without_letter, self.doubled, self.locked)
        return bool(self.confirmed) and not any(faults) and not self.wrong


class _Fields(HTMLParser):
    """The fields of the form with values."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.is_in_form = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_in_form = attributes.get("method", "").lower() == "post"
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if not self.is_in_form or not name or tag not in {"input", "textarea", "select"}:
            return
        if kind in {"hidden", "radio", "checkbox"}:
            self.values.setdefault(name, attributes.get("value", ""))
        elif tag == "textarea":
            self.values[name] = ABSTRACT if name == "abstract" else ""
        else:
            self.values[name] = {"university": "University of Strathmoor"}.get(name, "")

    def handle_endtag(self, tag: str) -> None:
        self.is_in_form = self.is_in_form and tag != "form"


class Browser:
    """A client with a kept connection, a cookie, and the form fetched once."""

    form = FORM

    def __init__(self, port: int, number: int) -> None:
        self.port, self.number = port, number
        self.cookie = ""
        self.fields = ""  # encoded once: this program shares the processor with the server
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def fetch_form(self) -> None:
        """Get the page with the form and keep its fields."""
        status, headers, body = await self._request("GET", b"")
        if status != 200:
            raise SystemExit(f"The form answered {status}:\n{body[:500]!r}")
        cookies = re.findall(r"^set-cookie: ([^;\r\n]+)", headers, re.MULTILINE | re.IGNORECASE)
        self.cookie = "; ".join(cookies)
        own = {"name", "email", "title"}
        values = _Fields(body.decode()).values
        self.fields = urlencode({name: text for name, text in values.items() if name not in own})

    async def submit(self, number: int) -> tuple[str, str]:
        """Send one submission; returns its reference, or else the error."""
        person = {
            "name": f"Ada Example {self.number}-{number}",
            "email": f"ada-{self.number}-{number}@example.org",
            "title": f"Small answers to large questions, part {self.number}-{number}",
        }
        data = f"{self.fields}&{urlencode(person)}".encode()
        status, headers, body = await self._request("POST", data)
        sent = re.search(r"^location: \S*/sent/([^/\s]+)/", headers, re.MULTILINE | re.IGNORECASE)
        if status == 302 and sent:
            return sent[1], ""
        error = re.search(r'class="[^"]*error[^"]*"[^>]*>(.{0,300})', body.decode(), re.DOTALL)
        return "", f"{status}" + (f": {' '.join(error[1].split())}" if error else "")

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def _request(self, method: str, body: bytes) -> tuple[int, str, bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        site = f"http://localhost:{self.port}"
        head = f"{method} {self.form} HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
        if self.cookie:
            head += f"Cookie: {self.cookie}\r\n"
        if method == "POST":
            head += (
                f"Origin: {site}\r\nReferer: {site}{self.form}\r\nContent-Length: {len(body)}\r\n"
            )
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        headers = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"^content-length: (\d+)", headers, re.MULTILINE | re.IGNORECASE)
        answer = await self.reader.readexactly(int(length[1])) if length else b""
        return int(headers.split(" ", 2)[1]), headers, answer


async def rush(
    site: Site, *, clients: int, seconds: float, kill: bool = False, first: int = 0
) -> Outcome:
    """Let `clients`, numbered from `first`, submit for some seconds; `kill` kills the server once."""
    outcome = Outcome()
    browsers = [Browser(site.port, number) for number in range(first, first + clients)]
    for browser in browsers:
        await browser.fetch_form()
    await asyncio.sleep(SECONDS_TO_FILL_IN)
    begun = time.monotonic()
    end = begun + seconds
    tasks = [asyncio.create_task(_keep_submitting(browser, end, outcome)) for browser in browsers]
    if kill:
        await asyncio.sleep(seconds / 2)
        site.kill()
        await asyncio.to_thread(site.start)
    await asyncio.gather(*tasks)
    outcome.duration = time.monotonic() - begun
    for browser in browsers:
        browser.hang_up()
    return outcome


async def _keep_submitting(browser: Browser, end: float, outcome: Outcome) -> None:
    number = 0
    while time.monotonic() < end:
        number += 1
        begun = time.monotonic()
        while True:
            try:
                reference, error = await browser.submit(number)
                break
            except (OSError, asyncio.IncompleteReadError):
                # Unknown whether it arrived; the same is sent again.
                outcome.interrupted += 1
                browser.hang_up()
                await asyncio.sleep(0.1)
                if time.monotonic() > end + SECONDS_TO_START:
                    outcome.wrong["no answer"] += 1
                    return
        if error:
            outcome.wrong[error] += 1
        else:
            outcome.confirmed.append(reference)
            outcome.seconds.append(time.monotonic() - begun)


def look_up(site: Site, outcome: Outcome) -> None:
    """Compare what was confirmed with the database."""
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


def measure(clients: int, seconds: float, workers: int, *, kill: bool) -> bool:
    """Print the figures of one run; whether nothing was lost, doubled or wrong."""
    with tempfile.TemporaryDirectory(prefix="workshop-submissions-") as folder:
        site = Site(Path(folder), free_port(), workers)
        site.start()
        try:
            outcome = asyncio.run(rush(site, clients=clients, seconds=seconds, kill=kill))
        finally:
            site.kill()
        look_up(site, outcome)
    times = sorted(outcome.seconds) or [0.0]
    rate = len(outcome.confirmed) / outcome.duration
    p99 = times[round(0.99 * (len(times) - 1))]
    lost = outcome.without_row + outcome.without_letter + outcome.doubled
    name = "submissions, server killed once" if kill else "submissions"
    print(f"  {len(outcome.confirmed)} confirmed, median {statistics.median(times):.2f} s")
    report(f"{name}, {clients} clients", f"{rate:.0f} a second", "≥ 80 without a kill")
    report("  p99", f"{p99:.2f} s", "≤ 2 s without a kill")
    report("  lost or doubled", str(lost), "0")
    report("  errors, locked", f"{outcome.wrong.total()}, {outcome.locked}", "0, 0")
    for error, count in outcome.wrong.items():
        print(f"  {count} x {error}")
    return outcome.is_clean


def main() -> int:
    """Returns 1 if anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(description="Submissions at the deadline.")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="only the run with a SIGKILL")
    chosen = parser.parse_args()
    stop_on_sigterm()
    runs = [True] if chosen.kill else [False, True]
    results = [measure(chosen.clients, chosen.seconds, chosen.workers, kill=kill) for kill in runs]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
