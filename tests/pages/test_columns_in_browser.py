"""Lists in columns: the right third of a wide screen is used, a phone shows one column."""

from datetime import time

import pytest

from tests.browser import violations
from tests.factories import (
    make_award,
    make_contribution,
    make_current_edition,
    make_deadline,
    make_recipient,
    make_release,
    make_section,
    make_session,
    make_slot,
    make_topic,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2030", year=2030)
    for number in range(3):
        make_deadline(edition, title=f"Date {number}")
        make_topic(edition, heading=f"Topic {number}", description="Words about it.")
        make_recipient(make_award(edition, heading=f"Award {number}"), title=f"Paper {number}")
    for shows in ("deadlines", "topics", "awards"):
        make_section(edition, heading=shows.capitalize(), shows=shows)
    session = make_session(edition, title="Orals", starts_at=time(9), minutes=40)
    for number in range(2):
        talk = make_contribution(
            edition, "Ada", title=f"Talk {number}", code_url="https://x.example/"
        )
        make_slot(session, talk, minutes=20)
    make_release(edition)
    return edition


def _columns(page, selector: str) -> int:
    """How many different left edges the elements have."""
    return len({round(one.bounding_box()["x"]) for one in page.locator(selector).all()})


@pytest.mark.parametrize(
    ("path", "selector", "columns"),
    [
        ("/2030/", ".deadlines > div", 3),
        ("/2030/", ".topics > li", 2),
        ("/2030/", ".award", 2),
        ("/2030/awards/", ".award", 2),
        ("/2030/programme/", ".slot > :is(.slot-title, .links)", 2),
    ],
)
def test_lists_run_in_columns_on_a_wide_screen_only(visitor, edition, path, selector, columns):
    page = visitor.open(path, width=1440).page

    assert _columns(page, selector) == columns

    page.set_viewport_size({"width": 390, "height": 844})

    assert _columns(page, selector) == 1


@pytest.mark.parametrize("path", ["/2030/", "/2030/awards/", "/2030/programme/?q=talk"])
def test_the_pages_are_accessible(visitor, edition, path):
    visit = visitor.open(path, bypass_csp=True)

    assert violations(visit.page) == []


def test_a_printed_home_page_shows_all_names_of_a_session(visitor, edition):
    make_section(edition, heading="Programme", shows="programme")
    page = visitor.open("/2030/", width=700).page

    page.emulate_media(media="print")

    overflow = "element => getComputedStyle(element).textOverflow"
    assert page.locator(".short .who").first.evaluate(overflow) == "clip"
