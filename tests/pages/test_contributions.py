"""Speakers and posters."""

from datetime import date, time

import pytest

from apps.pages.programme import natural_key
from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_person,
    make_release,
    make_section,
    make_session,
    make_slot,
    make_topic,
)
from tests.pages.test_programme import _words

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(slug="2024", year=2024, starts_on=date(2024, 6, 27))


def test_speakers_stand_in_the_order_of_the_programme_with_what_they_say(client, edition):
    ada = make_person(name="Ada Example", bio="Ada is **kind**.", affiliation="One")
    late = make_contribution(edition, ada, kind="keynote", title="Late", abstract="Words.")
    early = make_contribution(edition, "Bo Example", kind="keynote", title="Early")
    make_contribution(
        edition, ada, "Cy Example", kind="invited", title="Both", slides_url="https://example.org/"
    )
    make_contribution(edition, kind="keynote", title="By nobody yet")
    make_contribution(edition, "Di", kind="poster", title="A poster")
    for row, at in ((late, time(15)), (early, time(9))):
        make_slot(make_session(edition, kind="keynote", title="", starts_at=at), row)
    make_release(edition)

    assert _words(client, "/2024/speakers/") == (
        "2024 Speakers "
        "Keynotes BE Bo Example Early Thursday 27 June, 09:00 – 10:00 BST "
        "AE Ada Example One Late Thursday 27 June, 15:00 – 16:00 BST "
        "Abstract Words. About Ada Example Ada is kind. "
        "Invited talks AE CE Ada Example One Cy Example Both Slides "
        "About Ada Example Ada is kind."
    )


@pytest.fixture
def posters(edition):
    """Twelve on boards, one without, and a paper that hangs beside them."""
    energy, cache = (make_topic(edition, heading=heading) for heading in ("Energy", "Caches"))
    session = make_session(edition, kind="posters")
    for number in range(1, 13):
        row = make_contribution(
            edition,
            kind="paper" if number == 2 else "poster",
            title=f"Poster {number}",
            abstract="About joules." if number < 4 else "",
            topics=[energy] if number % 2 else [energy, cache],
        )
        make_contributor(row, f"Jörg Müller {number}", role="author")
        make_slot(session, row, board=f"P{number}")
    make_contribution(edition, kind="poster", title="Without a board")
    make_release(edition)


@pytest.mark.usefixtures("posters")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [*(f"Poster {number}" for number in range(1, 13)), "Without a board"]),
        ("?q=JOULES", ["Poster 1", "Poster 2", "Poster 3"]),
        ("?q=muller+jorg+12", ["Poster 12"]),
        ("?q=p7", ["Poster 7"]),
        ("?topic=caches&q=joules", ["Poster 2"]),
        ("?topic=caches&q=+", [f"Poster {number}" for number in (2, 4, 6, 8, 10, 12)]),
        ("?q=nothing", []),
        ("?topic=nothing", []),
    ],
)
def test_posters_are_found_by_words_and_topic(client, query, found):
    response = client.get(f"/2024/posters/{query}")

    assert [poster.contribution.title for poster in response.context["page"].object_list] == found
    assert ("Show all posters" in response.content.decode()) is (not found)


@pytest.mark.usefixtures("posters")
def test_posters_stand_on_several_pages_that_keep_the_search(client, monkeypatch):
    monkeypatch.setattr("apps.pages.programme_views._POSTERS_PER_PAGE", 5)

    second = client.get("/2024/posters/?q=poster&page=2").content.decode()
    beyond = client.get("/2024/posters/?page=99")

    assert 'href="?q=poster&amp;page=1"' in second
    assert 'href="?q=poster&amp;page=3"' in second
    assert beyond.context["page"].number == 3


@pytest.mark.usefixtures("posters")
def test_the_home_page_shows_the_first_few_posters(client, edition):
    make_section(edition, heading="Posters", shows="posters")

    words = _words(client, "/")

    assert "P8 Poster 8" in words
    assert "P9 Poster 9" not in words
    assert "All 13 posters" in words


def test_sections_of_a_programme_that_is_not_published_do_not_render(client, edition):
    for shows in ("programme", "speakers", "posters"):
        make_section(edition, heading="Empty", shows=shows)
    hidden = make_contribution(edition, "Ada", kind="invited", is_published=False)
    make_slot(make_session(edition), hidden)

    assert "Empty" not in client.get("/").content.decode()


def test_numbers_in_boards_are_numbers():
    assert sorted(["P10", "P2", "a1", "P1", "7"], key=natural_key) == ["7", "a1", "P1", "P2", "P10"]
