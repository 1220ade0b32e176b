"""What making the home page costs, when it is not in memory: questions, bytes and time of a processor.

    .venv/bin/python bench/home_page.py

Runs in a data folder of its own, in this process, through the whole of Django by its WSGI call: the
home pages of both shipped editions, and that of 2024 with dates, place, news and past editions besides
and up to 1,000 people. Between any two pages a fixed piece of Python runs, so that machines and hours
can be compared: the last column. The calls of functions are the same on any machine.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from cProfile import Profile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1000)
ROUNDS = 40


def main() -> None:
    """Prints a line per page."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "workshop.settings"}
        Path(folder, "static").mkdir()
        import django

        django.setup()
        from django.conf import settings
        from django.core.handlers.wsgi import WSGIHandler
        from django.core.management import call_command
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        call_command("migrate", verbosity=0)
        for year in ("2023", "2024"):
            call_command("import_edition", str(ROOT / "content" / year), verbosity=0)
        application = WSGIHandler()
        gc.freeze()
        print(f"{'page':>32}{'queries':>9}{'kB':>8}{'calls':>9}{'ms of CPU':>11}{'in units':>10}")
        for name, address in _pages():
            for _ in range(5):
                body = _get(application, address)
            spent, units = [], []
            for _ in range(ROUNDS):
                begun = time.process_time()
                _get(application, address)
                spent.append(time.process_time() - begun)
                units.append(_unit())
            with CaptureQueriesContext(connection) as queries:
                _get(application, address)
            asked = len(queries)
            with Profile() as calls:
                _get(application, address)
            cost = statistics.median(spent)
            print(
                f"{name:>32}{asked:9}{len(body) / 1000:8.1f}"
                f"{sum(one.callcount for one in calls.getstats()):9,}"
                f"{1000 * cost:11.1f}{cost / statistics.median(units):10.2f}"
            )


def _pages() -> Iterator[tuple[str, str]]:
    """What they are called and their addresses; each is there once it is asked for."""
    from datetime import date, timedelta

    from apps.editions.models import Deadline, Edition
    from apps.news.models import NewsItem
    from apps.pages.models import Section
    from apps.people.models import Group, Membership, Person

    yield "2023 as it ships", "/2023/"
    yield "2024 as it ships", "/2024/"
    edition = Edition.objects.get(slug="2024")
    shown = set(edition.sections.values_list("shows", flat=True))
    for number in range(5):
        day = date(2040, 1, 1) + timedelta(number)
        Deadline.objects.create(edition=edition, title=f"Deadline {number}", due_on=day)
        NewsItem.objects.create(edition=edition, body=f"**News** {number}.", is_published=True)
    for shows in ("deadlines", "venue", "news", "past_editions"):
        if shows not in shown:
            Section.objects.create(edition=edition, heading=shows, shows=shows)
    team = Group.objects.get(slug="organization-team-members")
    for size in SIZES:
        for number in range(Person.objects.count(), size + 13):
            person = Person.objects.create(name=f"Ada Example {number}")
            Membership.objects.create(group=team, person=person)
        yield f"more kinds, {Membership.objects.count()} people", "/2024/"


def _get(application, address: str) -> bytes:
    said: list = []
    question = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    response = application(question, lambda *words: said.append(words))
    body = b"".join(response)
    response.close()
    if not said[0][0].startswith("200"):
        raise SystemExit(f"{address}: {said[0][0]}")
    return body


def _unit() -> float:
    """Seconds of a processor for a fixed piece of Python."""
    begun = time.process_time()
    total = 0
    for number in range(60_000):
        total += number * number
    return time.process_time() - begun


if __name__ == "__main__":
    main()
