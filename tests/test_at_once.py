"""Two organisers who act at the same time: both succeed, and the constraints hold."""

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
    """Run `second` before `first` is committed; return its exceptions.

    SQLite allows one writer at a time, so there `second` runs after `first`.
    """
    errors: list[Exception] = []

    def run() -> None:
        try:
            second()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    if not connection.features.has_select_for_update:
        first()
        second()
        return errors
    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(0.5)  # long enough to meet the lock
    thread.join()
    return errors


def test_the_last_edition_made_current_is_the_home_page():
    make_current_edition(slug="2023")
    first, second = make_edition(slug="2024"), make_edition(slug="2025")

    errors = overlapping(
        lambda: make_edition_current(edition=first), lambda: make_edition_current(edition=second)
    )

    assert errors == []
    assert [edition.slug for edition in Edition.objects.current()] == ["2025"]


def test_two_editions_copied_at_once_get_different_addresses():
    first, second = make_edition(slug="2024", year=2024), make_edition(slug="2024b", year=2024)

    errors = overlapping(
        lambda: clone_edition(source=first, by=None), lambda: clone_edition(source=second, by=None)
    )

    assert errors == []
    assert set(Edition.objects.filter(year=2025).values_list("slug", flat=True)) == {
        "2025",
        "2025-2",
    }
