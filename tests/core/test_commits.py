"""Commits to a database of SQLite, told from the memory it shares."""

from __future__ import annotations

import gc
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from apps.core.commits import Commits

# Another process: commits once for each line it is sent, and answers when that is done.
_WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
for line in sys.stdin:
    database.execute(line)
    print("done", flush=True)
"""
_TRY_TO_WRITE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
database.execute("BEGIN IMMEDIATE")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db.sqlite3"


@pytest.fixture
def database(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE words (word TEXT)")
        yield connection


def test_each_commit_of_another_process_is_seen_once_that_process_was_told(database, path):
    commits = Commits(path)
    seen = [commits.latest()]
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    assert writer.stdin
    assert writer.stdout

    with writer:
        for number in range(2000):
            # Now and then the log is read back into the database, and begun anew.
            if number % 500 == 499:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            print("INSERT INTO words VALUES ('new')", file=writer.stdin, flush=True)
            assert writer.stdout.readline() == "done\n"
            seen.append(commits.latest())
        writer.stdin.close()

    assert len(set(seen)) == 2001
    assert all(seen)


def test_what_commits_nothing_changes_nothing(database, path):
    commits = Commits(path)
    before = commits.latest()

    database.execute("SELECT * FROM words").fetchall()
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO words VALUES ('taken back')")
    database.execute("ROLLBACK")
    with closing(sqlite3.connect(path)) as another:
        another.execute("SELECT * FROM words").fetchall()

    assert commits.latest() == before != b""


def test_looking_takes_no_lock_away(database, path):
    database.execute("BEGIN IMMEDIATE")

    for _ in range(3):
        assert Commits(path).latest()
        gc.collect()
    result = subprocess.run(
        [sys.executable, "-c", _TRY_TO_WRITE, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "database is locked" in result.stderr


def test_where_commits_cannot_be_told_nothing_is(path, tmp_path):
    assert Commits(path).latest() == b""
    assert Commits(":memory:").latest() == b""
    with closing(sqlite3.connect(path)) as other_journal:
        other_journal.execute("CREATE TABLE words (word TEXT)")
        assert Commits(path).latest() == b""
    for number, index in enumerate((b"", b"short", struct.pack("=I8xB", 3008000, 1) + b"\0" * 83)):
        Path(tmp_path, f"{number}-shm").write_bytes(index)
        assert Commits(tmp_path / str(number)).latest() == b""
