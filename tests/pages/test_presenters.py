"""The index of presenters."""

import re
from datetime import date, time

import pytest

from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(slug="2030", year=2030, starts_on=date(2030, 6, 27))


def _index(client) -> dict[str, list[str]]:
    """The names under each letter."""
    page = client.get("/2030/presenters/").content.decode()
    index = {}
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        letter = re.search(r"<h2[^>]*>(.*?)</h2>", section)
        names = re.findall(r'"index-name"[^>]*>(.*?)</p>', section)
        assert letter
        index[letter[1]] = [" ".join(re.sub("<[^>]+>", "", name).split()) for name in names]
    return index


def test_presenters_are_sorted_by_their_last_word_whatever_the_accents(client, edition):
    session = make_session(edition)
    for name in ("Zoe Adams", "Ágnes Örkény", "Al Øster", "Bo orban", "Mononym", "王伟", "Unit 7"):
        make_slot(session, make_contribution(edition, name))
    make_release(edition)

    assert _index(client) == {
        "A": ["Zoe Adams"],
        "M": ["Mononym"],
        "O": ["Bo orban", "Ágnes Örkény", "Al Øster"],
        "王": ["王伟"],
        "#": ["Unit 7"],
    }
    page = client.get("/2030/presenters/").content.decode()
    for anchor in re.findall(r'href="#(letter-\d+)"', page):
        assert f'id="{anchor}"' in page


def test_a_presenter_is_listed_once_with_all_titles_times_and_rooms(client, edition):
    ada = make_person(name="Ada Example")
    talks = make_session(edition, room=make_room(edition, name="Main Hall"))
    posters = make_session(
        edition, kind="posters", room=make_room(edition, name="Attic"), starts_at=time(14)
    )
    small = make_contribution(edition, ada, title="Small")
    make_slot(talks, small, minutes=20)
    make_slot(posters, small, board="P7")
    panel = make_contribution(edition, title="Panel", kind="panel")
    make_contributor(panel, ada, role="moderator")
    make_slot(talks, panel, minutes=20)
    make_release(edition)

    page = client.get("/2030/presenters/").content.decode()
    entry = " ".join(re.sub("<[^>]+>", " ", page[page.index("<section") :]).split())
    entry = entry.replace(" ,", ",")

    assert _index(client) == {"E": ["Ada Example"]}
    assert entry.startswith(
        "E Ada Example Small Thursday 27 June, 09:00 – 09:20, Main Hall "
        "Thursday 27 June, 14:00 – 15:00, Attic, board P7 "
        "Panel (Moderator) Thursday 27 June, 09:20 – 09:40, Main Hall"
    )


def test_the_index_has_only_people_who_present_something_in_the_programme(client, edition):
    session = make_session(edition)
    paper = make_contribution(edition, "First Author", "Last Writer", role="author", kind="paper")
    make_slot(session, paper)
    make_slot(session, make_contribution(edition, "Hid Den", is_published=False))
    make_contribution(edition, "Un Placed", kind="paper")
    make_release(edition)
    make_slot(session, make_contribution(edition, "Draf Ted"))

    assert _index(client) == {"A": ["First Author"]}


def test_the_programme_and_the_sitemap_link_the_index(client, edition):
    make_slot(make_session(edition), make_contribution(edition, "Ada Example"))
    assert "/2030/presenters/" not in client.get("/sitemap.xml").content.decode()
    assert "To be announced here." in client.get("/2030/presenters/").content.decode()
    make_release(edition)

    assert "/2030/presenters/" in client.get("/sitemap.xml").content.decode()
    assert 'href="/2030/presenters/"' in client.get("/2030/programme/").content.decode()


def test_the_index_takes_the_same_queries_for_many_presenters(client, edition):
    session = make_session(edition)
    counts = []
    for _ in range(2):
        make_slot(session, make_contribution(edition, make_person(), make_person()))
        make_release(edition)
        counts.append(count_queries(lambda: client.get("/2030/presenters/")))

    assert counts[0] == counts[1] <= 7
