"""What is done now and then: again and again, and one that fails keeps nobody from the others."""

import logging
import threading
from datetime import timedelta

import pytest

from apps.core import chores
from apps.core.chores import do_chores, is_stopping, register_chore

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def only_ours(monkeypatch):
    monkeypatch.setattr(chores, "_chores", {})
    monkeypatch.setattr(chores, "_LOOK_EVERY", 0.01)


def test_a_chore_is_done_at_once_and_again_after_its_pause(only_ours):
    stopping, times = threading.Event(), []

    def run() -> None:
        times.append(1)
        if len(times) == 3:
            stopping.set()

    register_chore("counting", every=timedelta(milliseconds=20), run=run)

    do_chores(stopping=stopping)

    assert len(times) == 3


def test_a_chore_that_fails_is_logged_and_the_next_is_done(only_ours, caplog):
    stopping = threading.Event()

    def fail() -> None:
        raise ValueError("no")

    register_chore("failing", every=timedelta(hours=1), run=fail)
    register_chore("ending", every=timedelta(hours=1), run=stopping.set)

    with caplog.at_level(logging.ERROR):
        do_chores(stopping=stopping)

    assert [record.getMessage() for record in caplog.records] == ["Not done: failing."]


def test_nothing_is_begun_once_it_is_told_to_stop(only_ours):
    stopping, done = threading.Event(), []
    stopping.set()
    register_chore("never", every=timedelta(hours=1), run=lambda: done.append(1))

    do_chores(stopping=stopping)

    assert done == []


def test_what_its_thread_does_afterwards_is_not_told_to_stop(only_ours):
    stopping, within = threading.Event(), []

    def end() -> None:
        stopping.set()
        within.append(is_stopping())

    register_chore("ending", every=timedelta(hours=1), run=end)

    do_chores(stopping=stopping)

    assert (within, is_stopping()) == ([True], False)
