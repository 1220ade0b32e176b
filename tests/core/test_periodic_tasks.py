"""Periodic tasks: repetition, and independence of failures."""

import logging
import threading
from datetime import timedelta

import pytest

from apps.core.periodic_tasks import PeriodicTask, run_tasks
from tests.workshop.commands import manage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_task_runs_at_once_and_then_at_its_interval():
    stopping, runs = threading.Event(), []

    def run() -> None:
        runs.append(1)
        if len(runs) == 3:
            stopping.set()

    task = PeriodicTask("counting", every=timedelta(milliseconds=20), run=run)
    run_tasks([task], stopping=stopping, poll_interval=0.01)

    assert len(runs) == 3


def test_a_task_that_fails_is_logged_and_the_next_one_runs(caplog):
    stopping = threading.Event()

    def fail() -> None:
        raise ValueError("no")

    tasks = [
        PeriodicTask("failing", every=timedelta(hours=1), run=fail),
        PeriodicTask("ending", every=timedelta(hours=1), run=stopping.set),
    ]
    with caplog.at_level(logging.ERROR):
        run_tasks(tasks, stopping=stopping)

    assert [record.getMessage() for record in caplog.records] == ["Task failed: failing."]


def test_no_task_starts_after_the_stop():
    stopping, runs = threading.Event(), []
    stopping.set()
    task = PeriodicTask("never", every=timedelta(hours=1), run=lambda: runs.append(1))

    run_tasks([task], stopping=stopping)

    assert runs == []


def test_the_write_ahead_log_is_emptied_of_erased_rows(tmp_path):
    code = """if True:
        from django.conf import settings
        from django.db import connection
        from apps.core.periodic_tasks import empty_write_ahead_log

        def log():
            return (settings.DATA_DIR / "db.sqlite3-wal").read_bytes()

        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE words (word)")
            cursor.execute("INSERT INTO words VALUES ('Zyxwvut')")
            cursor.execute("DELETE FROM words")
        reader = connection.copy()
        with reader.cursor() as cursor:
            cursor.execute("SELECT * FROM words")
            print("logged", b"Zyxwvut" in log())
            empty_write_ahead_log()
            print("emptied", len(log()))
        reader.close()
    """

    result = manage(tmp_path, "shell", "--no-imports", "--command", code)

    assert result.stdout.splitlines() == ["logged True", "emptied 0"], result.stderr
