"""What rendering the home page costs: questions to the database and time, at ten and at a thousand people.

    .venv/bin/python bench/home_page.py

Runs in a data folder of its own, in this process, through the whole of Django with the test client;
time is given as a ratio to the same page with ten people, taken in turns in the same run.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1000)
ROUNDS = 15


def main() -> None:
    """Prints a line per size."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "workshop.settings"}
        Path(folder, "static").mkdir()
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        call_command("migrate", verbosity=0)
        call_command("import_edition", str(ROOT / "content" / "2024"), verbosity=0)
        from apps.people.models import Group, Membership, Person

        team = Group.objects.get(slug="organization-team-members")
        client = Client(SERVER_NAME="localhost")
        first = 0.0
        print(f"{'people':>8}{'queries':>9}{'kB':>8}{'ms':>8}{'ratio':>8}")
        for size in SIZES:
            for number in range(Person.objects.count(), size):
                person = Person.objects.create(name=f"Ada Example {number}")
                Membership.objects.create(group=team, person=person)
            seconds = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                response = client.get("/")
                seconds.append(time.perf_counter() - start)
            with CaptureQueriesContext(connection) as queries:
                client.get("/")
            milliseconds = 1000 * statistics.median(seconds)
            first = first or milliseconds
            print(
                f"{size:8}{len(queries):9}{len(response.content) / 1000:8.1f}"
                f"{milliseconds:8.1f}{milliseconds / first:7.2f}x"
            )


if __name__ == "__main__":
    main()
