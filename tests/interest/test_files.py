"""Excel files made beside the server: one of each, for whoever asked, whole, and gone in time."""

from __future__ import annotations

import contextlib
import io
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group as Role
from django.test import Client
from django.utils import timezone

from apps.core import periodic_tasks
from apps.interest import exports, files
from apps.interest.files import make_waiting_files, remove_expired_files
from apps.interest.models import ExpressionFile
from apps.interest.models.files import files_folder
from apps.interest.services import erase_expression
from tests.factories import make_current_edition, make_edition, make_expression, make_user
from tests.workshop.commands import ROOT, environment, manage

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
State = ExpressionFile.State


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2030")
    for name in ("Ada", "Bo", "Cy"):
        make_expression(edition, name=name)
    return edition


def _ask(who: Client, query: str = "") -> str:
    """The page of a new file."""
    return who.post(f"{LIST}export/xlsx/{query}")["Location"]


def _names(who: Client, page: str) -> list[str]:
    """Whom the fetched file names, in its order."""
    content = who.post(f"{page}fetch/").getvalue()
    headings, *rows = openpyxl.load_workbook(io.BytesIO(content))["Expressions"].values
    return [str(row[headings.index("Name")]) for row in rows]


def _file() -> ExpressionFile:
    return ExpressionFile.objects.get()


def _lying() -> list[str]:
    return sorted(str(path.relative_to(files_folder())) for path in files_folder().rglob("*.*"))


def test_a_press_has_the_file_made_and_its_page_tells_how_far_it_is(as_chair, chair, edition):
    page = _ask(as_chair, "?o=2")
    waiting = as_chair.get(page)
    ExpressionFile.objects.update(state=State.MAKING, rows_done=2, alive_at=timezone.now())
    being_made = as_chair.get(page)
    ExpressionFile.objects.update(state=State.WAITING)
    count = make_waiting_files()
    ready = as_chair.get(page)
    fetched = as_chair.post(f"{page}fetch/")

    assert "It is about to be made: 3 rows." in waiting.content.decode()
    assert waiting["Refresh"] == being_made["Refresh"] == "2"
    assert "2 of 3 rows are written." in being_made.content.decode()
    assert 'max="3"' in being_made.content.decode()
    assert count == 1
    assert "The file is ready: 3 expressions." in ready.content.decode()
    assert "Refresh" not in ready
    assert "no-store" in ready["Cache-Control"]
    assert {"no-store", "private"} <= set(fetched["Cache-Control"].split(", "))
    assert fetched["Content-Disposition"].startswith('attachment; filename="expressions-')
    fetched.getvalue()
    assert _names(as_chair, page) == ["Ada", "Bo", "Cy"]
    noted = LogEntry.objects.order_by("pk").values_list("user", "object_repr")
    assert list(noted) == [
        (chair.pk, "3 expressions exported as XLSX"),
        (chair.pk, "3 expressions fetched as XLSX"),
        (chair.pk, "3 expressions fetched as XLSX"),
    ]


def test_the_page_stays_still_for_whoever_asks_it_to(as_chair, edition):
    page = _ask(as_chair)

    still = as_chair.get(f"{page}?still")

    assert "Refresh" not in still
    assert "Look again" in still.content.decode()


def test_a_page_that_waits_in_vain_says_what_to_start(as_chair, edition):
    page = _ask(as_chair)
    at_once = as_chair.get(page).content.decode()
    ExpressionFile.objects.update(asked_at=timezone.now() - timedelta(seconds=30))

    assert "send_letters --forever" not in at_once
    assert "send_letters --forever" in as_chair.get(page).content.decode()


def test_two_presses_are_one_file_and_another_filter_is_another(as_chair, edition):
    first, second = _ask(as_chair, "?o=2"), _ask(as_chair, "?o=2")
    other = _ask(as_chair, "?o=-2")

    assert first == second != other
    assert ExpressionFile.objects.count() == 2


def test_a_file_holds_the_edition_that_was_listed_when_it_was_asked_for(as_chair, edition):
    make_expression(make_edition(slug="2029"), name="Of then")
    page = _ask(as_chair)
    edition.is_current = False
    edition.save()
    make_expression(make_current_edition(slug="2031"), name="Of later")

    make_waiting_files()

    assert sorted(_names(as_chair, page)) == ["Ada", "Bo", "Cy"]


def test_only_who_asked_finds_the_file(
    client, as_stranger, as_editor, as_helpdesk, as_reviewer, as_chair, edition
):
    page = _ask(as_chair)
    make_waiting_files()
    other_chair = Client()
    other_chair.force_login(make_user("Chair"), backend="django.contrib.auth.backends.ModelBackend")
    cast = (client, as_stranger, as_editor, as_helpdesk, as_reviewer, other_chair)
    answers = [302, 302, 403, 403, 404, 404]

    assert [who.get(page).status_code for who in cast] == answers
    for step in ("fetch/", "stop/"):
        assert [who.post(page + step).status_code for who in cast] == answers
        assert as_chair.get(page + step).status_code == 405
    assert as_chair.get(f"{LIST}files/nothing/").status_code == 404
    assert as_chair.get(page).status_code == 200


def test_whoever_may_see_less_by_now_finds_nothing_and_nothing_is_made_for_them(
    as_chair, chair, edition
):
    ready = _ask(as_chair)
    make_waiting_files()
    waiting = _ask(as_chair, "?o=2")
    chair.groups.set([Role.objects.get(name="Reviewer")])

    make_waiting_files()

    assert [as_chair.post(f"{page}fetch/").status_code for page in (ready, waiting)] == [404, 404]
    unmade = ExpressionFile.objects.get(query__contains="o=2")
    assert (unmade.state, unmade.failure[:30]) == (State.FAILED, "What you may see has changed s")
    chair.groups.clear()
    assert as_chair.get(ready).status_code == 403


def test_a_list_that_is_not_found_again_is_told_so(as_chair, edition):
    page = _ask(as_chair)
    ExpressionFile.objects.update(query="state__exact=perhaps")

    make_waiting_files()

    said = as_chair.get(page).content.decode()
    assert "The file was not made." in said
    assert "The list could not be found again by its filter." in said
    assert as_chair.post(f"{page}fetch/")["Location"] == page


def test_an_expired_file_is_gone_for_everybody_and_from_the_disk(
    as_chair, edition, django_capture_on_commit_callbacks
):
    page = _ask(as_chair)
    make_waiting_files()
    lying = len(_lying())
    ExpressionFile.objects.update(expires_at=timezone.now())

    statuses = [as_chair.get(page).status_code, as_chair.post(f"{page}fetch/").status_code]
    remove_expired_files()

    assert (lying, statuses, _lying()) == (1, [404, 404], [])
    assert not ExpressionFile.objects.exists()
    assert list(files_folder().iterdir()) == []


def test_a_file_is_removed_before_its_time_by_a_press(
    as_chair, edition, django_capture_on_commit_callbacks
):
    page = _ask(as_chair)
    make_waiting_files()

    with django_capture_on_commit_callbacks(execute=True):
        as_chair.post(f"{page}stop/")

    assert (_lying(), as_chair.get(page).status_code) == ([], 404)


def test_only_the_owner_of_the_data_folder_reads_it(as_chair, edition):
    _ask(as_chair)
    make_waiting_files()

    path = _file().path
    modes = [oct(place.stat().st_mode & 0o777) for place in (path, path.parent, files_folder())]
    assert modes == ["0o600", "0o700", "0o700"]


def test_a_file_that_was_lost_is_made_again(as_chair, edition):
    page = _ask(as_chair)
    make_waiting_files()
    _file().path.unlink()

    answered = as_chair.post(f"{page}fetch/", follow=True).content.decode()
    make_waiting_files()

    assert "It is being made again." in answered
    assert len(_names(as_chair, page)) == 3


def test_an_erasure_takes_the_ready_files_with_it(
    as_chair, edition, django_capture_on_commit_callbacks
):
    page = _ask(as_chair, "?o=2")
    make_waiting_files()

    with django_capture_on_commit_callbacks(execute=True):
        erase_expression(expression=edition.expressions.get(name="Bo"))

    assert (_file().state, _lying()) == (State.WAITING, [])
    assert as_chair.post(f"{page}fetch/")["Location"] == page
    make_waiting_files()
    assert _names(as_chair, page) == ["Ada", "Cy"]


def test_what_was_read_before_an_erasure_is_not_brought_back(as_chair, edition, monkeypatch):
    page = _ask(as_chair, "?o=2")

    def write(path, found, sight):
        rows = list(exports.write_xlsx(path, found, sight))
        if edition.expressions.filter(name="Bo").exists():
            erase_expression(expression=edition.expressions.get(name="Bo"))
        yield from rows

    monkeypatch.setattr(files, "write_xlsx", write)

    make_waiting_files()

    assert _names(as_chair, page) == ["Ada", "Cy"]
    assert len(_lying()) == 1


def test_a_second_worker_leaves_alone_what_the_first_has_in_hand(as_chair, edition, monkeypatch):
    page = _ask(as_chair)
    made_by_second = []

    def write(path, found, sight):
        made_by_second.append(make_waiting_files())
        yield from exports.write_xlsx(path, found, sight)

    monkeypatch.setattr(files, "write_xlsx", write)

    made_by_first = make_waiting_files()

    assert (made_by_first, made_by_second) == (1, [0])
    assert len(_names(as_chair, page)) == 3


def test_a_file_whose_maker_fell_silent_is_made_by_another_and_the_first_is_out(as_chair, edition):
    page = _ask(as_chair)
    lost = files._claim_next()
    assert lost is not None
    lost.path.parent.mkdir(parents=True)
    lost.path.write_bytes(b"half a fi")
    too_early = make_waiting_files()
    ExpressionFile.objects.update(alive_at=timezone.now() - timedelta(seconds=61))

    taken_up = make_waiting_files()

    assert (too_early, taken_up) == (0, 1)
    assert not files._finish(lost, state=State.READY)
    assert len(_names(as_chair, page)) == 3
    assert _lying() == [f"{_file().folder_name}/expressions.xlsx"]


def test_what_was_begun_three_times_in_vain_is_given_up(as_chair, edition):
    page = _ask(as_chair)
    for _ in range(3):
        assert files._claim_next()
        ExpressionFile.objects.update(alive_at=timezone.now() - timedelta(seconds=61))

    make_waiting_files()

    assert _file().state == State.FAILED
    assert "It was begun three times and never finished." in as_chair.get(page).content.decode()


def test_a_worker_that_is_to_end_leaves_the_file_to_the_next(as_chair, edition, monkeypatch):
    page = _ask(as_chair)
    stopping = threading.Event()

    def write(path, found, sight):
        stopping.set()
        yield from exports.write_xlsx(path, found, sight)

    monkeypatch.setattr(files, "write_xlsx", write)
    monkeypatch.setattr(periodic_tasks._this_thread, "stopping", stopping, raising=False)

    make_waiting_files()
    left = _file()
    monkeypatch.undo()

    assert (left.state, left.attempts) == (State.WAITING, 0)
    assert make_waiting_files() == 1
    assert as_chair.get(page).status_code == 200


# A worker that is killed (SIGKILL) as soon as some rows are written.
_KILLED = """
import os, signal
from tests.factories import make_current_edition, make_expression, make_user
from apps.interest import exports, files
make_expression(make_current_edition(), name="Ada")
files.ask_for_file(by=make_user("Chair"), query="", rows=1)
def write(path, found, sight):
    for rows in exports.write_xlsx(path, found, sight):
        os.kill(os.getpid(), signal.SIGKILL)
        yield rows
files.write_xlsx = write
files.make_waiting_files()
"""


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(migrated, tmp_path):
    """Real processes, on a database of their own."""
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    secret = {"SECRET_KEY": "only-for-tests-" + "0123456789" * 5}

    def ask(statement: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(tmp_path / "db.sqlite3", timeout=20)) as database:
            found = database.execute(statement).fetchall()
            database.commit()
            return found

    def how() -> tuple:
        (file,) = ask("SELECT state, rows_done, attempts FROM interest_expressionfile")
        return file

    first = manage(tmp_path, "shell", "--no-imports", "-c", _KILLED, **secret)
    after_the_kill, half_made = how(), list(tmp_path.glob("exports/*/*"))
    ask("UPDATE interest_expressionfile SET alive_at = '2024-01-01 00:00:00'")
    second = subprocess.Popen(
        [sys.executable, "manage.py", "send_letters", "--forever"],
        cwd=ROOT,
        env=environment(tmp_path, **secret),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while how()[0] != "ready" and time.monotonic() < until:
        time.sleep(0.05)
    second.send_signal(signal.SIGTERM)
    second.wait()

    assert first.returncode == -signal.SIGKILL, first.stderr
    assert (after_the_kill, len(half_made)) == (("making", 0, 1), 1)
    assert how() == ("ready", 1, 2)
    (made,) = tmp_path.glob("exports/*/*")
    assert made != half_made[0]
    book = openpyxl.load_workbook(made)
    assert [row[3] for row in book["Expressions"].values] == ["Name", "Ada"]


def test_a_worker_makes_files_as_a_chore_beside_its_letters():
    names = [task.name for task in periodic_tasks.periodic_tasks()]

    assert {"Excel files", "old Excel files"} <= set(names)
