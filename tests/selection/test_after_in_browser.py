"""The first screen, the waiting list and letters to many as a browser and axe see them, by keyboard."""

import pytest

from apps.interest.models import Expression
from apps.mail.models import Letter, Mailing
from tests.browser import press, press_by_key, violations
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_deadline,
    make_expression,
    put_in_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/interest/expression/"


@pytest.fixture
def edition(settings):
    """A talk place is left, one waits for it, an offer had no reply, a letter failed."""
    settings.HAS_MAIL = False
    edition = make_current_edition(
        slug="2030", title="Workshop on Examples", contact_email="desk@example.org"
    )
    make_call(edition, talk_places=3, poster_places=2)
    make_deadline(edition, title="Far off", due_on="2130-05-03")
    for state in ("submitted", "waitlisted", "confirmed", "accepted"):
        expression = make_expression(
            edition,
            name=f"Ada {state.capitalize()}",
            title=f"A title as long as titles of students are, {state}",
            wants_poster=True,
            preference="either",
        )
        if state != "submitted":
            put_in_state(expression, state)
    Expression.objects.filter(state="accepted").update(reply_by_on="2001-01-01")
    first = Letter.objects.order_by("pk")[0]
    Letter.objects.filter(pk=first.pk).update(state=Letter.State.FAILED, failure="550 nobody here")
    return edition


def _one(state: str) -> Expression:
    return Expression.objects.get(state=state)


@pytest.mark.appearance
def test_the_screens_are_accessible_and_fit(visitor, as_chair, edition):
    found = {}
    visit = visitor.open("/admin/", session=session_of(as_chair), bypass_csp=True)
    page = visit.page

    def look(name: str) -> None:
        found[name] = violations(page)

    look("first screen")
    for path in (
        f"/admin/selection/waiting-list/{edition.pk}/",
        f"/admin/selection/lapse/{edition.pk}/",
        f"{LIST}{_one('submitted').pk}/change/",
        "/admin/selection/write/",
    ):
        visit.go(path)
        look(path)
    page.locator("#id_subject").fill("Hello")
    page.locator("#id_body").fill("Hello {nmae}")
    press(page, "button[name=look]")
    look("refused words")
    page.locator("#id_body").fill("Hello {name}")
    press(page, "button[name=look]")
    look("confirmation")
    press(page, "button[name=send]")
    look("mailing")
    visit.go("/admin/mail/mailing/")
    look("mailings")

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_pages_obey_the_content_policy(visitor, as_chair, edition):
    visit = visitor.open("/admin/", session=session_of(as_chair))
    waiting_list = f"/admin/selection/waiting-list/{edition.pk}/"
    visit.assert_self_contained(["/admin/", waiting_list, "/admin/selection/write/"])


def test_a_free_place_is_offered_by_keyboard_from_the_first_screen(visitor, as_chair, edition):
    waiting = _one("waitlisted")
    page = visitor.open("/admin/", session=session_of(as_chair), scripts=False).page

    press_by_key(page, "Offer it")
    press_by_key(page, "Offer it")
    shown = page.locator(".letter-preview pre").text_content() or ""
    press_by_key(page, "Release this decision")

    waiting.refresh_from_db()
    letter = Letter.objects.get(kind="interest/offer_talk")
    assert (waiting.state, waiting.offer) == ("accepted", "talk")
    assert shown.split() == letter.body_text.split()
    assert "1 decision released." in page.locator(".messagelist").inner_text()


def test_a_failed_letter_is_sent_again_by_keyboard(visitor, as_chair, edition):
    failed = Letter.objects.get(state=Letter.State.FAILED)
    one = failed.expression_link.expression
    page = visitor.open(f"{LIST}{one.pk}/change/", session=session_of(as_chair), scripts=False).page

    press_by_key(page, "Send again")

    failed.refresh_from_db()
    assert failed.state == "queued"


def test_many_are_written_to_by_keyboard(visitor, as_chair, edition):
    page = visitor.open(
        f"{LIST}?edition__id__exact={edition.pk}&state__exact=confirmed",
        session=session_of(as_chair),
        scripts=False,
    ).page

    press_by_key(page, "Write to these 1")
    page.locator("#id_subject").focus()
    page.keyboard.type("Rooms")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello {name}, bring a poster.")
    press_by_key(page, "Continue")
    asked = page.locator("#content-main").inner_text()
    press_by_key(page, "Send 1 email")

    assert "To 1 entry." in asked
    assert "State: Confirmed" in asked
    letter = Mailing.objects.get().letters.get()
    assert letter.to_name == "Ada Confirmed"
    assert "Hello Ada Confirmed, bring a poster." in letter.body_text


def test_the_preview_follows_what_is_typed(visitor, as_chair, edition):
    visit = visitor.open("/admin/selection/write/", session=session_of(as_chair))
    page = visit.page

    page.locator("#id_body").fill("Dear {name}!")
    page.locator("#letter-preview", has_text="Dear Ada Submitted!").wait_for()

    assert visit.faults == []
    assert Mailing.objects.count() == 0
