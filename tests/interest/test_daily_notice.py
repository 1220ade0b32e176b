"""One letter a day to organisers: what stands in it, by which clock, and once."""

from datetime import UTC, datetime

import pytest
import time_machine

from apps.editions.models import Call
from apps.interest import letters
from apps.interest.letters import send_daily_notices
from apps.interest.models import Event
from apps.interest.services import correct_address, move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from tests.factories import make_call, make_edition, make_expression, make_user
from tests.interest.test_letters import words_of
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db


def _at(year: int, month: int, day: int, hour: int, minute: int = 0):
    return time_machine.travel(datetime(year, month, day, hour, minute, tzinfo=UTC), tick=False)


@pytest.fixture
def edition():
    edition = make_edition(
        title="Workshop", time_zone="Europe/London", contact_email="chairs@example.org"
    )
    make_call(edition, notice=Call.Notice.DAILY)
    return edition


def _notices():
    return Letter.objects.filter(kind="interest/daily_notice").order_by("pk")


def test_what_happened_yesterday_is_told_in_one_letter(edition):
    with _at(2030, 6, 9, 12):
        old = make_expression(edition, name="Olga Old", title="Older")
    with _at(2030, 6, 10, 12):
        new = make_expression(edition, name="Ada New", title="Newer", is_late=True)
        make_expression(edition, is_test=True)
        make_expression(make_edition(contact_email="others@example.org"))
        correct_address(expression=old, email="olga@example.org")
        move(expression=old, action=Action.WITHDRAW, actor=Actor.STUDENT)
    with _at(2030, 6, 11, 0, 30):
        make_expression(edition, title="Of today")

    with _at(2030, 6, 11, 5):
        counts = [send_daily_notices() for _ in range(3)]

    letter = _notices().get()
    assert counts == [1, 0, 0]
    assert (letter.to_email, letter.subject) == (
        "chairs@example.org",
        "On 10 June: 1 new, 1 changed, 1 withdrawn – Workshop",
    )
    newer = f"- {new.display_reference}: “Newer”, Ada New (University of Examples), late"
    assert letter.body_text.split("\n")[2:10] == [
        "What students did on Monday 10 June 2030:",
        "",
        "New:",
        newer,
        "",
        "Changed:",
        f"- {old.display_reference}: “Older”, Olga Old (University of Examples)",
        "",
    ]
    assert "Of today" not in letter.body_text
    assert words_of(letter.body_html) == " ".join(letter.body_text.replace("\n- ", "\n").split())


def test_the_day_begins_and_ends_by_the_clock_of_the_edition(edition):
    with _at(2030, 6, 9, 22, 59):  # 23:59 in London
        make_expression(edition, title="Of the ninth")
    with _at(2030, 6, 9, 23, 0):
        make_expression(edition, title="Of the tenth")

    with _at(2030, 6, 9, 23, 30):
        send_daily_notices()
    with _at(2030, 6, 10, 22, 59):
        too_early = send_daily_notices()
    with _at(2030, 6, 10, 23, 0):
        send_daily_notices()

    first, second = (letter.body_text for letter in _notices())
    assert too_early == 0
    assert ("Of the ninth" in first, "Of the tenth" in first) == (True, False)
    assert ("Of the ninth" in second, "Of the tenth" in second) == (False, True)


def test_on_a_day_without_news_no_letter_is_written(edition):
    with _at(2030, 6, 10, 12):
        make_expression(edition, is_test=True)

    with _at(2030, 6, 11, 5):
        assert send_daily_notices() == 0

    assert _notices().count() == 0


def test_what_happened_while_the_site_rested_is_told_afterwards(edition):
    with _at(2030, 6, 8, 5):
        send_daily_notices()
    with _at(2030, 6, 8, 12):
        make_expression(edition, title="Before the pause")

    with _at(2030, 6, 11, 5):
        send_daily_notices()

    letter = _notices().get()
    assert letter.subject == "From 8 to 10 June: 1 new – Workshop"
    assert "Before the pause" in letter.body_text


def test_after_a_long_pause_a_week_is_told_of(edition):
    with _at(2030, 6, 1, 5):
        send_daily_notices()
    with _at(2030, 6, 2, 5):
        make_expression(edition, title="Long ago")
    with _at(2030, 6, 28, 5):
        make_expression(edition, title="Lately")

    with _at(2030, 6, 30, 5):
        send_daily_notices()

    letter = _notices().get()
    assert ("Long ago" in letter.body_text, "Lately" in letter.body_text) == (False, True)


@pytest.mark.parametrize("notice", [Call.Notice.EACH, Call.Notice.NONE])
def test_who_did_not_ask_for_it_gets_none(edition, notice):
    edition.call.notice = notice
    edition.call.save()
    with _at(2030, 6, 10, 12):
        make_expression(edition)

    with _at(2030, 6, 11, 5):
        send_daily_notices()

    assert _notices().count() == 0


def test_without_a_contact_address_there_is_nobody_to_tell(edition):
    edition.contact_email = ""
    edition.save()
    with _at(2030, 6, 10, 12):
        make_expression(edition)

    with _at(2030, 6, 11, 5):
        assert send_daily_notices() == 0


def test_a_long_list_ends_with_how_many_more_there_are(edition, monkeypatch):
    monkeypatch.setattr(letters, "MOST_NAMED", 2)
    with _at(2030, 6, 10, 12):
        for _ in range(5):
            make_expression(edition)

    with _at(2030, 6, 11, 5):
        send_daily_notices()

    letter = _notices().get()
    assert letter.subject == "On 10 June: 5 new – Workshop"
    assert "- and 3 more" in letter.body_text


def test_hostile_words_are_plain_in_the_text_and_escaped_in_the_html(edition):
    hostile = '<b onclick="x">Ada</b> & {{ 7|add:7 }}'
    with _at(2030, 6, 10, 12):
        make_expression(edition, name=hostile, title=hostile, university=hostile)

    with _at(2030, 6, 11, 5):
        send_daily_notices()

    letter = _notices().get()
    assert hostile in letter.body_text
    assert "<b " not in letter.body_html


def test_what_is_not_released_is_not_told(edition):
    with _at(2030, 6, 10, 12):
        expression = make_expression(edition)
    with _at(2030, 6, 11, 12):
        Event.objects.create(
            expression=expression,
            what="Pending: Decline",
            by=make_user("Chair"),
            is_for_chairs=True,
        )

    with _at(2030, 6, 12, 5):
        assert send_daily_notices() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_letter(edition):
    with _at(2030, 6, 10, 12):
        make_expression(edition)

    with _at(2030, 6, 11, 5):
        faults = overlapping(send_daily_notices, send_daily_notices)

    assert faults == []
    assert _notices().count() == 1
