"""What the organisers' screens and exports cost with thousands of expressions.

    .venv/bin/python bench/desk.py [--only list dashboard …] [--only-short]

Fills a data folder of its own with 40, then 10,000 expressions with three reviews each, and opens the
screens in this process, through the whole of Django: questions to the database, and the median of
nine times, by the clock and of the processor, the latter also as a ratio to a list with nothing in
it, opened in turns with them. With 100,000 the list is opened again, at its first and last page,
sorted by name, and searched; and the exports are taken from a real server over HTTP, as a browser
does it: first byte, last byte, and by how much the process that makes them grows. Python's own
pace, on which the exports' time depends, is measured in the same run. Exits with 1 if a screen does
not answer, or asks another number of questions with 10,000 than with 40, or more than it may.

On SQLite; with DATABASE_URL on an empty database there, and then without the exports.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from submissions import Site, free_port, tidy_up_on_sigterm

ROOT = Path(__file__).resolve().parent.parent
LIST = "/admin/interest/expression/"
# Where the screens are, for an edition's key, and as whom they are opened.
SCREENS = {
    "list": (LIST, "Chair"),
    "list, searched": (f"{LIST}?q=student+1", "Chair"),
    "list of a reviewer": (LIST, "Reviewer"),
    "board": ("/admin/selection/board/{edition}/", "Chair"),
    "queue": ("/admin/review/queue/{edition}/", "Reviewer"),
    "dashboard": ("/admin/", "Chair"),
}
# With 100,000; fifty stand on a page.
LONG_LIST = {
    "list": (LIST, "Chair"),
    "list, last page": (f"{LIST}?p=2000", "Chair"),
    "by name": (f"{LIST}?o=2", "Chair"),
    "by name, last page": (f"{LIST}?o=2&p=2000", "Chair"),
    "searched, 111 found": (f"{LIST}?q=student+777", "Chair"),
    "searched, none found": (f"{LIST}?q=nobody", "Chair"),
    "searched, all found": (f"{LIST}?q=student", "Chair"),
}
EMPTY = "/admin/interest/accesslink/"
ROUNDS = 9
MOST_QUESTIONS = 12
MOST_OF_THE_LONG_LIST = 9
# It works out from a few found what it has to ask of many (apps/interest/admin/found.py).
DIFFERS_WITH_MANY = {"list, searched"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=SCREENS, default=list(SCREENS))
    parser.add_argument("--only-short", action="store_true", help="up to 10,000 alone")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    tidy_up_on_sigterm()
    with tempfile.TemporaryDirectory() as folder:
        secret = "only-for-measuring-" + "0123456789" * 5
        os.environ |= {
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "workshop.settings",
            "SECRET_KEY": secret,
        }
        Path(folder, "static").mkdir()
        desk = _Desk()
        faults = desk.compare(40, 10_000, options.only)
        if not options.only_short:
            desk.fill(100_000)
            faults += desk.measure(100_000, LONG_LIST, MOST_OF_THE_LONG_LIST)[1]
        if not options.only_short and "DATABASE_URL" not in os.environ:
            _measure_exports(Path(folder), desk.session("Chair"), secret)
    if faults:
        raise SystemExit("\n".join(faults))


class _Desk:
    """The site in this process, with an edition that is filled step by step."""

    def __init__(self) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        call_command("migrate", verbosity=0)
        from django.test import Client

        from tests import factories

        self.edition = factories.make_current_edition(slug="2030", year=2030)
        factories.make_call(self.edition, is_review_anonymous=False)
        self.topics = [factories.make_topic(self.edition) for _ in range(8)]
        self.question = factories.make_question(self.edition)
        self.chair = factories.make_user("Chair")
        self.reviewers = [factories.make_user("Reviewer") for _ in range(6)]
        self.clients = {}
        for role, user in (("Chair", self.chair), ("Reviewer", self.reviewers[0])):
            self.clients[role] = Client(SERVER_NAME="localhost")
            backend = "django.contrib.auth.backends.ModelBackend"
            self.clients[role].force_login(user, backend=backend)
        print(
            f"{'':22}{'expressions':>12}{'questions':>11}{'ms':>8}{'of processor':>14}"
            f"{'empty list':>12}{'ratio':>8}"
        )

    def session(self, role: str) -> str:
        """The cookie's value that signs in whoever has this role."""
        return self.clients[role].session.session_key

    def fill(self, count: int) -> None:
        """Up to `count` expressions; up to 10,000 are reviewed as well, but for the last tenth."""
        from django.db import connection

        from apps.interest.models import Expression
        from tests import many

        many.make_many_expressions(
            self.edition,
            count - Expression.objects.count(),
            topics=self.topics,
            decider=self.chair,
            question=self.question,
        )
        if count <= 10_000:
            many.make_many_reviews(self.edition, self.reviewers)
        if connection.vendor == "postgresql":
            # As its own chores would within a minute.
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")

    def compare(self, few: int, many: int, names: list[str]) -> list[str]:
        """Measures both; returns what is wrong."""
        screens = {name: SCREENS[name] for name in names}
        self.fill(few)
        with_few, faults = self.measure(few, screens)
        self.fill(many)
        with_many, more = self.measure(many, screens)
        for name in names:
            if with_few[name] != with_many[name] and name not in DIFFERS_WITH_MANY:
                faults.append(f"{name}: {with_few[name]} questions, then {with_many[name]}.")
        return faults + more

    def measure(
        self, count: int, screens: dict[str, tuple[str, str]], most: int = MOST_QUESTIONS
    ) -> tuple[dict[str, int], list[str]]:
        """Prints a line for each screen; returns their questions, and what is wrong."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        questions, faults = {}, []
        for name, (route, role) in screens.items():
            path, client = route.format(edition=self.edition.pk), self.clients[role]
            seconds, busy, empty = [], [], []
            for _ in range(ROUNDS):
                empty.append(_seconds(self.clients["Chair"], EMPTY)[1])
                second, worked, status = _seconds(client, path)
                seconds.append(second)
                busy.append(worked)
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            questions[name] = len(asked)
            if status != http.HTTPStatus.OK:
                faults.append(f"{name}: {path} answered {status}.")
            if len(asked) > most:
                faults.append(f"{name}, {count:,}: {len(asked)} questions are more than {most}.")
            ms, of_processor, beside = (
                1000 * statistics.median(times) for times in (seconds, busy, empty)
            )
            print(
                f"{name:22}{count:12,}{len(asked):11}{ms:8.0f}{of_processor:14.0f}"
                f"{beside:12.0f}{of_processor / beside:7.1f}x",
                flush=True,
            )
        return questions, faults


def _seconds(client, path: str) -> tuple[float, float, int]:
    """By the clock, of the processor; and what was answered."""
    start, worked = time.perf_counter(), time.process_time()
    response = client.get(path)
    return time.perf_counter() - start, time.process_time() - worked, response.status_code


def _measure_exports(folder: Path, session: str, secret: str) -> None:
    """Prints what each export takes over HTTP, and how much the server's processes grow."""
    site = Site(folder, free_port(), workers=1, command="serve")
    site.environment["SECRET_KEY"] = secret
    site.start()
    try:
        browser = _Browser(site, session)
        browser.open(LIST)
        browser.take(f"{LIST}export/csv/?q=student+777")  # what is loaded once is loaded
        print(
            f"\n{'export of 100,000':22}{'first byte s':>13}{'whole s':>9}{'of processor':>14}"
            f"{'MB':>7}{'grew MB':>9}"
        )
        print(f"(ten million squares summed: {_pace():.2f} s of the processor)")
        for name, encoding in (("CSV", "identity"), ("CSV, compressed", "gzip")):
            before, worked = _memory(site), site.processor_seconds()
            first, whole, size = browser.take(f"{LIST}export/csv/", encoding)
            worked = site.processor_seconds() - worked
            _say_export(name, first, whole, worked, size, _growth(before, _peaks(site)))
        before, worked = _memory(site), site.processor_seconds()
        start = time.perf_counter()
        page = browser.press(f"{LIST}export/xlsx/")
        answered = time.perf_counter() - start
        while "The file is ready" not in (said := browser.open(page)):
            if "The file was not made" in said:
                raise SystemExit("The Excel file was not made.")
            time.sleep(0.5)
        made = time.perf_counter() - start
        grew, worked = _growth(before, _peaks(site)), site.processor_seconds() - worked
        _, fetched, size = browser.take(f"{page}fetch/")
        _say_export("XLSX, until ready", answered, made, worked, size, grew)
        print(f"{'XLSX, fetched':22}{'':13}{fetched:9.2f}")
    finally:
        site.kill()


def _say_export(
    name: str, first: float, whole: float, worked: float, size: int, grew: float
) -> None:
    print(
        f"{name:22}{first:13.2f}{whole:9.2f}{worked:14.2f}{size / 1e6:7.0f}{grew:9.0f}", flush=True
    )


class _Browser:
    """Somebody signed in, over HTTP."""

    def __init__(self, site: Site, session: str) -> None:
        self.site = site
        self.cookies = {"session": session}
        self.token = ""

    def open(self, path: str) -> str:
        """The page's text; keeps what its forms are sent with."""
        with self._answer("GET", path, "gzip") as response:
            if response.status != http.HTTPStatus.OK:
                raise SystemExit(f"{path} answered {response.status}")
            for header in response.headers.get_all("Set-Cookie") or []:
                name, _, value = header.partition(";")[0].partition("=")
                self.cookies[name] = value
            html = gzip.decompress(response.read()).decode()
        if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html):
            self.token = found[1]
        return html

    def press(self, path: str) -> str:
        """Where a press leads."""
        with self._answer("POST", path) as response:
            return response.headers["Location"]

    def take(self, path: str, encoding: str = "identity") -> tuple[float, float, int]:
        """Presses for a file and reads it: seconds to its first byte and its last, its size."""
        start = time.perf_counter()
        with self._answer("POST", path, encoding) as response:
            if response.status != http.HTTPStatus.OK:
                raise SystemExit(f"{path} answered {response.status}")
            size = len(response.read(1))
            first = time.perf_counter() - start
            while piece := response.read(1 << 16):
                size += len(piece)
        return first, time.perf_counter() - start, size

    def _answer(self, method: str, path: str, encoding: str = "identity"):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=300)
        headers = {
            "Host": f"localhost:{self.site.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.token,
            "Accept-Encoding": encoding,
        }
        connection.request(method, path, headers=headers)
        return connection.getresponse()


def _pace() -> float:
    start = time.process_time()
    sum(number * number for number in range(10_000_000))
    return time.process_time() - start


def _processes(site: Site) -> list[Path]:
    """The folders under /proc of the server and all that it started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            group = int(path.read_text().rpartition(")")[2].split()[2])
        except OSError:
            continue
        if group == site.process.pid:
            found.append(path.parent)
    return found


def _memory(site: Site) -> dict[Path, int]:
    """What each process holds now, in kB; its peak counts anew from here (proc(5), clear_refs)."""
    for process in _processes(site):
        (process / "clear_refs").write_text("5")
    return _status(site, "VmRSS")


def _peaks(site: Site) -> dict[Path, int]:
    return _status(site, "VmHWM")


def _status(site: Site, name: str) -> dict[Path, int]:
    held = {}
    for process in _processes(site):
        for line in (process / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                held[process] = int(line.split()[1])
    return held


def _growth(before: dict[Path, int], after: dict[Path, int]) -> float:
    """By how many MB the process that grew most did."""
    return max(kb - before.get(process, kb) for process, kb in after.items()) / 1024


if __name__ == "__main__":
    main()
