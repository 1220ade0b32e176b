"""The counter behind the throttle: exact though many count at once, and by the right network."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory

from apps.interest import limits
from apps.interest.limits import Limit, count, limits_for

MOST = 20


def test_many_at_once_are_counted_exactly():
    limit = Limit("all", MOST)

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: count([limit]), range(60)))

    assert passed.count(True) == MOST


def test_one_that_is_used_up_leaves_the_others_alone():
    narrow, wide = Limit("narrow", 1), Limit("wide", 2)

    counted = [count([wide, narrow]), count([wide, narrow]), count([wide]), count([wide])]

    assert counted == [True, False, True, False]


def test_ten_minutes_later_the_count_begins_anew():
    with time_machine.travel(datetime(2030, 5, 2, tzinfo=UTC), tick=False) as clock:
        passed = [count([Limit("all", 1)]) for _ in range(2)]
        clock.shift(timedelta(seconds=600))
        passed.append(count([Limit("all", 1)]))

    assert passed == [True, False, True]


def test_counters_that_fall_on_the_same_slot_stand_side_by_side(monkeypatch):
    monkeypatch.setattr(limits, "_SLOTS", 1)

    passed = [count([Limit("one", 1), Limit("other", 2)]) for _ in range(2)]
    passed.append(count([Limit("other", 2)]))

    assert passed == [True, False, True]


def test_where_there_is_no_room_the_oldest_count_gives_way(monkeypatch):
    monkeypatch.setattr(limits, "_SLOTS", 1)
    monkeypatch.setattr(limits, "_NEIGHBOURS", 2)

    passed = [count([Limit(key, 1)]) for key in ("first", "second", "third", "second", "first")]

    assert passed == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "network"),
    [
        (0, "192.0.2.9", "198.51.100.7", "198.51.100.7"),
        (1, "192.0.2.66, 192.0.2.9", "127.0.0.1", "192.0.2.9"),
        (2, "192.0.2.9", "127.0.0.1", "127.0.0.1"),  # set for more than there are
        (1, "nonsense", "127.0.0.1", "unknown"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        (0, "", "", "unknown"),
    ],
)
def test_a_network_is_what_the_trusted_proxies_say(settings, proxies, forwarded, remote, network):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().post(
        "/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR=remote
    )

    assert limits_for(request, "ada@example.org")[1].key == f"network:{network}"


def test_an_address_is_counted_whatever_its_case_and_never_written_down():
    request = RequestFactory().post("/")

    one, other = (limits_for(request, email)[2] for email in ("Ada@Example.org", "ada@example.org"))

    assert one == other
    assert re.fullmatch(r"address:[0-9a-f]+", one.key)
