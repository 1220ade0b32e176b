"""Periodic tasks: run again, and independent of failures of others."""

import logging
import threading
from datetime import timedelta

import pytest

from apps.core import periodic_tasks
from apps.core.periodic_tasks import register_task, run_tasks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def only_ours(monkeypatch):
    monkeypatch.setattr(periodic_tasks, "_tasks", {})
    monkeypatch.setattr(periodic_tasks, "_POLL_INTERVAL", 0.01)


def test_a_task_runs_at_once_and_again_after_its_pause(only_ours):
    stopping, times = threading.Event(), []

    def run() -> None:
        times.append(1)
        if len(times) == 3:
            stopping.set()

    register_task("counting", every=timedelta(milliseconds=20), run=run)

    run_tasks(stopping=stopping)

    assert len(times) == 3


def test_a_task_that_fails_is_logged_and_the_next_one_runs(only_ours, caplog):
    stopping = threading.Event()

    def fail() -> None:
        raise ValueError("no")

    register_task("failing", every=timedelta(hours=1), run=fail)
    register_task("ending", every=timedelta(hours=1), run=stopping.set)

    with caplog.at_level(logging.ERROR):
        run_tasks(stopping=stopping)

    assert [record.getMessage() for record in caplog.records] == ["Task failed: failing."]


def test_no_task_begins_after_the_stop(only_ours):
    stopping, done = threading.Event(), []
    stopping.set()
    register_task("never", every=timedelta(hours=1), run=lambda: done.append(1))

    run_tasks(stopping=stopping)

    assert done == []
