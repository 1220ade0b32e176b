"""The admin in a browser: accessibility, security policy, ordering, previews, unsaved changes."""

import pytest
from django.utils import timezone

from apps.editions.admin import Tab
from apps.editions.models import Edition
from tests.browser import press
from tests.conftest import session_of
from tests.factories import (
    make_award,
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_section,
    make_sponsor,
    make_topic,
)
from tests.sponsors.files import logo_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODELS = [
    "accounts/user",
    "accounts/invitation",
    "editions/edition",
    "editions/deadline",
    "people/person",
    "people/group",
    "topics/topic",
    "pages/section",
    "pages/page",
]


@pytest.fixture
def desk():
    """One of everything; returns the current edition."""
    edition = make_current_edition(slug="2024", title="Workshop on Examples", venue_access="Words")
    group = make_group(edition, make_person(name="Ada Example"), make_person(name="Bo Example"))
    make_section(edition, shows="group", group=group, heading="")
    for heading in ("Alpha", "Beta", "Gamma"):
        make_topic(edition, heading=heading, description="About **it**")
    make_deadline(edition)
    make_page(edition)
    make_sponsor(edition, logo=logo_file())
    make_news(edition)
    make_recipient(make_award(edition), title="Paper")
    make_edition(slug="2025", state="draft")
    return edition


def _pages(edition: Edition) -> list[str]:
    pages = ["/admin/", "/admin/all-records/", "/admin/desk/editions/new/"]
    pages += [
        f"/admin/editions/edition/{edition.pk}/confirm/archive/",
        f"/admin/editions/edition/{edition.pk}/history/",
    ]
    pages += [f"/admin/{model}/" for model in MODELS]
    # Accounts are created by invitation.
    pages += [f"/admin/{model}/add/" for model in MODELS if model != "accounts/user"]
    pages += [
        *(tab.url(edition.pk) for tab in Tab),
        f"/admin/editions/edition/{edition.pk}/overview/",
        f"/admin/editions/deadline/{edition.deadlines.get().pk}/change/",
        f"/admin/people/group/{edition.groups.get().pk}/change/",
        f"/admin/people/person/{edition.groups.get().memberships.all()[0].person_id}/change/",
        f"/admin/topics/topic/{edition.topics.all()[0].pk}/change/",
        f"/admin/pages/section/{edition.sections.get().pk}/change/",
        f"/admin/pages/page/{edition.pages.get().pk}/change/",
        f"/admin/sponsors/level/{edition.sponsor_levels.get().pk}/change/",
        f"/admin/sponsors/sponsor/{edition.sponsor_levels.get().sponsors.get().pk}/change/",
        f"/admin/news/newsitem/{edition.news.get().pk}/change/",
        f"/admin/awards/award/{edition.awards.get().pk}/change/",
        "/accounts/2fa/",
        "/accounts/password/change/",
    ]
    return pages


@pytest.mark.appearance
def test_the_admin_is_accessible(visitor, as_chair, desk):
    visit = visitor.open("/admin/", session=session_of(as_chair), bypass_csp=True)

    assert visit.violations_at(_pages(desk)) == {}


def test_the_admin_obeys_its_security_policy_and_loads_nothing_external(visitor, as_chair, desk):
    visit = visitor.open("/admin/", session=session_of(as_chair))
    visit.assert_self_contained(_pages(desk))


@pytest.fixture
def page(visitor, as_chair, desk):
    """The form of the edition, opened by a chair."""
    address = f"/admin/editions/edition/{desk.pk}/topics/"
    return visitor.open(address, session=session_of(as_chair)).page


def test_topics_are_put_in_order_by_keyboard(page, desk):
    page.locator("#topics-group tr.has_original").nth(2).get_by_role(
        "button", name="Move up"
    ).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    message = page.locator("p[role=status]").inner_text()
    press(page, "input[name=_save]")

    assert message == "Gamma: moved to place 1 of 3. Save to keep it."
    assert [topic.heading for topic in desk.topics.all()] == ["Gamma", "Alpha", "Beta"]


def test_topics_are_put_in_order_by_dragging(page, desk):
    handles = page.locator("#topics-group tr.has_original .admin-ordering-field-input-wrapper")

    handles.nth(2).scroll_into_view_if_needed()
    start, end = handles.nth(2).bounding_box(), handles.nth(0).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 4, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 4, start["y"] - 10, steps=4)
    page.mouse.move(end["x"] + 4, end["y"] - 12, steps=12)
    page.mouse.up()
    press(page, "input[name=_save]")

    assert [topic.heading for topic in desk.topics.all()] == ["Gamma", "Alpha", "Beta"]


def test_markdown_is_previewed_as_it_is_typed(visitor, as_chair, desk):
    topic = desk.topics.all()[0]
    visit = visitor.open(f"/admin/topics/topic/{topic.pk}/change/", session=session_of(as_chair))
    page = visit.page

    page.get_by_role("button", name="Preview").click()
    page.locator(".markdown-preview strong", has_text="it").wait_for()
    page.locator("textarea").fill("Now **new** <script>alert(1)</script>\n\n- one\n- two")
    page.locator(".markdown-preview strong", has_text="new").wait_for()
    point = page.locator(".markdown-preview li").first

    assert point.evaluate("item => getComputedStyle(item).listStyleType") == "disc"

    assert page.locator(".markdown-preview script").count() == 0
    assert visit.faults == []


@pytest.mark.parametrize("width", [320, 1280])
def test_a_group_with_its_members_fits_the_window(visitor, as_chair, desk, width):
    page = visitor.open(
        f"/admin/people/group/{desk.groups.get().pk}/change/",
        session=session_of(as_chair),
        width=width,
    ).page
    page.get_by_text("Add another Member").click()

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_step_leads_into_the_field_with_its_label_in_sight(visitor, as_chair, desk):
    page = visitor.open("/admin/", session=session_of(as_chair), width=320).page

    page.get_by_role("link", name="Set date and place").press("Enter")
    page.wait_for_url("**/change/#id_starts_on")
    label = page.locator("label[for=id_starts_on]").bounding_box()

    assert label
    assert 0 <= label["y"] < 640


def test_leaving_a_form_warns_of_unsaved_changes(visitor, as_chair, desk):
    page = visitor.open(Tab.DETAILS.url(desk.pk), session=session_of(as_chair)).page
    dialogs: list[str] = []

    def dismiss(dialog):
        dialogs.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.fill("#id_venue", "Forum, Edinburgh")
    page.get_by_role("link", name="Overview").last.click(no_wait_after=True)
    page.wait_for_timeout(300)
    typed = page.input_value("#id_venue")
    page.locator("input[name=_save]").first.click()
    page.locator(".messagelist").wait_for()

    desk.refresh_from_db()
    assert (dialogs, typed) == (["beforeunload"], "Forum, Edinburgh")
    assert desk.venue == "Forum, Edinburgh"


def test_two_presses_on_the_first_screen_make_next_years_edition(visitor, as_chair, desk):
    year = timezone.localdate().year
    Edition.objects.filter(slug="2025").delete()
    Edition.objects.filter(pk=desk.pk).update(year=year - 1)
    page = visitor.open("/admin/", session=session_of(as_chair)).page

    press(page, page.get_by_role("link", name="New edition", exact=True))
    press(page, page.get_by_role("button", name="Create the draft"))

    draft = Edition.objects.get(year=year)
    assert page.url.endswith(f"/admin/editions/edition/{draft.pk}/overview/")
    assert draft.state == "draft"
    assert [topic.heading for topic in draft.topics.all()] == ["Alpha", "Beta", "Gamma"]
