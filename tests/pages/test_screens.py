"""Screens in the hall and at the doors of rooms."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from apps.programme.models import ProgrammeRelease
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_edition,
    make_notice,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import edit
from tests.reading import words_of

pytestmark = pytest.mark.django_db
SCREEN = "/2024/programme/screen/"
DURING = datetime(2024, 6, 27, 8, 20, tzinfo=UTC)  # 09:20 in London
BEFORE = datetime(2024, 6, 20, 12, tzinfo=UTC)


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2024", year=2024, title="Example Days", starts_on=date(2024, 6, 27), venue="Forum"
    )


@pytest.fixture
def talks(edition):
    """A session from 09:00 to 10:00 in room A, with two talks."""
    row = make_session(
        edition, title="Talks", room=make_room(edition, name="A"), starts_at=time(9), minutes=60
    )
    for title in ("First", "Second"):
        make_slot(row, make_contribution(edition, f"Speaker {title}", title=title), minutes=30)
    return row


def publish(edition, at=BEFORE) -> None:
    release = make_release(edition)
    ProgrammeRelease.objects.filter(pk=release.pk).update(published_at=at)


def words(client, path=SCREEN, at=DURING) -> str:
    with time_machine.travel(at, tick=False):
        return words_of(client.get(path).content.decode())


def test_a_screen_shows_the_clock_the_current_talk_of_each_room_and_what_is_next(
    client, edition, talks
):
    posters = make_room(edition, name="B")
    make_session(edition, title="Posters", room=posters, starts_at=time(9), minutes=90)
    for hour in (10, 11, 12, 13):
        make_session(edition, title=f"At {hour}", starts_at=time(hour), minutes=30)
    publish(edition)

    text = words(client)

    assert "Thursday 27 June 09:20" in text
    assert "Now until 10:00 A Talks 09:00 First Speaker First 09:30 Second" in text
    assert "until 10:30 B Posters" in text
    assert "Next 10:00–10:30 At 10 11:00–11:30 At 11 12:00–12:30 At 12" in text
    assert "At 13" not in text


def test_sessions_that_begin_together_with_the_third_are_all_shown(client, edition, talks):
    for number in range(5):
        make_session(edition, title=f"Parallel {number}", starts_at=time(10), minutes=30)
    publish(edition)

    assert words(client).count("Parallel") == 5


def test_a_door_screen_shows_its_room_only(client, edition, talks):
    room = make_room(edition, name="B")
    make_session(edition, title="Elsewhere", room=room, starts_at=time(9), minutes=90)
    publish(edition)

    at_door = words(client, f"{SCREEN}?room={talks.room_id}")
    afterwards = words(client, f"{SCREEN}?room={room.pk}", DURING + timedelta(hours=2))

    assert "Talks" in at_door
    assert "Elsewhere" not in at_door
    assert "No more sessions in this room." in afterwards


@pytest.mark.parametrize("room", ["", "999", "x' OR 1=1"])
def test_a_screen_for_an_unknown_room_lets_choose_one(client, edition, talks, room):
    publish(edition)

    response = client.get(SCREEN, {"room": room})

    assert "Choose the room of this screen. A All rooms" in words_of(response.content.decode())


def test_changes_since_the_programme_before_the_event_stay_marked_after_another_release(
    client, edition, talks
):
    panel = make_session(edition, title="Panel", room=talks.room, starts_at=time(11), minutes=60)
    gone = make_session(edition, title="Yoga", starts_at=time(12), minutes=60)
    publish(edition)
    edit(panel, starts_at=time(10, 30), room=make_room(edition, name="B"))
    gone.delete()
    publish(edition, DURING)
    make_session(edition, title="Extra", starts_at=time(15), minutes=60)
    publish(edition, DURING)

    text = words(client)

    assert "New time (it was 11:00–12:00) New room (it was A) Panel" in text
    assert "New in the programme Extra" in text
    assert "Not taking place Yoga, 12:00–13:00" in text
    assert "it was" not in text.split("Panel")[0].split("Next")[0]


def test_changes_that_are_not_published_are_not_shown(client, edition, talks):
    hidden = make_contribution(edition, "Nobody", title="Secret", is_published=False)
    make_slot(talks, hidden, minutes=5)
    publish(edition)
    edit(talks, title="Secret session", starts_at=time(8))

    text = words(client)

    assert "Secret" not in text
    assert "Nobody" not in text
    assert "New" not in text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (BEFORE, "Example Days starts on Thursday 27 June at 09:00. Forum"),
        (datetime(2024, 6, 27, 6, tzinfo=UTC), "The next session begins at 09:00."),
        (datetime(2024, 6, 27, 18, tzinfo=UTC), "The programme continues on Friday 28 June at"),
        (datetime(2024, 6, 27, 18, tzinfo=UTC), "Next, Friday 28 June 09:00–10:00"),
        (datetime(2024, 6, 28, 18, tzinfo=UTC), "Thank you for coming to Example Days."),
        (datetime(2024, 7, 28, tzinfo=UTC), "Thank you for coming to Example Days."),
    ],
)
def test_a_screen_without_a_current_session_says_what_follows(client, edition, talks, at, text):
    edit(edition, ends_on=date(2024, 6, 28))
    make_session(edition, day=2, starts_at=time(9), minutes=60)
    publish(edition)

    assert text in words(client, at=at)


def test_after_the_event_a_screen_names_the_next_edition_if_it_is_public(client, edition, talks):
    publish(edition)
    later = make_edition(slug="2025", year=2025, title="Secret Days", state="draft")
    after = datetime(2024, 7, 1, tzinfo=UTC)

    without = words(client, at=after)
    edit(later, state="published", title="Example Days 2025", starts_on=date(2025, 6, 5))

    assert "Secret" not in without
    assert "stays at localhost" in without
    assert "Next: Example Days 2025, Thursday 5 June 2025" in words(client, at=after)


def test_a_screen_without_a_published_programme_says_when_it_appears(client, edition, talks):
    assert "The programme is announced soon." in words(client)
    edit(edition, is_cancelled=True)
    assert "Example Days will not take place." in words(client)


def test_notices_are_on_every_screen_while_they_last(client, edition, talks):
    publish(edition)
    make_notice(
        edition,
        text="Room change <b>",
        starts_at=DURING - timedelta(minutes=1),
        ends_at=DURING + timedelta(minutes=1),
    )

    assert "Room change <b>" in words(client)
    assert "Room change" not in words(client, at=DURING + timedelta(minutes=2))


def test_a_screen_reloads_without_scripts_unless_stopped(client, edition):
    assert b'http-equiv="refresh" content="60"' in client.get(SCREEN).content
    assert b"http-equiv" not in client.get(f"{SCREEN}?still").content
