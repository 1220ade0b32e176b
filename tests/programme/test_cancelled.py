"""Calendars of a session or contribution that is not public any more."""

from datetime import UTC, date, datetime, time

import pytest
from icalendar import Calendar

from apps.editions.models import Edition
from apps.programme.models import Contribution, Session
from tests.factories import (
    make_contribution,
    make_edition,
    make_release,
    make_session,
    make_slot,
)
from tests.programme.helpers import assert_constant_queries, edit

pytestmark = pytest.mark.django_db
MAY = date(2030, 5, 3)
SESSION = "/2030/programme/talks.ics"
TALK = "/2030/contributions/smaller.ics"


@pytest.fixture
def edition() -> Edition:
    return make_edition(slug="2030", title="Small", starts_on=MAY)


@pytest.fixture
def session(edition) -> Session:
    return make_session(edition, title="Talks", starts_at=time(9))


@pytest.fixture
def talk(edition, session) -> Contribution:
    row = make_contribution(edition, "Ada", title="Smaller", abstract="We *show*.")
    make_slot(session, row, minutes=20)
    return row


def _show(talk: Contribution, is_published: bool) -> None:
    edit(talk, is_published=is_published)


def _event(client, address: str) -> dict[str, str]:
    """The properties that identify the only event."""
    (event,) = Calendar.from_ical(client.get(address).content).events
    names = ("UID", "SEQUENCE", "STATUS", "SUMMARY")
    return {name: str(event[name]) for name in names} | {"at": f"{event.start:%H:%M}"}


def _status(client, address: str) -> int:
    return client.get(address).status_code


def test_a_session_missing_in_a_later_release_is_cancelled(edition, session, client):
    make_session(edition, title="There", starts_at=time(14))
    make_release(edition)
    before, key = _event(client, SESSION), session.pk
    session.delete()
    still = _event(client, SESSION)
    make_release(edition)

    after = _event(client, SESSION)

    uid = f"session-{key}@localhost:8000"
    event = {"UID": uid, "STATUS": "CONFIRMED", "SUMMARY": "Talks", "at": "09:00"}
    assert before == still == event | {"SEQUENCE": "0"}
    assert after == event | {"SEQUENCE": "1", "STATUS": "CANCELLED"}


def test_the_url_of_a_removed_session_serves_its_successor_once_published(edition, session, client):
    make_session(edition, title="There", starts_at=time(14))
    make_release(edition)
    session.delete()
    make_release(edition)
    new = make_session(edition, title="Talks", starts_at=time(11))
    drafted = _event(client, SESSION)["STATUS"]
    make_release(edition)

    assert drafted == "CANCELLED"
    assert _event(client, SESSION)["UID"] == f"session-{new.pk}@localhost:8000"


def test_a_hidden_talk_is_cancelled_without_its_title(edition, talk, client):
    make_release(edition)
    before = _event(client, TALK)

    _show(talk, False)

    body = client.get(TALK).content
    after = _event(client, TALK)
    assert int(after.pop("SEQUENCE")) > int(before.pop("SEQUENCE"))
    assert after == before | {"STATUS": "CANCELLED", "SUMMARY": "Talks"}
    for word in (b"Smaller", b"Ada", b"show"):
        assert word not in body


def test_hiding_showing_and_moving_raise_the_sequence(edition, session, talk, client):
    make_release(edition)
    told = [_event(client, TALK)]
    for is_shown in (False, True):
        _show(talk, is_shown)
        told.append(_event(client, TALK))
    edit(session, starts_at=time(11))
    make_release(edition)
    told.append(_event(client, TALK))
    talk.delete()
    told.append(_event(client, TALK))

    assert [(event["STATUS"], event["at"]) for event in told] == [
        ("CONFIRMED", "09:00"),
        ("CANCELLED", "09:00"),
        ("CONFIRMED", "09:00"),
        ("CONFIRMED", "11:00"),
        ("CANCELLED", "11:00"),
    ]
    sequences = [int(event["SEQUENCE"]) for event in told]
    assert sequences == sorted(set(sequences))
    assert len({event["UID"] for event in told}) == 1


def test_a_hidden_talk_of_a_past_edition_answers_404(edition, talk, client, time_machine):
    make_release(edition)
    _show(talk, False)
    assert _status(client, TALK) == 200

    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))

    assert _status(client, TALK) == 404


def test_items_that_never_were_public_answer_404(edition, session, client):
    never = make_contribution(edition, title="Never", is_published=False)
    make_slot(session, never, minutes=5)
    deleted = make_contribution(edition, title="Deleted", is_published=False)
    make_slot(session, deleted, minutes=5)
    unreleased = make_contribution(edition, title="Unreleased")
    unplaced = make_contribution(edition, title="Unplaced")
    make_release(edition)
    deleted.delete()
    make_slot(session, unreleased, minutes=5)
    _show(unreleased, False)
    make_release(edition)
    unplaced.delete()
    make_session(edition, title="Drafted").delete()

    for word in ("never", "deleted", "unreleased", "unplaced", "nothing"):
        assert _status(client, f"/2030/contributions/{word}.ics") == 404, word
    for word in ("drafted", "nothing"):
        assert _status(client, f"/2030/programme/{word}.ics") == 404, word


def test_a_talk_hidden_before_the_edition_was_published_answers_404(talk, client):
    Edition.objects.update(state="draft")
    edition = Edition.objects.get()
    edition.history.all().delete()
    edition.save()
    make_release(edition)
    _show(talk, False)
    edit(edition, state="published")

    assert _status(client, TALK) == 404


def test_a_removed_session_is_cancelled_until_the_edition_is_past(
    edition, session, talk, client, time_machine
):
    make_session(edition, title="There", starts_at=time(14))
    make_release(edition)
    session.slots.all().delete()
    session.delete()
    make_release(edition)

    def read() -> dict:
        calendar = Calendar.from_ical(client.get("/2030/programme.ics").content)
        return {str(event["SUMMARY"]): str(event["STATUS"]) for event in calendar.events}

    assert read() == {"There": "CONFIRMED", "Talks": "CANCELLED"}
    place = _event(client, TALK)
    assert (place["STATUS"], place["SUMMARY"]) == ("CANCELLED", "Smaller")
    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))
    assert read() == {"There": "CONFIRMED"}
    assert [_status(client, address) for address in (SESSION, TALK)] == [404, 404]
    talk.delete()
    assert _status(client, TALK) == 404


def test_query_counts_do_not_grow_with_the_releases(edition, session, talk, client):
    def add():
        make_session(edition, title="S", starts_at=time(11))
        make_release(edition)

    add()
    session.delete()
    talk.delete()

    for url, at_most in ((SESSION, 12), (TALK, 14)):
        assert_constant_queries(lambda url=url: client.get(url), add, at_most=at_most)
