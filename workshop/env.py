"""The environment, read in one place.

Every variable is read through a function here, so that a wrong value stops the
start with the variable's name and what is wrong with it, in one sentence.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

_env = environ.FileAwareEnv()
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}


def _wrong(name: str, what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The environment variable {name} is wrong: {what}")


def text(name: str, default: str = "") -> str:
    """The variable as written, or the contents of the file that NAME_FILE points to."""
    value: str = _env.str(name, default=default)
    return value.strip()


def boolean(name: str, *, default: bool) -> bool:
    """A yes or no; raises ImproperlyConfigured for any other word."""
    value = text(name, "yes" if default else "no").lower()
    if value not in _TRUE | _FALSE:
        raise _wrong(name, f"it says {value!r}, but must be yes or no.")
    return value in _TRUE


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`; raises ImproperlyConfigured otherwise."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise _wrong(name, f"it says {value!r}, but must be a whole number.") from None
    if not least <= number <= most:
        raise _wrong(name, f"it says {number}, but must be from {least} to {most}.")
    return number


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`; raises ImproperlyConfigured otherwise."""
    value = text(name, default)
    if value not in choices:
        raise _wrong(name, f"it says {value!r}, but must be one of {', '.join(choices)}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A list of words separated by commas; empty ones are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def directory(name: str, default: Path) -> Path:
    """An absolute path, made if it is missing; raises ImproperlyConfigured if it cannot be."""
    path = Path(text(name) or default).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _wrong(name, f"the folder {path} cannot be made ({fault.strerror}).") from None
    if not os.access(path, os.W_OK):
        raise _wrong(name, f"the folder {path} cannot be written to.")
    return path


def site_url(name: str, default: str) -> str:
    """The address people type, scheme and host and no path, without a closing slash."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise _wrong(
            name, f"it says {value!r}, but must look like https://workshop.example.org, no path."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise _wrong(
            name, f"it says {value!r}, but only this machine may be served without https."
        )
    return value


def is_loopback(url: str) -> bool:
    """Whether `url` points at this machine, so that secrets may be printed to its terminal."""
    return urlsplit(url).hostname in LOOPBACK_HOSTS


def secret_key(name: str, *, local: bool, data_dir: Path) -> str:
    """The key that signs sessions and links.

    From the environment; on a local run without one it is made once and kept in
    DATA_DIR (mode 0600). Anywhere else a missing or short key stops the start.
    """
    value = text(name)
    if value:
        if len(value) < 50:
            raise _wrong(name, "it is too short; give at least 50 random characters.")
        return value
    if not local:
        raise _wrong(name, "it is not set; give at least 50 random characters.")
    path = data_dir / "secret_key"
    try:
        # Exclusive: of two processes starting at once, one writes and the other reads.
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(get_random_secret_key() + get_random_secret_key())
    except FileExistsError:
        pass
    return path.read_text().strip()


def database(name: str, default: Path) -> dict:
    """Django's settings for the database at a postgres:// or sqlite:// address.

    Without one: SQLite in DATA_DIR, in the mode that never answers "database is
    locked" to a writer (immediate transactions, write-ahead log, a patient timeout).
    """
    url = text(name)
    if url:
        if urlsplit(url).scheme not in {"postgres", "postgresql", "sqlite"}:
            raise _wrong(name, "it must begin with postgres:// or sqlite:///.")
        config: dict = _env.db_url_config(url)
        if not config.get("NAME"):
            raise _wrong(name, "it names no database.")
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            ),
        }
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


def smtp(name: str) -> dict:
    """The mail server at smtp://user:password@host:port (smtps:// and smtp+tls:// encrypt)."""
    url = text(name)
    if not url:
        return {}
    if urlsplit(url).scheme not in {"smtp", "smtps", "smtp+tls"} or not urlsplit(url).hostname:
        raise _wrong(name, "it must look like smtp+tls://user:password@mail.example.org:587.")
    return dict(_env.email_url_config(url))
