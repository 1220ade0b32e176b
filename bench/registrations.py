"""Registrations when a workshop opens: 300 in 60 seconds from 32 clients, for 250 places.

    .venv/bin/python bench/registrations.py [--number 300] [--seconds 60] [--clients 32] [--places 250]

Each client acts like a browser: it fetches the form once and registers one made-up person after the
other over HTTP; every fifth form is sent twice at once, as by a double press. Then each
registration that a page confirmed is looked up in the database. With DATABASE_URL the site runs on
PostgreSQL, in a database that is empty. Exits with 1 if a place, a person or a letter is lost,
given twice or too many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import Site, free_port, report, stop_on_sigterm
from bench.submissions import Browser

_PREPARE = """
from datetime import date, timedelta
from apps.editions.models import Edition
from apps.registration.models import Registration, RegistrationPeriod
edition = Edition.objects.get(slug="frugal")
Registration.objects.filter(edition=edition).delete()
edition.attendance_kinds.all().delete()
edition.registration_questions.all().delete()
edition.registration_consents.all().delete()
days = dict(opens_on=date.today() - timedelta(days=1), closes_on=date.today() + timedelta(days=9))
RegistrationPeriod.objects.update_or_create(
    edition=edition, defaults=dict(days, is_public=True, capacity=%d, has_waiting_list=True)
)
"""
_LOOK_UP = """
import json
from collections import Counter
from apps.mail.models import Letter
from apps.registration.models import Registration
rows = Registration.objects.filter(edition__slug="frugal")
letters = Letter.objects.filter(registration_link__registration__in=rows)
print(json.dumps({
    "codes": list(rows.values_list("code", flat=True)),
    "emails": list(rows.values_list("email", flat=True)),
    "statuses": Counter(rows.values_list("status", flat=True)),
    "letters": Counter(letters.filter(kind="registration/confirmation").values_list("to_email", flat=True)),
}))
"""


class Guest(Browser):
    """A browser that registers people."""

    form = "/frugal/register/"

    async def register(self, number: int) -> tuple[str, str]:
        """Register one person; returns the code, or else the error."""
        person = {"name": f"Ada Guest {number}", "email": f"guest-{number}@example.org"}
        own = {"name", "email", "diet", "access", "affiliation", "comment"}
        kept = [pair for pair in self.fields.split("&") if pair.split("=")[0] not in own]
        data = f"{'&'.join(kept)}&{urlencode(person)}".encode()
        status, headers, body = await self._request("POST", data)
        sent = re.search(
            r"^location: /frugal/register/(\w+)/", headers, re.MULTILINE | re.IGNORECASE
        )
        if status == 302 and sent:
            return sent[1], ""
        error = re.search(r'class="[^"]*error[^"]*"[^>]*>(.{0,300})', body.decode(), re.DOTALL)
        return "", f"{status}" + (f": {' '.join(error[1].split())}" if error else "")


@dataclass
class Outcome:
    codes: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)


async def rush(port: int, number: int, seconds: float, clients: int) -> Outcome:
    """Let `clients` send `number` registrations, spread evenly over some seconds."""
    outcome = Outcome()
    pairs = [(Guest(port, each), Guest(port, each)) for each in range(clients)]
    for browser, second_press in pairs:
        await browser.fetch_form()
        second_press.fields, second_press.cookie = browser.fields, browser.cookie
        browser.hang_up()
    begun = time.monotonic()

    async def work(client: int) -> None:
        first_press, second_press = pairs[client]
        for each in range(client, number, clients):
            await asyncio.sleep(max(0, begun + seconds * each / number - time.monotonic()))
            sent_at = time.monotonic()
            presses = [first_press.register(each)]
            if each % 5 == 0:
                presses.append(second_press.register(each))
            answers = await asyncio.gather(*presses)
            outcome.seconds.append(time.monotonic() - sent_at)
            for browser in pairs[client]:
                browser.hang_up()  # the server would, before the next one
            for _code, error in answers:
                if error:
                    outcome.wrong[error] += 1
            outcome.codes += sorted({code for code, _ in answers if code})

    await asyncio.gather(*(work(client) for client in range(clients)))
    return outcome


def measure(number: int, seconds: float, clients: int, places: int) -> bool:
    """Print the figures of one run; whether everything is as it should be."""
    with tempfile.TemporaryDirectory(prefix="workshop-registrations-") as folder:
        site = Site(Path(folder), free_port())
        if database := os.environ.get("DATABASE_URL"):
            site.environment["DATABASE_URL"] = database
        site.start()
        try:
            site.manage("shell", "-c", _PREPARE % places)
            outcome = asyncio.run(rush(site.port, number, seconds, clients))
            stored = json.loads(site.manage("shell", "-v", "0", "-c", _LOOK_UP))
        finally:
            site.kill()
        locked = site.log.read_text().count("database is locked")
    times = sorted(outcome.seconds)
    lost = len(set(outcome.codes) - set(stored["codes"])) + number - len(set(outcome.codes))
    doubled = len(stored["emails"]) - len(set(stored["emails"]))
    doubled += sum(each - 1 for each in stored["letters"].values())
    without_letter = len(set(stored["emails"]) - set(stored["letters"]))
    given, waiting = (stored["statuses"].get(status, 0) for status in ("registered", "waiting"))
    report("places given, people waiting", f"{given}, {waiting}", f"{places}, {number - places}")
    report("lost, doubled, without a letter", f"{lost}, {doubled}, {without_letter}", "0, 0, 0")
    p99 = times[round(0.99 * (len(times) - 1))]
    report("median, p99", f"{statistics.median(times):.2f} s, {p99:.2f} s", "≤ 2 s")
    report("errors, locked", f"{outcome.wrong.total()}, {locked}", "0, 0")
    for error, count in outcome.wrong.items():
        print(f"  {count} x {error}")
    faults = (lost, doubled, without_letter, locked, outcome.wrong.total())
    return (given, waiting) == (places, number - places) and not any(faults)


def main() -> int:
    """Returns 1 if anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(description="Registrations when a workshop opens.")
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--places", type=int, default=250)
    chosen = parser.parse_args()
    stop_on_sigterm()
    is_clean = measure(chosen.number, chosen.seconds, chosen.clients, chosen.places)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
