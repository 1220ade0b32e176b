"""The published programme as schedule.xml and schedule.json, by the rules of c3voc."""

import re
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest

from apps.programme.releases import published_timetable
from apps.programme.schedule import make_schedule
from tests.factories import (
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
    make_topic,
)
from tests.programme.helpers import edit

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
JANUARY, MAY = date(2030, 1, 5), date(2030, 5, 3)
BACK = date(2030, 10, 27)
HOSTILE = "<b> & ]]> \"'\r\n\x0b\x1b\ufffe\u2028 </event> 🎓"


@pytest.fixture
def edition(db):
    return make_edition(
        slug="2030", year=2030, title="Small", starts_on=MAY, ends_on=date(2030, 5, 4)
    )


def tree(client) -> ElementTree.Element:
    return ElementTree.fromstring(client.get("/2030/schedule.xml").content)  # noqa: S314  (our own)


def conference(client) -> dict:
    return client.get("/2030/schedule.json").json()["schedule"]["conference"]


def xml_events(client) -> list[dict[str, Any]]:
    """Every event as one mapping: its attributes, its elements, and names and links in it."""
    return [
        event.attrib
        | {part.tag: part.text or "" for part in event if len(part) == 0}
        | {
            "persons": [(one.attrib["id"], one.text) for one in event.iter("person")],
            "links": [(one.attrib["href"], one.text) for one in event.iter("link")],
            "attachments": [(one.attrib["href"], one.text) for one in event.iter("attachment")],
        }
        for event in tree(client).iter("event")
    ]


def json_events(client) -> list[dict]:
    return [
        event
        for day in conference(client)["days"]
        for events in day["rooms"].values()
        for event in events
    ]


def make_full_day(edition):
    """A keynote, a lightning round with a hidden talk, lunch, posters, an open end at night."""
    hall, topic = make_room(edition, name="Hall"), make_topic(edition, heading="Models")
    talk = make_contribution(
        edition,
        make_person(name="Ada"),
        "Bob",
        title="Smaller",
        abstract="We *show*.",
        topics=[topic],
        kind="lightning",
        paper_url="https://example.org/paper",
    )
    make_contributor(talk, "Cyd", role="author")
    key = make_contribution(edition, "Kim", title="Key", kind="keynote", slides="slides/x.pdf")
    make_slot(make_session(edition, kind="keynote", title="", room=hall), key)
    lightning = make_session(
        edition, kind="lightning", title="Round", room=hall, starts_at=time(10)
    )
    make_slot(lightning, talk, minutes=3)
    make_slot(lightning, make_contribution(edition, "Eve", is_published=False, title="Secret"))
    make_session(edition, kind="lunch", title="", starts_at=time(12))
    posters = make_session(edition, kind="posters", title="", room=hall, starts_at=time(14))
    make_slot(posters, talk, board="P1")
    make_slot(posters, board="P2")
    make_session(edition, kind="social", title="Pub", starts_at=time(23, 30), minutes=None)
    make_session(edition, title="Next", day=2, minutes=90)
    make_session(edition, title="Unknown", day=2, starts_at=None, minutes=None)
    make_release(edition)
    return talk


def test_the_schedule_of_a_full_day(edition, client):
    talk = make_full_day(edition)

    schedule = tree(client)

    tags = " ".join(part.tag for part in schedule)
    assert tags == "generator url version conference day day"
    assert schedule.findtext("url") == f"{SITE}/2030/schedule.xml"
    assert {part.tag: part.text for part in schedule.find("conference") or ()} == {
        "acronym": "2030",
        "title": "Small, 2030",
        "start": "2030-05-03",
        "end": "2030-05-04",
        "days": "2",
        "timeslot_duration": "00:15",
        "base_url": f"{SITE}/",
        "url": f"{SITE}/2030/",
        "time_zone_name": "Europe/London",
    }
    first, second = ("2030-05-03", "2030-05-04")
    names = ("index", "date", "start", "end")
    assert [tuple(map(day.attrib.get, names)) for day in schedule.iter("day")] == [
        ("1", first, f"{first}T09:00:00+01:00", f"{first}T23:45:00+01:00"),
        ("2", second, f"{second}T09:00:00+01:00", f"{second}T10:30:00+01:00"),
    ]
    events = xml_events(client)
    assert [(one["room"], one["start"], one["duration"], one["title"]) for one in events] == [
        ("Hall", "09:00", "01:00", "Key"),
        ("Hall", "10:00", "00:03", "Smaller"),
        ("Hall", "10:03", "00:57", "Round: to be announced"),
        ("To be announced", "12:00", "01:00", "Lunch"),
        ("To be announced", "23:30", "00:15", "Pub"),
        ("Posters", "14:00", "01:00", "Posters"),
        ("To be announced", "09:00", "01:30", "Next"),
    ]
    number = 2 * talk.slots.first().pk
    smaller = events[1]
    UUID(smaller.pop("guid"))
    (ada, ada_name), (bob, bob_name), (_, coauthor) = smaller.pop("persons")
    assert (ada, ada_name) == (str(talk.presenters[0].person_id), "Ada")
    assert (bob_name, coauthor) == ("Bob", "Cyd")
    assert int(bob) >= 2**30
    assert smaller == {
        "id": str(number),
        "code": smaller["code"],
        "date": "2030-05-03T10:00:00+01:00",
        "start": "10:00",
        "duration": "00:03",
        "room": "Hall",
        "slug": f"2030-smaller-{number:03}",
        "url": f"{SITE}/2030/contributions/smaller/",
        "title": "Smaller",
        "subtitle": "Round",
        "track": "Models",
        "type": "lightning",
        "language": "en",
        "abstract": "We *show*.",
        "description": "",
        "links": [("https://example.org/paper", "Paper")],
        "attachments": [],
    }
    assert events[0]["attachments"] == [(f"{SITE}/2030/contributions/key/slides.pdf", "Slides")]
    assert events[5]["description"].startswith("P1 Smaller (Ada, Bob)\nP2 ")
    assert (events[5]["subtitle"], events[5]["persons"]) == ("Hall", [])


def test_xml_and_json_have_the_same_content(edition, client):
    make_full_day(edition)

    ours = [
        one
        | {"persons": [(str(who["id"]), who["name"]) for who in one["persons"]]}
        | {
            name: [(ref["url"], ref["title"]) for ref in one[name]]
            for name in ("links", "attachments")
        }
        | {"id": str(one["id"])}
        for one in json_events(client)
    ]

    assert [{name: one[name] for name in one if name != "end"} for one in ours] == xml_events(
        client
    )
    assert [one.get("end") for one in ours][3:5] == ["2030-05-03T13:00:00+01:00", None]


def test_the_rules_of_the_schema(edition, client):
    make_full_day(edition)
    events, told = json_events(client), conference(client)

    for name in ("guid", "id", "code", "slug"):
        assert len({event[name] for event in events}) == len(events)
    for event in events:
        assert re.fullmatch(r"[0-9A-Z]{6}", event["code"])
        assert re.fullmatch(r"[a-z0-9_]{4,}-[a-z0-9_-]{3,}[a-z0-9]", event["slug"])
        assert re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", event["duration"])
        assert datetime.fromisoformat(event["date"]).tzinfo
        assert {"track", "abstract", "persons", "links", "language", "subtitle"} <= event.keys()
    assert told["daysCount"] == len(told["days"])
    assert {room["name"] for room in told["rooms"]} == {event["room"] for event in events}


def test_the_format_is_recognisable_at_the_start(client):
    """Programs look at the first 1,024 characters, and a DOCTYPE is refused by some."""
    edition = make_edition(slug="2030", title="Long " * 40, venue="V" * 200, starts_on=MAY)
    make_session(edition)
    make_release(edition)

    content = client.get("/2030/schedule.xml").content.decode()

    assert "<schedule" in content[:1024]
    assert "<conference" in content[:1024]
    assert "DOCTYPE" not in content


@pytest.mark.parametrize(
    ("slug", "acronym"), [("24", "edition_24"), ("oxford-24", "oxford_24"), ("2030", "2030")]
)
def test_the_acronym_has_at_least_four_characters(slug, acronym):
    edition = make_edition(slug=slug, starts_on=MAY)
    make_session(edition)
    make_release(edition)
    timetable = published_timetable(edition)
    assert timetable
    schedule = make_schedule(edition, timetable)

    assert schedule
    assert schedule["conference"]["acronym"] == acronym


def test_a_move_keeps_the_identity(edition, client):
    session = make_session(edition, title="A")
    slot = make_slot(session, make_contribution(edition, "Ada", title="T"))
    make_release(edition)
    (before,) = json_events(client)
    edit(session, starts_at=time(15), title="B")
    edit(slot.contribution, title="Renamed")
    make_release(edition)

    (after,) = json_events(client)

    changed = {"date", "start", "end", "title", "subtitle"}
    assert {name for name in after if after[name] != before[name]} == changed


def test_talks_without_times_are_one_event(edition, client):
    session = make_session(edition, title="Talks")
    for title in ("F", "L"):
        make_slot(session, make_contribution(edition, "Ada", title=title))
    make_release(edition)

    (event,) = json_events(client)

    assert (event["title"], event["duration"]) == ("Talks", "01:00")
    assert event["description"] == "09:00 F (Ada)\nL (Ada)"


@pytest.mark.parametrize(
    ("zone", "day", "starts_at", "minutes", "starts", "duration", "ends"),
    [
        ("Australia/Sydney", JANUARY, time(9), 60, "05T09:00+11:00", "01:00", "05T10:00+11:00"),
        ("Europe/London", MAY, time(23), 150, "03T23:00+01:00", "02:30", "04T01:30+01:00"),
        ("Europe/London", MAY, time(9), 1439, "03T09:00+01:00", "23:59", "04T08:59+01:00"),
        # Clocks go back at 02:00.
        ("Europe/London", BACK, time(1, 30), 60, "27T01:30+01:00", "01:00", "27T01:30+00:00"),
    ],
)
def test_times_have_an_offset_in_any_zone_and_when_clocks_change(
    client, zone, day, starts_at, minutes, starts, duration, ends
):
    edition = make_edition(slug="2030", starts_on=day, time_zone=zone)
    make_slot(make_session(edition, starts_at=starts_at, minutes=minutes))
    make_release(edition)

    (event,) = json_events(client)
    (told,) = conference(client)["days"]

    moments = [event["date"], event["end"], told["day_start"], told["day_end"]]
    minutes_of = [datetime.fromisoformat(one).isoformat(timespec="minutes") for one in moments]
    assert [one[8:] for one in minutes_of] == [starts, ends, starts, ends]
    assert event["duration"] == duration


def test_hostile_text_is_escaped(client):
    edition = make_edition(slug="2030", year=2030, title=HOSTILE, venue=HOSTILE, starts_on=MAY)
    room = make_room(edition, name=HOSTILE)
    session = make_session(edition, title=HOSTILE, description=HOSTILE, room=room)
    topic = make_topic(edition, heading=HOSTILE)
    words = {"title": HOSTILE, "abstract": HOSTILE, "topics": [topic]}
    make_slot(session, make_contribution(edition, HOSTILE, **words))
    make_session(edition, title=HOSTILE, description=HOSTILE, starts_at=time(14))
    make_release(edition)

    talk, block = xml_events(client)

    line = "<b> & ]]> \"' </event> 🎓"
    for event in (talk, json_events(client)[0]):
        names = ("title", "subtitle", "track", "room")
        assert [event[name] for name in names] == [line, "", line, line]
        assert event["abstract"].splitlines()[0] == "<b> & ]]> \"'"
    assert talk["persons"][0][1] == line
    assert block["title"] == line
    assert tree(client).findtext("conference/title") == f"{line}, 2030"


def test_without_a_published_date_there_is_no_schedule(client):
    edition = make_edition(slug="2030")
    make_session(edition)
    paths = ("/2030/schedule.xml", "/2030/schedule.json")
    assert {client.get(path).status_code for path in paths} == {404}
    make_release(edition)
    assert {client.get(path).status_code for path in paths} == {404}
