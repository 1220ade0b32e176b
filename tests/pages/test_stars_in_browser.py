"""Stars beside talks, which keep a visitor's own programme in the browser."""

from datetime import date, time

import pytest

from tests.factories import (
    make_contribution,
    make_current_edition,
    make_release,
    make_session,
    make_slot,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def talks():
    edition = make_current_edition(slug="2030", year=2030, starts_on=date(2030, 6, 27))
    session = make_session(edition, title="Afternoon", starts_at=time(14), minutes=60)
    rows = [make_contribution(edition, "Ada", title=title) for title in ("First", "Second")]
    for row in rows:
        make_slot(session, row, minutes=30)
    make_release(edition)
    return rows


def test_a_star_puts_a_talk_into_the_visitors_own_programme(visitor, talks):
    visit = visitor.open("/2030/programme/")
    page = visit.page

    page.get_by_role("button", name="Add to my programme: Second").click()
    with page.expect_navigation():
        page.get_by_role("link", name="My programme").click()

    assert page.url.endswith(f"/2030/programme/mine/?talks={talks[1].pk}")
    assert page.locator(".slot-title a").all_inner_texts() == ["Second"]
    page.get_by_role("button", name="Remove from my programme: Second").click()
    assert page.url.endswith("/2030/programme/mine/")
    page.get_by_role("button", name="Add to my programme: Second").click()
    assert page.locator("a.my-calendar").get_attribute("href") == (
        f"/2030/programme/mine.ics?talks={talks[1].pk}"
    )
    visit.go("/2030/contributions/second/")
    assert page.get_by_role("button", name="Remove from my programme").count() == 1
    visit.go("/2030/programme/mine/")
    page.wait_for_url(f"**/mine/?talks={talks[1].pk}")
    assert visit.faults == []


def test_the_list_of_somebody_else_changes_nothing(visitor, talks):
    visit = visitor.open(f"/2030/programme/mine/?talks={talks[0].pk},{talks[1].pk}")
    page = visit.page

    assert page.get_by_role("button", name="Add to my programme:").count() == 2
    page.get_by_role("button", name="Add to my programme: First").click()

    assert page.url.endswith(f"?talks={talks[0].pk},{talks[1].pk}")
    assert page.evaluate("localStorage.getItem('/2030/programme/mine/')") == str(talks[0].pk)


def test_without_scripts_there_are_no_stars(visitor, talks):
    visit = visitor.open("/2030/programme/", scripts=False)

    assert visit.page.locator("button.star").count() == 0
    assert not visit.page.locator("a.my-programme").is_visible()


@pytest.mark.appearance
@pytest.mark.parametrize(
    "path",
    [
        "/2030/programme/",
        "/2030/programme/?q=ada",
        "/2030/programme/?q=nothing",
        "/2030/programme/mine/",
        "/2030/presenters/",
    ],
)
def test_the_pages_are_accessible(visitor, talks, path):
    visit = visitor.open("/2030/programme/", bypass_csp=True)
    visit.page.get_by_role("button", name="Add to my programme: First").click()

    assert visit.violations_at([path]) == {}
