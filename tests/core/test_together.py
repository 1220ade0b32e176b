"""What threads have ready goes to the disk together, and each is told what became of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core import together as module
from apps.core.locks import fair_turn
from apps.core.together import NotKept, together, undisturbed
from apps.topics.models import Topic
from tests.factories import make_edition, make_topic

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_file"),
]


@pytest.fixture
def edition():
    return make_edition()


@pytest.fixture
def shared(monkeypatch) -> list[int]:
    """How many each transaction was begun for."""
    sizes: list[int] = []
    keep = module._keep

    def counting(entries) -> None:
        sizes.append(len(entries))
        keep(entries)

    monkeypatch.setattr(module, "_keep", counting)
    return sizes


def _headings() -> list[str]:
    return sorted(Topic.objects.values_list("heading", flat=True))


def _adding(edition, heading: str) -> Callable[[], str]:
    def work() -> str:
        make_topic(edition, heading=heading)
        return heading

    return work


def _at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each came to, all of them having waited for one turn of this process."""
    came: list[Any] = [None] * len(works)

    def run(number: int) -> None:
        try:
            with undisturbed():
                came[number] = together("test", works[number])
        except BaseException as fault:
            came[number] = fault
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(len(works))]
    with fair_turn("test"):
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        # PostgreSQL has room for many writers: there nobody waits for another.
        while connection.vendor == "sqlite" and len(
            module._queues["test"].entries if "test" in module._queues else ()
        ) < len(works):
            assert time.monotonic() < deadline, "they do not wait together"
            time.sleep(0.01)
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return came


def test_who_waits_together_is_kept_together_and_answered_with_its_own(edition, shared):
    came = _at_once(*(_adding(edition, name) for name in "ABCDE"))

    assert came == list("ABCDE")
    assert _headings() == list("ABCDE")
    assert shared == ([5] if connection.vendor == "sqlite" else [])


def test_one_that_fails_takes_no_other_along(edition, shared):
    def break_a_rule() -> None:
        make_topic(edition, heading="Half")
        make_topic(edition, heading="Half", slug=Topic.objects.get(heading="Half").slug)

    def think_better_of_it() -> None:
        make_topic(edition, heading="Half")
        raise ValueError("No")

    came = _at_once(_adding(edition, "A"), break_a_rule, _adding(edition, "B"), think_better_of_it)

    assert [came[0], came[2]] == ["A", "B"]
    assert isinstance(came[1], IntegrityError)
    assert isinstance(came[3], ValueError)
    assert _headings() == ["A", "B"]
    assert shared == ([4] if connection.vendor == "sqlite" else [])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_one_that_has_ended(edition, monkeypatch):
    def end(entries) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(module, "_keep", end)
        came = _at_once(*(_adding(edition, name) for name in "ABC"))

    if connection.vendor != "sqlite":
        assert came == list("ABC")
        return
    assert sorted(type(fault).__name__ for fault in came) == ["NotKept", "NotKept", "SystemExit"]
    assert issubclass(NotKept, Exception)
    assert _headings() == []
    assert _at_once(_adding(edition, "D")) == ["D"]


def test_alone_it_is_kept_before_it_is_answered(edition):
    assert together("test", _adding(edition, "A")) == "A"

    assert not connection.in_atomic_block
    connection.close()
    assert _headings() == ["A"]


def test_what_fails_alone_is_undone(edition):
    def fail() -> None:
        make_topic(edition, heading="Half")
        raise ValueError("No")

    with pytest.raises(ValueError, match="No"):
        together("test", fail)

    assert _headings() == []


def test_in_a_transaction_it_is_part_of_that(edition):
    def both() -> None:
        with transaction.atomic():
            together("test", _adding(edition, "A"))
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  (raised by nobody else)
        both()

    assert _headings() == []
