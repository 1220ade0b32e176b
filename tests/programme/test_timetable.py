"""The timetable, computed from rows or from a snapshot."""

from datetime import date, time

import pytest

from apps.programme.timetable import draft_timetable, timetable_of_release
from tests.factories import (
    make_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


def _hours(entry) -> tuple[str, ...]:
    return tuple(at.strftime("%H:%M") if at else "?" for at in (entry.starts_at, entry.ends_at))


def test_talks_follow_each_other():
    edition = make_edition(starts_on=date(2024, 5, 3))
    session = make_session(edition, kind="lightning", starts_at=time(14), minutes=30)
    for minutes in (12, 3, None):
        make_slot(session, minutes=minutes)

    (day,) = draft_timetable(edition).days

    assert (day.number, day.held_on) == (1, date(2024, 5, 3))
    assert [_hours(slot) for slot in day.sessions[0].slots] == [
        ("14:00", "14:12"),
        ("14:12", "14:15"),
        ("14:15", "14:30"),
    ]
    assert str(day.sessions[0].slots[1].starts) == "2024-05-03 14:12:00+01:00"


def test_after_a_talk_without_minutes_starts_are_unknown():
    edition = make_edition()
    session = make_session(edition, starts_at=time(14), minutes=30)
    for minutes in (None, 5, 5):
        make_slot(session, minutes=minutes)

    (entry,) = draft_timetable(edition).sessions()

    assert [_hours(slot) for slot in entry.slots] == [("14:00", "?"), ("?", "?"), ("?", "?")]


def test_posters_last_the_whole_session():
    edition = make_edition()
    session = make_session(edition, kind="posters", starts_at=time(12), minutes=90)
    for _ in range(2):
        make_slot(session, minutes=10)

    (entry,) = draft_timetable(edition).sessions()

    assert [_hours(slot) for slot in entry.slots] == [("12:00", "13:30")] * 2


def test_a_snapshot_can_be_read_with_another_date_and_zone():
    edition = make_edition(starts_on=date(2024, 5, 3), ends_on=date(2024, 5, 4))
    session = make_session(edition, room=make_room(edition, name="Hall"), day=2)
    make_slot(session, minutes=30, board="P1", kind="poster")
    make_session(edition, title="", kind="lunch", starts_at=None)
    release = make_release(edition)
    release.time_zone, release.first_day = "Asia/Tokyo", date(2025, 1, 1)

    days = timetable_of_release(release).days

    assert [(day.number, day.held_on) for day in days] == [
        (1, date(2025, 1, 1)),
        (2, date(2025, 1, 2)),
    ]
    lunch, talks = days[0].sessions[0], days[1].sessions[0]
    assert (lunch.title, lunch.is_pause, lunch.starts) == ("Lunch", True, None)
    assert str(talks.starts) == "2025-01-02 09:00:00+09:00"
    assert talks.room_name == "Hall"
    assert (talks.slots[0].board, talks.slots[0].kind) == ("P1", "poster")
    assert talks.slots[0].contribution is None


def test_a_slot_with_a_start_of_its_own_keeps_gaps_and_overlaps():
    edition = make_edition(starts_on=date(2030, 5, 3))
    session = make_session(edition, starts_at=time(14), minutes=60)
    for minutes, starts_after in [(10, 5), (None, 20), (15, 30), (10, 40), (None, None)]:
        make_slot(session, minutes=minutes, starts_after=starts_after)

    assert _all_hours(edition) == [
        "14:05–14:15",
        "14:20",  # its length is unknown
        "14:30–14:45",
        "14:40–14:50",
        "14:50–15:00",
    ]
    session.starts_at = time(16)
    session.save()
    assert _all_hours(edition)[0] == "16:05–16:15"


def test_no_time_is_left_for_the_last_talk_of_a_full_session():
    edition = make_edition()
    session = make_session(edition, starts_at=time(14), minutes=30)
    for minutes in (30, None):
        make_slot(session, minutes=minutes)

    assert _all_hours(edition) == ["14:00–14:30", "14:30"]


def test_demos_are_shown_for_the_whole_session_unless_they_have_times():
    edition = make_edition()
    stands = make_session(edition, kind="demos", starts_at=time(14), minutes=60)
    talks = make_session(edition, kind="demos", starts_at=time(16), minutes=60)
    for session, minutes in ((stands, None), (talks, 10)):
        make_slot(session, minutes=minutes)
        make_slot(session, minutes=minutes)

    assert _all_hours(edition) == ["14:00–15:00", "14:00–15:00", "16:00–16:10", "16:10–16:20"]


def _all_hours(edition) -> list[str]:
    return [slot.span.hours for slot in draft_timetable(edition).slots()]
