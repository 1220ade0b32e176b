"""A reviewer and two chairs decide about the demo by keyboard alone, in three windows.

Students decline by the links of their letters, and the places go to the waiting list. Axe checks
each screen once.
"""

import re
from collections import Counter
from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.ops.demo import build_demo
from apps.review.models import Review
from apps.selection.capacity import capacity_of
from apps.selection.models import PendingDecision
from tests.browser import LOOKS, Visit, press_by_key, tab_to, violations
from tests.conftest import session_of
from tests.factories import make_reviewer, make_user
from tests.mail.post_office import PostOffice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BACKEND = "django.contrib.auth.backends.ModelBackend"
# They fill the 4 lightning talks and 3 posters that are left.
TALKS = ("72F-KC9", "W9C-3C2", "36V-QCF", "V98-XCH")
POSTERS = ("9WM-HC8", "545-PCC", "X7J-VCG")
WAITING = ("MHP-4FK",)
KEYS = {**dict.fromkeys(TALKS, "t"), **dict.fromkeys(POSTERS, "p"), **dict.fromkeys(WAITING, "w")}


@pytest.fixture
def edition(settings, live_server, tmp_path, post_office):
    """The demo with links to the test's server, all letters sent."""
    settings.SITE_URL = live_server.url
    settings.DATA_DIR = tmp_path
    build_demo()
    call_command("send_letters", verbosity=0)
    post_office.arrived.clear()
    return Edition.objects.get()


@pytest.fixture
def as_second_chair() -> Client:
    client = Client()
    client.force_login(make_user("Chair", email="ben@example.org", name="Ben Holloway"), BACKEND)
    return client


@pytest.fixture
def look():
    """Checks a screen with axe as its window shows it; asserts at the end."""
    faults: dict[str, list[str]] = {}

    def at(visit: Visit, screen: str) -> None:
        size = visit.page.viewport_size
        assert size
        faults[screen] = violations(
            visit.page, [look for look in LOOKS if look[0] == size["width"]]
        )

    yield at
    assert {screen: lines for screen, lines in faults.items() if lines} == {}


def _send_letters(post_office: PostOffice) -> dict[str, EmailMessage]:
    """Send what is due; the letters by recipient, one each."""
    post_office.arrived.clear()
    call_command("send_letters", verbosity=0)
    arrived = {letter["To"].addresses[0].addr_spec: letter for letter in post_office.arrived}
    assert len(arrived) == len(post_office.arrived)
    return arrived


def _expression(reference: str) -> Expression:
    return Expression.objects.get(reference=reference.replace("-", ""))


def _message(page: Page, text: str) -> Locator:
    """Wait for this message."""
    message = page.locator(".messagelist", has_text=text)
    message.wait_for()
    return message


def _review_six(visit: Visit, look) -> None:
    page = visit.page
    look(visit, "a reviewer's first screen")
    press_by_key(page, "18 to review")
    look(visit, "review")
    for number, key in enumerate("435120"):
        expect(page.locator(".review-progress label")).to_have_text(f"{number} of 18 reviewed")
        page.locator("[data-shortcuts]").wait_for()  # shown once the script runs
        if number == 0:
            page.keyboard.press("r")
            page.keyboard.type("Clear numbers.")
            page.keyboard.press("Escape")
        page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press("n")
    expect(page.locator(".review-progress label")).to_have_text("6 of 18 reviewed")


def _decide_by_key(visit: Visit, look) -> None:
    page = visit.page
    look(visit, "a chair's first screen")
    press_by_key(page, "13 to decide")
    look(visit, "board")
    status, to_decide = page.locator("#board-status"), page.locator('h2 [data-count="to-decide"]')
    page.keyboard.press("j")
    for left in range(12, -1, -1):
        card = page.locator(".board-card:focus-within")
        reference = card.get_attribute("data-reference") or ""
        if key := KEYS.get(reference):
            page.keyboard.press(key)
            expect(status).to_contain_text(reference)
        elif left:
            page.keyboard.press("j")
    expect(to_decide).to_have_text("5")
    expect(page.locator("#board-places")).to_contain_text("6 of 12 talks, 6 pending")
    expect(page.locator("#board-places")).to_contain_text("5 of 10 posters, 5 pending")


def _meet_the_decision_of_a_colleague(page: Page, card: Expression) -> None:
    """On a board that was opened before the decision."""
    page.keyboard.press("j")
    while page.locator(f"#card-{card.pk}:focus-within").count() == 0:
        page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator("#board-status")).to_contain_text("was changed meanwhile")


def _decline_the_rest(visit: Visit, edition: Edition, look) -> None:
    page = visit.page
    visit.go(f"/admin/selection/board/{edition.pk}/")
    tab_to(page, "Decide several")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Decline")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # all of the first column
    press_by_key(page, "Continue")
    look(visit, "the page before many are decided")
    press_by_key(page, "Decline 5 entries")
    _message(page, "Pending: decline 5 entries")


def _draft_and_edit_letters(visit: Visit, look) -> None:
    page = visit.page
    visit.go("/admin/")
    press_by_key(page, "18 decisions made, not released")
    press_by_key(page, "Draft the emails")
    _message(page, "18 emails drafted. Nothing was sent.")
    look(visit, "letters and release")
    press_by_key(page, "We offer you a lightning talk at Frugal ML – 72F-KC9")
    look(visit, "one letter")
    tab_to(page, "Subject")
    page.keyboard.press("End")
    page.keyboard.type(", in the first round")
    press_by_key(page, "Save this email")
    _message(page, "Saved. This email now has its own text.")


def _decline_the_offer(visitor, letter: EmailMessage, look=None) -> None:
    part = letter.get_body(("plain",))
    assert part is not None
    link = re.search(r"http://\S+?(/\S+/interest/link/\S+)", part.get_content())
    assert link
    visit = visitor.open(link[1], width=320, bypass_csp=True)
    press_by_key(visit.page, "Open my page")
    if look:
        look(visit, "the student's page with an offer")
    press_by_key(visit.page, "Decline")
    if look:
        look(visit, "the page before declining")
    press_by_key(visit.page, "Decline the offer")
    visit.page.get_by_text("Thank you for telling us. Your place will be offered").first.wait_for()


def _offer_place(visit: Visit, kind: str, reference: str, look=None) -> None:
    """From the first screen over the waiting list to the letter, which is read and released."""
    page = visit.page
    visit.go("/admin/")
    press_by_key(page, f"Offer it: {kind} place left")
    press_by_key(page, f"Offer it to {reference}")
    if look:
        look(visit, "a place for the waiting list")
    press_by_key(page, "Release this decision")
    _message(page, "1 decision released.")


def test_forty_expressions_are_decided_by_three_people_and_two_places_filled_again(
    visitor, edition, post_office, as_reviewer, reviewer, as_chair, as_second_chair, look
):
    make_reviewer(edition, reviewer)
    rena = visitor.open("/admin/", width=320, session=session_of(as_reviewer), bypass_csp=True)
    una = visitor.open("/admin/", session=session_of(as_chair), bypass_csp=True)
    ben = visitor.open(
        f"/admin/selection/board/{edition.pk}/",
        width=320,
        session=session_of(as_second_chair),
        bypass_csp=True,
    )

    _review_six(rena, look)
    _decide_by_key(una, look)
    _meet_the_decision_of_a_colleague(ben.page, _expression(TALKS[0]))
    _decline_the_rest(ben, edition, look)
    _draft_and_edit_letters(una, look)
    ben.go(f"/admin/selection/release/{edition.pk}/")
    press_by_key(una.page, "Release decisions")
    for window in (una, ben):
        press_by_key(window.page, "Release 18 decisions")
    look(ben, "the page before a release")
    press_by_key(una.page, "Release 18 decisions")
    _message(una.page, "18 decisions released.")
    press_by_key(ben.page, "Release 18 decisions")
    _message(ben.page, "18 no longer there: released, discarded or taken back.")

    letters = _send_letters(post_office)
    subjects = Counter(
        str(letter["Subject"]).strip().split(" – ")[0] for letter in letters.values()
    )
    assert subjects == {
        "We offer you a lightning talk at Frugal ML": 5,
        "We offer you a poster at Frugal ML": 4,
        "We offer you a lightning talk and a poster at Frugal ML": 1,
        "You are on the waiting list of Frugal ML": 2,
        "Our decision about your proposal for Frugal ML": 6,
    }
    assert letters[_expression("72F-KC9").email]["Subject"].endswith("72F-KC9, in the first round")
    scores = Review.objects.filter(reviewer=reviewer).order_by("pk").values_list("score", flat=True)
    assert list(scores) == [4, 3, 5, 1, 2, None]
    assert not PendingDecision.objects.exists()
    assert capacity_of(edition).in_words == "12 of 12 talks; 10 of 10 posters"

    declined = [_expression(TALKS[1]), _expression(POSTERS[1])]
    _decline_the_offer(visitor, letters[declined[0].email], look)
    _decline_the_offer(visitor, letters[declined[1].email])
    _send_letters(post_office)
    una.go("/admin/")
    look(una, "a chair's first screen with places free")
    _offer_place(una, "lightning-talk", "HP7-CC6", look)
    _offer_place(ben, "poster", "MHP-4FK")

    filled = _send_letters(post_office)
    assert {email: str(letter["Subject"]).strip() for email, letter in filled.items()} == {
        _expression("HP7-CC6").email: "We offer you a lightning talk at Frugal ML – HP7-CC6",
        _expression("MHP-4FK").email: "We offer you a poster at Frugal ML – MHP-4FK",
    }
    for expression in declined:
        expression.refresh_from_db()
        assert expression.state == "offer_declined"
    assert capacity_of(edition).in_words == "12 of 12 talks; 10 of 10 posters"
    for visit in (una, ben, rena):
        assert visit.faults == []
