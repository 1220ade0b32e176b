"""Links and menus in the header of an edition's pages."""

import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError

from tests.factories import (
    make_award,
    make_call,
    make_contribution,
    make_current_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(slug="2031")


def header(client, path: str = "/2031/") -> str:
    html = client.get(path).content.decode()
    return html[html.index("<header") : html.index("</header>")]


def words(html: str) -> list[str]:
    """Words of links and menus in their order."""
    found = re.findall(r"<(?:summary|a)[^>]*>([^<]+)</(?:summary|a)>", html)
    return [unescape(word).strip() for word in found]


def make_pages(edition, *titles: str, **fields) -> None:
    for title in titles:
        make_page(
            edition,
            title=title,
            slug=title.lower().replace(" ", "-"),
            is_in_navigation=True,
            **fields,
        )


def test_pages_of_one_menu_stand_under_it_at_the_place_of_the_first(edition, client):
    make_pages(edition, "Call", "Style files", menu="Authors")
    make_pages(edition, "Venue")
    make_pages(edition, "Camera ready", menu="Authors")

    html = header(client)

    assert words(html)[-6:] == ["Home", "Authors", "Call", "Style files", "Camera ready", "Venue"]
    assert html.count("<details") == 2  # the menu, and the button of a phone


def test_a_menu_shows_that_the_page_is_in_it(edition, client):
    make_pages(edition, "Call", menu="Authors")

    assert "is-here" in header(client, "/2031/call/")
    assert 'aria-current="page"' in header(client, "/2031/call/")
    assert "is-here" not in header(client)


def test_few_links_need_no_button_on_a_phone(edition, client):
    make_pages(edition, "Call", "Venue")

    assert "<details" not in header(client)


def test_ten_links_stay_on_the_line_and_longer_ones_go_into_more(edition, client):
    make_topic(edition)
    make_group(edition, make_person())
    make_award(edition)
    make_news(edition)
    make_pages(edition, "Call", "Dates", "Venue", "Contact", "Accepted")
    assert words(header(client))[-10:] == [
        *("Home", "Topics", "People", "Awards", "News"),
        *("Call", "Dates", "Venue", "Contact", "Accepted"),
    ]

    make_pages(edition, "Instructions for reviewers", "Instructions for presenters")

    shown = words(header(client))
    more = shown.index("More")
    assert "News" in shown[more:]
    assert "Call" in shown[:more]
    assert "Instructions for presenters" in shown[:more]


def test_menus_that_do_not_fit_go_into_more_with_their_links(edition, client):
    make_pages(edition, *(f"A rather long title of page number {n}" for n in range(6)))
    make_pages(edition, "Hidden", menu="A rather long title of a menu")

    shown = words(header(client))

    assert "A rather long title of a menu" not in shown
    assert shown.index("Hidden") > shown.index("More")


def test_formulas_in_titles_are_plain_text_in_the_header(edition, client):
    make_pages(edition, "Rates")
    edition.pages.update(title="On $x^2$ &amp; *more*", menu="$H_2$ work")

    assert words(header(client))[-2:] == ["H₂ work", "On x² & more"]


def test_a_panel_alone_brings_people_into_the_header(edition, client):
    make_contribution(edition, make_person(), kind="panel", title="Where next?")

    assert "People" in words(header(client))
    assert client.get("/2031/people/").status_code == 200


def test_a_hidden_panel_does_not(edition, client):
    make_contribution(edition, make_person(), kind="panel", title="Later", is_published=False)

    assert "People" not in words(header(client))


def test_a_page_of_the_footer_is_in_no_menu(edition):
    page = make_page(edition, slug="venue", is_in_navigation=False)
    page.menu = "Authors"

    with pytest.raises(ValidationError, match="in the header"):
        page.full_clean()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/2031/interest/", "/2031/interest/new-link/"])
def test_the_call_and_the_request_for_a_link_have_the_links_of_the_edition(edition, client, path):
    make_call(edition)
    make_topic(edition)
    make_pages(edition, "Venue")

    assert words(header(client, path))[-4:] == ["Menu", "Home", "Topics", "Venue"]
    make_pages(edition, "Hotels")
    assert words(header(client, path))[-2:] == ["Venue", "Hotels"]
