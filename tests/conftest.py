"""Fixtures of all tests, and the options --all and --database-only."""

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import sync_playwright

from apps.accounts.models import User
from tests.accounts.helpers import signed_in
from tests.browser import CHROMIUM_FLAGS, Visitor, chromium_path
from tests.factories import make_user
from tests.mail.post_office import PostOffice
from tests.workshop.commands import ROOT, manage

# Tests with these markers, and those of deploy/, run with --all only.
SLOW_MARKERS = {"slow", "browser", "nu"}

# Examples of each property test; more with --hypothesis-profile. The health checks are about the
# speed of pages and about fixtures, which a test resets by itself from example to example.
for name, count in {"quick": 100, "ci": 300, "thorough": 2000}.items():
    hypothesis_settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
hypothesis_settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also run the slow tests, as CI does")
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that the database makes no difference to, as CI does on its second",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        items[:] = [item for item in items if depends_on_database(item)]
    if config.getoption("--all"):
        return
    slow = [item for item in items if _is_slow(item)]
    items[:] = [item for item in items if item not in set(slow)]
    config.hook.pytest_deselected(items=slow)


def _is_slow(item: pytest.Item) -> bool:
    is_marked = bool(SLOW_MARKERS & {marker.name for marker in item.iter_markers()})
    return is_marked or item.path.is_relative_to(ROOT / "tests" / "deploy")


def may_use_database(item: pytest.Item) -> bool:
    """Whether a test asks for its database; otherwise pytest-django refuses every connection."""
    is_marked = item.get_closest_marker("django_db") is not None
    fixtures = getattr(item, "fixturenames", ())
    return is_marked or "django_db_setup" in fixtures or "live_server" in fixtures


def depends_on_database(item: pytest.Item) -> bool:
    """Whether a test could fail on one database alone.

    Those of markup and layout could not: other tests get the same pages on each database.
    """
    looks_only = any(item.get_closest_marker(name) for name in ("appearance", "nu"))
    return may_use_database(item) and not looks_only


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("--all"):
        terminalreporter.write_line(
            "Slow tests (browser, real servers, nginx) were left out: make test ARGS=--all"
        )


@pytest.fixture(autouse=True)
def _quick_and_clean(settings, tmp_path):
    """Static files without hashes, fast password hashes, own media folder, empty caches."""
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.COOKIE_SUFFIX = ""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "media", tmp_path / "private"
    caches["process"].clear()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Use as `with commit():` to run the callbacks that follow a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def chair(db) -> User:
    return make_user("Chair", email="chair@example.org", name="Charlie Chair")


@pytest.fixture
def as_chair(chair) -> Client:
    return signed_in(chair)


@pytest.fixture
def as_editor(db) -> Client:
    return signed_in(make_user("Editor", email="editor@example.org"))


@pytest.fixture
def reviewer(db) -> User:
    """Holds the role; of which editions, a test says with make_reviewer."""
    return make_user("Reviewer", email="reviewer@example.org", name="Rena Reviewer")


@pytest.fixture
def as_reviewer(reviewer) -> Client:
    return signed_in(reviewer)


@pytest.fixture
def as_helpdesk(db) -> Client:
    return signed_in(make_user("Helpdesk", email="helpdesk@example.org"))


@pytest.fixture
def as_stranger(db) -> Client:
    """Signed in, but not staff."""
    return signed_in(make_user(email="stranger@example.org"))


@pytest.fixture
def post_office(settings):
    """A mail server that is there and configured."""
    office = PostOffice()
    settings.HAS_MAIL = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    settings.EMAIL_TIMEOUT = 1
    settings.DEFAULT_FROM_EMAIL = "Workshop <workshop@example.org>"
    yield office
    office.close()


@pytest.fixture
def database_file(transactional_db, tmp_path):
    """The test's database in a file, as a host has it: in memory, threads shut each other out."""
    settings, path = connection.settings_dict, tmp_path / "db.sqlite3"
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, settings["NAME"]
    with closing(sqlite3.connect(path)) as file:
        in_memory.backup(file)
    connection.connection, settings["NAME"] = None, str(path)
    yield
    connection.close()
    connection.connection, settings["NAME"] = in_memory, name


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    """A data folder with a migrated database (SQLite), to be copied; all of xdist's workers share it."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder = shared / "migrated"
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            result = manage(shared / "migrating", "migrate", "-v0")
            assert result.returncode == 0, result.stderr
            (shared / "migrating").rename(folder)
    return folder


@pytest.fixture(scope="session")
def _chromium():
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(_chromium, live_server):
    """Opens pages of a server that sees the test's own rows; closes every window afterwards."""
    yield Visitor(_chromium, live_server.url)
    for context in _chromium.contexts:
        context.close()


def session_of(client: Client) -> str:
    """The value of the cookie that signs a browser in as `client` is."""
    return client.session.session_key or ""
