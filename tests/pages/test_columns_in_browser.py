"""Lists in columns: the right third of a wide screen is used, a phone shows one column."""

from datetime import time

import pytest

from tests.browser import violations
from tests.factories import (
    make_award,
    make_call,
    make_contribution,
    make_current_edition,
    make_deadline,
    make_group,
    make_person,
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


@pytest.mark.appearance
@pytest.mark.parametrize(
    "path", ["/2030/", "/2030/awards/", "/2030/programme/?q=talk", "/2030/presenters/"]
)
def test_the_pages_are_accessible(visitor, edition, path):
    visit = visitor.open(path, bypass_csp=True)

    assert violations(visit.page) == []


def test_a_printed_home_page_shows_all_names_of_a_session(visitor, edition):
    make_section(edition, heading="Programme", shows="programme")
    page = visitor.open("/2030/", width=700).page

    page.emulate_media(media="print")

    overflow = "element => getComputedStyle(element).textOverflow"
    assert page.locator(".short .who").first.evaluate(overflow) == "clip"


def _left(page, selector: str) -> float:
    return page.locator(selector).bounding_box()["x"]


def test_the_sections_are_listed_beside_the_introduction_of_a_long_page(visitor, edition):
    edition.sections.update(ordering=10)
    make_section(edition, heading="", body="Welcome.", ordering=1)
    make_section(
        edition,
        heading="Further words",
        body="Words.",
        aside="Ask us.",
        slug="further",
        ordering=20,
    )
    page = visitor.open("/2030/", width=1440, scripts=False).page

    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Awards").click()

    assert page.url.endswith("#awards")
    assert _left(page, "#further .beside") > _left(page, "#further .prose:not(.beside)") + 600
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.get_by_role("navigation", name="On this page").count() == 0
    assert _left(page, "#further .beside") == _left(page, "#further .prose:not(.beside)")


def test_small_groups_share_a_row_of_the_home_page(visitor, edition):
    for heading in ("Chairs", "Helpers"):
        group = make_group(edition, make_person(name=f"One of the {heading}"), heading=heading)
        make_section(edition, heading="", shows="group", group=group)
    page = visitor.open("/2030/", width=1440).page

    first, second = (page.get_by_role("region", name=name) for name in ("Chairs", "Helpers"))

    assert first.bounding_box()["y"] == second.bounding_box()["y"]


def test_sessions_are_listed_beside_a_programme_without_parallel_ones(visitor, edition):
    for hour in range(10, 16):
        make_session(edition, title=f"Session {hour}", starts_at=time(hour), minutes=60)
    make_release(edition)
    page = visitor.open("/2030/programme/", width=1440, scripts=False, bypass_csp=True).page

    page.get_by_role("navigation", name="Sessions").get_by_role("link", name="Session 15").click()

    assert page.url.endswith("#session-15-session")
    assert _left(page, ".day-list > ol") > _left(page, ".session-title >> nth=0") + 600
    assert page.locator(".day-list > ol").bounding_box()["y"] >= 0  # it stays in view
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.get_by_role("navigation", name="Sessions").count() == 0


def test_the_call_is_beside_its_form_on_a_wide_screen(visitor, edition):
    make_call(edition, text="Who may apply.")
    page = visitor.open("/2030/interest/", width=1440, scripts=False).page

    assert _left(page, ".call-words h2") > _left(page, ".form") + 500

    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.get_by_text("Who may apply.").is_visible()


def test_texts_of_a_few_speakers_are_open(visitor, edition):
    for number in range(3):  # beside two invited talks
        make_contribution(
            edition,
            f"Speaker {number}",
            kind="keynote",
            title=f"Keynote {number}",
            abstract="Words.",
        )
    opened = visitor.open("/2030/speakers/", width=1440).page.locator("details[open]")

    assert opened.count() == 0

    edition.contributions.filter(title="Keynote 2").update(is_published=False)
    assert visitor.open("/2030/speakers/", width=1440).page.locator("details[open]").count() == 2
