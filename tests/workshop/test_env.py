"""A wrong environment variable stops the start with an error that names it."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.workshop.commands import ROOT, environment, manage
from workshop import env

KEY = "k3y-" * 15
HERE = Path(__file__).parent
_SITE = "must look like https://workshop.example.org, no path."
# Reads a variable named X → value → the fault.
WRONG: list[tuple[Callable[[], object], str, str]] = [
    (lambda: env.hosts("X"), "*", "'*' is not a host name such as workshop.example.org."),
    (
        lambda: env.hosts("X"),
        "https://example.org",
        "'https://example.org' is not a host name such as workshop.example.org.",
    ),
    (lambda: env.cache("X", table="x"), "memcached://h", "must look like redis://localhost:6379/0"),
    (lambda: env.database("X", HERE), "mysql://h/x", "must begin with postgres:// or sqlite:///."),
    (lambda: env.database("X", HERE), "postgres://u:p@h:port/x", "must look like postgres://user:"),
    (lambda: env.database("X", HERE), "postgres://u:p@localhost", "it names no database."),
    (lambda: env.database("X", HERE), "sqlite://", "it names no database."),
    (lambda: env.directory("X", HERE), "/dev/null/x", "cannot be made (Not a directory)."),
    (lambda: env.boolean("X", default=False), "maybe", "it says 'maybe', but must be yes or no."),
    (lambda: env.sender("X", ""), "nobody", "must look like Workshop <chairs@example.org>."),
    (lambda: env.contact("X"), "http://x", "must be an e-mail address or begin with https://."),
    (lambda: env.integer("X", 1, least=1, most=9), "x", "it says 'x', but must be a whole number."),
    (lambda: env.integer("X", 1, least=1, most=9), "10", "it says 10, but must be from 1 to 9."),
    (lambda: env.integer("X", 1, least=1, most=9), "-1", "it says -1, but must be from 1 to 9."),
    (lambda: env.choice("X", "a", ("a", "b")), "c", "it says 'c', but must be one of a, b."),
    (lambda: env.secret_key("X", local=True, data_dir=HERE), "short", "it is too short; give at"),
    (lambda: env.site_url("X", ""), "workshop", _SITE),
    (lambda: env.site_url("X", ""), "https://example.org/2024", _SITE),
    (lambda: env.site_url("X", ""), "https://[::1", _SITE),
    (lambda: env.site_url("X", ""), "http://example.org", "may be served without https."),
    (lambda: env.smtp("X"), "mail.example.org", "must look like smtp+tls://user:password@mail."),
    (lambda: env.time_zone("X", ""), "Mars/Olympus", "must be a time zone such as Europe/London."),
]


@pytest.mark.parametrize(("read", "value", "fault"), WRONG)
def test_a_wrong_value_is_an_error_that_names_the_variable(monkeypatch, read, value, fault):
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured) as error:
        read()

    assert str(error.value).startswith("The environment variable X is wrong: ")
    assert fault in str(error.value)


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_wrong_variable_stops_the_start_in_one_sentence(tmp_path, command):
    result = manage(tmp_path, command, PORT="http")

    sentence = (
        "The environment variable PORT is wrong: it says 'http', but must be a whole number.\n"
    )
    assert (result.stderr, result.stdout, result.returncode) == (sentence, "", 1)


def test_errors_contain_no_password(tmp_path):
    result = manage(tmp_path, "check", DATABASE_URL="postgres://user:pa55word@host:port/x")

    assert "pa55word" not in result.stderr + result.stdout


def test_production_does_not_start_without_a_secret_key(tmp_path):
    result = manage(tmp_path, "serve", SITE_URL="https://workshop.example.org")

    assert result.stderr == (
        "The environment variable SECRET_KEY is wrong: it is not set; "
        "give at least 50 random characters.\n"
    )
    assert not (tmp_path / "secret_key").exists()


def test_an_unreachable_database_stops_the_start_with_an_error(tmp_path):
    result = manage(tmp_path, "serve", DATABASE_URL="postgres://u:p@127.0.0.1:1/x", PORT="18989")

    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: The database cannot be used: ")
    assert result.stderr.count("\n") == 1


def test_sqlite_overwrites_deleted_rows_however_it_was_compiled(tmp_path):
    options = env.database("DATABASE_URL_NOT_SET", tmp_path / "db.sqlite3")["OPTIONS"]

    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.executescript(options["init_command"])
        (is_on,) = database.execute("PRAGMA secure_delete").fetchone()

    assert is_on == 1


def test_a_local_run_creates_a_private_secret_key_once(tmp_path):
    first = env.secret_key("SECRET_KEY_NOT_SET", local=True, data_dir=tmp_path)
    second = env.secret_key("SECRET_KEY_NOT_SET", local=True, data_dir=tmp_path)

    assert first == second
    assert len(first) == 100
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_damaged_secret_key_is_refused(tmp_path):
    (tmp_path / "secret_key").write_text("")

    with pytest.raises(ImproperlyConfigured, match="secret_key is damaged; delete it"):
        env.secret_key("SECRET_KEY_NOT_SET", local=True, data_dir=tmp_path)


def test_a_new_data_folder_is_closed_to_other_users(tmp_path, monkeypatch):
    monkeypatch.delenv("DATA_DIR_NOT_SET", raising=False)

    folder = env.directory("DATA_DIR_NOT_SET", tmp_path / "new")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("content", [None, "db.sqlite3"])
def test_an_open_data_folder_is_closed_to_other_users_with_its_files(
    tmp_path, monkeypatch, content
):
    folder = tmp_path / "open"
    monkeypatch.setenv("X", str(folder))
    folder.mkdir()
    (folder / content if content else folder).touch()
    folder.chmod(0o755)

    assert env.directory("X", HERE) == folder

    assert _mode(folder) == 0o750  # a web server in the group may read public files
    assert {_mode(file) for file in folder.iterdir()} <= {0o600}


@pytest.mark.parametrize(("mode", "content"), [(0o755, "letters.txt"), (0o1777, "db.sqlite3")])
def test_an_open_folder_of_others_is_refused_and_not_changed(tmp_path, monkeypatch, mode, content):
    folder = tmp_path / "srv"
    folder.mkdir()
    (folder / content).touch()
    folder.chmod(mode)
    monkeypatch.setenv("X", str(folder))

    # To close it would be wrong where it is /srv or /tmp.
    with pytest.raises(ImproperlyConfigured, match="Name a folder in it that does not exist yet"):
        env.directory("X", HERE)

    assert _mode(folder) == mode


def test_commands_make_a_database_for_one_user_alone(tmp_path):
    tmp_path.chmod(0o755)

    result = subprocess.run(
        [
            "/bin/sh",
            "-c",
            'umask 022; exec "$0" manage.py check --database default',
            sys.executable,
        ],
        cwd=ROOT,
        env=environment(tmp_path),
        check=False,
    )

    assert result.returncode == 0
    assert _mode(tmp_path) == 0o750
    assert {_mode(file) for file in tmp_path.iterdir()} == {0o600}


def test_a_variable_may_be_read_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("FROM_A_FILE_FILE", str(tmp_path / "key"))

    assert env.text("FROM_A_FILE") == KEY


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, r"the file .*/key cannot be read \(No such file or directory\)\."),
        (b"\xff\xfe\xfa", r"the file it names is not a text file\."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, content, reason):
    if content:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("BROKEN_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match=f"variable BROKEN_FILE is wrong: {reason}"):
        env.text("BROKEN")


def test_a_value_may_begin_with_a_dollar_sign(monkeypatch):
    monkeypatch.setenv("DOLLAR", "$ecret")

    assert env.text("DOLLAR") == "$ecret"


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("EMPTY", " ")

    assert env.integer("EMPTY", 7, least=0, most=9) == 7


def test_redis_needs_its_package(monkeypatch):
    monkeypatch.setenv("CACHE", "rediss://:secret@localhost/1")
    with monkeypatch.context() as patch:
        patch.setattr("workshop.env.find_spec", lambda name: None)
        with pytest.raises(ImproperlyConfigured, match="need the package redis"):
            env.cache("CACHE", table="x")
    monkeypatch.setattr("workshop.env.find_spec", lambda name: object())

    assert env.cache("CACHE", table="x")["LOCATION"] == "rediss://:secret@localhost/1"


@pytest.mark.parametrize(
    ("scheme", "port", "uses_starttls", "uses_tls"),
    [("smtp", 25, False, False), ("smtp+tls", 587, True, False), ("smtp+ssl", 465, False, True)],
)
def test_the_mail_server_is_read_from_one_url(monkeypatch, scheme, port, uses_starttls, uses_tls):
    monkeypatch.setenv("MAIL", f"{scheme}://me:p%40ss@mail.example.org")

    config = env.smtp("MAIL")

    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"]) == ("me", "p@ss")
    assert config.get("EMAIL_USE_TLS", False) is uses_starttls
    assert config.get("EMAIL_USE_SSL", False) is uses_tls
