"""A day as a grid of rooms and times."""

from datetime import date, time

import pytest

from apps.programme.grid import draw_days
from apps.programme.models import Room
from apps.programme.timetable import draft_timetable
from tests.factories import make_edition, make_room, make_session

pytestmark = pytest.mark.django_db


def _grid(edition, day=0):
    rooms = Room.objects.filter(edition=edition)
    return draw_days(draft_timetable(edition).days, rooms)[day]


def _columns(grid) -> dict[str, list[tuple]]:
    return {
        str(column.room): [
            (block.session.title, block.begin, block.height, block.lane, block.lanes)
            for block in column.blocks
        ]
        for column in grid.columns
    }


def test_each_room_has_a_column_and_sessions_without_a_room_the_last():
    edition = make_edition()
    hall, attic = make_room(edition, name="Hall"), make_room(edition, name="Attic")
    keynote = make_session(edition, title="Keynote", room=hall, starts_at=time(9), minutes=60)
    make_session(edition, title="Coffee", starts_at=time(10), minutes=10)
    make_session(edition, title="Open end", room=hall, starts_at=time(10, 5), minutes=None)
    untimed = make_session(edition, title="Untimed", room=attic, starts_at=None)

    grid = _grid(edition)

    assert _columns(grid) == {
        "Hall": [("Keynote", 540, 60, 0, 1), ("Open end", 605, 15, 0, 1)],
        "Attic": [],
        "None": [("Coffee", 600, 15, 0, 1)],
    }
    assert grid.columns[0].blocks[0].seen == f"1/09:00:00/{hall.pk}"
    assert [(entry.pk, seen) for entry, seen in grid.untimed] == [(untimed.pk, f"1//{attic.pk}")]
    assert keynote.pk == grid.columns[0].blocks[0].session.pk


def test_overlapping_sessions_are_in_lanes():
    edition = make_edition()
    for title, hour, minutes in (("A", 9, 120), ("B", 9, 60), ("C", 10, 60), ("D", 12, 60)):
        make_session(edition, title=title, starts_at=time(hour), minutes=minutes)

    assert _columns(_grid(edition)) == {
        "None": [
            ("A", 540, 120, 0, 2),
            ("B", 540, 60, 1, 2),
            ("C", 600, 60, 1, 2),
            ("D", 720, 60, 0, 1),
        ]
    }


@pytest.mark.parametrize(
    ("starts_at", "minutes", "frame", "hours"),
    [
        (time(9), 60, (480, 660), ["08:00", "09:00", "10:00"]),
        (time(9, 30), 31, (480, 720), ["08:00", "09:00", "10:00", "11:00"]),
        (time(0, 5), 5, (0, 120), ["00:00", "01:00"]),
        (time(23), 60, (1320, 1440), ["22:00", "23:00"]),
        (time(23), 90, (1320, 1500), ["22:00", "23:00", "00:00"]),
        (None, None, (480, 1080), [f"{hour:02}:00" for hour in range(8, 18)]),
    ],
)
def test_the_grid_covers_full_hours_with_a_margin(starts_at, minutes, frame, hours):
    edition = make_edition()
    make_session(edition, starts_at=starts_at, minutes=minutes)

    grid = _grid(edition)

    assert (grid.begin, grid.end) == frame
    assert [hour for _, hour in grid.hours] == hours


def test_the_grid_uses_clock_times_when_clocks_change():
    edition = make_edition(starts_on=date(2024, 3, 31), time_zone="Europe/London")
    make_session(edition, starts_at=time(0, 30), minutes=60)

    assert [block.begin for block in _grid(edition).columns[0].blocks] == [30]
