"""Rate limits: exact under concurrency, and counted for the right network."""

import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from apps.core.models import CacheEntry, RateCounter, delete_expired_counters
from apps.core.rate_limit import Limit, count, limits_for
from tests.processes import free_port, is_listening, start_watched
from tests.workshop.commands import manage

MOST = 20

pytestmark = pytest.mark.django_db


def test_concurrent_requests_are_counted_exactly(database_file):
    def count_one(_) -> bool:
        try:
            return count([Limit("all", MOST)])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(count_one, range(60)))

    assert passed.count(True) == MOST


def test_a_refused_request_counts_against_no_limit():
    narrow, wide = Limit("narrow", 1), Limit("wide", 2)

    counted = [count([wide, narrow]), count([wide, narrow]), count([wide]), count([wide])]

    assert counted == [True, False, True, False]


def test_the_count_starts_again_after_ten_minutes():
    with time_machine.travel(datetime(2030, 5, 2, tzinfo=UTC), tick=False) as clock:
        passed = [count([Limit("all", 1)]) for _ in range(2)]
        clock.shift(timedelta(seconds=600))
        passed.append(count([Limit("all", 1)]))

    assert passed == [True, False, True]


def test_a_blocked_network_creates_no_counters_for_more_addresses():
    for address in ("first", "second", "third"):
        count([Limit("network", 1), Limit(address, 1)])

    assert RateCounter.objects.count() == 2


def test_cache_keys_are_hashed_with_the_secret_key(settings):
    cache.set("limit:ada@example.org", 1)
    settings.SECRET_KEY = "another" * 10

    assert cache.get("limit:ada@example.org") is None
    assert "ada" not in CacheEntry.objects.get().cache_key


def test_running_counters_are_not_pushed_out_by_others():
    cache.set("failed sign-ins of ada", 5)
    CacheEntry.objects.bulk_create(
        CacheEntry(
            cache_key=f"{number:064}", value="x", expires=timezone.now() + timedelta(hours=1)
        )
        for number in range(1_000)
    )
    assert count([Limit("ada", 1)])

    for number in range(50):
        cache.set(f"other {number}", 1)
        count([Limit(f"other {number}", 1)])

    assert cache.get("failed sign-ins of ada") == 5
    assert not count([Limit("ada", 1)])
    assert CacheEntry.objects.count() == 1_051
    assert django_settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 10**9


_SIGN_IN_WRONGLY = """
from django.conf import settings
from django.test import Client, override_settings
from apps.accounts.models import User
from apps.core.rate_limit import Limit, count
User.objects.filter(email="ada@example.org").exists() or User.objects.create_user(
    "ada@example.org", "correct horse battery")
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage")
settings.ALLOWED_HOSTS.append("testserver")
form = {"login": "ada@example.org", "password": "wrong"}
print([int(Client().post("/accounts/login/", form).status_code) for _ in range(3)],
      count([Limit("all", 1)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["database", "redis"])
def test_processes_share_their_counts(migrated, tmp_path, kind):
    data = Path(shutil.copytree(migrated, tmp_path / "data"))
    url, port = "", free_port()
    if kind == "redis":
        if not shutil.which("redis-server"):
            pytest.skip("redis-server is not installed")
        options = ["--port", str(port), "--save", "", "--dir", str(tmp_path)]
        start_watched(["redis-server", "--bind", "127.0.0.1", *options])
        while not is_listening(port):
            time.sleep(0.05)
        url = f"redis://127.0.0.1:{port}/0"

    first, second = (
        manage(data, "shell", "-v0", "-c", _SIGN_IN_WRONGLY, CACHE_URL=url) for _ in range(2)
    )

    assert first.stdout.strip() == "[200, 200, 200] True", first.stderr
    assert second.stdout.strip() == "[200, 200, 429] False", second.stderr


def test_expired_counters_are_deleted():
    cache.set("old", 1, timeout=60)

    with time_machine.travel(datetime(2030, 5, 2, tzinfo=UTC)):
        count([Limit("all", 1)])
    with time_machine.travel(datetime(2031, 5, 2, tzinfo=UTC)):
        delete_expired_counters()

    assert CacheEntry.objects.count() == RateCounter.objects.count() == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "network"),
    [
        (0, "192.0.2.9", "198.51.100.7", "198.51.100.7"),
        (1, "192.0.2.66, 192.0.2.9", "127.0.0.1", "192.0.2.9"),
        (2, "192.0.2.9", "127.0.0.1", "127.0.0.1"),  # fewer proxies than configured
        (1, "nonsense", "127.0.0.1", "unknown"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        (0, "", "", "unknown"),
    ],
)
def test_the_network_is_read_from_trusted_proxies(settings, proxies, forwarded, remote, network):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().post(
        "/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR=remote
    )

    assert limits_for(request, "ada@example.org")[1].key == f"network:{network}"


def test_addresses_are_counted_case_insensitively_and_stored_hashed():
    request = RequestFactory().post("/")

    mixed, lower = (
        limits_for(request, email)[2] for email in ("Ada@Example.org", "ada@example.org")
    )

    assert mixed == lower
    assert re.fullmatch(r"address:[0-9a-f]+", mixed.key)
