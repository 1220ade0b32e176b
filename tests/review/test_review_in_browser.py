"""The reviewers' screens as a browser and axe see them, and by keyboard alone."""

import pytest

from apps.review.assignment import assign_to
from apps.review.committee import invite_reviewers
from apps.review.discussion import add_comment
from apps.review.models import Criterion, Review, Reviewer
from apps.review.reminders import draft_reminders
from apps.review.services import save_review
from tests.browser import violations
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_question,
    make_reviewer,
    make_topic,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/interest/expression/"


@pytest.fixture
def edition(reviewer):
    edition = make_current_edition(title="Workshop on Reviews")
    make_call(edition)
    make_reviewer(edition, reviewer)
    return edition


@pytest.fixture
def three(edition):
    """Oldest first, with everything a screen can show."""
    question = make_question(edition, label="Shown before?")
    topic = make_topic(edition, heading="Graphs")
    return [
        make_expression(
            edition,
            title=title,
            abstract="Words that go on. " * 60,
            topics=[topic],
            link="https://ada.example/",
            supervisor="Prof. Super",
            coauthors=[("Bo Helper", "Institute of Help")],
            answers={question: "No"},
        )
        for title in ("First of three", "Second of three", "Third of three")
    ]


def review_rows() -> list[tuple]:
    return list(Review.objects.order_by("pk").values_list("expression__title", "score", "remark"))


@pytest.mark.appearance
def test_the_screens_are_accessible_and_fit(visitor, as_reviewer, reviewer, three):
    save_review(expression=three[2], reviewer=reviewer, score=4, remark="Clear.")
    queue = f"/admin/review/queue/{three[0].edition_id}/"
    visit = visitor.open(queue, session=session_of(as_reviewer), bypass_csp=True)
    pages = (queue, f"{queue}mine/", f"{LIST}{three[2].pk}/change/", LIST)
    assert visit.violations_at(pages) == {}
    visit.go(queue)
    visit.page.get_by_role("button", name="Save and next").click()
    visit.page.locator(".errornote").wait_for()
    assert violations(visit.page) == []


@pytest.mark.usefixtures("three")
def test_a_queue_is_reviewed_by_keyboard(visitor, as_reviewer, edition):
    visit = visitor.open(f"/admin/review/queue/{edition.pk}/", session=session_of(as_reviewer))
    page = visit.page
    keys = page.keyboard

    def arrived(title: str) -> None:
        page.get_by_role("heading", level=1, name=title).wait_for()
        page.locator("[data-shortcuts]").wait_for()  # shown once the keys are listened to

    arrived("First of three")
    keys.press("s")
    arrived("Second of three")
    keys.press("2")
    keys.press("4")
    keys.press("r")
    keys.type("n 1 s: letters are letters here")
    keys.press("Escape")
    keys.press("n")
    arrived("Third of three")
    keys.press("0")
    keys.press("Enter")
    arrived("First of three")
    keys.press("5")
    keys.press("n")
    page.get_by_role("heading", name="You have reviewed all 3").wait_for()

    assert review_rows() == [
        ("Second of three", 4, "n 1 s: letters are letters here"),
        ("Third of three", None, ""),
        ("First of three", 5, ""),
    ]
    assert visit.faults == []


@pytest.mark.usefixtures("three")
def test_single_keys_can_be_switched_off(visitor, as_reviewer, edition):
    visit = visitor.open(f"/admin/review/queue/{edition.pk}/", session=session_of(as_reviewer))
    page = visit.page
    toggle = page.get_by_role("checkbox", name="Keys:")

    toggle.focus()
    page.keyboard.press("Space")
    page.keyboard.press("4")
    page.reload()
    page.keyboard.press("4")

    assert not toggle.is_checked()
    assert page.locator("input[name=verdict]:checked").count() == 0
    assert page.locator("kbd:visible").count() == 0


@pytest.mark.usefixtures("three")
def test_the_queue_works_without_scripts(visitor, as_reviewer, edition):
    page = visitor.open(
        f"/admin/review/queue/{edition.pk}/",
        session=session_of(as_reviewer),
        scripts=False,
        width=320,
    ).page

    page.locator("input[name=verdict]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("By hand.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Second of three").wait_for()

    assert review_rows() == [("First of three", 2, "By hand.")]
    assert page.locator("[data-shortcuts]:visible").count() == 0


@pytest.mark.appearance
def test_the_pages_of_the_committee_are_accessible_and_fit(
    visitor, as_chair, chair, edition, reviewer, three
):
    row = Reviewer.objects.get(user=reviewer)
    Criterion.objects.create(edition=edition, label="Novelty", weight=2, description="Is it new?")
    assign_to(reviewer=row, expressions=three)
    for user, score in ((reviewer, 1), (chair, 5)):
        save_review(expression=three[0], reviewer=user, score=score)
    add_comment(expression=three[0], author=chair, text="Why so low? " * 20)
    invite_reviewers(edition=edition, emails=["a.long.address@department.example.org"], by=chair)
    draft_reminders(edition=edition)
    pages = [
        *(f"/admin/review/{page}/{edition.pk}/" for page in ("assign", "invite", "progress")),
        f"/admin/review/reminders/{edition.pk}/",
        f"/admin/review/reviewers/{row.pk}/",
        f"/admin/review/expressions/{three[1].pk}/reviewers/",
        f"/admin/review/{three[1].pk}/",
        f"{LIST}{three[0].pk}/change/",
        f"/admin/editions/edition/{edition.pk}/review/",
    ]

    visit = visitor.open(pages[0], session=session_of(as_chair), bypass_csp=True)

    assert visit.violations_at(tuple(pages)) == {}
    visit.go(f"/admin/review/invite/{edition.pk}/")
    visit.page.get_by_label("Addresses").fill("new@example.org\nreviewer@example.org")
    visit.page.get_by_role("button", name="Check the addresses").click()
    visit.page.get_by_role("button", name="Send 1 email").wait_for()
    assert violations(visit.page) == []
