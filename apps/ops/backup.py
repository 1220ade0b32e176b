"""Backup and restore: the SQLite database and the uploaded files in one zip archive.

An archive contains `db.sqlite3`, the files below `media/`, `private/` and `frozen/`, and `manifest.json`.
Sessions and SECRET_KEY are left out, so a stolen backup signs no one in. An archive of any release since
0.2.0 can be restored: the caller runs the migrations afterwards.

The seal in the manifest is an HMAC of all names and contents with a key derived from SECRET_KEY. Without
it, anyone who can write to a copy of a backup could add an account to it. Backups of 0.2.0 have none.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sqlite3
import struct
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.core.frozen import frozen_root
from apps.core.processes import one_at_a_time

_logger = logging.getLogger(__name__)

FORMAT, FORMAT_VERSION = "workshop-backup", 4
DATABASE, MANIFEST = "db.sqlite3", "manifest.json"
_MEGABYTE = 1024 * 1024
_FREE_BYTES = 10 * _MEGABYTE  # required beyond the size of a backup that is restored
_FREE_BYTES_TO_MAKE = 200 * _MEGABYTE  # so that /healthz, which requires 100 MB, stays well
_DRAFT = "draft.zip"
_MAKING = ".making-"
_STALLED_AFTER = timedelta(minutes=2)  # without a byte written: its process was killed
OVERDUE_AFTER = timedelta(days=2)
_NAME = re.compile(r"backup-([0-9]{8})-([0-9]{6})(?:-[0-9]+)?\.zip")  # day, time (UTC), number
# The database, an upload (a picture, slides or an attachment) or a file of a frozen edition, with a
# plain name on every system.
_SAFE_NAME = re.compile(
    r"db\.sqlite3|(?:media(?=.*\.(?:jpe?g|png|webp|avif)\Z)|private(?=.*\.(?:pdf|zip|jpe?g)\Z)"
    r"|frozen/[-\w]+(?=.*(?:/SHA256SUMS|\.(?:html|css|js|json|xml|atom|ics|bib|pdf|zip|svg|ico|woff2"
    r"|jpe?g|png|webp|avif))\Z))"
    r"(?:/(?!\.\.?(?:/|\Z))[^/\\:\0]+)+",
    re.IGNORECASE | re.ASCII,
)
_NO_SEAL = "This backup has no seal: it is of release 0.2.0, or someone removed it."
_OTHER_SEAL = (
    "The seal of this backup does not match: it was made with another SECRET_KEY, or "
    "someone changed it."
)
_STAGING = "restoring"
# Errors of zipfile for archives with wrong bytes.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError),
)


class BackupRefused(Exception):
    """A backup cannot be made or restored; the message is one sentence with the reason."""


@dataclass(frozen=True)
class StoredBackup:
    """A finished archive in the folder of backups."""

    name: str
    made_at: datetime
    size: int  # bytes


def backup_folder() -> Path:
    """Folder of the backups that the command and the desk make."""
    return Path(settings.DATA_DIR) / "backups"


def stored_backups() -> list[StoredBackup]:
    """All backups, the newest first; files with other names are left out."""
    backups = []
    for path in backup_folder().glob("backup-*.zip"):
        name = _NAME.fullmatch(path.name)
        with suppress(FileNotFoundError, ValueError):  # deleted meanwhile; no date
            if name and path.is_file() and not path.is_symlink():
                made_at = datetime.strptime(f"{name[1]}{name[2]}", "%Y%m%d%H%M%S")
                size = path.stat().st_size
                backups.append(StoredBackup(path.name, made_at.replace(tzinfo=UTC), size))
    return sorted(backups, key=lambda backup: (backup.made_at, backup.name), reverse=True)


def is_overdue(last: StoredBackup | None, *, since: datetime) -> bool:
    """Whether a new backup is due; `since` counts while there is none. Not with PostgreSQL."""
    try:
        database_path()
    except BackupRefused:
        return False
    return datetime.now(UTC) - (last.made_at if last else since) > OVERDUE_AFTER


def size_to_back_up() -> int:
    """Bytes of the database and the uploaded files."""
    paths = [path for root in _file_folders().values() for path in root.rglob("*")]
    total = 0
    for path in (database_path(), *paths):
        with suppress(FileNotFoundError):
            if path.is_file():
                total += path.stat().st_size
    return total


def bytes_written() -> int | None:
    """Bytes of the backup that is being made now; None without one."""
    newest = datetime.now(UTC) - _STALLED_AFTER
    for folder in backup_folder().glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError):
            files = [path.stat() for path in folder.iterdir()] or [folder.stat()]
            if max(file.st_mtime for file in files) > newest.timestamp():
                return sum(file.st_size for file in files if file.st_mode & 0o100000)
    return None


def single_backup() -> AbstractContextManager[None]:
    """Allow one backup from the desk at a time; raise AlreadyRunning otherwise."""
    return one_at_a_time(backup_folder() / ".lock")


def database_path() -> Path:
    """The SQLite file of the site; raises BackupRefused for PostgreSQL."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        raise BackupRefused(
            "This site keeps its data in PostgreSQL: save it with pg_dump, restore it with "
            f"pg_restore, and copy the folders {settings.MEDIA_ROOT}, {settings.PRIVATE_ROOT} and "
            f"{frozen_root()} beside it."
        )
    return Path(database["NAME"])


def make_backup(folder: Path) -> Path:
    """Write a new archive (mode 0600) into `folder` while the site may run; return its path.

    The database is a snapshot. Files are read after it, so that all it refers to are included,
    except those deleted meanwhile. Files that are no uploads are left out, and logged. Raises
    BackupRefused without a SQLite database.
    """
    database = database_path()
    if not database.is_file():
        raise BackupRefused(f"There is no database to save at {database}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = size_to_back_up()
    if shutil.disk_usage(folder).free < size + _FREE_BYTES_TO_MAKE:
        raise BackupRefused(
            f"The disk has no room for a backup of {size // _MEGABYTE + 1} MB: delete older ones."
        )
    made_at = datetime.now(UTC)
    # Only the owner can enter a temporary directory.
    with tempfile.TemporaryDirectory(prefix=_MAKING, dir=folder) as work:
        snapshot, draft = Path(work) / DATABASE, Path(work) / _DRAFT
        _copy_database(database, snapshot)
        seal = _new_seal()
        with zipfile.ZipFile(draft, "w") as archive:
            _add(archive, snapshot, DATABASE, seal, zipfile.ZIP_DEFLATED)
            for folder_name, root in _file_folders().items():
                for path in sorted(root.rglob("*")):
                    name = f"{folder_name}/{path.relative_to(root).as_posix()}"
                    if not path.is_file() or path.is_symlink():
                        continue
                    if not _is_safe(name):
                        _logger.warning("Left out of the backup, since it is no upload: %r", name)
                        continue
                    with suppress(FileNotFoundError):
                        _add(archive, path, name, seal, zipfile.ZIP_STORED)
            pyproject = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
            manifest = {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "release": pyproject["project"]["version"],
                "made_at": made_at.isoformat(timespec="seconds"),
                "migrations": _applied_migrations(snapshot),
            }
            manifest["seal"] = _finish_seal(seal, manifest)
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        draft.chmod(0o600)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        return draft.rename(_new_path(folder, f"backup-{made_at:%Y%m%d-%H%M%S}", ".zip"))


def keep_newest(folder: Path, *, nights: int) -> list[Path]:
    """Delete backups except those of the newest `nights` days that have any; return the deleted.

    Files with other names are left alone.
    """
    days = {path: name[1] for path in folder.iterdir() if (name := _NAME.fullmatch(path.name))}
    kept_days = sorted(set(days.values()))[-nights:]
    old = sorted(path for path, day in days.items() if day not in kept_days)
    for path in old:
        path.unlink(missing_ok=True)
    return old


def restore_backup(
    path: Path, *, data_dir: Path, accept_unsealed: Callable[[str], bool] = lambda reason: False
) -> Path:
    """Replace database and files by those of the archive; return where the old ones were moved.

    The whole archive is checked first: BackupRefused means that nothing was changed. If its seal is
    missing or does not match, `accept_unsealed` is asked with the reason. The caller holds the data
    lock. If the machine stops halfway, call it again with the same archive (is_restore_interrupted).
    """
    database, folders, staging = database_path(), _file_folders(), data_dir / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _unpack(path, staging, accept_unsealed)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    aside = _new_path(data_dir, f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    aside.mkdir(mode=0o700)
    # The write-ahead log goes first: SQLite would apply it to the new database.
    for old in (Path(f"{database}-wal"), Path(f"{database}-shm"), database, *folders.values()):
        if old.exists():
            shutil.move(old, aside / old.name)
    for name, target in {DATABASE: database, **folders}.items():
        shutil.move(staging / name, target)
    staging.rmdir()
    return aside


def is_restore_interrupted(data_dir: Path) -> bool:
    """Whether a restore was stopped halfway, so that the data may be incomplete."""
    return (data_dir / _STAGING).exists()


def _file_folders() -> dict[str, Path]:
    """Folders of uploaded files and frozen editions by their names in an archive."""
    return {
        "media": Path(settings.MEDIA_ROOT),
        "private": Path(settings.PRIVATE_ROOT),
        "frozen": frozen_root(),
    }


def _new_path(folder: Path, stem: str, suffix: str = "") -> Path:
    """A path in `folder` that does not exist, with a number if `stem` is taken."""
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=20)) as live:
        live.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name='django_session'").fetchone():
            copy.execute("DELETE FROM django_session")
        copy.commit()


def _applied_migrations(database: Path) -> list[str]:
    own_labels = {app.label for app in apps.get_app_configs() if app.name.startswith("apps.")}
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [f"{app}.{name}" for app, name in rows if app in own_labels]


def _is_safe(name: str) -> bool:
    # Printable: without control characters and signs that reverse the direction of text.
    return bool(_SAFE_NAME.fullmatch(name)) and name.isprintable()


def _new_seal() -> Any:
    """An HMAC object, which the files are added to one by one."""
    return salted_hmac("apps.ops.backup", "", algorithm="sha256")


def _finish_seal(seal: Any, manifest: dict[str, Any]) -> str:
    seal.update(json.dumps(manifest, sort_keys=True).encode())
    return str(seal.hexdigest())


def _add(archive: zipfile.ZipFile, path: Path, name: str, seal: Any, compression: int) -> None:
    entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    entry.compress_type = compression
    with path.open("rb") as source, archive.open(entry, "w") as target:
        _copy(source, target, name, seal)


def _copy(source: IO[bytes], target: IO[bytes], name: str, seal: Any) -> None:
    """Copy a file, and add its name and the hash of its contents to the seal."""
    digest = hashlib.sha256()
    while chunk := source.read(_MEGABYTE):
        digest.update(chunk)
        target.write(chunk)
    seal.update(f"{name}\0{digest.hexdigest()}\0".encode())


def _unpack(path: Path, staging: Path, accept_unsealed: Callable[[str], bool]) -> None:
    """Make the folder `staging` with database and files of the archive; raises BackupRefused."""
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read ({error.strerror}).") from None
    except _ZIP_ERRORS:
        raise BackupRefused(f"{path} is not a backup of this site, or it is cut short.") from None
    try:
        with archive:
            manifest = _read_manifest(archive)
            entries = [entry for entry in archive.infolist() if entry.filename != MANIFEST]
            size = sum(entry.file_size for entry in entries)
            if shutil.disk_usage(staging.parent).free < size + _FREE_BYTES:
                raise BackupRefused(
                    f"The disk has no room for the {size // _MEGABYTE + 1} MB of this backup."
                )
            staging.mkdir(mode=0o700)
            seal = _new_seal()
            for entry in entries:
                _extract(archive, entry, staging / entry.filename, seal)
        stored_seal = str(manifest.pop("seal", ""))
        if not constant_time_compare(stored_seal, _finish_seal(seal, manifest)):
            reason = _OTHER_SEAL if stored_seal else _NO_SEAL
            if not accept_unsealed(reason):
                raise BackupRefused(f"{reason} Nothing was changed.")
        _check_database(staging / DATABASE)
        _set_permissions(staging)
        os.sync()
    except _ZIP_ERRORS:
        raise BackupRefused(
            f"{path} is damaged: its checksum does not match, nothing was changed."
        ) from None
    except OSError as error:  # such as a full disk, or a name that this disk does not accept
        raise BackupRefused(
            f"{path} cannot be unpacked here ({error.strerror}), nothing was changed."
        ) from None


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return it; raise BackupRefused for an archive that is no backup, or one of a newer version."""
    wrong = BackupRefused("This archive is not a backup of this site: its manifest is wrong.")
    try:
        manifest = json.loads(archive.read(MANIFEST))
        version, migrations = int(manifest["version"]), set(manifest["migrations"])
        is_backup = manifest["format"] == FORMAT and DATABASE in archive.namelist()
    except (KeyError, TypeError, ValueError):
        raise wrong from None
    if not is_backup:
        raise wrong
    if version > FORMAT_VERSION or migrations - _known_migrations():
        raise BackupRefused(
            "This backup was made by a newer version of the software: update first."
        )
    return dict(manifest)


def _known_migrations() -> set[str]:
    """Our migrations, and those they replace."""
    names = set()
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        names |= {f"{app}.{name}", *(f"{old_app}.{old}" for old_app, old in migration.replaces)}
    return names


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, seal: Any) -> None:
    """Write one file; zipfile compares its checksum (CRC-32) while it is read."""
    if not _is_safe(entry.filename):
        raise BackupRefused(
            f"This archive holds a file that does not belong there: {entry.filename!r}."
        )
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("xb") as file:
        target.chmod(0o600)
        _copy(source, file, entry.filename, seal)


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT 1 FROM django_migrations")
    except sqlite3.DatabaseError:
        answer = "unreadable"
    if answer != "ok":
        raise BackupRefused("The database in this backup is damaged, nothing was changed.")


def _set_permissions(staging: Path) -> None:
    """Give media the permissions of uploads, so that nginx may read them as another user."""
    media = staging / "media"
    for private in (staging / "private", staging / "frozen"):
        private.mkdir(exist_ok=True)
        private.chmod(0o700)
    media.mkdir(exist_ok=True)
    for path in (media, *media.rglob("*")):
        kind = "FILE_UPLOAD_DIRECTORY" if path.is_dir() else "FILE_UPLOAD"
        path.chmod(getattr(settings, f"{kind}_PERMISSIONS"))
