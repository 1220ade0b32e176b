"""All editions with their figures, and the search in their programmes and awards."""

import json
import re
from datetime import date

import pytest

from apps.editions.models import Edition
from tests.factories import (
    make_award,
    make_contribution,
    make_contribution_link,
    make_current_edition,
    make_edition,
    make_group,
    make_person,
    make_recipient,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_topic,
)
from tests.pages.full_edition import fill_edition
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2030",
        year=2030,
        title="Workshop on Examples",
        starts_on=date(2030, 6, 27),
        venue="Forum, Edinburgh",
    )


def _text(response) -> str:
    html = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    main = re.sub("<[^>]+>", " ", html[html.index("<main") : html.index("</main>")])
    return " ".join(main.split())


def _found(client, words: str) -> dict[str, list[str]]:
    """The addresses that a search finds, by the years of their editions."""
    page = client.get("/editions/", {"q": words}).content.decode()
    found = {}
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        year = re.search(r"<h2[^>]*><a[^>]*>(\d+)", section)
        assert year
        found[year[1]] = re.findall(r'slot-title" dir="auto"><a href="([^"]+)', section)
    return found


def test_editions_are_listed_with_place_dates_and_figures(client, edition):
    make_edition(slug="2029", year=2029, title="The year before", state="archived")
    make_edition(slug="2031", year=2031, state="draft", title="Secret")
    ada = make_person()
    make_group(edition, ada, make_person())
    talk = make_contribution(edition, ada, "Bo", title="One", kind="talk")
    make_contribution_link(talk, kind="paper")
    make_contribution(edition, "bo", title="Two", kind="keynote")
    make_contribution(edition, "Cy", title="Hidden", is_published=False)
    make_contribution(edition, title="")  # empty
    demo = make_contribution(edition, ada, title="On a board", kind="demo")
    make_slot(make_session(edition, kind="posters"), demo)
    make_release(edition)
    make_award(edition, is_published=True)
    make_award(edition, is_published=False)

    page = _text(client.get("/editions/"))

    assert "Workshop on Examples Thursday 27 June 2030 , Forum, Edinburgh" in page
    assert "3 talks 1 poster 1 paper 3 people 1 award" in page
    assert page.index("2030") < page.index("2029 The year before")
    assert "Secret" not in page
    for number, path in ((3, "talks"), (1, "posters"), (1, "papers")):
        assert f"{number} {path.removesuffix('s')}" in client.get(f"/2030/{path}/").content.decode()


def test_the_page_is_linked_where_visitors_look_for_past_editions(client, edition):
    assert "/editions/" not in client.get("/").content.decode()

    make_edition(slug="2029", year=2029, state="archived")
    make_section(edition, shows="past_editions", heading="Past")

    assert client.get("/").content.decode().count('href="/editions/"') == 2
    assert (
        "<loc>http://localhost:8000/editions/</loc>" in client.get("/sitemap.xml").content.decode()
    )

    Edition.objects.update(is_current=False)

    assert 'href="/editions/"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", ("Alle Ausgaben", "1 Vortrag")), ("fr", ("Toutes les éditions", "1 exposé"))],
)
def test_the_page_has_the_language_of_the_current_edition(client, edition, language, words):
    Edition.objects.update(language=language)
    make_contribution(edition, "Ada", title="One")

    page = client.get("/editions/").content.decode()

    assert f'<html lang="{language}"' in page
    for each in words:
        assert each in page


def test_without_any_public_edition_the_page_says_so(client):
    page = client.get("/editions/")

    assert "Nothing has been announced here yet." in _text(page)
    assert b"<form" not in page.content


def test_the_search_finds_programme_and_awards_of_all_editions(client, edition):
    past = make_edition(slug="2029", year=2029, state="archived")
    for row in (edition, past):
        talk = make_contribution(row, "Zoë Örkény", title="Small *models*", topics=[])
        session = make_session(row, title="Opening words", room=make_room(row, name="Attic"))
        make_slot(session, talk)
        make_slot(make_session(row, kind="posters"), talk)
        make_session(row, title="Dinner of örkenys")
        make_release(row)
        award = make_award(row, heading="Best talk", is_published=True)
        make_recipient(award, contribution=talk)
    topic = make_topic(past, heading="Örkeny numbers")
    make_contribution(past, "Bo", title="Paper", kind="paper", topics=[topic])

    found = _found(client, "ORKENY")

    assert {year: len(paths) for year, paths in found.items()} == {"2030": 3, "2029": 4}
    assert found["2029"][-1] == "/2029/awards/#best-talk"
    assert "/2029/contributions/paper/" in found["2029"]
    assert list(found) == ["2030", "2029"]
    # All words, in any order, also that of the room, which the awards have not.
    assert _found(client, "models attic zoe") == {
        year: [f"/{year}/contributions/small-models/"] for year in ("2030", "2029")
    }
    for row in ("2030", "2029"):
        programme = client.get(f"/{row}/programme/", {"q": "models attic zoe"}).content.decode()
        assert f"/{row}/contributions/small-models/" in programme


def test_the_search_finds_only_what_is_published(client, edition):
    draft = make_edition(slug="2031", year=2031, state="draft")
    for row in (draft, edition):
        talk = make_contribution(row, "Xylo", title="Xylo", is_published=row is draft)
        make_slot(make_session(row), talk)
        make_recipient(make_award(row, is_published=row is draft, heading="Xylo"), title="Xylo")
    make_recipient(make_award(edition), contribution=edition.contributions.get())
    make_release(edition)
    make_session(edition, title="Xylo")  # after the release

    assert _found(client, "xylo") == {}


def test_a_search_without_a_match_helps(client, edition):
    page = client.get("/editions/", {"q": '<script>"x'})

    assert "Nothing matches your search. Fewer words, or a part of a word" in _text(page)
    assert b'value="&lt;script&gt;&quot;x"' in page.content
    assert b'content="noindex"' in page.content


@pytest.mark.parametrize("query", ["q=+", "q=" + "x" * 5000, "q=a&page=-1", "page=x"])
def test_no_search_is_refused(client, edition, query):
    assert client.get(f"/editions/?{query}").status_code == 200


def test_many_matches_are_on_several_pages(client, edition):
    for number in range(51):
        make_contribution(edition, title=f"Talk {number}")

    page = client.get("/editions/?q=talk").content.decode()

    assert "51 matches in all editions" in page
    assert "Page 1 of 2" in page
    assert 'href="?q=talk&amp;page=2"' in page
    assert len(_found(client, "talk")["2030"]) == 50
    assert "Talk 9<" in client.get("/editions/?q=talk&page=2").content.decode()


@pytest.mark.parametrize("path", ["/editions/", "/editions/?q=a"])
def test_many_editions_need_no_more_queries(client, path):
    def count_for(year: int) -> int:
        row = make_edition(slug=str(year), year=year, starts_on=date(year, 6, 27))
        fill_edition(row, 1)
        row.profiles.create(person=make_person())
        return count_queries(lambda: client.get(path))

    counts = [count_for(year) for year in (2027, 2028, 2029)]

    assert counts[0] == counts[2] <= 16


def test_programs_read_a_series_of_events(client, edition):
    make_edition(slug="2029", year=2029, state="archived", title="</script>")

    page = client.get("/editions/").content.decode()
    data = json.loads(re.findall(r'ld\+json">(.*?)</script>', page)[0])

    assert data["@type"] == "EventSeries"
    assert [event["name"] for event in data["subEvent"]] == ["Workshop on Examples", "</script>"]
    assert data["subEvent"][0]["startDate"] == "2030-06-27"
