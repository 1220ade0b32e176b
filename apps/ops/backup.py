"""The database and the uploaded files in one file, and back.

A backup is a zip archive: `manifest.json`, `db.sqlite3` and everything under `media/` and `private/`.
The manifest holds the SHA-256 of each file, and the archive's comment the SHA-256 of all
bytes before it, so that one changed bit anywhere is noticed. Sessions are left out and
so is SECRET_KEY: everybody signs in again after a restore, and a backup opens no door.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from pydantic import BaseModel, ConfigDict, ValidationError

VERSION = 1
DATABASE, MANIFEST = "db.sqlite3", "manifest.json"
# Folders of uploaded files: their names in an archive, and the settings that say where they are.
_FOLDERS = {"media": "MEDIA_ROOT", "private": "PRIVATE_ROOT"}
_SEAL = b"sha256:"
_HEX_LENGTH = 64
_CHUNK = 1024 * 1024
# As _publish names them: the day and the time (UTC), and a number for a second one of that second.
_NAME = re.compile(r"backup-([0-9]{8})-[0-9]{6}(?:-[0-9]+)?\.zip")
# Where a restore that has been checked waits to be put in place; its plan is written last.
_STAGING, _PLAN = "restoring", "plan.json"


class _File(BaseModel):
    model_config = ConfigDict(strict=True)

    sha256: str
    size: int


class _Manifest(BaseModel):
    """What an archive says about itself."""

    model_config = ConfigDict(strict=True)

    format: Literal["workshop-backup"]
    version: int
    made_at: str
    # Our own alone, by which a backup of a newer version is known.
    migrations: list[str]
    files: dict[str, _File]


class BackupRefused(Exception):
    """A backup cannot be made or taken back; the text is one sentence that says why."""


def database_path() -> Path:
    """The SQLite file that the site uses; raises BackupRefused if it uses another database."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        raise BackupRefused(
            "This site keeps its data in PostgreSQL: save it with pg_dump, bring it back with "
            f"pg_restore, and copy the folders {settings.MEDIA_ROOT} and {settings.PRIVATE_ROOT} "
            "beside it."
        )
    return Path(database["NAME"])


def make_backup(folder: Path) -> Path:
    """Writes a new archive (mode 0600) into `folder` and returns its path; the site may run.

    The database is one consistent moment of it. Files are read after it, so that every
    one it speaks of is there, unless somebody deleted it within these seconds.
    Raises BackupRefused without a SQLite database.
    """
    database = database_path()
    if not database.is_file():
        raise BackupRefused(f"There is no database to save at {database}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as work:
        snapshot = Path(work) / DATABASE
        _copy_database(database, snapshot)
        draft = Path(work) / "draft.zip"
        with open_private(draft) as file, zipfile.ZipFile(file, "w") as archive:
            files = {DATABASE: _add(archive, DATABASE, snapshot, zipfile.ZIP_DEFLATED)}
            for name, path in _uploaded_files():
                try:
                    files[name] = _add(archive, name, path, zipfile.ZIP_STORED)
                except FileNotFoundError:
                    continue  # deleted since the folder was read
            manifest = _Manifest(
                format="workshop-backup",
                version=VERSION,
                made_at=moment.isoformat(timespec="seconds"),
                migrations=_applied_migrations(snapshot),
                files=files,
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            archive.comment = _SEAL + b"0" * _HEX_LENGTH
        _seal(draft)
        return _publish(draft, folder, moment)


def open_private(path: Path) -> BinaryIO:
    """A new file that only its owner may read, from its first byte on."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _copy_database(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source, timeout=20)) as live,
        closing(_new_database(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        # A session in a backup would let its owner in again, and a thief as well.
        copy.execute("PRAGMA secure_delete=ON")
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name='django_session'").fetchone():
            copy.execute("DELETE FROM django_session")
        copy.commit()


def _new_database(path: Path) -> sqlite3.Connection:
    open_private(path).close()
    return sqlite3.connect(path)


def _uploaded_files() -> Iterator[tuple[str, Path]]:
    """Each with its name in an archive."""
    for folder, place in _folders().items():
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{folder}/{path.relative_to(place).as_posix()}", path


def _folders() -> dict[str, Path]:
    return {folder: Path(getattr(settings, name)) for folder, name in _FOLDERS.items()}


def _add(archive: zipfile.ZipFile, name: str, path: Path, compression: int) -> _File:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, date_time=datetime.now(UTC).timetuple()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return _File(sha256=digest.hexdigest(), size=size)


def _applied_migrations(database: Path) -> list[str]:
    # What libraries did to their own tables, they know how to go on from.
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [f"{app}.{name}" for app, name in rows if app in ours]


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        digest = _digest_before_seal(file)
        file.write(digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _digest_before_seal(file: BinaryIO) -> str:
    """The SHA-256 of all but the last 64 bytes; leaves the file standing before these."""
    digest = hashlib.sha256()
    file.seek(0, os.SEEK_END)
    left = file.tell() - _HEX_LENGTH
    file.seek(0)
    while left > 0:
        chunk = file.read(min(_CHUNK, left))
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _publish(draft: Path, folder: Path, moment: datetime) -> Path:
    stem, number = f"backup-{moment:%Y%m%d-%H%M%S}", 1
    while True:
        path = folder / (f"{stem}.zip" if number == 1 else f"{stem}-{number}.zip")
        try:
            os.link(draft, path)  # unlike a renaming, this never replaces a file
        except FileExistsError:
            number += 1
            continue
        return path


def keep_newest(folder: Path, *, nights: int) -> list[Path]:
    """Deletes backups in `folder` but for those of the newest `nights` days that have any; which.

    Days without one do not count: what is old stays as long as nothing newer takes its place.
    Whatever has another name than a backup is left alone.
    """
    made_on = {path: name[1] for path in folder.iterdir() if (name := _NAME.fullmatch(path.name))}
    kept = sorted(set(made_on.values()))[-nights:]
    old = sorted(path for path, day in made_on.items() if day not in kept)
    for path in old:
        path.unlink(missing_ok=True)
    return old


def restore_backup(path: Path, *, data_dir: Path) -> Path:
    """Puts the archive in the place of database and files; returns where the old ones went.

    Everything is checked beforehand, and a refusal (BackupRefused) has changed nothing.
    The caller holds the data lock. If the machine stops in the middle, the next start of
    the site completes what was begun: see finish_interrupted_restore.
    """
    target = database_path()
    staging = data_dir / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with _opened(path) as archive:
            manifest = _read_manifest(archive)
            _check_room(manifest, data_dir)
            staging.mkdir(mode=0o700)
            for name, expected in manifest.files.items():
                _extract(archive, name, expected, staging)
        _check_database(staging / DATABASE)
        for folder in _FOLDERS:
            (staging / folder).mkdir(exist_ok=True)
        (staging / "private").chmod(0o700)
        _open_for_the_front(staging / "media")
        aside = _new_folder(data_dir, f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        places = {folder: str(place) for folder, place in _folders().items()}
        plan = {"aside": aside.name, "database": str(target), **places}
        draft = staging / f"{_PLAN}.draft"
        draft.write_text(json.dumps(plan))
        draft.replace(staging / _PLAN)
    except OSError as fault:
        shutil.rmtree(staging, ignore_errors=True)
        # A full disk, or names that this disk does not hold.
        raise BackupRefused(
            f"{path} cannot be unpacked here ({fault.strerror}), nothing was changed."
        ) from None
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _put_in_place(staging)
    return aside


def finish_interrupted_restore() -> bool:
    """Completes a restore that was cut off after its checks; whether there was one.

    The caller holds the data lock.
    """
    staging = settings.DATA_DIR / _STAGING
    if (staging / _PLAN).exists():
        _put_in_place(staging)
        return True
    shutil.rmtree(staging, ignore_errors=True)
    return False


def _put_in_place(staging: Path) -> None:
    """Each step leaves a state from which this function, called again, goes on."""
    plan = json.loads((staging / _PLAN).read_text())
    aside = staging.parent / plan["aside"]
    database = Path(plan["database"])
    if (staging / DATABASE).exists():
        # The log goes first: beside the new database it would be taken for its own.
        for old in (f"{database}-wal", f"{database}-shm", str(database)):
            if Path(old).exists():
                shutil.move(old, aside / Path(old).name)
        shutil.move(staging / DATABASE, database)
    for folder in _FOLDERS:
        if (staging / folder).exists():
            if (place := Path(plan[folder])).exists():
                shutil.move(place, aside / folder)
            shutil.move(staging / folder, place)
    shutil.rmtree(staging)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, known to be ours and whole."""
    foreign = BackupRefused(f"{path} is not a backup of this site, or it is cut short.")
    damaged = BackupRefused(f"{path} is damaged: its checksum does not match, nothing was changed.")
    try:
        with path.open("rb") as file:
            digest = _digest_before_seal(file)
            file.seek(max(0, file.tell() - len(_SEAL)))
            if file.read(len(_SEAL)) != _SEAL:
                raise foreign
            if file.read() != digest.encode():
                raise damaged
            try:
                with zipfile.ZipFile(file) as archive:
                    yield archive
            except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
                raise damaged from None
    except OSError as fault:
        if fault.filename is None or Path(fault.filename) != path:
            raise
        raise BackupRefused(f"{path} cannot be read ({fault.strerror}).") from None


def _read_manifest(archive: zipfile.ZipFile) -> _Manifest:
    foreign = BackupRefused("This archive is not a backup of this site: its manifest is wrong.")
    try:
        manifest = _Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError):
        raise foreign from None
    if manifest.version > VERSION or set(manifest.migrations) - _known_migrations():
        raise BackupRefused(
            "This backup was made by a newer version of the software: update first."
        )
    for name in manifest.files:
        if not _is_safe(name):
            raise BackupRefused(f"This archive holds a file that does not belong there: {name!r}.")
    listed = {MANIFEST: None, **{name: file.size for name, file in manifest.files.items()}}
    there = [(info.filename, info.file_size) for info in archive.infolist()]
    if sorted(name for name, _ in there) != sorted(listed) or DATABASE not in listed:
        raise foreign
    if any(listed[name] not in {None, size} for name, size in there):
        raise foreign
    return manifest


def _is_safe(name: str) -> bool:
    """Whether this is the database or a plain file below one of the folders, on every system."""
    parts = PurePosixPath(name).parts
    is_plain = name == "/".join(parts) and not {"..", "."} & set(parts)
    return name == DATABASE or (
        is_plain and len(parts) > 1 and parts[0] in _FOLDERS and not set("\\:\0") & set(name)
    )


def _known_migrations() -> set[str]:
    """Our own on disk, and those that were merged into them."""
    known = set()
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        known |= {f"{app}.{name}", *(f"{old_app}.{old}" for old_app, old in migration.replaces)}
    return known


def _check_room(manifest: _Manifest, data_dir: Path) -> None:
    needed = sum(file.size for file in manifest.files.values())
    if shutil.disk_usage(data_dir).free < needed + 10 * _CHUNK:
        raise BackupRefused(
            f"The disk has no room for the {needed // _CHUNK + 1} MB of this backup."
        )


def _extract(archive: zipfile.ZipFile, name: str, expected: _File, folder: Path) -> None:
    target = folder / name
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), expected.size
    with archive.open(name) as source, open_private(target) as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left or digest.hexdigest() != expected.sha256:
        raise BackupRefused(f"The backup is damaged: {name} does not match its checksum.")


def _open_for_the_front(media: Path) -> None:
    # As uploads are: a web server of another user may serve them.
    for path in (media, *media.rglob("*")):
        if path.is_dir():
            path.chmod(settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
        else:
            path.chmod(settings.FILE_UPLOAD_PERMISSIONS)


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT 1 FROM django_migrations")  # a database, and one of ours
    except sqlite3.DatabaseError:
        answer = "unreadable"
    if answer != "ok":
        raise BackupRefused("The database in this backup is damaged, nothing was changed.")


def _new_folder(parent: Path, name: str) -> Path:
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
            continue
        return folder
