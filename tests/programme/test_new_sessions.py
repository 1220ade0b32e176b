"""Defaults of a new session: the day it is added from, after its last session."""

from datetime import date, time

import pytest

from apps.programme.models import Session
from tests.factories import make_current_edition, make_edition, make_room, make_session

pytestmark = pytest.mark.django_db

ADD = "/admin/programme/session/add/"


def _initial(client, edition, **query) -> tuple:
    initial = client.get(ADD, {"edition": edition.pk} | query).context["adminform"].form.initial
    return int(initial["day"]), initial["starts_at"]


@pytest.fixture
def edition():
    """Two days: two rooms on the first, an evening that passes midnight on the second."""
    edition = make_edition(starts_on=date(2024, 5, 3), ends_on=date(2024, 5, 4))
    make_session(edition, starts_at=time(15), minutes=90, room=make_room(edition))
    make_session(edition, starts_at=time(16), minutes=15, room=make_room(edition))
    make_session(edition, starts_at=None)
    make_session(edition, starts_at=time(22), minutes=180, day=2)
    make_session(make_edition(), starts_at=time(20), day=3)
    return edition


@pytest.mark.parametrize(
    ("query", "initial"),
    [
        ({"day": 1}, (1, time(16, 30))),
        ({"day": 2}, (2, None)),
        ({"day": 3}, (3, None)),
        ({}, (2, None)),
        ({"day": "x"}, (2, None)),
        ({"day": "0"}, (2, None)),
        ({"day": "9" * 30}, (2, None)),
        ({"day": 1, "starts_at": "noon"}, (1, time(16, 30))),
        ({"day": 1, "starts_at": "09:30"}, (1, "09:30")),
    ],
)
def test_a_new_session_starts_after_the_last_of_its_day(as_editor, edition, query, initial):
    assert _initial(as_editor, edition, **query) == initial


def test_after_a_session_without_an_end_it_starts_at_its_start(as_editor, edition):
    make_session(edition, starts_at=time(17), minutes=None)

    assert _initial(as_editor, edition, day=1) == (1, time(17))


def test_it_starts_by_clock_time_when_clocks_change(as_editor):
    edition = make_edition(starts_on=date(2024, 3, 31), time_zone="Europe/London")
    make_session(edition, starts_at=time(0, 30), minutes=60)

    assert _initial(as_editor, edition) == (1, time(2, 30))


def test_the_first_session_is_on_day_1_without_a_time(as_editor):
    edition = make_current_edition()

    assert _initial(as_editor, edition) == (1, None)
    assert as_editor.get(ADD).context["adminform"].form.initial["day"] == 1


def test_each_day_has_a_link_to_add_a_session(as_editor, as_reviewer, edition):
    address = f"/admin/programme/session/programme/{edition.pk}/"
    html, read = (who.get(address).content.decode() for who in (as_editor, as_reviewer))

    for day, words in ((1, "to day 1"), (2, "to day 2"), (3, "on day 3")):
        assert f'{ADD}?edition={edition.pk}&amp;day={day}">Add a session {words}</a>' in html
    assert "on day 2</a>" not in html
    assert ADD not in read

    Session.objects.filter(day=2).update(day=60)
    html = as_editor.get(address).content.decode()
    assert "day 61" not in html


def test_add_another_stays_on_the_same_day(as_editor, edition):
    sent = {"edition": edition.pk, "kind": "break", "day": 1, "starts_at": "16:30", "minutes": 15}
    inlines = {
        f"{name}-{part}_FORMS": 0 for name in ("chairs", "slots") for part in ("TOTAL", "INITIAL")
    }

    response = as_editor.post(ADD, sent | inlines | {"ordering": 0, "_addanother": "1"})

    form = as_editor.get(response["Location"]).context["adminform"].form
    assert int(form.initial["edition"]) == edition.pk
    assert (int(form.initial["day"]), form.initial["starts_at"]) == (1, time(16, 45))
