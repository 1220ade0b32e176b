"""The environment, read in one place.

A wrong value raises ImproperlyConfigured with the variable's name and the fault in one sentence.
"""

import os
import re
import stat
import tempfile
from contextlib import suppress
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.utils import get_random_secret_key
from django.core.validators import validate_email

# The library's getters take a value that begins with a dollar sign for the name of another
# variable, and passwords may begin so; its mapping does not.
_ENVIRONMENT = environ.FileAwareEnv.ENVIRON
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
# By any of these a folder is known as one of this site's.
_DATA = {"db.sqlite3", "secret_key", "media", "static", "private"}
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}


def _wrong(name: str, what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The environment variable {name} is wrong: {what}")


def text(name: str, default: str = "") -> str:
    """The variable, or the contents of the file that NAME_FILE names, without blanks around it.

    `default` if it is empty. Raises ImproperlyConfigured for a file that cannot be read.
    """
    try:
        value: str = _ENVIRONMENT.get(name, "")
    except OSError as fault:
        what = f"the file {fault.filename} cannot be read ({fault.strerror})."
        raise _wrong(f"{name}_FILE", what) from None
    except UnicodeDecodeError:
        raise _wrong(f"{name}_FILE", "the file it names is not a text file.") from None
    return value.strip() or default


def boolean(name: str, *, default: bool) -> bool:
    """Yes or no; raises ImproperlyConfigured for any other value."""
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


def hosts(name: str) -> list[str]:
    """Host names separated by commas, without scheme or port; ".example.org" with all subdomains.

    Raises ImproperlyConfigured for anything else, "*" included: links in letters and cached pages
    rely on the host name.
    """
    names = [word.strip() for word in text(name).split(",") if word.strip()]
    for host in names:
        if not _HOST.fullmatch(host):
            raise _wrong(name, f"{host!r} is not a host name such as workshop.example.org.")
    return names


def time_zone(name: str, default: str) -> str:
    """A name from the time zone database; raises ImproperlyConfigured for any other."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        what = f"it says {value!r}, but must be a time zone such as Europe/London."
        raise _wrong(name, what) from None
    return value


def sender(name: str, default: str) -> str:
    """An e-mail address, alone or as "Name <address>"; raises ImproperlyConfigured otherwise."""
    value = text(name, default)
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        what = f"it says {value!r}, but must look like Workshop <chairs@example.org>."
        raise _wrong(name, what) from None
    return value


def contact(name: str) -> str:
    """A URI to write to, from an e-mail address or an https URL; "" if it is not set.

    Raises ImproperlyConfigured for anything else.
    """
    value = text(name)
    if not value or value.startswith("https://"):
        return value
    try:
        validate_email(value)
    except ValidationError:
        what = f"it says {value!r}, but must be an e-mail address or begin with https://."
        raise _wrong(name, what) from None
    return f"mailto:{value}"


def directory(name: str, default: Path) -> Path:
    """An absolute path, created if missing and closed to other users of the machine.

    Raises ImproperlyConfigured if that fails.
    """
    path = Path(text(name) or default).expanduser().resolve()
    try:
        # Personal data: closed to other users of the machine.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise _wrong(name, f"the folder {path} cannot be made ({fault.strerror}).") from None
    if not os.access(path, os.W_OK):
        raise _wrong(name, f"the folder {path} cannot be written to.")
    _close_to_others(name, path, is_default=not text(name))
    return path


def _close_to_others(name: str, path: Path, *, is_default: bool) -> None:
    """Close the folder to other users, and its files to the group too, which may be a web server's.

    A folder with other things in it, such as /srv, is not changed but refused.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    contents = list(path.iterdir())
    if mode & stat.S_IRWXO:
        is_ours = is_default or not contents or any(entry.name in _DATA for entry in contents)
        open_to_all = f"other users of this machine can open {path}. "
        if not is_ours or mode & stat.S_ISVTX:
            # Not to be closed, since it may be /srv or /tmp.
            what = "Name a folder in it that does not exist yet: it is closed from the start."
            raise _wrong(name, open_to_all + what)
        try:
            path.chmod(mode & ~stat.S_IRWXO)
        except PermissionError:
            what = f"Have its owner close it: chmod o= {path}"
            raise _wrong(name, open_to_all + what) from None
    for entry in contents:
        with suppress(OSError):  # gone meanwhile, or of another user
            entry_mode = entry.lstat().st_mode
            if stat.S_ISREG(entry_mode) and entry_mode & 0o077:
                entry.chmod(stat.S_IMODE(entry_mode) & 0o700)


def _parts(url: str) -> SplitResult | None:
    """The parts of `url`; None if its brackets or its port are wrong."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is not a number up to 65535
    except ValueError:
        return None
    return parts


def site_url(name: str, default: str) -> str:
    """Scheme and host of the public site, without path and trailing slash."""
    value = text(name, default).rstrip("/")
    parts = _parts(value)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(re.sub(r":[0-9]+$", "", parts.netloc))
        or value != f"{parts.scheme}://{parts.netloc}"
    ):
        raise _wrong(
            name, f"it says {value!r}, but must look like https://workshop.example.org, no path."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise _wrong(name, f"it says {value!r}, but only this machine may be served without https.")
    return value


def is_loopback(url: str) -> bool:
    """Whether `url` is on this machine, so that secrets may be printed to its terminal."""
    return urlsplit(url).hostname in LOOPBACK_HOSTS


def secret_key(name: str, *, local: bool, data_dir: Path) -> str:
    """The key that signs sessions and links: from the environment, or on a local run from DATA_DIR,
    where it is created once (mode 0600). Raises ImproperlyConfigured for a missing or short key.
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
        if not path.exists():
            _write_new(path, get_random_secret_key() + get_random_secret_key())
        value = path.read_text().strip()
    except OSError as fault:
        raise _wrong(name, f"{path} cannot be used ({fault.strerror}).") from None
    if len(value) < 50:
        raise _wrong(name, f"{path} is damaged; delete it, and everybody signs in again.")
    return value


def _write_new(path: Path, content: str) -> None:
    """Create the file atomically; of two processes starting together, the first one does."""
    handle, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def _database_at(name: str, url: str) -> dict:
    # The URL holds a password, so no message repeats it.
    scheme = url.split(":", 1)[0]
    if scheme not in {"postgres", "postgresql", "sqlite"}:
        raise _wrong(name, "it must begin with postgres:// or sqlite:///.")
    if _parts(url) is None:
        raise _wrong(name, "it must look like postgres://user:password@localhost:5432/workshop.")
    if scheme != "sqlite" and find_spec("psycopg") is None:
        raise _wrong(name, "PostgreSQL needs the package psycopg[binary,pool] in the .venv.")
    config: dict = environ.Env.db_url_config(url)
    if config.get("NAME") in {None, "", ":memory:"}:
        raise _wrong(name, "it names no database.")
    return config


def database(name: str, default: Path) -> dict:
    """Django's settings for the database at a postgres:// or sqlite:// URL, or SQLite at `default`.

    SQLite has immediate transactions, a write-ahead log and a long timeout, so that concurrent
    writers wait instead of failing with "database is locked".
    """
    url = text(name)
    if url:
        config = _database_at(name, url)
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                # Erased means overwritten, whichever way SQLite was compiled.
                "PRAGMA secure_delete=ON;"
            ),
        }
        # Opening the file takes longer than most requests.
        config["CONN_MAX_AGE"] = None
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


def cache(name: str, *, table: str) -> dict:
    """Django's settings for the cache: Redis or Valkey at redis:// or rediss://, else `table`."""
    url = text(name)
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": table,
            # Never full, as Django would delete running counters then; expired ones are deleted by
            # a periodic task.
            "OPTIONS": {"MAX_ENTRIES": 10**9},
        }
    # The URL may hold a password, so no message repeats it.
    parts = _parts(url)
    if parts is None or parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise _wrong(name, "it must look like redis://localhost:6379/0.")
    if find_spec("redis") is None:
        raise _wrong(name, "Redis and Valkey need the package redis in the .venv.")
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}


def smtp(name: str) -> dict:
    """Django's settings for the mail server at smtp+tls://user:password@host:port.

    smtp+tls is STARTTLS (port 587 unless given), smtp+ssl is TLS (465), smtp is unencrypted (25).
    """
    url = text(name)
    if not url:
        return {}
    parts = _parts(url)
    if parts is None or parts.scheme not in _MAIL_PORTS or not parts.hostname:
        # The URL holds a password, so the message does not repeat it.
        raise _wrong(name, "it must look like smtp+tls://user:password@mail.example.org:587.")
    config = dict(environ.Env.email_url_config(url))
    return config | {"EMAIL_PORT": parts.port or _MAIL_PORTS[parts.scheme]}
