"""A person's page over the years, if they agreed to it."""

import json
import re
from datetime import date
from functools import partial

import pytest

from tests.factories import (
    make_award,
    make_chair,
    make_contribution,
    make_contributor,
    make_current_edition,
    make_edition,
    make_group,
    make_person,
    make_recipient,
    make_release,
    make_session,
    make_slot,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PATH = "/people/ada-example/"


@pytest.fixture
def edition():
    return make_current_edition(slug="2030", year=2030, starts_on=date(2030, 6, 27))


@pytest.fixture
def ada():
    return make_person(name="Ada Example", link="https://example.org/ada", shows_years=True)


def _text(response) -> str:
    html = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    main = re.sub("<[^>]+>", " ", html[html.index("<main") : html.index("</main>")])
    return " ".join(main.split())


def _fill(edition, person):
    """A talk, a chaired session, a group and two awards."""
    talk = make_contribution(edition, person, title=f"Talk of {edition.year}", kind="keynote")
    session = make_session(edition, title="Morning talks")
    make_slot(session, talk)
    make_chair(session, person)
    make_release(edition)
    group = make_group(edition, heading="Chairs")
    group.memberships.create(person=person, role="Publicity")
    make_recipient(make_award(edition, heading="Best talk"), contribution=talk)
    make_recipient(make_award(edition, heading="Best mind"), person=person)


def test_the_page_lists_talks_chaired_sessions_groups_and_awards_by_year(client, edition, ada):
    _fill(make_edition(slug="2028", year=2028, state="archived"), ada)
    _fill(edition, ada)

    page = _text(client.get(PATH))

    for year in (2030, 2028):
        assert (
            f"{year} Talk of {year} Keynote Speaker Morning talks Session chair Chairs Publicity "
            f"Best talk Award Talk of {year} Best mind Award"
        ) in page
    assert page.index("2030") < page.index("2028")
    assert 'href="https://example.org/ada"' in client.get(PATH).content.decode()


def test_nobody_has_a_page_who_did_not_agree(client, as_chair, edition, ada):
    _fill(edition, ada)
    ada.shows_years = False
    ada.save()

    assert client.get(PATH).status_code == 404
    assert as_chair.get(PATH).status_code == 404
    assert PATH not in client.get("/sitemap.xml").content.decode()
    for path in ("people/", "speakers/", "presenters/", "contributions/talk-of-2030/", "awards/"):
        page = client.get(f"/2030/{path}").content.decode()
        assert "Ada" in page
        assert PATH not in page, path


def test_names_link_to_the_page_of_those_who_agreed(client, edition, ada):
    _fill(edition, ada)
    panel = make_contribution(edition, kind="panel", title="Panel")
    make_contributor(panel, ada, role="panellist")
    paths = ("people/", "speakers/", "presenters/", "contributions/talk-of-2030/", "awards/")

    for path in paths:
        assert f'href="{PATH}"' in client.get(f"/2030/{path}").content.decode(), path
    assert f"<loc>http://localhost:8000{PATH}</loc>" in client.get("/sitemap.xml").content.decode()


def test_links_to_the_pages_cost_no_query(client, edition, ada):
    _fill(edition, ada)

    def count() -> list[int]:
        return [
            count_queries(partial(client.get, f"/2030/{path}"))
            for path in ("", "people/", "speakers/", "presenters/", "awards/")
        ]

    with_page = count()
    ada.shows_years = False
    ada.save()

    assert count() == with_page


def test_only_what_is_published_is_on_the_page(client, as_chair, edition, ada):
    draft = make_edition(slug="2031", year=2031, state="draft")
    _fill(draft, ada)
    ada.profiles.create(edition=draft, affiliation="Secret", bio="Secret")
    hidden = make_contribution(edition, ada, title="Hidden", is_published=False)
    make_slot(make_session(edition, title="Released"), hidden)
    make_release(edition)
    make_chair(make_session(edition, title="Drafted"), ada)
    make_recipient(make_award(edition, heading="Secret prize", is_published=False), person=ada)
    make_recipient(make_award(edition, heading="Prize of the hidden"), contribution=hidden)

    assert client.get(PATH).status_code == 404
    assert PATH not in client.get("/sitemap.xml").content.decode()
    assert "Nothing is public yet." in _text(as_chair.get(PATH))  # previews of the draft link to it

    make_group(edition, ada, heading="Chairs")
    page = _text(client.get(PATH))

    assert "2030 Chairs" in page
    for secret in ("2031", "Secret", "Hidden", "Drafted", "Released", "hidden"):
        assert secret not in page


def test_the_facts_are_those_of_the_latest_public_edition(client, edition, ada):
    past = make_edition(slug="2028", year=2028, state="archived")
    for row in (past, edition):
        make_group(row, ada)
        ada.profiles.create(edition=row, affiliation=f"Lab of {row.year}", bio=f"*Bio* {row.year}")

    page = _text(client.get(PATH))

    assert "Lab of 2030 example.org Bio 2030" in page
    assert "Lab of 2028" not in page


def test_hostile_texts_are_escaped(client, edition):
    name = "<script>alert(1)</script>"
    eve = make_person(name=name, affiliation=name, bio=name, shows_years=True)
    make_group(edition, eve, heading=name)

    html = client.get(eve.years_url).content.decode()

    assert "<script>alert" not in html
    assert (
        json.loads(re.findall(r'ld\+json">(.*?)</script>', html)[0])["mainEntity"]["name"] == name
    )


def test_many_editions_need_no_more_queries(client, ada):
    def count_for(year: int) -> int:
        _fill(make_edition(slug=str(year), year=year), ada)
        return count_queries(lambda: client.get(PATH))

    counts = [count_for(year) for year in (2027, 2028, 2029)]

    assert counts[0] == counts[2] <= 12


@pytest.mark.parametrize(("language", "word"), [("de", "Preis"), ("fr", "Prix")])
def test_the_page_has_the_language_of_the_current_edition(client, edition, ada, language, word):
    edition.language = language
    edition.save()
    make_recipient(make_award(edition), person=ada)

    assert word in _text(client.get(PATH))
