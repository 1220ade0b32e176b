"""Releases in processes of their own: two at once, and one that is killed halfway."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

# Fixtures, found by pytest under these names.
from tests.mail.test_processes import (  # noqa: F401  (see above)
    SECONDS,
    Workshop,
    office,
    prepared,
    workshop,
)
from tests.processes import start_process
from tests.workshop.commands import ROOT, environment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_FILL = """
from apps.selection.decisions import decide
from apps.selection.decisions import draft_decision_letters, pending_decisions
from tests.factories import make_call, make_edition, make_expression, make_user
edition = make_edition(slug="2024")
make_call(edition)
chair = make_user("Chair")
for number in range({count}):
    decide(expression=make_expression(edition), verdict="accept", offer="talk", by=chair)
draft_decision_letters(edition=edition)
print(" ".join(row.draft_key for row in pending_decisions(edition)))
"""
_RELEASE = """
import os, signal, sys
from apps.accounts.models import User
from apps.editions.models import Edition
from apps.selection.models import PendingDecision
from apps.selection.decisions import release_decisions
{more}
report = release_decisions(edition=Edition.objects.get(slug="2024"), seen={seen!r}.split(),
    by=User.objects.get())
print(report.released)
"""
# Killed after the third expression has moved, before its letter is queued.
_KILLED_IN_BETWEEN = """
build_letter, calls = PendingDecision.build_letter, []
def build_or_die(self):
    calls.append(self)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return build_letter(self)
PendingDecision.build_letter = build_or_die
"""
# Both processes have loaded everything before one of them begins.
_START_TOGETHER = """
import pathlib, time
pathlib.Path({ready!r}).touch()
while not pathlib.Path({start!r}).exists():
    time.sleep(0.001)
"""
_ASK = """
import json
from apps.interest.models import Expression
def standing(row):
    offers = row.letter_links.filter(letter__kind="interest/offer_talk")
    letters = list(offers.values_list("letter__state", flat=True))
    return [row.state, hasattr(row, "pending_decision"), letters]
print(json.dumps([standing(row) for row in Expression.objects.order_by("pk")]))
"""
RELEASED: list[Any] = ["accepted", False, ["queued"]]
PENDING: list[Any] = ["submitted", True, ["draft"]]


def start_release(workshop: Workshop, seen: str, more: str = "") -> subprocess.Popen[str]:  # noqa: F811  (the fixture's value)
    process = start_process(
        [
            sys.executable,
            "manage.py",
            "shell",
            "--no-imports",
            "-c",
            _RELEASE.format(seen=seen, more=more),
        ],
        cwd=ROOT,
        env=environment(workshop.data_dir, **workshop.variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    workshop.running.append(process)
    return process


def test_two_releases_at_once_give_one_letter_and_one_move(workshop):  # noqa: F811  (a fixture)
    seen = workshop.run(_FILL.format(count=1))
    ready, start = workshop.data_dir / "ready", workshop.data_dir / "start"
    both = [
        start_release(workshop, seen, _START_TOGETHER.format(ready=f"{ready}{n}", start=str(start)))
        for n in range(2)
    ]
    deadline = time.monotonic() + SECONDS
    while not all(Path(f"{ready}{n}").exists() for n in range(2)):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    start.touch()
    released = [process.communicate(timeout=SECONDS)[0] for process in both]

    assert sorted(map(int, released)) == [0, 1]
    assert json.loads(workshop.run(_ASK)) == [RELEASED]
    moves = "from apps.interest.models import Event\nprint(Event.objects.filter(to_state='accepted').count())"
    assert int(workshop.run(moves)) == 1


def test_a_killed_release_leaves_no_decision_half_released(workshop):  # noqa: F811  (a fixture)
    seen = workshop.run(_FILL.format(count=5))

    window = start_release(workshop, seen, _KILLED_IN_BETWEEN)
    window.communicate(timeout=SECONDS)
    after_the_kill = json.loads(workshop.run(_ASK))
    again = start_release(workshop, seen).communicate(timeout=SECONDS)[0]

    assert window.returncode == -9
    assert after_the_kill == [*[RELEASED] * 2, *[PENDING] * 3]
    assert int(again) == 3
    assert json.loads(workshop.run(_ASK)) == [RELEASED] * 5
