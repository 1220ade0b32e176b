"""What the programme's public pages cost: questions to the database, bytes and time of a processor.

    .venv/bin/python bench/programme.py

A programme of 10 days, 5 rooms and 1,000 contributions, and a tenth and a third of it, each published, in a
data folder of its own; through the whole of Django with the test client.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import date
from datetime import time as clock
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS, SESSIONS, SLOTS = 5, 4, 5  # a day of 100 contributions
DAYS = (1, 3, 10)
ROUNDS = 7
PAGES = (
    *("", "programme/", "programme/now/", "speakers/", "posters/", "posters/?q=model"),
    *("programme.ics", "schedule.xml", "schedule.json"),
)


def main() -> None:
    """Prints a line per page and size."""
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

        from apps.ops.server import spare_the_collector

        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        call_command("migrate", verbosity=0)
        spare_the_collector()
        client = Client(SERVER_NAME="localhost")
        print(f"{'page':>20}{'contributions':>15}{'queries':>9}{'kB':>8}{'ms of CPU':>11}")
        for days in DAYS:
            slug = _publish(days)
            for page in PAGES:
                address = f"/{slug}/{page}"
                with CaptureQueriesContext(connection) as queries:
                    response = client.get(address)
                asked = len(queries)
                if response.status_code != 200:
                    raise SystemExit(f"{address}: {response.status_code}")
                spent = []
                for _ in range(ROUNDS):
                    begun = time.process_time()
                    client.get(address)
                    spent.append(time.process_time() - begun)
                print(
                    f"{page or 'home':>20}{days * ROOMS * SESSIONS * SLOTS:15}{asked:9}"
                    f"{len(response.content) / 1000:8.1f}{1000 * statistics.median(spent):11.1f}"
                )


def _publish(days: int) -> str:
    """An edition with a programme of so many days; its address."""
    from apps.editions.models import Edition
    from apps.pages.models import Section
    from apps.people.models import Person
    from apps.programme.models import Contribution, Contributor, Room, Session, Slot
    from apps.programme.releases import publish_programme
    from apps.topics.models import Topic

    edition = Edition.objects.create(
        slug=f"{days}-days",
        year=2000 + days,
        title="Workshop",
        state="published",
        starts_on=date(2040, 5, 3),
        ends_on=date(2040, 5, 2 + days),
    )
    for shows in ("programme", "speakers", "posters"):
        Section.objects.create(edition=edition, heading=shows, shows=shows)
    topics = [Topic.objects.create(edition=edition, heading=f"Topic {n}") for n in range(8)]
    people = [
        Person(
            name=f"Ada Example {n}", slug=f"ada-{days}-{n}", affiliation="University of Examples"
        )
        for n in range(days * ROOMS * SESSIONS * SLOTS)
    ]
    people = Person.objects.bulk_create(people)
    numbers = iter(range(len(people)))
    for number in range(ROOMS):
        room = Room.objects.create(edition=edition, name=f"Room {number}")
        for day in range(1, days + 1):
            for place in range(SESSIONS):
                is_poster = place == SESSIONS - 1
                session = Session.objects.create(
                    edition=edition,
                    room=room,
                    day=day,
                    kind="posters" if is_poster else "talks",
                    title=f"Session {place}",
                    starts_at=clock(9 + 2 * place),
                    minutes=100,
                )
                rows = Contribution.objects.bulk_create(
                    Contribution(
                        edition=edition,
                        slug=f"talk-{key}",
                        kind="poster" if is_poster else "keynote" if place == 0 else "contributed",
                        title=f"A model of talk {key}",
                        abstract="We ask what is lost, and measure it. " * 30,
                        is_published=True,
                    )
                    for key in (next(numbers) for _ in range(SLOTS))
                )
                Contributor.objects.bulk_create(
                    Contributor(contribution=row, person=people[row.pk % len(people)])
                    for row in rows
                )
                through = Contribution.topics.through
                through._default_manager.bulk_create(
                    through(contribution=row, topic=topics[row.pk % 8]) for row in rows
                )
                Slot.objects.bulk_create(
                    Slot(
                        session=session,
                        contribution=row,
                        minutes=20,
                        ordering=at,
                        board=f"{number}{day}-{row.pk}" if is_poster else "",
                    )
                    for at, row in enumerate(rows)
                )
    publish_programme(edition=edition, by=None)
    return edition.slug


if __name__ == "__main__":
    main()
