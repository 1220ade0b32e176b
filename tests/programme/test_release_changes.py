"""Changes from one release to the next, as sentences."""

from datetime import date, time

import pytest

from apps.programme.models import ProgrammeRelease
from apps.programme.releases import (
    changes_since,
    contribution_titles,
    latest_release,
)
from apps.programme.timetable import draft_timetable, timetable_of_release
from tests.factories import (
    make_contribution,
    make_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(starts_on=date(2024, 5, 3), ends_on=date(2024, 5, 4))


def _changes(edition) -> list[str]:
    """The changes of the draft, which are those of the next release."""
    before, titles = latest_release(edition), contribution_titles(edition)
    drafted = list(changes_since(before, draft_timetable(edition), titles))
    released = timetable_of_release(make_release(edition))
    assert list(changes_since(before, released, titles)) == drafted
    return [f"{change.subject}: {change.description}" for change in drafted]


def test_a_first_release_lists_no_changes(edition):
    make_session(edition)

    assert _changes(edition) == []


def test_changes_of_sessions(edition):
    hall, attic = make_room(edition, name="Hall"), make_room(edition, name="Attic")
    panel = make_session(edition, title="Panel", room=hall, starts_at=time(14))
    lunch = make_session(edition, title="", kind="lunch", starts_at=time(12))
    loose = make_session(edition, title="Loose", starts_at=None)
    gone = make_session(edition, title="Gone", starts_at=time(16), room=hall)
    make_release(edition)
    edit(panel, starts_at=time(14, 30), room=attic, day=2)
    edit(lunch, title="Sandwiches", room=hall)
    edit(loose, starts_at=time(18), minutes=None)
    gone.delete()
    make_session(edition, title="New", starts_at=time(17), room=attic)

    assert _changes(edition) == [
        "Lunch: no title → “Sandwiches”; no room → Hall",
        "New: new, Friday 3 May, 17:00–18:00, Attic",
        "Loose: 60 minutes, no time yet → 18:00",
        "Panel: Friday 3 May → Saturday 4 May; 14:00–15:00 → 14:30–15:30; Hall → Attic",
        "Gone: removed; it was Friday 3 May, 16:00–17:00, Hall",
    ]


def test_changes_of_slots(edition):
    moves = make_session(edition, title="Moves")
    talks = make_session(edition, title="Talks", starts_at=time(14))
    posters = make_session(edition, title="Posters", kind="posters", starts_at=time(16))
    along = make_slot(moves, make_contribution(edition, title="Along"), minutes=10)
    first, second = (
        make_slot(talks, make_contribution(edition, title=title), minutes=10)
        for title in ("First", "Second")
    )
    leaves = make_slot(talks, make_contribution(edition, title="Leaves"), minutes=10)
    board = make_slot(posters, make_contribution(edition, title="Board"), board="P1")
    make_release(edition)
    edit(moves, starts_at=time(10))
    edit(first, ordering=second.ordering + 5)
    edit(board, board="P2")
    leaves.delete()
    make_slot(posters, along.contribution, board="P3")

    assert _changes(edition) == [
        "Moves: 09:00–10:00 → 10:00–11:00",
        "Talks: another order",
        "Second: 14:10–14:20 → 14:00–14:10",
        "First: 14:00–14:10 → 14:10–14:20",
        "Board: board P1 → P2",
        "Along: new in “Posters”",
        "Leaves: no longer in “Talks”",
    ]


def test_a_slot_that_changes_session_or_contribution_is_listed_once(edition):
    one = make_session(edition, title="One")
    other = make_session(edition, title="Other", starts_at=time(11))
    goes = make_slot(one, make_contribution(edition, title="Goes"))
    given = make_slot(other, make_contribution(edition, title="Before"), minutes=10)
    make_release(edition)
    edit(given, contribution=make_contribution(edition, title="After"))
    edit(goes, session=other, ordering=99)

    assert _changes(edition) == [
        "After: instead of “Before”",
        "Goes: from “One” to “Other”",
    ]


def test_changes_of_dates_zone_and_order(edition):
    one = make_session(edition, title="One", starts_at=None, ordering=1)
    make_session(edition, title="Two", starts_at=None, ordering=2)
    make_release(edition)
    edit(one, ordering=3)
    edit(edition, starts_on=date(2024, 5, 4), time_zone="Asia/Tokyo")

    assert _changes(edition) == [
        "First day: Friday 3 May 2024 → Saturday 4 May 2024",
        "Time zone: Europe/London → Asia/Tokyo",
        "Sessions: another order on Saturday 4 May",
    ]


def test_every_publishable_change_is_listed(edition):
    """Nothing can be published of which the page of changes says nothing."""
    session = make_session(edition, title="Same", kind="talks")
    slot = make_slot(session)
    make_release(edition)
    for row, fields in (
        (session, {"kind": "social"}),
        (session, {"minutes": None}),
        (session, {"has_shifts": True}),
        (session, {"has_shifts": False}),
        (slot, {"kind": "demo"}),
        (slot, {"minutes": 10}),
        (slot, {"board": "P1"}),
    ):
        edit(row, **fields)

        assert _changes(edition), fields

    assert ProgrammeRelease.objects.count() == 8
