"""The published programme as calendars read it, by the rules of RFC 5545."""

from datetime import UTC, date, datetime, time, timezone
from typing import Any

import pytest
from icalendar import Calendar

from tests.factories import (
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import edit

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
MAY = date(2030, 5, 3)
HOSTILE = "a; b, \\c\r\nEND:VEVENT\x0b\x1b\u2028d 🎓"


@pytest.fixture
def edition(db):
    return make_edition(slug="2030", year=2030, title="Small", starts_on=MAY, venue="Bush House")


def read(client, path="/2030/programme.ics") -> Any:  # the library types each value as any kind
    return Calendar.from_ical(client.get(path).content)


def fields_of(event) -> dict:
    """The properties of an event as text."""
    return {
        name: str(value.dt) if hasattr(value, "dt") else str(value)
        for name, value in event.items()
        if name not in {"DTSTAMP", "LAST-MODIFIED"}
    }


def test_a_session_is_a_complete_event(edition, client):
    session = make_session(
        edition, title="Talks", room=make_room(edition, name="Hall"), description="On *models*."
    )
    make_slot(session, make_contribution(edition, "Ada", "Bob", title="Smaller"), minutes=20)
    hidden = make_contribution(edition, "Eve", title="Secret", is_published=False)
    make_slot(session, hidden, minutes=40)
    release = make_release(edition)

    calendar = read(client)

    assert fields_of(calendar) == {
        "VERSION": "2.0",
        "PRODID": "-//localhost:8000//programme//EN",
        "CALSCALE": "GREGORIAN",
        "NAME": "Small, 2030: programme",
        "X-WR-CALNAME": "Small, 2030: programme",
        "X-WR-TIMEZONE": "Europe/London",
        "REFRESH-INTERVAL": "1:00:00",
        "X-PUBLISHED-TTL": "PT1H",
    }
    (event,) = calendar.events
    assert fields_of(event) == {
        "UID": f"session-{session.pk}@localhost:8000",
        "SEQUENCE": "0",
        "DTSTART": "2030-05-03 09:00:00+01:00",
        "DTEND": "2030-05-03 10:00:00+01:00",
        "SUMMARY": "Talks",
        "LOCATION": "Hall, Bush House",
        "DESCRIPTION": "09:00 Smaller (Ada, Bob)\n09:20 To be announced\nOn models.\n"
        f"Small, 2030: {SITE}/2030/programme/talks/",
        "URL": f"{SITE}/2030/programme/talks/",
        "STATUS": "CONFIRMED",
    }
    assert release.published_at.replace(microsecond=0) == event.DTSTAMP


def test_a_session_and_a_contribution_have_calendars_of_their_own(edition, client):
    talk = make_contribution(edition, "Ada", title="Smaller", abstract="We *show*.")
    make_contributor(talk, "Cyd Co-author", role="author")
    for number, title in enumerate(("Talks", "Posters")):
        session = make_session(edition, title=title, kind=title.lower(), starts_at=time(9 + number))
        make_slot(session, talk, minutes=20 if number == 0 else None, board="P1" if number else "")
    make_release(edition)

    last = talk.slots.values_list("session", flat=True).last()
    (session,) = read(client, "/2030/programme/posters.ics").events
    first, second = read(client, "/2030/contributions/smaller.ics").events

    assert (session["SUMMARY"], str(session.start.time())) == ("Posters", "10:00:00")
    assert session["DESCRIPTION"].startswith("1 poster.\n")
    assert (first["SUMMARY"], first["DESCRIPTION"]) == (
        "Smaller",
        f"Ada, Cyd Co-author\nTalks\nWe show.\nSmall, 2030: {SITE}/2030/contributions/smaller/",
    )
    assert (str(first.start.time()), str(first.end.time())) == ("09:00:00", "09:20:00")
    assert second["DESCRIPTION"].startswith("Ada, Cyd Co-author\nBoard P1\nPosters\n")
    assert {event["UID"] for event in (session, first, second)} == {
        f"session-{last}@localhost:8000",
        *(f"slot-{key}@localhost:8000" for key in talk.slots.values_list("pk", flat=True)),
    }


def test_all_events_of_a_cancelled_edition_are_cancelled(edition, client):
    make_session(edition)
    make_release(edition)
    edit(edition, is_cancelled=True)

    assert [event["STATUS"] for event in read(client).events] == ["CANCELLED"]


@pytest.mark.parametrize(
    ("zone", "day", "starts_at", "minutes", "begins", "ends"),
    [
        ("Europe/London", date(2030, 5, 3), time(23), 150, "03 23:00 +0100", "04 01:30 +0100"),
        ("Europe/London", date(2030, 3, 31), time(0, 30), 60, "31 00:30 +0000", "31 02:30 +0100"),
        ("Europe/London", date(2030, 3, 31), time(2), 60, "31 02:00 +0100", "31 03:00 +0100"),
        ("Europe/Dublin", date(2030, 1, 5), time(9), 60, "05 09:00 +0000", "05 10:00 +0000"),
        ("Europe/Dublin", date(2030, 7, 5), time(9), 60, "05 09:00 +0100", "05 10:00 +0100"),
        ("Europe/Dublin", date(2030, 3, 31), time(2), 60, "31 02:00 +0100", "31 03:00 +0100"),
        ("Australia/Sydney", date(2030, 1, 5), time(9), 60, "05 09:00 +1100", "05 10:00 +1100"),
        ("Australia/Sydney", date(2030, 7, 5), time(9), 60, "05 09:00 +1000", "05 10:00 +1000"),
        ("Australia/Sydney", date(2030, 10, 6), time(3), 60, "06 03:00 +1100", "06 04:00 +1100"),
        # Clocks go back at 02:00: 01:30 comes twice, so it is written in UTC.
        ("Europe/London", date(2030, 10, 27), time(1, 30), 60, "27 00:30 UTC", "27 01:30 UTC"),
        ("Europe/London", date(2030, 10, 27), time(0, 30), 240, "27 00:30 +0100", "27 03:30 +0000"),
        # New Year in UTC and in Sydney are in different years.
        ("Australia/Sydney", date(2031, 1, 1), time(0), 60, "01 00:00 +1100", "01 01:00 +1100"),
    ],
)
def test_times_are_local_by_the_rules_in_the_calendar(
    client, zone, day, starts_at, minutes, begins, ends
):
    edition = make_edition(slug="2030", starts_on=day, time_zone=zone)
    make_session(edition, starts_at=starts_at, minutes=minutes)
    make_release(edition)

    calendar = read(client)

    assert [read_time(calendar, name) for name in ("DTSTART", "DTEND")] == [begins, ends]


def read_time(calendar, name) -> str:
    """A time of the only event, with the offset that the calendar's own VTIMEZONE gives it.

    As RFC 5545 reads it: of the rules the last one counts that began before, by the clock time
    with the offset before it.
    """
    (event,) = calendar.events
    if "TZID" not in event[name].params:
        return f"{event[name].dt:%d %H:%M %Z}"
    (zone,) = calendar.timezones
    assert event[name].params["TZID"] == zone["TZID"] == calendar["X-WR-TIMEZONE"]
    local = event[name].dt.replace(tzinfo=None)
    rules = [
        (rule["DTSTART"].dt - rule["TZOFFSETFROM"].td, rule["TZOFFSETTO"].td)
        for rule in zone.subcomponents
    ]
    offset = [to for begin, to in sorted(rules) if local - to >= begin][-1]
    return f"{local.replace(tzinfo=timezone(offset)):%d %H:%M %z}"


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        (
            "Europe/London",
            [
                "STANDARD 20291231T000000 GMT +0000 +0000",
                "DAYLIGHT 20300331T010000 BST +0000 +0100",
                "STANDARD 20301027T020000 GMT +0100 +0000",
            ],
        ),
        (
            "Europe/Dublin",
            [
                "STANDARD 20291231T000000 GMT +0000 +0000",
                "DAYLIGHT 20300331T010000 IST +0000 +0100",
                "STANDARD 20301027T020000 GMT +0100 +0000",
            ],
        ),
        (
            "Australia/Sydney",
            [
                "DAYLIGHT 20291231T110000 AEDT +1100 +1100",
                "STANDARD 20300407T030000 AEST +1100 +1000",
                "DAYLIGHT 20301006T020000 AEDT +1000 +1100",
            ],
        ),
    ],
)
def test_a_calendar_has_the_rules_of_its_time_zone(client, zone, rules):
    edition = make_edition(slug="2030", starts_on=MAY, time_zone=zone)
    make_session(edition)
    make_release(edition)

    (component,) = read(client).timezones

    assert [
        " ".join(
            line.split(":")[1]
            for line in rule.to_ical().decode().splitlines()
            if not line.startswith("END")
        )
        for rule in component.subcomponents
    ] == rules


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ("session", ["programme", "programme/talks"]),
        ("contribution", ["programme", "programme/talks", "contributions/smaller"]),
        ("credit", ["programme", "programme/talks", "contributions/smaller"]),
        ("person", ["programme", "programme/talks", "contributions/smaller"]),
        ("edition", ["programme", "programme/talks", "contributions/smaller"]),
        ("other", []),
    ],
)
def test_a_changed_text_raises_last_modified_and_not_the_sequence(
    edition, client, time_machine, change, paths
):
    time_machine.move_to("2030-01-01T12:00Z", tick=False)
    ada = make_person(name="Ada")
    session = make_session(edition, title="Talks")
    talk = make_contribution(edition, ada, "Bob", title="Smaller")
    make_slot(session, talk)
    other = make_session(edition, title="Other", starts_at=time(14))
    make_release(edition)
    time_machine.move_to("2030-02-01T12:00Z", tick=False)

    match change:
        case "session":
            edit(session, description="Words.")
        case "contribution":
            edit(talk, abstract="Words.")
        case "credit":
            talk.contributors.get(name="Bob").delete()
        case "person":
            edit(ada, name="Ada Example")
        case "edition":
            edit(edition, venue="Strand Building")
        case "other":
            edit(other, description="Words.")

    for path in ("programme", "programme/talks", "contributions/smaller"):
        event = read(client, f"/2030/{path}.ics").events[0]
        changed = "2030-02-01" if path in paths else "2030-01-01"
        for name in ("LAST-MODIFIED", "DTSTAMP"):
            assert f"{event[name].dt:%Y-%m-%d}" == changed, path
        assert event["SEQUENCE"] == 0


def test_cancelling_the_edition_and_taking_that_back_raises_each_sequence(edition, client):
    make_slot(make_session(edition), make_contribution(edition, title="T"))
    make_release(edition)
    seen = []

    for is_cancelled in (False, True, False):
        edit(edition, is_cancelled=is_cancelled)
        for path in ("programme", "contributions/t"):
            (event,) = read(client, f"/2030/{path}.ics").events
            seen.append((event["STATUS"], event["SEQUENCE"]))

    states = (("CONFIRMED", 0), ("CANCELLED", 1), ("CONFIRMED", 2))
    assert seen == [state for state in states for _ in range(2)]


def test_items_without_a_date_are_left_out(edition, client):
    make_session(edition, title="Unknown", starts_at=None, minutes=None)
    session = make_session(edition, title="Open", kind="social", minutes=None)
    first, later = make_contribution(edition, title="F"), make_contribution(edition, title="L")
    make_slot(session, first)
    make_slot(session, later)
    make_release(edition)

    (event,) = read(client).events

    assert event["SUMMARY"] == "Open"
    assert "DTEND" not in event
    assert client.get("/2030/programme/unknown.ics").status_code == 404
    assert client.get("/2030/contributions/f.ics").status_code == 200
    assert client.get("/2030/contributions/l.ics").status_code == 404


def test_an_edition_without_a_date_has_an_empty_calendar(client):
    edition = make_edition(slug="2030")
    make_session(edition)
    make_release(edition)

    assert read(client).events == []


def test_hostile_text_is_escaped(client):
    edition = make_edition(slug="2030", title=HOSTILE, venue=HOSTILE, starts_on=MAY)
    session = make_session(edition, title=HOSTILE, description=HOSTILE)
    make_slot(session, make_contribution(edition, HOSTILE, title=HOSTILE, abstract=HOSTILE))
    talk = session.slots.get().contribution
    make_release(edition)

    for path in ("programme", f"programme/{session.slug}", f"contributions/{talk.slug}"):
        content = client.get(f"/2030/{path}.ics").content
        (event,) = read(client, f"/2030/{path}.ics").events

        assert event["SUMMARY"] == "a; b, \\c END:VEVENT d 🎓"
        assert content.count(b"\r\nEND:VEVENT\r\n") == 1
        assert not {0, 11, 27, 13, 10} & set(content.replace(b"\r\n", b""))
        assert max(map(len, content.split(b"\r\n"))) <= 75


def test_pages_link_to_calendars_until_the_edition_is_past(
    edition, client, as_editor, time_machine
):
    make_slot(make_session(edition, title="A"), make_contribution(edition, title="T"))
    make_release(edition)
    make_session(edition, title="Drafted", starts_at=time(12))
    links = {
        "/2030/programme/": (
            b'href="webcal://localhost:8000/2030/programme.ics"',
            b'href="/2030/programme.ics"',
        ),
        "/2030/programme/a/": (b'href="/2030/programme/a.ics"',),
        "/2030/contributions/t/": (b'href="/2030/contributions/t.ics"',),
    }

    for path, expected in links.items():
        page = client.get(path).content
        assert [link in page for link in expected] == [True] * len(expected)
    for path in ("/2030/programme/draft/", "/2030/programme/drafted/"):
        assert b".ics" not in as_editor.get(path).content.split(b"<main")[1]
    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))
    for path in links:
        assert b".ics" not in client.get(path).content.split(b"<main")[1]
