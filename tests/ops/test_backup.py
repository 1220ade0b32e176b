"""Backup of a running site; restore of all of it or nothing."""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.ops.backup import (
    FORMAT_VERSION,
    BackupRefused,
    is_restore_interrupted,
    keep_newest,
    make_backup,
    restore_backup,
)
from apps.ops.server import data_lock
from tests.ops.conftest import PHOTO, SLIDES
from tests.workshop.commands import manage


def add_pair(data_dir: Path, number: int) -> None:
    with closing(sqlite3.connect(data_dir / "db.sqlite3", timeout=20)) as database:
        database.execute("INSERT INTO pair VALUES (?, ?)", (number, number))
        database.commit()


def pairs(data_dir: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        return database.execute("SELECT number, twin FROM pair ORDER BY number").fetchall()


def state(data_dir: Path) -> dict[str, str]:
    """Every file of the folder with its checksum, to see that nothing was touched."""
    return {
        str(path.relative_to(data_dir)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data_dir.rglob("*"))
        if path.is_file() and path.parent.name != "backups"
    }


def rewrite(path: Path, manifest: object = None, **files: bytes) -> Path:
    """A copy of the archive with another manifest and with more files, or others of these names."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()} | files
    if isinstance(manifest, dict):
        manifest = json.loads(contents["manifest.json"]) | manifest
    if manifest is not None:
        contents["manifest.json"] = json.dumps(manifest).encode()
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return forged


def other_database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE somebody (elses TEXT)")
        return database.serialize()


def test_a_restore_brings_back_the_saved_state(site):
    add_pair(site, 1)
    saved = make_backup(site / "backups")
    add_pair(site, 2)
    (site / "media" / "photos" / "ada.jpg").write_bytes(b"changed")
    (site / "media" / "later.jpg").write_bytes(b"later")
    (site / "private" / "slides" / "talk.pdf").unlink()

    aside = restore_backup(saved, data_dir=site)

    assert pairs(site) == [(1, 1)]
    assert (site / "media" / "photos" / "ada.jpg").read_bytes() == PHOTO
    assert not (site / "media" / "later.jpg").exists()
    assert (site / "private" / "slides" / "talk.pdf").read_bytes() == SLIDES
    assert stat.S_IMODE((site / "private").stat().st_mode) == 0o700
    assert aside.parent == site
    assert aside.name.startswith("before-restore-")
    assert pairs(aside) == [(1, 1), (2, 2)]
    assert (aside / "media" / "later.jpg").read_bytes() == b"later"
    assert not (site / "restoring").exists()


def test_only_the_owner_may_read_a_backup_and_two_within_a_second_are_two_files(site):
    first, second = make_backup(site / "backups"), make_backup(site / "backups")

    assert sorted({first, second}) == sorted(first.parent.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in (first, second)} == {0o600}
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700


def test_a_backup_has_all_files_but_no_sessions_and_no_secret_key(site):
    (site / "private" / "attachments").mkdir()
    (site / "private" / "attachments" / "data.zip").write_bytes(b"PK")
    (site / "secret_key").write_text("very-secret")

    saved = make_backup(site / "backups")

    with zipfile.ZipFile(saved) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert set(contents) == {
        *("db.sqlite3", "manifest.json", "media/photos/ada.jpg", "private/attachments/data.zip"),
        "private/slides/talk.pdf",
    }
    assert b"signed-in-as-chair" not in contents["db.sqlite3"]
    assert not [name for name, content in contents.items() if b"very-secret" in content]


def test_a_backup_during_writes_is_consistent(site):
    """Pairs are written two rows to a transaction: no archive may hold half of one."""
    stop = threading.Event()

    def write(first: int) -> None:
        number = first
        with closing(sqlite3.connect(site / "db.sqlite3", timeout=20)) as database:
            while not stop.is_set():
                with database:
                    database.execute("INSERT INTO pair VALUES (?, ?)", (number, number + 1))
                    database.execute("INSERT INTO pair VALUES (?, ?)", (number + 1, number))
                number += 2

    writers = [threading.Thread(target=write, args=(start * 10**6,)) for start in (1, 2)]
    for writer in writers:
        writer.start()
    saved = [make_backup(site / "backups") for _ in range(5)]
    stop.set()
    for writer in writers:
        writer.join()
    written = set(pairs(site))

    sizes = []
    for archive in saved:
        restore_backup(archive, data_dir=site)
        restored = set(pairs(site))
        assert restored <= written
        assert {(twin, number) for number, twin in restored} == restored
        sizes.append(len(restored))
    assert sizes == sorted(sizes)
    assert sizes[-1] > 0


def test_a_flipped_bit_is_noticed_or_harmless(site):
    saved = make_backup(site / "backups")
    whole = saved.read_bytes()
    spots = {0, 10, len(whole) - 1, len(whole) - 70, len(whole) - 90}
    spots |= set(random.Random(7).sample(range(len(whole)), 40))  # noqa: S311  (spots, no secrets)
    refused = 0

    for spot in spots:
        broken = bytearray(whole)
        broken[spot] ^= 1
        saved.write_bytes(broken)
        try:
            restore_backup(saved, data_dir=site)
        except BackupRefused:
            refused += 1

        assert (site / "media" / "photos" / "ada.jpg").read_bytes() == PHOTO
        assert (site / "private" / "slides" / "talk.pdf").read_bytes() == SLIDES
    assert refused > len(spots) * 0.8


@pytest.mark.parametrize("left", [0, 1, 100, 0.5, -1])
def test_a_truncated_backup_is_refused(site, left):
    saved = make_backup(site / "backups")
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * left) if isinstance(left, float) else left])

    refuse(site, saved, "is not a backup of this site, or it is cut short")


def refuse(site: Path, archive: Path, reason: str) -> None:
    """The archive is refused with this reason, and nothing is changed."""
    before = state(site)
    with pytest.raises(BackupRefused, match=reason):
        restore_backup(archive, data_dir=site, accept_unsealed=lambda reason: True)
    assert state(site) == before


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ({"format": "other"}, "its manifest is wrong"),
        ({"version": "two"}, "its manifest is wrong"),
        ([], "its manifest is wrong"),
        ({"version": FORMAT_VERSION + 1}, "newer version of the software"),
        ({"migrations": ["editions.9999_later"]}, "newer version of the software"),
    ],
)
def test_an_archive_with_another_manifest_is_refused(site, manifest, reason):
    refuse(site, rewrite(make_backup(site / "backups"), manifest), reason)


@pytest.mark.parametrize(
    "name",
    [
        *("media/../../outside", "/outside", "media/..\\outside", "secret_key"),
        *("media/", "media//twice.jpg", "media/./dot.jpg", "private/c:x.pdf"),
        *("media/x.html", "media/x.svg", "media/x", "private/x.html", "media/x.jpg/../../y.jpg"),
        *("frozen/2030.part-x/index.html", "frozen/2030/x.py", "frozen/index.html"),
        *("media/\u202egpj.jpg", "media/new\nline.jpg", "media/\x1b[2J.png", "media/x.jpg\n"),
    ],
)
def test_an_archive_with_a_file_outside_its_folders_is_refused(site, name):
    forged = rewrite(make_backup(site / "backups"), **{name: b"x"})

    refuse(site, forged, "does not belong there")

    assert not list(site.parent.glob("outside"))


def test_a_restore_brings_back_frozen_editions_as_they_were(site):
    frozen = site / "frozen" / "2030"
    (frozen / "2030" / "programme" / "topic=x").mkdir(parents=True)
    names = ["SHA256SUMS", "manifest.json", "2030/index.html", "2030/programme/topic=x/index.html"]
    for name in names:
        (frozen / name).write_text("then")
    (site / "media" / "photos" / "ada.avif").write_bytes(PHOTO)
    saved = make_backup(site / "backups")
    for name in names:
        (frozen / name).write_text("since")
    (site / "frozen" / "2031").mkdir()

    restore_backup(saved, data_dir=site)

    assert {(frozen / name).read_text() for name in names} == {"then"}
    assert not (site / "frozen" / "2031").exists()
    assert (site / "media" / "photos" / "ada.avif").read_bytes() == PHOTO


def test_a_file_that_is_no_upload_is_left_out_of_the_backup(site, caplog):
    (site / "media" / "notes.html").write_text("<script>")

    saved = make_backup(site / "backups")
    restore_backup(saved, data_dir=site)

    assert "'media/notes.html'" in caplog.text
    assert not (site / "media" / "notes.html").exists()


def _with_an_account(saved: Path) -> Path:
    with zipfile.ZipFile(saved) as archive, closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(archive.read("db.sqlite3"))
        database.execute("CREATE TABLE account (name TEXT)")
        return rewrite(saved, **{"db.sqlite3": database.serialize()})


def _with_another_photo(saved: Path) -> Path:
    return rewrite(saved, **{"media/photos/ada.jpg": b"other"})


def _with_one_more_photo(saved: Path) -> Path:
    return rewrite(saved, **{"media/photos/bo.jpg": b"more"})


def _with_another_date(saved: Path) -> Path:
    return rewrite(saved, {"made_at": "2001-01-01T00:00:00+00:00"})


@pytest.mark.parametrize(
    "forge", [_with_an_account, _with_another_photo, _with_one_more_photo, _with_another_date]
)
def test_a_changed_backup_is_restored_only_after_a_question(site, forge):
    forged = forge(make_backup(site / "backups"))
    before = state(site)
    asked: list[str] = []

    def accept(reason: str) -> bool:
        asked.append(reason)
        return True

    with pytest.raises(BackupRefused, match="seal of this backup does not match"):
        restore_backup(forged, data_dir=site)
    assert state(site) == before
    restore_backup(forged, data_dir=site, accept_unsealed=accept)

    assert len(asked) == 1


def test_a_backup_without_a_seal_or_of_another_key_is_restored_only_after_a_question(
    site, settings
):
    saved = make_backup(site / "backups")
    unsealed = rewrite(saved, {"seal": ""})

    with pytest.raises(BackupRefused, match="This backup has no seal"):
        restore_backup(unsealed, data_dir=site)
    settings.SECRET_KEY = "another-key-" * 5
    with pytest.raises(BackupRefused, match="made with another SECRET_KEY"):
        restore_backup(saved, data_dir=site)


@pytest.mark.parametrize("name", [f"media/{'n' * 300}.jpg", "media/photos/ada.jpg/inside.jpg"])
def test_an_archive_that_the_disk_does_not_accept_is_refused(site, name):
    refuse(site, rewrite(make_backup(site / "backups"), **{name: b"x"}), "cannot be unpacked here")


@pytest.mark.parametrize("content", [b"no database " * 100, other_database()])
def test_an_archive_with_another_database_is_refused(site, content):
    forged = rewrite(make_backup(site / "backups"), **{"db.sqlite3": content})

    refuse(site, forged, "The database in this backup is damaged")


def test_a_missing_archive_is_named(site):
    with pytest.raises(BackupRefused, match=r"nowhere\.zip cannot be read \(No such file"):
        restore_backup(site / "nowhere.zip", data_dir=site)


def test_a_restore_needs_free_disk_space(site, monkeypatch):
    saved = make_backup(site / "backups")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1024))

    refuse(site, saved, "The disk has no room")


def test_an_interrupted_restore_is_noticed_and_completed_by_the_next(site, monkeypatch):
    add_pair(site, 1)
    saved = make_backup(site / "backups")
    add_pair(site, 2)
    move = shutil.move

    def stop_at_media(source, target):
        if source.name == "media":
            raise SystemExit
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "move", stop_at_media)
        with pytest.raises(SystemExit):
            restore_backup(saved, data_dir=site)
    assert is_restore_interrupted(site)

    restore_backup(saved, data_dir=site)

    assert not is_restore_interrupted(site)
    assert pairs(site) == [(1, 1)]
    assert (site / "media" / "photos" / "ada.jpg").read_bytes() == PHOTO
    first_aside = min(site.glob("before-restore-*"))
    assert pairs(first_aside) == [(1, 1), (2, 2)]


def test_a_backup_without_private_files_is_restored(site):
    (site / "private" / "slides" / "talk.pdf").unlink()
    saved = make_backup(site / "backups")
    (site / "private" / "slides" / "talk.pdf").write_bytes(SLIDES)

    aside = restore_backup(saved, data_dir=site)

    assert list((site / "private").iterdir()) == []
    assert (aside / "private" / "slides" / "talk.pdf").read_bytes() == SLIDES


def test_the_backups_of_the_newest_days_are_kept(tmp_path):
    names = [
        "backup-20300101-033000.zip",
        "backup-20300301-033000.zip",
        "backup-20300501-033000.zip",
        "backup-20300501-120000.zip",
        "backup-20300501-120000-2.zip",
    ]
    others = ["backup-20200101-033000.zip.part", "my-backup-20200101-033000.zip", "notes.txt"]
    for name in (*names, *others):
        (tmp_path / name).touch()
    (tmp_path / ".making-x").mkdir()

    first = keep_newest(tmp_path, nights=2)
    again = keep_newest(tmp_path, nights=2)

    assert ([path.name for path in first], again) == (names[:1], [])
    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], *others, ".making-x"}


def test_restored_uploads_are_readable_by_nginx(site):
    archive = make_backup(site / "backups")

    before = os.umask(0o077)
    try:
        restore_backup(archive, data_dir=site)
    finally:
        os.umask(before)

    paths = (
        "media/photos/ada.jpg",
        "media",
        "media/photos",
        "db.sqlite3",
        "private/slides/talk.pdf",
    )
    modes = [stat.S_IMODE((site / path).stat().st_mode) for path in paths]
    assert modes == [0o644, 0o755, 0o755, 0o600, 0o600]


@pytest.mark.parametrize("nights", ["0", "1.5"])
def test_the_number_of_nights_to_keep_is_at_least_1(tmp_path, nights):
    result = manage(tmp_path, "backup", f"--keep={nights}")

    assert result.returncode == 2
    assert "enter the number of nights to keep, at least 1." in result.stderr


def test_postgresql_is_left_to_its_own_tools(site, settings):
    settings.DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"

    with pytest.raises(BackupRefused, match="save it with pg_dump, restore it with pg_restore"):
        make_backup(site / "backups")


@pytest.fixture(scope="module")
def real_site(migrated, tmp_path_factory) -> Path:
    """A whole site as the commands find it."""
    return Path(shutil.copytree(migrated, tmp_path_factory.mktemp("real"), dirs_exist_ok=True))


def answer(result: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    return result.returncode, (result.stdout + result.stderr).strip()


def test_backup_and_restore_work_as_commands(real_site):
    (real_site / "media").mkdir()
    (real_site / "media" / "ada.jpg").write_bytes(PHOTO)
    saved = manage(real_site, "backup")
    (real_site / "media" / "ada.jpg").unlink()
    [archive] = (real_site / "backups").iterdir()

    restored = manage(real_site, "restore", str(archive))

    assert (saved.returncode, saved.stderr) == (0, "")
    assert saved.stdout.startswith(f"Saved to {archive} (")
    [aside] = real_site.glob("before-restore-*")
    assert answer(restored) == (
        0,
        f"Restored {archive}. The previous data is kept in {aside}.",
    )
    assert (real_site / "media" / "ada.jpg").read_bytes() == PHOTO
    assert manage(real_site, "check", "--database", "default").returncode == 0


def test_a_restore_is_refused_while_the_site_runs(real_site):
    with data_lock(real_site):
        result = manage(real_site, "restore", "any.zip")

    assert answer(result) == (
        1,
        "CommandError: The site is running: stop it before you restore, nothing was changed.",
    )


def test_commands_refuse_in_one_sentence(real_site, tmp_path):
    assert answer(manage(real_site, "restore", "")) == (
        1,
        "CommandError: Name the backup, as in: make restore FILE=var/backups/NAME.zip",
    )
    assert answer(manage(tmp_path, "backup")) == (
        1,
        f"CommandError: There is no database to save at {tmp_path / 'db.sqlite3'}.",
    )

    shutil.copy(real_site / "db.sqlite3", tmp_path)
    (tmp_path / "backups").write_text("not a folder")

    assert answer(manage(tmp_path, "backup")) == (
        1,
        f"CommandError: No backup was made in {tmp_path / 'backups'} (File exists): free some "
        "disk space, or check the owner of that folder.",
    )


# Without the squashed migrations: the initial ones of the apps of that time, and what they need.
_MAKE_FIRST_RELEASE = """
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def is_of_first_release(node):
    ours = [name for label, name in graph.forwards_plan(node) if label in labels]
    return node[0] in labels and set(ours) == {"0001_initial"}

labels = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
executor = MigrationExecutor(connection)
executor.loader.replace_migrations = False
executor.loader.build_graph()
graph = executor.loader.graph
targets = [node for node in graph.nodes if is_of_first_release(node)]
state = executor.migrate(targets)
state.apps.get_model("editions", "Edition").objects.create(
    slug="2024",
    year=2024,
    title="Workshop of the First Release",
    starts_on="2024-12-03",
    ends_on="2024-12-03",
)
print(len(targets))
"""


@pytest.mark.slow
def test_a_backup_of_the_first_release_is_restored_and_migrated(tmp_path):
    """0.2.0 is the first release with a stable format; its database has the initial migrations."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    made = manage(old, "shell", "--no-imports", "-c", _MAKE_FIRST_RELEASE)
    assert (made.returncode, made.stdout.strip()) == (0, "16"), made.stderr
    assert manage(old, "backup").returncode == 0
    [saved] = (old / "backups").iterdir()
    # Its manifest also listed the files with their checksums.
    archive = rewrite(saved, {"version": 2, "release": "0.2.0", "files": {}, "seal": ""})

    refused = manage(new, "restore", str(archive))
    restored = manage(new, "restore", str(archive), "--accept-unsealed")

    assert refused.returncode == 1
    assert "add --accept-unsealed" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    assert manage(new, "migrate", "--check").returncode == 0
    with closing(sqlite3.connect(new / "db.sqlite3")) as database:
        assert database.execute("SELECT title FROM editions_edition").fetchall() == [
            ("Workshop of the First Release",)
        ]
