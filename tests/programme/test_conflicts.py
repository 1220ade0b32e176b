"""Conflicts of a programme, as sentences."""

from datetime import date, time

import pytest

from apps.core.exceptions import NotAllowed
from apps.programme.conflicts import find_conflicts
from apps.programme.releases import publish_programme
from apps.programme.timetable import draft_timetable
from tests.factories import (
    make_chair,
    make_contribution,
    make_edition,
    make_person,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


def _sentences(edition) -> list[str]:
    return [str(conflict) for conflict in find_conflicts(draft_timetable(edition), edition=edition)]


def test_a_correct_programme_has_no_conflict():
    edition = make_edition(starts_on=date(2024, 5, 3))
    hall, ada = make_room(edition), make_person()
    morning = make_session(edition, room=hall, starts_at=time(9), minutes=60)
    make_slot(morning, make_contribution(edition, ada), minutes=30)
    make_chair(morning, ada)
    noon = make_session(edition, kind="posters", room=hall, starts_at=time(10), minutes=60)
    for board in ("P1", "P2"):
        make_slot(noon, make_contribution(edition, ada), board=board)
    make_session(edition, kind="lunch", starts_at=time(11))

    assert _sentences(edition) == []


@pytest.mark.parametrize("first_day", [date(2024, 5, 3), None])
def test_a_person_in_two_places(first_day):
    edition = make_edition(starts_on=first_day)
    ada = make_person(name="Ada Example")
    talks = make_session(
        edition, starts_at=time(14), minutes=60, room=make_room(edition, name="Hall")
    )
    make_slot(talks, make_contribution(edition, ada, title="Small models"), minutes=30)
    annex = make_room(edition, name="Annex")
    panel = make_session(
        edition, title="Panel", kind="panel", starts_at=time(14, 15), minutes=45, room=annex
    )
    make_chair(panel, ada)

    day = "3 May 2024" if first_day else "day 1"
    assert _sentences(edition) == [
        f"Ada Example is in two places at the same time: “Small models” ({day}, 14:00–14:30, Hall) and "
        f"“Panel” ({day}, 14:15–15:00, Annex)."
    ]


def test_bare_names_are_compared_and_absent_authors_are_not():
    edition = make_edition()
    for name, title in (("Bob Bare", "One"), ("bob bare", "Two")):
        talk = make_contribution(edition, name, title=title)
        make_slot(make_session(edition, room=make_room(edition, name=f"Room {title}")), talk)
        talk.contributors.create(name="Carol Co-author", role="author")

    assert _sentences(edition) == [
        "bob bare is in two places at the same time: “One” (day 1, 09:00–10:00, Room One) and “Two” (day 1, "
        "09:00–10:00, Room Two)."
    ]


def test_sessions_after_midnight_are_compared_with_the_next_day():
    edition = make_edition(starts_on=date(2024, 5, 3))
    bar = make_room(edition, name="Bar")
    fields = {"room": bar, "kind": "social"}
    make_session(edition, title="Party", starts_at=time(23), minutes=180, **fields)
    make_session(edition, title="Songs", day=2, starts_at=time(1), minutes=60, **fields)

    assert _sentences(edition)[-1] == (
        "Bar is used twice at the same time: “Party” (3 May 2024, 23:00–02:00, Bar) and "
        "“Songs” (4 May 2024, 01:00–02:00, Bar)."
    )


def test_a_short_session_does_not_hide_a_long_one():
    edition = make_edition()
    hall = make_room(edition, name="Hall")
    for title, at, minutes in (("Long", 9, 240), ("Short", 10, 10), ("Late", 12, 30)):
        make_session(edition, title=title, room=hall, starts_at=time(at), minutes=minutes)

    assert [
        words.split(" (")[0] + " … " + words.split(" and ")[1] for words in _sentences(edition)
    ] == [
        "Hall is used twice at the same time: “Long” … “Short” (day 1, 10:00–10:10, Hall).",
        "Hall is used twice at the same time: “Long” … “Late” (day 1, 12:00–12:30, Hall).",
    ]


def test_sessions_outside_the_edition_prevent_publishing():
    one_day = make_edition(starts_on=date(2024, 5, 3))
    two_days = make_edition(starts_on=date(2024, 5, 3), ends_on=date(2024, 5, 4))
    for edition in (one_day, two_days):
        make_session(edition, title="Late", day=3)

    assert _sentences(one_day) == [
        "“Late” is on day 3 (5 May 2024), but the edition is on 3 May 2024."
    ]
    assert _sentences(two_days) == [
        "“Late” is on day 3 (5 May 2024), but the edition is from 3 May to 4 May 2024."
    ]
    (conflict,) = find_conflicts(draft_timetable(one_day), edition=one_day)
    assert conflict.prevents_publishing
    assert _sentences(make_edition()) == []


def test_conflicts_within_a_session():
    edition = make_edition(starts_on=date(2024, 3, 31))
    make_session(edition, title="Songs", starts_at=time(1, 30))
    talks = make_session(edition, title="Talks", minutes=60)
    for _ in range(3):
        make_slot(talks, minutes=25)
    lunch = make_session(edition, title="", kind="lunch", starts_at=time(12))
    for title in "ABCD":
        make_slot(lunch, make_contribution(edition, title=title))

    assert _sentences(edition) == [
        "“Songs” starts at 01:30, which does not exist that night because the clocks "
        "change; it is shown as 02:30.",
        "“Talks” lasts 60 minutes, but its contributions need 75: 15 too many.",
        "“Lunch” is a break, but there is “A”, “B”, “C” and 1 more in it.",
    ]


def test_a_board_used_twice_in_one_room_prevents_publishing():
    edition = make_edition()
    foyer = make_room(edition, name="Foyer")
    for number, at in enumerate((9, 9, 11)):
        session = make_session(edition, kind="posters", room=foyer, starts_at=time(at))
        make_slot(session, make_contribution(edition, title=f"Poster {number}"), board="p1")

    conflict = find_conflicts(draft_timetable(edition), edition=edition)[-1]
    assert conflict.prevents_publishing
    assert str(conflict) == (
        "Board P1 is used twice at the same time: “Poster 0” (day 1, 09:00–10:00, Foyer) and "
        "“Poster 1” (day 1, 09:00–10:00, Foyer)."
    )


@pytest.mark.parametrize(("count", "times"), [(2, "twice"), (3, "3 times")])
@pytest.mark.parametrize("starts_on", [None, date(2030, 5, 8)])
def test_a_board_used_twice_prevents_publishing_also_without_a_time(starts_on, count, times):
    edition = make_edition(starts_on=starts_on)
    session = make_session(edition, kind="posters", title="Posters", starts_at=None)
    titles = [f"Poster {number}" for number in range(count)]
    for title in titles:
        make_slot(session, make_contribution(edition, title=title), board="p1")
    listed = ", ".join(f"“{title}”" for title in titles)

    with pytest.raises(NotAllowed) as refused:
        publish_programme(edition=edition, by=None)

    assert f"Board P1 is used {times} in “Posters”: {listed}." in str(refused.value)


@pytest.mark.parametrize(
    ("times", "reason"),
    [((None, None), "they have no time"), ((time(9), None), "one of them has no time")],
)
def test_sessions_without_a_time_in_one_room_warn_of_a_board_that_both_use(times, reason):
    edition = make_edition()
    foyer = make_room(edition, name="Foyer")
    for title, at in zip(("First", "Second"), times, strict=True):
        session = make_session(edition, kind="posters", title=title, room=foyer, starts_at=at)
        for board in ("p1", "P2", ""):
            make_slot(session, make_contribution(edition, title=f"{title} {board}"), board=board)

    found = find_conflicts(draft_timetable(edition), edition=edition)
    conflicts = [conflict for conflict in found if "both use" in str(conflict)]

    assert [str(conflict) for conflict in conflicts] == [
        "“First” and “Second” (day 1, Foyer) both use board P1, P2, and may be at the same time: "
        f"{reason} yet."
    ]
    assert not conflicts[0].prevents_publishing


def test_sessions_without_a_time_may_use_one_board_on_other_days_or_for_one_poster():
    edition = make_edition()
    foyer = make_room(edition)
    poster = make_contribution(edition)
    for day in (1, 1, 2):
        session = make_session(edition, kind="posters", room=foyer, day=day, starts_at=None)
        make_slot(session, poster, board="P1")
    make_slot(session, make_contribution(edition), board="P2")
    other_room = make_session(edition, kind="posters", room=make_room(edition), starts_at=None)
    make_slot(other_room, make_contribution(edition), board="P1")

    assert _sentences(edition) == []


def test_without_a_room_boards_are_compared_within_a_session():
    edition = make_edition()
    for _ in range(2):
        make_slot(make_session(edition, kind="posters"), board="P1")
    session = make_session(edition, kind="posters", day=2)
    for board in ("P1", "p1"):
        make_slot(session, board=board)

    (board,) = (words for words in _sentences(edition) if words.startswith("Board"))
    assert board.startswith("Board P1 is used twice at the same time: ")


@pytest.mark.parametrize("kind", ["break", "lunch", "social", "keynote"])
def test_a_session_across_one_for_everybody(kind):
    edition = make_edition()
    hall, annex = make_room(edition, name="Hall"), make_room(edition, name="Annex")
    common = make_session(
        edition, title="All", kind=kind, room=annex, starts_at=time(10, 30), minutes=30
    )
    make_session(edition, title="Before", room=hall, starts_at=time(9, 30), minutes=60)
    across = make_session(edition, title="Across", room=hall, starts_at=time(10, 45))
    make_session(edition, title="Next day", day=2, room=hall, starts_at=time(10, 45))

    (conflict,) = find_conflicts(draft_timetable(edition), edition=edition)

    assert str(conflict) == (
        "“All” (day 1, 10:30–11:00, Annex) is for everyone, but at the same time there is "
        "“Across” (day 1, 10:45–11:45, Hall)."
    )
    assert conflict.sessions == (common.pk, across.pk)
    assert not conflict.prevents_publishing


def test_all_sessions_across_a_break_are_in_one_sentence():
    edition = make_edition()
    names = "ABCDE"
    for name in names:
        make_session(edition, title=name, room=make_room(edition, name=name))
    make_session(edition, title="", kind="break", starts_at=time(9, 30), minutes=15)

    (conflict,) = find_conflicts(draft_timetable(edition), edition=edition)

    assert str(conflict).startswith("“Break” (day 1, 09:30–09:45) is for everyone, but")
    assert str(conflict).endswith("“C” (day 1, 09:00–10:00, C) and 2 more.")
    assert len(conflict.sessions) == 6


def test_a_session_without_a_room_counts_as_one_for_everybody():
    edition = make_edition()
    hall = make_room(edition, name="Hall")
    make_session(edition, title="Here", starts_at=time(8, 45), room=hall)
    make_session(edition, title="Somewhere")
    make_session(edition, title="", kind="lunch", starts_at=time(9, 30))

    assert _sentences(edition) == [
        "“Lunch” (day 1, 09:30–10:30) is for everyone, but at the same time there is “Here” "
        "(day 1, 08:45–09:45, Hall), “Somewhere” (day 1, 09:00–10:00).",
        "“Somewhere” (day 1, 09:00–10:00) has no room, so it counts as one for everyone, but at "
        "the same time there is “Here” (day 1, 08:45–09:45, Hall).",
    ]


def test_a_session_without_a_length_lasts_until_its_last_talk_ends():
    edition = make_edition()
    talks = make_session(edition, title="Talks", minutes=None, room=make_room(edition, name="Hall"))
    for _ in range(2):
        make_slot(talks, minutes=30)
    make_session(edition, title="Break", kind="break", starts_at=time(9, 45), minutes=15)

    assert _sentences(edition) == [
        "“Break” (day 1, 09:45–10:00) is for everyone, but at the same time there is “Talks” "
        "(day 1, 09:00–10:00, Hall)."
    ]


def test_a_break_in_the_room_of_a_session_is_told_once():
    edition = make_edition()
    fields = {"room": make_room(edition, name="Hall"), "starts_at": time(9)}
    make_session(edition, title="Talks", **fields)
    make_session(edition, title="Break", kind="break", **fields)

    (sentence,) = _sentences(edition)
    assert sentence.startswith("Hall is used twice at the same time: ")


def test_a_time_zone_without_a_place_is_a_warning():
    edition = make_edition(time_zone="Etc/UTC")

    assert _sentences(edition) == []
    make_session(edition)
    assert _sentences(edition) == [
        "All times are in “Etc/UTC”, which has no summer time. If the workshop is held at a place, "
        "choose its time zone on the edition's Details tab, such as Europe/London."
    ]


def test_finding_conflicts_makes_no_query(django_assert_max_num_queries):
    edition = make_edition(starts_on=date(2024, 5, 3))
    ada = make_person()
    for number in range(3):
        room = make_room(edition, name=f"Room {number}")
        make_slot(make_session(edition, room=room), make_contribution(edition, ada))
    timetable = draft_timetable(edition)

    with django_assert_max_num_queries(0):
        assert len(find_conflicts(timetable, edition=edition)) == 2


def test_talks_that_overlap_inside_a_session_and_pauses_that_make_it_too_long():
    edition = make_edition()
    session = make_session(edition, title="Morning", starts_at=time(9), minutes=60)
    for title, minutes, starts_after in [("A", 20, None), ("B", 20, 15), ("C", 10, 60)]:
        make_slot(
            session,
            make_contribution(edition, title=title),
            minutes=minutes,
            starts_after=starts_after,
        )

    assert _sentences(edition) == [
        "“B” starts 5 minutes before “A” is over.",
        "“Morning” lasts 60 minutes, but its contributions need 70: 10 too many.",
    ]


def test_posters_without_a_board_are_named_once_others_of_their_session_have_one():
    edition = make_edition(starts_on=date(2024, 5, 3))
    posters = make_session(edition, kind="posters", title="Posters", starts_at=time(10))
    for title in ("Small models", "Large models"):
        make_slot(posters, make_contribution(edition, title=title))
    before = _sentences(edition)
    make_slot(posters, board="P3")

    assert before == []  # this workshop numbers no boards
    assert _sentences(edition) == ["“Small models”, “Large models” have no board in “Posters”."]
    assert publish_programme(edition=edition, by=None)
