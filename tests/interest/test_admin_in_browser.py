"""The admin of expressions in a browser: accessible, without external requests, by keyboard."""

import pytest

from apps.interest.models import Question
from tests.browser import violations
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_question,
    make_topic,
    put_in_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/interest/expression/"


@pytest.fixture
def ada():
    """Accepted, with every field filled in; the list also has a rehearsal."""
    edition = make_current_edition(slug="2024", contact_email="desk@example.org")
    make_call(edition, text="Send **words**.")
    questions = [make_question(edition, label=f"{name}?") for name in ("Alpha", "Beta", "Gamma")]
    expression = make_expression(
        edition,
        name="Ada Example",
        title="A title as long as titles of students sometimes are",
        abstract="Words. " * 200,
        link="https://ada.example/",
        wants_poster=True,
        topics=[make_topic(edition, heading="Graphs")],
        coauthors=[("Bo Helper", "Institute of Help")],
        answers={questions[0]: "Yes"},
    )
    put_in_state(expression, "accepted")
    expression.notes.create(text="Overlaps with the keynote.")
    make_expression(edition, is_test=True, is_late=True)
    return expression


def _pages(ada) -> list[str]:
    one = f"{LIST}{ada.pk}/"
    return [
        "/admin/",
        LIST,
        f"{LIST}?q=unknown",
        f"{one}change/",
        *(f"{one}move/{action}/" for action in ("confirm", "withdraw")),
        f"{one}address/",
        f"{one}end-links/",
        f"{one}erase/",
        f"{one}as-student/",
        f"{one}notes/{ada.notes.get().pk}/",
        f"{LIST}rehearsals/{ada.edition_id}/",
        "/admin/interest/accesslink/",
        "/admin/interest/accesslink/add/",
        f"/admin/editions/edition/{ada.edition_id}/call/",
    ]


@pytest.mark.appearance
def test_the_screens_are_accessible_and_load_nothing_external(visitor, as_chair, ada):
    visit = visitor.open("/admin/", session=session_of(as_chair), bypass_csp=True)
    assert visit.violations_at(_pages(ada)) == {}
    visit.go(f"{LIST}{ada.pk}/address/")
    visit.page.locator("#id_email").fill("invalid")
    visit.page.keyboard.press("Enter")
    visit.page.locator(".errornote").wait_for()
    assert violations(visit.page) == []

    visit = visitor.open("/admin/", session=session_of(as_chair))
    visit.assert_self_contained(_pages(ada))


def test_an_offer_is_confirmed_by_keyboard_without_scripts(visitor, as_chair, ada):
    page = visitor.open(
        f"{LIST}{ada.pk}/change/", session=session_of(as_chair), scripts=False, width=320
    ).page

    page.get_by_role("link", name="Confirm the offer").focus()
    page.keyboard.press("Enter")
    page.locator("input[name=confirmed_format]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Confirm the offer").focus()
    page.keyboard.press("Enter")

    page.locator(".messagelist", has_text="confirmed.").wait_for()
    ada.refresh_from_db()
    assert (ada.state, ada.confirmed_format) == ("confirmed", "talk")


def test_questions_are_reordered_by_keyboard(visitor, as_chair, ada):
    page = visitor.open(
        f"/admin/editions/edition/{ada.edition_id}/call/", session=session_of(as_chair)
    ).page

    page.locator("#questions-group tr.has_original").nth(2).get_by_role(
        "button", name="Move up"
    ).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    status = page.locator("p[role=status]").inner_text()
    page.locator("input[name=_save]").first.click()
    page.locator(".messagelist").wait_for()

    assert status == "Gamma?: moved to place 1 of 3. Save to keep it."
    assert [question.label for question in Question.objects.all()] == ["Gamma?", "Alpha?", "Beta?"]


def test_the_text_of_the_call_is_previewed(visitor, as_chair, ada):
    visit = visitor.open(
        f"/admin/editions/edition/{ada.edition_id}/call/", session=session_of(as_chair)
    )

    visit.page.locator("#call-group").get_by_role("button", name="Preview").click()
    visit.page.locator("#call-group .markdown-preview strong", has_text="words").wait_for()

    assert visit.faults == []


def test_an_export_is_downloaded(visitor, as_chair, ada):
    page = visitor.open(LIST, session=session_of(as_chair)).page

    with page.expect_download() as download:
        page.get_by_role("button", name="Export this list as CSV").click()

    assert download.value.suggested_filename.endswith(".csv")
