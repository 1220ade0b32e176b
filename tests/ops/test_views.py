"""Backups at the desk: made, listed and downloaded by chairs."""

import fcntl
import os
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from apps.ops import backup as archives
from apps.ops.backup import backup_folder, make_backup, stored_backups
from apps.privacy.models import Erasure
from tests.factories import make_current_edition

pytestmark = pytest.mark.django_db

PAGE = "/admin/backups/"
PASSWORD = "correct horse battery"  # of tests/factories.py


def press(client) -> str:
    return client.post(f"{PAGE}make/", follow=True).content.decode()


def confirm_password(client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_a_chair_makes_a_backup_and_finds_it_in_the_list(site, as_chair):
    assert "No backup yet" in as_chair.get(PAGE).content.decode()

    page = press(as_chair)

    [made] = stored_backups()
    assert "Last backup" in page
    assert f"{PAGE}{made.name}/" in page
    assert LogEntry.objects.get(object_repr=made.name).change_message == "Backup made."


@pytest.mark.parametrize("role", ["client", "as_stranger", "as_reviewer", "as_editor"])
def test_nobody_but_chairs_makes_sees_or_downloads_a_backup(request, site, role):
    visitor = request.getfixturevalue(role)
    name = make_backup(backup_folder()).name

    answers = [
        visitor.get(PAGE),
        visitor.post(f"{PAGE}make/"),
        visitor.get(f"{PAGE}{name}/"),
        visitor.post(f"{PAGE}{name}/"),
    ]

    assert {answer.status_code for answer in answers} <= {302, 403}
    assert len(stored_backups()) == 1
    assert not LogEntry.objects.exists()


def test_a_download_asks_for_the_password_and_is_logged(site, as_chair):
    press(as_chair)
    [made] = stored_backups()
    address = f"{PAGE}{made.name}/"
    for refused in (as_chair.get(address), as_chair.post(address)):
        assert refused["Location"].startswith("/accounts/reauthenticate/")

    confirm_password(as_chair)
    asked = as_chair.get(address)
    response = as_chair.post(address)

    assert made.name in asked.content.decode()
    with zipfile.ZipFile(BytesIO(b"".join(response))) as archive:
        assert "db.sqlite3" in archive.namelist()
    assert response["Cache-Control"].startswith("no-store, private")
    assert made.name in response["Content-Disposition"]
    assert LogEntry.objects.filter(change_message="Backup downloaded.").count() == 1


@pytest.mark.parametrize(
    "name", ["backup-20300101-000000.zip", "..%2Fdb.sqlite3", ".lock", "notes.zip"]
)
def test_only_backups_can_be_downloaded(site, as_chair, name):
    press(as_chair)
    (backup_folder() / "notes.zip").write_bytes(b"PK")
    confirm_password(as_chair)

    assert as_chair.post(f"{PAGE}{name}/").status_code == 404


def test_a_second_press_meanwhile_makes_no_second_backup(site, as_chair):
    backup_folder().mkdir()
    work = backup_folder() / ".making-now"
    work.mkdir()
    (work / "draft.zip").write_bytes(b"x" * 5000)
    with (backup_folder() / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        page = press(as_chair)

    assert "A backup is being made" in page
    assert 'value="5000"' in page
    assert stored_backups() == []


def test_a_backup_whose_process_was_killed_is_not_shown_as_running(site, as_chair):
    work = backup_folder() / ".making-then"
    work.mkdir(parents=True)
    (work / "draft.zip").write_bytes(b"x")
    an_hour_ago = timezone.now().timestamp() - 3600
    os.utime(work / "draft.zip", (an_hour_ago, an_hour_ago))

    assert "Make a backup now" in as_chair.get(PAGE).content.decode()


def test_a_full_disk_is_told_and_nothing_is_left(site, as_chair, monkeypatch):
    monkeypatch.setattr(archives, "_FREE_BYTES_TO_MAKE", 10**18)

    page = press(as_chair)

    assert "The disk has no room" in page
    assert stored_backups() == []


def test_with_postgresql_the_page_names_its_own_tools(site, as_chair, settings, monkeypatch):
    database = {**settings.DATABASES["default"], "ENGINE": "django.db.backends.postgresql"}
    monkeypatch.setitem(settings.DATABASES, "default", database)

    page = as_chair.get(PAGE).content.decode()

    assert "pg_dump" in page
    assert "Make a backup now" not in page
    assert "pg_dump" in press(as_chair)


def test_the_first_screen_warns_chairs_when_the_last_backup_is_older_than_two_days(
    site, as_chair, as_editor
):
    make_current_edition()
    make_backup(backup_folder())
    assert PAGE not in todos(as_chair)

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        for_chair, for_editor = todos(as_chair), todos(as_editor)

    assert PAGE in for_chair
    assert PAGE not in for_editor


def test_a_new_site_without_a_backup_warns_after_two_days(site, as_chair):
    make_current_edition()
    assert PAGE not in todos(as_chair)

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert PAGE in todos(as_chair)


def todos(client) -> list[str]:
    return [item.url for item in client.get("/admin/").context["todos"] or []]


def test_the_page_says_what_the_oldest_backup_still_holds(site, as_chair):
    with time_machine.travel("2030-05-03 12:00Z"):
        make_backup(backup_folder())
    Erasure.objects.create(
        kind="entry", digest="0" * 64, erased_at=datetime(2030, 5, 2, tzinfo=UTC)
    )
    assert "on request" not in as_chair.get(PAGE).content.decode()
    Erasure.objects.create(
        kind="entry", digest="0" * 64, erased_at=datetime(2030, 5, 4, tzinfo=UTC)
    )

    page = as_chair.get(PAGE).content.decode()

    assert "The oldest is of 3 May 2030." in page
    assert "on request 1 time." in page
