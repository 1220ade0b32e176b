"""Two organisers who press at the same moment: both are answered, and the rules hold."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from apps.editions.models import Edition
from apps.editions.services import make_edition_current
from apps.imports.cloning import clone_edition
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db(transaction=True)


def overlapping(first: Callable[[], object], second: Callable[[], object]) -> list[Exception]:
    """Does `second` while what `first` wrote is not yet there for others; returns its faults.

    SQLite lets one writer in at a time, so there the second one simply comes after.
    """
    faults: list[Exception] = []

    def press() -> None:
        try:
            second()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    if not connection.features.has_select_for_update:
        first()
        second()
        return faults
    thread = threading.Thread(target=press)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(0.5)  # long enough to meet the lock
    thread.join()
    return faults


def test_of_two_editions_put_at_the_root_at_once_the_second_stands_there():
    make_current_edition(slug="2023")
    one, other = make_edition(slug="2024"), make_edition(slug="2025")

    faults = overlapping(
        lambda: make_edition_current(edition=one), lambda: make_edition_current(edition=other)
    )

    assert faults == []
    assert [edition.slug for edition in Edition.objects.current()] == ["2025"]


def test_of_two_editions_copied_at_once_each_copy_has_an_address():
    one, other = make_edition(slug="2024", year=2024), make_edition(slug="2024b", year=2024)

    faults = overlapping(
        lambda: clone_edition(source=one, by=None), lambda: clone_edition(source=other, by=None)
    )

    assert faults == []
    assert set(Edition.objects.filter(year=2025).values_list("slug", flat=True)) == {
        "2025",
        "2025-2",
    }
