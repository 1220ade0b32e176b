"""The page cache and every URL of the site: cached pages and others."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.page_cache import public_tables
from tests.conftest import session_of
from tests.page_cache import Site
from tests.test_access import ADDRESSES, PUBLIC, site  # noqa: F401  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]

# Public, and rendered for each request.
UNCACHED = {
    "/livez",
    "/healthz",
    "/2024/interest/",
    "/2024/interest/new-link/",
    "/2024/interest/new-link/sent/",
    "/2024/interest/erased/",
    "/2024/speaker/new-link/",
    "/2024/speaker/new-link/sent/",
    "/2024/register/",
    "/2024/register/new-link/",
    "/2024/register/new-link/sent/",
    "/2024/register/erased/",
    "/2024/register/ticket/nothing/",
    "/verify/",
    "/2024/contributions/shown/slides.pdf",  # a file, sent as it is read
}
EXAMPLES = {path: answers for examples in ADDRESSES.values() for path, answers in examples.items()}
KEPT = sorted(
    path
    for path, answers in EXAMPLES.items()
    if answers == PUBLIC
    and path not in UNCACHED
    and not path.startswith("/accounts/")
    and "?q=" not in path  # free text
    and "/files/" not in path  # sent as they are read
)


@pytest.fixture
def cached():
    return Site()


def test_public_pages_are_kept_and_no_others(cached):
    """A new public URL is cached, or is in the list above."""
    for path in EXAMPLES:
        cached.get(path)

    paths = {path.partition("?")[0] for path in KEPT}
    assert {path.partition("?")[0] for path in cached.kept} == paths


def test_no_page_of_a_signed_in_user_is_kept(cached, as_chair, as_editor):
    cookies = [
        f"{settings.SESSION_COOKIE_NAME}={session_of(client)}" for client in (as_chair, as_editor)
    ]
    for path in EXAMPLES:
        for cookie in cookies:
            cached.get(path, cookie=cookie)

    assert cached.kept == set()


def test_a_page_from_memory_equals_the_one_django_renders(cached, client):
    for path in KEPT:
        rendered = client.get(path)
        for _ in range(2):
            response = cached.get(path)

            assert response.body == rendered.content, path
            assert response.status == rendered.status_code == 200, path
            assert "set-cookie" not in response.headers, path
            assert response.headers["x-accel-expires"] == "1", path


def test_every_table_that_public_pages_read_has_triggers(client):
    """Without triggers the cache would show old pages."""
    tables = set()
    with CaptureQueriesContext(connection) as queries:
        for path in KEPT:
            client.get(path)
    for query in queries.captured_queries:
        tables |= set(re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"]))

    assert len(tables) > 15
    assert tables <= set(public_tables())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT event_object_table FROM information_schema.triggers")
        assert tables <= {name for (name,) in cursor.fetchall()}
