"""The daily notice to organisers: its content, its time zone, and that it is sent once."""

from datetime import UTC, datetime

import pytest
import time_machine

from apps.editions.models import Call
from apps.interest.letters import MOST_NAMED, send_daily_notices
from apps.interest.models import Event
from apps.interest.services import correct_address, move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from tests.factories import make_call, make_edition, make_expression, make_user
from tests.interest.test_letters import has_same_texts
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db


def _at(day: int, hour: int, minute: int = 0):
    """UTC in June 2030."""
    return time_machine.travel(datetime(2030, 6, day, hour, minute, tzinfo=UTC), tick=False)


@pytest.fixture
def edition():
    edition = make_edition(
        title="Workshop", time_zone="Europe/London", contact_email="chairs@example.org"
    )
    make_call(edition, notice=Call.Notice.DAILY)
    return edition


def _make_expression(edition, day: int, hour: int = 12, minute: int = 0, **fields):
    with _at(day, hour, minute):
        return make_expression(edition, **fields)


def _send(day: int, hour: int = 5, minute: int = 0) -> int:
    with _at(day, hour, minute):
        return send_daily_notices()


def _notices() -> list[Letter]:
    return list(Letter.objects.filter(kind="interest/daily_notice").order_by("pk"))


def test_the_events_of_yesterday_are_reported_in_one_letter(edition):
    old = _make_expression(edition, 9, name="Olga Old", title="Older")
    new = _make_expression(edition, 10, name="Ada New", title="Newer", is_late=True)
    _make_expression(edition, 10, is_test=True)
    _make_expression(make_edition(contact_email="others@example.org"), 10)
    with _at(10, 12):
        correct_address(expression=old, email="olga@example.org")
        move(expression=old, action=Action.WITHDRAW, actor=Actor.STUDENT)
    _make_expression(edition, 11, 0, 30, title="Of today")

    counts = [_send(11) for _ in range(3)]

    (letter,) = _notices()
    assert counts == [1, 0, 0]
    assert (letter.to_email, letter.subject) == (
        "chairs@example.org",
        "On 10 June: 1 new, 1 changed, 1 withdrawn – Workshop",
    )
    assert letter.body_text.split("\n")[2:10] == [
        "What students did on Monday 10 June 2030:",
        "",
        "New:",
        f"- {new.display_reference}: “Newer”, Ada New (University of Examples), late",
        "",
        "Changed:",
        f"- {old.display_reference}: “Older”, Olga Old (University of Examples)",
        "",
    ]
    assert "Of today" not in letter.body_text
    letter.body_text = letter.body_text.replace("\n- ", "\n")
    assert has_same_texts(letter)


def test_days_are_those_of_the_time_zone_of_the_edition(edition):
    _make_expression(edition, 9, 22, 59, title="Of the ninth")  # 23:59 in London
    _make_expression(edition, 9, 23, 0, title="Of the tenth")

    counts = [_send(9, 23, 30), _send(10, 22, 59), _send(10, 23, 0)]

    first, second = (letter.body_text for letter in _notices())
    assert counts == [1, 0, 1]
    assert ("Of the ninth" in first, "Of the tenth" in first) == (True, False)
    assert ("Of the ninth" in second, "Of the tenth" in second) == (False, True)


@pytest.mark.parametrize(
    ("call", "contact_email", "fields"),
    [
        ({}, "chairs@example.org", {"is_test": True}),
        ({}, "", {}),
        ({"notice": Call.Notice.EACH}, "chairs@example.org", {}),
        ({"notice": Call.Notice.NONE}, "chairs@example.org", {}),
    ],
    ids=["nothing new", "no contact address", "one notice each", "no notice"],
)
def test_no_notice_is_sent(edition, call, contact_email, fields):
    Call.objects.update(**{"notice": Call.Notice.DAILY} | call)
    edition.contact_email = contact_email
    edition.save()
    _make_expression(edition, 10, **fields)

    assert _send(11) == 0
    assert _notices() == []


@pytest.mark.parametrize(
    ("last", "day", "subject"),
    [
        (8, 11, "From 8 to 10 June: 1 new – Workshop"),
        (1, 30, "From 23 to 29 June: 1 new – Workshop"),
    ],
    ids=["three days", "at most a week"],
)
def test_after_a_pause_the_days_since_the_last_notice_are_reported(edition, last, day, subject):
    _send(last)
    _make_expression(edition, last + 1, title="Early")
    _make_expression(edition, day - 2, title="Late", is_test=day - 2 == last + 1)

    _send(day)

    (letter,) = _notices()
    assert letter.subject == subject
    assert ("Early" in letter.body_text) is (day - last < 7)


def test_a_long_list_ends_with_the_number_of_the_others(edition):
    for _ in range(MOST_NAMED + 3):
        _make_expression(edition, 10)

    _send(11)

    (letter,) = _notices()
    assert letter.subject == f"On 10 June: {MOST_NAMED + 3} new – Workshop"
    assert "- and 3 more" in letter.body_text


def test_hostile_text_is_escaped_in_the_html(edition):
    hostile = '<b onclick="x">Ada</b> & {{ 7|add:7 }}'
    _make_expression(edition, 10, name=hostile, title=hostile, university=hostile)

    _send(11)

    (letter,) = _notices()
    assert hostile in letter.body_text
    assert "<b " not in letter.body_html


def test_pending_decisions_are_not_reported(edition):
    expression = _make_expression(edition, 10)
    with _at(11, 12):
        Event.objects.create(
            expression=expression,
            what="Pending: Decline",
            by=make_user("Chair"),
            is_for_chairs=True,
        )

    assert _send(12) == 0


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_workers_write_one_letter(edition):
    _make_expression(edition, 10)

    with _at(11, 5):
        errors = overlapping(send_daily_notices, send_daily_notices)

    assert errors == []
    assert len(_notices()) == 1
