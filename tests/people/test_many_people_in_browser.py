"""Pages for many people, sessions or contributions at once in a browser: axe, keyboard, no scripts."""

import pytest

from apps.people.models import Person
from tests.browser import press, violations
from tests.conftest import session_of
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_group,
    make_person,
    make_room,
    make_session,
    make_topic,
)
from tests.people.files import corners, encoded, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_LIST = "Ada Example, University of Example, https://ada.example.org/a\nCy Example, Elsewhere\nBo Example"


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2031", year=2031, title="Workshop on Examples")
    make_group(edition, make_person(name="Bo Example", affiliation="Place"), heading="Chairs")
    make_person(name="Cy Example", affiliation="Place")
    make_topic(edition, heading="Small models")
    make_room(edition)
    for title in ("First", "Second"):
        make_session(edition, title=title)
        make_contribution(edition, title=title)
    return edition


@pytest.mark.appearance
def test_the_pages_are_accessible_and_fit_the_window(visitor, as_chair, edition):
    photos = f"/admin/people/person/photos/{edition.pk}/"
    files = [upload(encoded(corners(), "JPEG"), name) for name in ("bo-example.jpg", "IMG_1.jpg")]
    as_chair.post(photos, {"photos": files})
    group, session = edition.groups.get(), edition.sessions.first()
    visit = visitor.open(photos, session=session_of(as_chair), bypass_csp=True)
    page = visit.page

    assert violations(page) == []
    for path in (
        f"/admin/people/group/{group.pk}/change/",
        f"/admin/people/person/add/?group={group.pk}",
        f"/admin/programme/session/{session.pk}/duplicate/",
    ):
        visit.go(path)
        assert violations(page) == [], path
    visit.go(f"/admin/people/group/{group.pk}/paste/")
    for text, button in (("", "Preview"), (_LIST, "Preview")):
        page.get_by_label("People").fill(text)
        press(page, page.get_by_role("button", name=button))
        assert violations(page) == [], text
    press(page, page.get_by_role("button", name="Save"))
    assert page.locator(".error-summary").count() == 1
    assert violations(page) == []
    for model in ("session", "contribution"):
        visit.go(f"/admin/programme/{model}/")
        for box in page.locator("input.action-select").all():
            box.check()
        page.locator("select[name=action]").select_option("change_together")
        press(page, "button[name=index]")
        assert violations(page) == [], model


def test_a_list_is_pasted_and_saved_by_keyboard_without_scripts(visitor, as_chair, edition):
    path = f"/admin/people/group/{edition.groups.get().pk}/paste/"
    page = visitor.open(path, session=session_of(as_chair), scripts=False).page

    page.get_by_label("People").focus()
    page.keyboard.type("Ada Example, University of Example")
    page.keyboard.press("Tab")
    press_by_key_without_scripts(page)
    page.get_by_role("button", name="Save").focus()
    press_by_key_without_scripts(page)

    assert Person.objects.get(name="Ada Example").affiliation == "University of Example"


def press_by_key_without_scripts(page) -> None:
    """Press Enter on the focused button, and wait for the next page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_pages_load_nothing_from_elsewhere(visitor, as_chair, edition):
    photos = f"/admin/people/person/photos/{edition.pk}/"
    as_chair.post(photos, {"photos": [upload(encoded(corners(), "JPEG"))]})
    group = edition.groups.get()
    visit = visitor.open(photos, session=session_of(as_chair))

    visit.assert_self_contained([photos, f"/admin/people/group/{group.pk}/paste/"])
