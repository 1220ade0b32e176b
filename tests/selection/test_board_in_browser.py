"""The decision board as a browser and axe see it: by keyboard alone, with scripts and without."""

import pytest
from playwright.sync_api import Page, expect

from apps.review.models import Review
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision
from tests.browser import press, violations
from tests.conftest import session_of
from tests.factories import make_call, make_current_edition, make_expression, make_topic, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2024")
    make_call(edition, talk_places=1, poster_places=1)
    return edition


@pytest.fixture
def cards(edition):
    """Three to decide, the best reviewed first, and one in each other column; one is pending."""
    topic = make_topic(edition, heading="Graphs and everything that hangs together by them")
    cards = [
        make_expression(edition, title=title, wants_poster=True, topics=[topic])
        for title in ("First work", HOSTILE, "Last work")
    ]
    for score, card in zip((5, 4, 2), cards, strict=True):
        Review.objects.create(expression=card, reviewer=make_user("Reviewer"), score=score)
    for state in ("accepted", "confirmed", "waitlisted", "declined", "withdrawn"):
        make_expression(edition, state=state)
    pending = make_expression(edition, title="Pending work" + "word" * 30)
    decide(expression=pending, verdict="accept", offer="talk", by=make_user("Chair", name="Bo"))
    return cards


def _board(edition) -> str:
    return f"/admin/selection/board/{edition.pk}/"


def expect_status(page: Page, words: str) -> None:
    expect(page.locator("#board-status")).to_contain_text(words)


def _pending(card) -> tuple[str, str]:
    return PendingDecision.objects.values_list("verdict", "offer").get(expression=card)


@pytest.mark.appearance
def test_the_board_is_accessible_and_fits_its_window(visitor, as_chair, edition, cards):
    visit = visitor.open(_board(edition), session=session_of(as_chair), bypass_csp=True)
    page = visit.page
    found = {}

    def look(name: str) -> None:
        found[name] = violations(page)

    for summary in page.locator(".board-tools summary").all():
        summary.click()
    look("board")
    visit.go(f"{_board(edition)}?column=to-decide&sort=oldest")
    look("one column")
    page.locator(".board-bulk summary").click()
    page.select_option("#board-choice", "both")
    page.select_option("#board-whom", "to-decide")
    press(page, "#board-bulk button")
    look("bulk")
    decide(expression=cards[0], verdict="decline", by=make_user("Chair", name="Cy"))
    press(page, "button.default")
    page.locator(".errornote").wait_for()
    look("refused")
    visit.go(f"/admin/interest/expression/{cards[0].pk}/change/")
    look("one")

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_board_obeys_the_content_policy(visitor, as_chair, edition, cards):
    visit = visitor.open(_board(edition), session=session_of(as_chair))

    visit.page.keyboard.press("j")
    visit.page.keyboard.press("d")
    expect_status(visit.page, "Pending: decline")

    assert visit.faults == []
    assert visit.foreign_urls() == []


def test_cards_are_decided_by_keyboard(visitor, as_chair, edition, cards):
    page = visitor.open(_board(edition), session=session_of(as_chair)).page
    focused = page.locator(":focus")

    page.keyboard.press("j")
    expect(focused).to_have_text("First work")
    page.keyboard.press("a")
    expect_status(
        page, "Pending: accept, lightning talk and poster. 2 of 1 talk, 2 pending: 3 too many"
    )
    expect(focused).to_have_text(HOSTILE)
    page.keyboard.press("w")
    expect_status(page, "Pending: waiting list.")
    expect(focused).to_have_text("Last work")
    page.keyboard.press("d")
    expect_status(page, "Pending: decline.")

    expect(focused).to_contain_text("To decide 0")
    expect(page.locator("#board-places")).to_contain_text("too many")
    expect(page.locator('[data-pending="declined"]')).to_have_text("1 pending")
    decided = [_pending(card) for card in cards]
    assert decided == [("accept", "both"), ("waitlist", ""), ("decline", "")]


def test_the_last_decision_is_taken_back_by_key_and_columns_are_crossed(
    visitor, as_chair, edition, cards
):
    page = visitor.open(_board(edition), session=session_of(as_chair)).page

    page.keyboard.press("j")
    page.keyboard.press("p")
    expect_status(page, "Pending: accept, poster.")
    page.keyboard.press("u")
    expect_status(page, "No decision is pending any more.")

    assert not PendingDecision.objects.filter(expression=cards[0]).exists()
    expect(page.locator(f'[data-column="to-decide"] #card-{cards[0].pk}')).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-column="accepted"] a:focus')).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("x")
    expect(page.locator(".board-bulk")).to_contain_text("(1 ticked)")


def test_single_keys_can_be_switched_off_and_stay_off(visitor, as_chair, edition, cards):
    visit = visitor.open(_board(edition), session=session_of(as_chair))
    page = visit.page

    page.locator(".board-keys summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect_status(page, "Single keys are off.")
    visit.go(_board(edition))
    page.locator(f"#title-{cards[0].pk}").focus()
    page.keyboard.press("d")
    page.keyboard.press("ArrowDown")

    expect(page.locator(":focus")).to_have_text(HOSTILE)
    assert PendingDecision.objects.count() == 1


def test_a_conflict_shows_the_card_as_it_is_now(visitor, as_chair, edition, cards):
    page = visitor.open(_board(edition), session=session_of(as_chair)).page
    decide(expression=cards[0], verdict="waitlist", by=make_user("Chair", name="Cy Colleague"))

    page.keyboard.press("j")
    page.keyboard.press("d")
    expect_status(
        page, "was changed meanwhile: it is submitted, pending “waiting list” by Cy Colleague."
    )

    card = page.locator(f'[data-column="waiting-list"] #card-{cards[0].pk}')
    expect(card).to_contain_text("Pending: waiting list")
    assert _pending(cards[0]) == ("waitlist", "")


def test_a_signed_out_chair_is_told(visitor, as_chair, edition, cards):
    page = visitor.open(_board(edition), session=session_of(as_chair)).page
    as_chair.logout()

    page.keyboard.press("j")
    page.keyboard.press("d")
    expect_status(page, "not saved")

    expect(page.locator(":focus")).to_have_text("First work")
    assert PendingDecision.objects.count() == 1


def test_the_board_works_without_scripts(visitor, as_chair, edition, cards):
    page = visitor.open(
        _board(edition), session=session_of(as_chair), scripts=False, width=320
    ).page

    page.locator(f"#card-{cards[0].pk}").get_by_role("button", name="Poster").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(".messagelist", has_text="Pending: accept, poster").wait_for()
    assert page.url.endswith(f"#card-{cards[0].pk}")
    for card in cards[1:]:
        page.locator(f"#card-{card.pk} input[type=checkbox]").focus()
        page.keyboard.press("Space")
    page.locator(".board-bulk summary").focus()
    page.keyboard.press("Enter")
    page.select_option("#board-choice", "decline")
    page.locator("#board-bulk button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Decline 2 entries").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    page.locator(".messagelist", has_text="Pending: decline 2 entries").wait_for()
    decided = [_pending(card) for card in cards]
    assert decided == [("accept", "poster"), ("decline", ""), ("decline", "")]
