"""A small site to back up."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

PHOTO = bytes(range(256)) * 400
SLIDES = b"%PDF-1.7"


@pytest.fixture
def site(tmp_path, settings, monkeypatch) -> Path:
    """A data folder with a small database of its own, whatever database the tests run on."""
    data_dir = tmp_path / "data"
    (data_dir / "media" / "photos").mkdir(parents=True)
    (data_dir / "media" / "photos" / "ada.jpg").write_bytes(PHOTO)
    (data_dir / "private" / "slides").mkdir(parents=True)
    (data_dir / "private" / "slides" / "talk.pdf").write_bytes(SLIDES)
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        database.executescript(
            """
            PRAGMA journal_mode=WAL;
            CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT);
            INSERT INTO django_migrations (app, name) VALUES ('editions', '0001_initial');
            CREATE TABLE django_session (session_key TEXT PRIMARY KEY, session_data TEXT);
            INSERT INTO django_session VALUES ('k3y', 'signed-in-as-chair');
            CREATE TABLE pair (number INTEGER PRIMARY KEY, twin INTEGER NOT NULL);
            """
        )
    settings.DATA_DIR = data_dir
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = data_dir / "media", data_dir / "private"
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(data_dir / "db.sqlite3")}
    default = {**settings.DATABASES["default"], **sqlite}
    monkeypatch.setitem(settings.DATABASES, "default", default)
    return data_dir
