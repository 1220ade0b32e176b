"""Parallel sessions on the programme: one heading, columns by room, rows by time."""

import re
from datetime import date, time

import pytest

from tests.factories import (
    make_contribution,
    make_current_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2024", year=2024, starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 28)
    )


def _day(edition, *rows, **more) -> None:
    """Sessions of title, room, begin, minutes and kind; published."""
    rooms = {
        name: make_room(edition, name=name) for name in sorted({row[1] for row in rows if row[1]})
    }
    for title, room, (hour, minute), minutes, kind in rows:
        make_session(
            edition,
            title=title,
            room=rooms.get(room),
            starts_at=time(hour, minute),
            minutes=minutes,
            kind=kind,
            **more,
        )
    make_release(edition)


def _blocks(client) -> list[list[str]]:
    """Titles of the sessions, block by block."""
    days = client.get("/2024/programme/").context["days"]
    return [[line.heading for line in block.lines] for day in days for block in day.blocks]


def _page(client) -> str:
    return " ".join(client.get("/2024/programme/").content.decode().split())


def test_sessions_at_the_same_time_are_under_one_heading(client, edition):
    _day(
        edition,
        ("Before", "A", (9, 0), 60, "talks"),
        ("One", "A", (10, 0), 60, "talks"),
        ("Two", "B", (10, 0), 60, "talks"),
        ("After", "A", (11, 0), 60, "talks"),
    )

    page = _page(client)

    assert _blocks(client) == [["Before"], ["One", "Two"], ["After"]]
    assert page.count("Parallel sessions</h3>") == 1
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "10:00 – 11:00 Parallel sessions A One Talks B Two Talks" in words  # hours once


def test_sessions_that_end_at_different_times_all_tell_their_hours(client, edition):
    _day(edition, ("One", "A", (10, 0), 60, "talks"), ("Two", "B", (10, 0), 90, "talks"))

    words = " ".join(re.sub(r"<[^>]+>", " ", _page(client)).split())

    assert (
        "10:00 – 11:30 Parallel sessions 10:00 – 11:00 A One Talks 10:00 – 11:30 B Two Talks"
    ) in words


@pytest.mark.parametrize(
    ("kind", "hours"),
    [("keynote", 1), ("lunch", 1), ("social", 1), ("opening", 1)],
)
def test_a_session_beside_one_for_everybody_is_not_parallel_to_others(client, edition, kind, hours):
    _day(
        edition,
        ("Registration", "C", (8, 0), 600, "other"),
        ("For all", "A", (9, 0), 60 * hours, kind),
        ("One", "A", (10, 0), 60, "talks"),
        ("Two", "B", (10, 0), 60, "talks"),
    )

    assert _blocks(client) == [["Registration"], ["For all"], ["One", "Two"]]


def test_a_break_belongs_to_the_parallel_sessions_around_it(client, edition):
    _day(
        edition,
        ("Long", "A", (9, 0), 150, "tutorial"),
        ("First", "B", (9, 0), 60, "tutorial"),
        ("Coffee", "", (10, 0), 30, "break"),
        ("Second", "B", (10, 30), 60, "tutorial"),
        ("Later coffee", "", (11, 30), 30, "break"),
    )

    page = _page(client)

    assert _blocks(client) == [["Long", "First", "Coffee", "Second"], ["Later coffee"]]
    places = dict(re.findall(r'class="session [^"]*?(in-column[^"]+)" id="([\w-]+)-session"', page))
    assert {slug: place for place, slug in places.items()} == {
        "long": "in-column-1 from-row-1 over-rows-3",
        "first": "in-column-2 from-row-1 over-rows-1",
        "coffee": "in-column-2 from-row-2 over-rows-1",
        "second": "in-column-2 from-row-3 over-rows-1",
    }


def test_a_break_during_posters_stands_alone(client, edition):
    _day(
        edition,
        ("Posters", "A", (9, 0), 90, "posters"),
        ("Coffee", "", (9, 0), 30, "break"),
    )

    assert sorted(_blocks(client)) == [["Coffee"], ["Posters"]]


def test_sessions_without_an_end_are_parallel_if_they_begin_at_once(client, edition):
    _day(
        edition,
        ("One", "A", (9, 0), None, "talks"),
        ("Two", "B", (9, 0), None, "talks"),
        ("Three", "B", (9, 30), None, "talks"),
    )

    assert _blocks(client) == [["One", "Two"], ["Three"]]


def test_too_many_rooms_for_a_grid_are_a_plain_list(client, edition):
    rows = [(f"T{number}", f"R{number}", (9, number), 60, "talks") for number in range(5)]
    _day(edition, *rows)

    assert _blocks(client) == [[row[0] for row in rows]]
    assert "in-column" not in _page(client)


def test_talks_that_begin_together_share_rows(client, edition):
    for title, lengths in (("One", (20, 20, 20)), ("Two", (20, 20))):
        session = make_session(edition, title=title, starts_at=time(9), minutes=60)
        for minutes in lengths:
            make_slot(session, make_contribution(edition, "Ada"), minutes=minutes)
    make_release(edition)

    assert "shares-3" in _page(client)


def test_talks_of_other_lengths_do_not_share_rows(client, edition):
    for title, minutes in (("One", 20), ("Two", 30)):
        session = make_session(edition, title=title, starts_at=time(9), minutes=60)
        for _ in range(2):
            make_slot(session, make_contribution(edition, "Ada"), minutes=minutes)
    make_release(edition)

    page = _page(client)

    assert "tracks" in page
    assert "shares-" not in page
