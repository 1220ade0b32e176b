"""The letters' pages as a browser and axe see them."""

import pytest

from tests.browser import violations
from tests.conftest import session_of
from tests.mail.test_admin import LIST, make_unconfirmed, page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.appearance
def test_the_letter_pages_are_accessible(visitor, as_chair):
    letter = make_unconfirmed(body_text="A long line " * 40, body_html="<h2>Words</h2><p>Ada</p>")
    session = session_of(as_chair)

    for path in (LIST, page_of(letter), f"{LIST}{letter.pk}/conversation/"):
        visit = visitor.open(path, session=session, bypass_csp=True)

        assert violations(visit.page) == []
        assert visitor.open(path, session=session).faults == []


def test_an_unconfirmed_letter_is_decided_by_keyboard(visitor, as_chair):
    letter = make_unconfirmed()
    visit = visitor.open(page_of(letter), session=session_of(as_chair), scripts=False)

    visit.page.get_by_role("button", name="It arrived").focus()
    visit.page.keyboard.press("Enter")

    visit.page.get_by_text("1 email: is marked as sent.").wait_for()
    letter.refresh_from_db()
    assert letter.state == "sent"
