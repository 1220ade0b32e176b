"""Whether letters go out, as /healthz is told."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.mail.models import Letter
from apps.mail.worker import Worker, heartbeat_file, is_mail_healthy
from tests.mail.conftest import make_letter

pytestmark = pytest.mark.django_db

LONG = timedelta(minutes=16)


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.HAS_MAIL = True


def _due(ago: timedelta, **fields) -> Letter:
    return make_letter(due_at=timezone.now() - ago, **fields)


def test_recently_due_letters_are_healthy():
    _due(timedelta(minutes=1))

    assert is_mail_healthy()


def test_a_letter_due_for_long_is_unhealthy():
    _due(LONG)

    assert not is_mail_healthy()


@pytest.mark.parametrize("state", ["draft", "sent", "failed", "discarded"])
def test_letters_not_waiting_are_healthy(state):
    _due(LONG, state=state, sent_at=timezone.now() if state == "sent" else None)

    assert is_mail_healthy()


def test_letters_waiting_for_a_chair_or_for_later_are_healthy():
    _due(timedelta(days=8))
    _due(-timedelta(hours=1))

    assert is_mail_healthy()


def test_without_a_mail_server_waiting_letters_are_healthy(settings):
    settings.HAS_MAIL = False
    _due(LONG)

    assert is_mail_healthy()


def test_a_dead_worker_is_unhealthy_after_a_while():
    heartbeat_file().touch()
    at_once = is_mail_healthy()
    long_ago = time.time() - LONG.total_seconds()
    os.utime(heartbeat_file(), (long_ago, long_ago))

    assert (at_once, is_mail_healthy()) == (True, False)


def test_without_any_worker_health_is_good():
    assert is_mail_healthy()


@pytest.mark.django_db(transaction=True)
def test_a_worker_touches_its_heartbeat_and_removes_it_at_the_end(settings, monkeypatch):
    settings.HAS_MAIL = False
    worker = Worker(say=print)
    seen: list[bool] = []

    def look(self) -> float:
        seen.append(heartbeat_file().exists())
        worker.stop()
        return 0.0

    monkeypatch.setattr(Worker, "_look", look)
    monkeypatch.setattr("apps.mail.worker.run_tasks", lambda tasks, *, stopping: stopping.wait(5))
    thread = threading.Thread(target=worker.run)
    thread.start()
    thread.join(10)

    assert seen == [True]
    assert not heartbeat_file().exists()


def test_the_health_page_gives_no_details(client):
    _due(LONG)

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")
