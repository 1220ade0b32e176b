"""How long it takes to find what cannot be right among 1,000 slots.

    python bench/conflicts.py

Prints milliseconds, and how often a plain sort of as many spans fits into that on this machine.
Asks no database.
"""

import os
import statistics
import sys
import time
from datetime import date
from datetime import time as clock
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")

import django

django.setup()

from apps.editions.models import Edition
from apps.people.models import Person
from apps.programme.conflicts import find_warnings
from apps.programme.models import Contribution, Contributor
from apps.programme.timetable import PlannedSession, PlannedSlot, lay_out

DAYS, ROOMS, SESSIONS, SLOTS = 10, 5, 4, 5  # 1,000 slots
ROUNDS = 30


def main() -> None:
    edition = Edition(
        time_zone="Europe/London", starts_on=date(2024, 5, 3), ends_on=date(2024, 5, 12)
    )
    people = [Person(pk=number, name=f"Person {number}") for number in range(1, 401)]
    plan, number = [], 0
    for day in range(1, DAYS + 1):
        for room in range(1, ROOMS + 1):
            for session in range(SESSIONS):
                slots = tuple(PlannedSlot(number + n, number + n, minutes=15) for n in range(SLOTS))
                number += SLOTS
                plan.append(
                    PlannedSession(
                        pk=number,
                        slug=f"session-{number}",
                        kind="talks",
                        title=f"Session {number}",
                        day=day,
                        # Each starts before the one before it is over.
                        starts_at=clock(9 + session),
                        minutes=75,
                        room=room,
                        room_name=f"Room {room}",
                        slots=slots,
                    )
                )
    timetable = lay_out(plan, zone=ZoneInfo("Europe/London"), first_day=edition.starts_on)
    for slot in timetable.slots():
        key = slot.plan.contribution
        talk = Contribution(pk=key, title=f"Talk {key}")
        speakers = [Contributor(person=people[(key * step) % 400]) for step in (1, 7, 13)]
        talk._prefetched_objects_cache = {"contributors": speakers}
        slot.contribution = talk

    spent = _milliseconds(lambda: find_warnings(timetable, edition=edition))
    begins = [slot.span.begin for slot in timetable.slots()][::-1] * 4
    sorting = _milliseconds(lambda: sorted(begins, key=lambda begin: begin))
    found = len(find_warnings(timetable, edition=edition))
    print(f"{number} slots, 3 speakers each: {found} warnings in {spent:.1f} ms")
    print(f"sorting as many spans: {sorting:.2f} ms; ratio {spent / sorting:.0f}")


def _milliseconds(job) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        job()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
