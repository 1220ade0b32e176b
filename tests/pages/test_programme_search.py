"""Search in the programme, and the visitor's own choice of talks."""

import re
from datetime import date, time

import pytest

from apps.programme.models import Contribution
from tests.factories import (
    make_chair,
    make_contribution,
    make_current_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
    make_topic,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2030", year=2030, starts_on=date(2030, 6, 27), ends_on=date(2030, 6, 28)
    )


@pytest.fixture
def programme(edition):
    """Two days: a keynote and a session of two talks, then posters and a dinner."""
    hall, attic = make_room(edition, name="Main Hall"), make_room(edition, name="Attic")
    energy = make_topic(edition, heading="Energy")
    speech = make_topic(edition, heading="Speech")
    joules = make_contribution(
        edition, make_person(name="Ada Öztürk"), kind="keynote", title="Joules", topics=[energy]
    )
    make_slot(make_session(edition, kind="keynote", title="", room=hall), joules)
    talks = make_session(edition, title="Afternoon", room=attic, starts_at=time(14), minutes=60)
    make_chair(talks, "Grace Example")
    for title, topic in (("Small models", energy), ("Voices", speech)):
        row = make_contribution(
            edition, "Bo Example", title=title, kind="contributed", topics=[topic], abstract="Bits."
        )
        make_slot(talks, row, minutes=30)
    posters = make_session(edition, kind="posters", title="", room=hall, day=2)
    make_slot(posters, make_contribution(edition, "Cy", title="Paper", kind="poster"), board="P7")
    make_session(edition, kind="break", title="Tea", day=2, starts_at=time(11))
    make_session(edition, kind="social", title="Dinner", day=2, starts_at=time(19))
    make_release(edition)
    return edition


def _titles(client, path: str) -> list[str]:
    page = client.get(path).content.decode()
    return re.findall(r'class="slot-title"[^>]*><a href="[^"]*">([^<]*)</a>', page)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("topic=energy", ["Joules", "Small models"]),
        ("kind=contributed", ["Small models", "Voices"]),
        ("day=2", ["Paper", "Dinner"]),
        ("q=ozturk", ["Joules"]),
        ("q=BITS+small", ["Small models"]),
        ("q=grace", ["Small models", "Voices"]),
        ("q=p7", ["Paper"]),
        ("topic=energy&kind=contributed&q=bo", ["Small models"]),
        ("topic=energy&day=2", []),
        ("topic=nothing", []),
        ("room=nowhere&day=%00", []),
        (f"q={'x' * 5000}", []),
    ],
)
def test_the_programme_can_be_searched(client, programme, query, titles):
    assert _titles(client, f"/2030/programme/?{query}") == titles


def test_a_room_can_be_searched_by_the_form(client, programme):
    page = client.get("/2030/programme/").content.decode()
    options = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', page)
    room = {name: value for value, name in options}["Attic"]

    assert [name for _, name in options] == [
        *("Energy", "Speech"),
        *("Keynote", "Contributed talk", "Poster"),
        *("Thursday 27 June", "Friday 28 June"),
        *("Attic", "Main Hall"),
    ]
    assert _titles(client, f"/2030/programme/?room={room}") == ["Small models", "Voices"]


def test_a_search_shows_times_rooms_and_the_form_as_it_was_sent(client, programme):
    page = client.get("/2030/programme/?topic=speech&q=voices").content.decode()

    assert "1 match in the programme" in page
    assert '<option value="speech" selected' in page
    assert 'name="q" value="voices"' in page
    assert '<time datetime="2030-06-27T14:30+01:00">14:30</time>' in page
    assert 'href="/2030/programme/afternoon/"' in page
    assert "Attic" in page[page.index("day-1-heading") :]
    assert '<link rel="canonical" href="http://localhost:8000/2030/programme/">' in page


def test_an_empty_search_shows_the_whole_programme(client, programme):
    page = client.get("/2030/programme/?q=&topic=&kind=&day=&room=").content.decode()

    assert "Afternoon" in page
    assert "match" not in page


def test_a_search_takes_the_same_queries_for_many_talks(client, edition):
    def add() -> None:
        session = make_session(edition, room=make_room(edition))
        people = make_person(), make_person()
        make_slot(session, make_contribution(edition, *people, topics=[make_topic(edition)]))
        make_release(edition)

    add()
    counts = []
    for _ in range(2):
        counts.append(count_queries(lambda: client.get("/2030/programme/?q=talk")))
        add()

    assert counts[0] == counts[1] <= 12


def _keys(*titles: str) -> str:
    return ",".join(str(Contribution.objects.get(title=title).pk) for title in titles)


def test_chosen_talks_are_shown_from_their_address(client, programme):
    path = f"/2030/programme/mine/?talks={_keys('Voices', 'Joules')}"

    page = client.get(path).content.decode()

    assert _titles(client, path) == ["Joules", "Voices"]
    assert f'href="/2030/programme/mine.ics?talks={_keys("Voices", "Joules")}"' in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize("talks", ["", "0", "x,%C3%B6,-1", "9" * 400, "999999,1.5", "," * 5000])
def test_without_a_known_talk_the_page_says_how_to_choose(client, programme, talks):
    page = client.get(f"/2030/programme/mine/?talks={talks}").content.decode()

    assert "No talks are chosen yet." in page
    assert client.get(f"/2030/programme/mine.ics?talks={talks}").status_code == 404


def test_hidden_talks_are_not_shown_to_those_who_chose_them(client, programme):
    keys = _keys("Voices", "Joules")
    Contribution.objects.filter(title="Voices").update(is_published=False)

    page = client.get(f"/2030/programme/mine/?talks={keys}").content.decode()
    calendar = client.get(f"/2030/programme/mine.ics?talks={keys}").content.decode()

    assert "1 of the chosen talks is no longer in the programme." in page
    assert "Voices" not in page + calendar
    assert "SUMMARY:Joules" in calendar


def test_the_calendar_has_the_chosen_talks_with_their_usual_identity(client, programme):
    calendar = client.get(f"/2030/programme/mine.ics?talks={_keys('Voices', 'Joules')}")
    single = client.get("/2030/contributions/voices.ics").content.decode()

    text = calendar.content.decode()
    uid = re.findall(r"UID:(.*)\r\n", single)
    assert calendar["Content-Type"] == "text/calendar; charset=utf-8"
    assert re.findall(r"SUMMARY:(.*)\r\n", text) == ["Joules", "Voices"]
    assert uid[0] in re.findall(r"UID:(.*)\r\n", text)


def test_the_calendar_of_chosen_talks_takes_the_same_queries_for_many(client, programme):
    def count(*titles: str) -> int:
        return count_queries(lambda: client.get(f"/2030/programme/mine.ics?talks={_keys(*titles)}"))

    one = count("Joules") - 1  # `_keys` asks for each title
    assert one == count("Joules", "Voices", "Paper") - 3 <= 14


def test_a_past_edition_can_be_searched_and_has_no_stars(client, programme):
    programme.state = "archived"
    programme.save()

    page = client.get("/2030/programme/").content.decode()

    assert "Search the programme" in page
    assert 'class="star"' not in page
    assert "/programme/mine/" not in page


def test_a_session_called_mine_has_an_address_of_its_own(client, edition):
    session = make_session(edition, title="Mine")
    make_release(edition)

    assert session.slug == "mine-2"
    assert client.get(session.get_absolute_url()).status_code == 200
