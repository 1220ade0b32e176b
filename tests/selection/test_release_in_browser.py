"""Drafts, texts and the release as a browser and axe see them, and by keyboard alone."""

import pytest

from apps.interest.services import correct_address
from apps.mail.drafts import hold
from apps.mail.models import Letter, LetterText
from apps.selection.decisions import decide, draft_decision_letters
from apps.selection.models import PendingDecision
from tests.browser import press, violations
from tests.conftest import session_of
from tests.factories import make_call, make_current_edition, make_expression

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = "/admin/selection"


@pytest.fixture
def edition(chair):
    """Three decisions: one ready, one held back, one whose student corrected it since."""
    edition = make_current_edition(slug="2024", contact_email="desk@example.org")
    make_call(edition, talk_places=1)
    decisions = [
        decide(
            expression=make_expression(
                edition, name=name, email="ada@example.org", is_test=is_test
            ),
            verdict="accept",
            offer="talk",
            by=chair,
        )
        for name, is_test in (("Ada Example", False), ("Bo Helper", True), ("Cy Sample", False))
    ]
    draft_decision_letters(edition=edition)
    hold(draft=decisions[1], is_held=True)
    correct_address(expression=decisions[2].expression, email="cy@example.org")
    return edition


def paths(edition) -> list[str]:
    first = PendingDecision.objects.first()
    assert first is not None
    return [
        f"{HERE}/release/{edition.pk}/",
        f"{HERE}/release/{edition.pk}/now/",
        f"{HERE}/release/{edition.pk}/{first.pk}/",
        f"{HERE}/texts/{edition.pk}/",
        f"{HERE}/texts/{edition.pk}/interest/offer_talk/",
    ]


@pytest.mark.appearance
def test_the_pages_are_accessible_and_fit_their_window(visitor, as_chair, edition):
    visit = visitor.open("/admin/", session=session_of(as_chair), bypass_csp=True)
    assert visit.violations_at(paths(edition)) == {}
    visit.page.locator("#id_body").fill("{nmae}")
    press(visit.page, visit.page.get_by_role("button", name="Save"))
    assert violations(visit.page) == []


def test_the_pages_obey_the_content_policy(visitor, as_chair, edition):
    visit = visitor.open("/admin/", session=session_of(as_chair))
    visit.assert_self_contained(paths(edition))


def test_decisions_are_drafted_edited_and_released_by_keyboard_without_scripts(
    visitor, as_chair, edition
):
    page = visitor.open(
        f"{HERE}/release/{edition.pk}/", session=session_of(as_chair), scripts=False, width=320
    ).page

    def enter(role, name):
        page.get_by_role(role, name=name).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")

    enter("button", "Draft the emails")
    page.locator(".messagelist", has_text="1 email drafted.").wait_for()
    enter("link", "We offer you a lightning talk")
    page.locator("#id_subject").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("For {name}")
    enter("button", "Save this email")
    page.locator(".messagelist", has_text="Saved.").wait_for()
    enter("link", "Release decisions")
    enter("link", "Release 2 decisions")
    enter("button", "Release 2 decisions")

    page.locator(".messagelist", has_text="2 decisions released.").wait_for()
    letters = Letter.objects.filter(kind="interest/offer_talk").order_by("pk")
    assert [letter.state for letter in letters] == ["queued", "draft", "queued"]
    assert letters[0].subject == "For Ada Example"


def test_placeholders_are_inserted_and_previewed_while_typing(visitor, as_chair, edition):
    visit = visitor.open(
        f"{HERE}/texts/{edition.pk}/interest/offer_talk/", session=session_of(as_chair)
    )
    page = visit.page

    page.locator("#id_body").fill("Dear ")
    page.get_by_role("button", name="Insert name").focus()
    page.keyboard.press("Enter")
    page.locator(".letter-preview .letter-page p", has_text="Dear Ada Example").wait_for()
    page.keyboard.type(" {nmae}")
    page.locator(".letter-preview .errornote", has_text="Did you mean {name}?").wait_for()
    for _ in " {nmae}":
        page.keyboard.press("Backspace")
    press(page, page.get_by_role("button", name="Save"))

    page.locator(".messagelist", has_text="is saved.").wait_for()
    assert LetterText.objects.get().body == "Dear {name}"
    assert visit.faults == []
