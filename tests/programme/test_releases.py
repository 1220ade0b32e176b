"""Publishing: releases, sequences, versions that were seen."""

from datetime import date, time

import pytest

from apps.core.exceptions import NotAllowed
from apps.programme.models import ProgrammeRelease
from apps.programme.releases import (
    NothingNew,
    draft_version,
    latest_release,
    published_timetable,
)
from apps.programme.timetable import Timetable, draft_timetable, timetable_of_release
from tests.factories import (
    make_contribution,
    make_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import edit
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db

MAY = date(2024, 5, 3)


def _sequences(release: ProgrammeRelease) -> dict:
    """Sequences of sessions by title and of slots by key."""
    timetable = timetable_of_release(release)
    return {session.title: session.sequence for session in timetable.sessions()} | {
        slot.pk: slot.sequence for slot in timetable.slots()
    }


def _published(edition) -> Timetable:
    timetable = published_timetable(edition)
    assert timetable
    return timetable


def test_changes_of_the_draft_are_not_public():
    edition = make_edition(starts_on=MAY)
    hall, attic = make_room(edition, name="Hall"), make_room(edition, name="Attic")
    panel = make_session(edition, title="Panel", room=hall)
    gone = make_session(edition, title="Gone", starts_at=time(11))
    slot = make_slot(panel, minutes=20)
    make_release(edition)
    edit(panel, title="Secret", kind="social", room=attic, has_shifts=True)
    edit(panel, day=2, starts_at=time(15), minutes=30)
    edit(hall, name="Hell")
    make_slot(panel)
    gone.delete()
    make_session(edition, title="New")
    edit(edition, starts_on=date(2024, 6, 6), time_zone="Asia/Tokyo")

    (day,) = _published(edition).days

    assert day.held_on == MAY
    assert [entry.title for entry in day.sessions] == ["Panel", "Gone"]
    first, second = day.sessions
    assert str(first.starts) == "2024-05-03 09:00:00+01:00"
    assert (first.kind, first.room_name, first.title) == ("talks", "Hall", "Panel")
    assert (first.day, first.has_shifts) == (1, False)
    assert [place.pk for place in first.slots] == [slot.pk]
    assert second.description == ""


def test_texts_are_current_and_hidden_contributions_are_none():
    edition = make_edition(starts_on=MAY)
    session = make_session(edition)
    shown = make_contribution(edition, "Ada", title="Before")
    hidden = make_contribution(edition, "Bob", is_published=False)
    make_slot(session, shown, minutes=10)
    make_slot(session, hidden, minutes=10)
    make_release(edition)
    edit(shown, title="After")

    first, second = _published(edition).slots()

    assert first.contribution
    assert first.contribution.title == "After"
    assert (second.contribution, second.starts_at) == (None, time(9, 10))


def test_a_sequence_rises_with_time_or_room_only():
    edition = make_edition(starts_on=MAY)
    talks = make_session(edition, title="Talks")
    panel = make_session(edition, title="Panel", starts_at=time(11), room=make_room(edition))
    still = make_session(edition, title="Still", starts_at=time(13))
    first, second = (make_slot(talks, minutes=10) for _ in range(2))
    poster = make_slot(still, board="P1")
    assert set(_sequences(make_release(edition)).values()) == {0}

    edit(first, minutes=15)
    edit(panel, room=make_room(edition))
    edit(still, description="Words.")
    edit(poster, board="P2")

    assert _sequences(make_release(edition)) == {
        "Talks": 0,
        first.pk: 1,
        second.pk: 1,
        "Panel": 1,
        "Still": 0,
        poster.pk: 0,
    }

    edit(edition, starts_on=date(2024, 5, 4))

    assert _sequences(make_release(edition)) == {
        "Talks": 1,
        first.pk: 2,
        second.pk: 2,
        "Panel": 2,
        "Still": 1,
        poster.pk: 1,
    }


def test_in_two_shifts_another_board_raises_the_sequence():
    edition = make_edition(starts_on=MAY)
    posters = make_session(edition, title="Posters", kind="posters", has_shifts=True)
    slot = make_slot(posters, board="P1")
    make_release(edition)
    edit(slot, board="P2")

    assert _sequences(make_release(edition)) == {"Posters": 0, slot.pk: 1}


def test_a_slot_keeps_its_identity_in_another_session():
    edition = make_edition(starts_on=MAY)
    one, other = make_session(edition), make_session(edition, starts_at=time(15))
    slot = make_slot(one, minutes=10)
    make_release(edition)
    edit(slot, session=other)

    release = make_release(edition)

    assert _sequences(release)[slot.pk] == 1


def test_an_item_that_returns_has_a_higher_sequence():
    edition = make_edition(starts_on=MAY)
    make_session(edition)
    back = make_session(edition, title="Back", starts_at=time(13))
    make_release(edition)
    kept = back.pk
    back.delete()
    make_release(edition)
    edit(back, pk=kept)

    release = make_release(edition)

    assert _sequences(release)["Back"] == 2


def test_an_empty_programme_cannot_be_published():
    with pytest.raises(NotAllowed, match="no session yet"):
        make_release(make_edition())


def test_all_sessions_can_be_removed_later():
    edition = make_edition(starts_on=MAY)
    session = make_session(edition)
    make_release(edition)
    session.delete()

    make_release(edition)

    assert _published(edition).days == []


@pytest.mark.parametrize(
    "change",
    [
        lambda edition, first: edit(first, ordering=3),
        lambda edition, first: edit(first, title="Another"),
        lambda edition, first: first.delete(),
        lambda edition, first: edit(edition, time_zone="Asia/Tokyo"),
        lambda edition, first: make_release(edition) and make_session(edition),
    ],
)
def test_only_the_version_that_was_seen_is_published(change):
    edition = make_edition(starts_on=MAY)
    first = make_session(edition, starts_at=None, ordering=1)
    make_session(edition, starts_at=None, ordering=2)
    seen = draft_version(draft_timetable(edition), edition, latest_release(edition))
    change(edition, first)

    with pytest.raises(NotAllowed, match="has changed since you opened the page"):
        make_release(edition, seen=seen)


@pytest.mark.django_db(transaction=True)
def test_concurrent_clicks_publish_once():
    edition = make_edition(starts_on=MAY)
    make_session(edition)
    faults = overlapping(lambda: make_release(edition), lambda: _publish_again(edition))

    assert faults == []
    assert [release.number for release in ProgrammeRelease.objects.all()] == [1]


def _publish_again(edition) -> None:
    with pytest.raises(NothingNew):
        make_release(edition)
