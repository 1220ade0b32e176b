"""Every address of the site through the page cache: which pages are kept, and how long."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.page_cache import MAXIMUM_AGE
from apps.core.public_version import public_tables
from apps.editions.models import Edition
from tests.conftest import session_of
from tests.factories import make_deadline, make_news, make_section
from tests.page_cache import Site
from tests.test_access import ADDRESSES, PUBLIC, site  # noqa: F401  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]

# Open to everybody, and rendered for each visitor.
MADE_EACH_TIME = {
    "/livez",
    "/healthz",
    "/2024/interest/",
    "/2024/interest/new-link/",
    "/2024/interest/new-link/sent/",
    "/2024/interest/erased/",
    "/2024/speaker/new-link/",
    "/2024/speaker/new-link/sent/",
    "/2024/contributions/shown/slides.pdf",  # a file, sent as it is read
}
EXAMPLES = {path: answers for examples in ADDRESSES.values() for path, answers in examples.items()}
KEPT = sorted(
    path
    for path, answers in EXAMPLES.items()
    if answers == PUBLIC
    and path not in MADE_EACH_TIME
    and not path.startswith("/accounts/")
    and "?q=" not in path  # free words: as many pages as anybody likes
)


@pytest.fixture
def cached():
    return Site()


def test_public_pages_are_kept_and_no_others(cached):
    """A new public address is kept, or is in the list above with its reason."""
    for path in EXAMPLES:
        cached.get(path)

    paths = {path.partition("?")[0] for path in KEPT}
    assert {path.partition("?")[0] for path in cached.kept} == paths


def test_no_page_of_a_signed_in_user_is_kept(cached, as_chair, as_editor):
    cookies = [f"session={session_of(who)}" for who in (as_chair, as_editor)]
    for path in EXAMPLES:
        for cookie in cookies:
            cached.get(path, cookie=cookie)

    assert cached.kept == set()


def test_a_page_from_memory_equals_the_one_django_renders(cached, client):
    for path in KEPT:
        made = client.get(path)
        for _ in range(2):
            answer = cached.get(path)

            assert answer.body == made.content, path
            assert answer.status == made.status_code == 200, path
            assert "set-cookie" not in answer.headers, path
            assert answer.headers["x-accel-expires"] == "1", path


def test_every_table_a_public_page_reads_has_its_triggers(client):
    """Without them an edit would not show."""
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


def test_a_page_from_memory_is_the_current_one_ten_seconds_after_it_changed_by_the_clock(
    cached, client
):
    """Through a year in which calls open and close, deadlines and news come due, and a day is held."""
    edition = Edition.objects.get(slug="2024")
    begins = datetime(2030, 3, 1, 12, tzinfo=UTC)
    edition.registration_url = "https://example.org/register"
    edition.registration_closes_on = begins.date() + timedelta(days=30)
    edition.save()
    call = edition.call
    call.opens_on = begins.date() + timedelta(days=3)
    call.closes_on = begins.date() + timedelta(days=20)
    call.is_anywhere_on_earth = True
    call.save()
    for number, days in enumerate((5, 9)):
        make_deadline(edition, title=f"D{number}", due_on=begins.date() + timedelta(days=days))
        make_news(edition, title=f"N{number}", published_at=begins + timedelta(days=days, hours=2))
    for shows in ("deadlines", "news", "programme"):
        make_section(edition, shows=shows)
    # Midnight in London and anywhere on Earth around each date; its sessions are on 3 May.
    nights = [datetime(2030, month, 1, tzinfo=UTC) for month in (3, 4, 5)]
    hours = [timedelta(days=days, hours=hour) for days in (3, 5, 9, 20, 30) for hour in (0, 9, 12)]
    edges = {night + step for night in nights[:2] for step in hours}
    edges |= {begins + timedelta(days=days, hours=2) for days in (5, 9)}
    edges |= {datetime(2030, 5, 2, 23, tzinfo=UTC), datetime(2030, 5, 3, 23, tzinfo=UTC)}
    moments = {edge - timedelta(seconds=early) for edge in edges for early in (0, 5)}
    moments |= {nights[2] + timedelta(days=2, minutes=30 * step) for step in range(48)}
    paths = ["/", "/2024/news/", "/2024/news.atom", "/2024/programme/", "/2024/programme/now/"]
    paths += ["/sitemap.xml", "/2024/people/", "/2024/programme.ics"]
    different: dict[str, set[bytes]] = {path: set() for path in paths}
    for moment in sorted(moments):
        for path in paths:
            with time_machine.travel(moment, tick=False):
                before = cached.get(path).body
                different[path].add(before)
                assert before == client.get(path).content, (path, moment)
            with time_machine.travel(moment + timedelta(seconds=MAXIMUM_AGE), tick=False):
                assert cached.get(path).body == client.get(path).content, (path, moment)

    assert len(different["/"]) > 5  # the clock did change them
    assert len(different["/2024/programme/now/"]) > 2
