"""The letters beside an expression: how each stands, why, and the press that mends it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.mail.models import DUE_LASTS, Letter
from tests.factories import make_call, make_current_edition, make_expression

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def expression():
    edition = make_current_edition()
    make_call(edition)
    return make_expression(edition, name="Ada Example", email="ada@example.net")


def _letter(expression, **fields) -> Letter:
    """The receipt, put into a state by hand."""
    letter = expression.letter_links.get().letter
    Letter.objects.filter(pk=letter.pk).update(**fields)
    letter.refresh_from_db()
    return letter


def _page(client, expression) -> str:
    return client.get(f"{LIST}{expression.pk}/change/").content.decode()


def _press(client, expression, letter, step: str):
    return client.post(f"{LIST}{expression.pk}/letters/{letter.pk}/{step}/", follow=True)


def _buttons(page: str) -> list[str]:
    beside = page.split('id="letters"')[1].split("</section>")[0]
    return [part.split(">")[-1] for part in beside.split('<span class="visually-hidden">')[:-1]]


UNCONFIRMED = {"state": "unconfirmed", "claimed_at": timezone.now()}
TOO_OLD = {"state": "queued", "due_at": timezone.now() - DUE_LASTS - timedelta(days=1)}
FAILED = {"state": "failed", "failure": f"550 no such {HOSTILE}"}


@pytest.mark.parametrize(
    ("fields", "words", "buttons"),
    [
        (FAILED, "Failed", ["Send again"]),
        (UNCONFIRMED, "In doubt", ["Send again", "It arrived"]),
        (TOO_OLD, "Too old to go out by itself", ["Send now", "Discard"]),
        ({"state": "queued"}, "Waiting to be sent", ["Discard"]),
        ({"state": "sent", "sent_at": timezone.now()}, "Sent", []),
        ({"state": "discarded"}, "Discarded", []),
        ({"state": "draft"}, "Draft", []),
    ],
    ids=["failed", "in doubt", "too old", "waiting", "sent", "discarded", "draft"],
)
def test_each_letter_says_how_it_stands_and_offers_what_helps(
    as_chair, expression, fields, words, buttons
):
    _letter(expression, **fields)

    page = _page(as_chair, expression)

    assert words in page
    assert _buttons(page) == buttons


def test_a_failure_is_told_and_hostile_answers_of_a_server_are_only_words(as_chair, expression):
    _letter(expression, **FAILED)

    page = _page(as_chair, expression)

    assert "550 no such &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert HOSTILE not in page


@pytest.mark.parametrize(
    ("fields", "step", "state"),
    [
        (FAILED, "again", "queued"),
        (UNCONFIRMED, "again", "queued"),
        (TOO_OLD, "again", "queued"),
        (UNCONFIRMED, "arrived", "sent"),
        (TOO_OLD, "discard", "discarded"),
    ],
    ids=["failed again", "in doubt again", "too old now", "arrived", "discarded"],
)
def test_a_press_decides_about_a_letter_and_leads_back_to_it(
    as_chair, expression, fields, step, state
):
    letter = _letter(expression, **fields)

    response = _press(as_chair, expression, letter, step)

    letter.refresh_from_db()
    assert (letter.state, letter.is_overdue) == (state, False)
    assert response.redirect_chain == [(f"{LIST}{expression.pk}/change/#letters", 302)]
    assert letter.subject in response.content.decode()


def test_a_second_press_changes_nothing_and_says_so(as_chair, expression):
    letter = _letter(expression, **TOO_OLD)
    _press(as_chair, expression, letter, "discard")

    response = _press(as_chair, expression, letter, "discard")

    assert [str(message) for message in response.context["messages"]] == [
        f"“{letter.subject}” is left alone: it stands otherwise by now."
    ]


def test_a_letter_is_decided_about_beside_its_own_expression_alone(as_chair, expression):
    letter = _letter(expression, **FAILED)
    other = make_expression(expression.edition)

    assert _press(as_chair, other, letter, "again").status_code == 404
    assert _press(as_chair, expression, letter, "burn").status_code == 404
    letter.refresh_from_db()
    assert letter.state == "failed"


def test_letters_are_the_chairs_alone(
    as_chair, as_helpdesk, as_reviewer, as_editor, as_stranger, client, expression
):
    letter = _letter(expression, **FAILED)

    for who in (as_helpdesk, as_reviewer):
        assert 'id="letters"' not in _page(who, expression)
    for who in (as_helpdesk, as_reviewer, as_editor, as_stranger, client):
        path = f"{LIST}{expression.pk}/letters/{letter.pk}/again/"
        assert who.post(path).status_code in {302, 403}
    assert as_chair.get(f"{LIST}{expression.pk}/letters/{letter.pk}/again/").status_code == 405
    letter.refresh_from_db()
    assert letter.state == "failed"


def test_other_letters_to_the_same_address_are_named(as_chair, expression):
    twin = make_expression(expression.edition, email="ada@example.net", title="Another")
    stranger = make_expression(expression.edition, email="bo@example.net")

    page = _page(as_chair, expression)

    others = page.split("Other letters to ada@example.net")[1].split("</section>")[0]
    assert twin.display_reference in others
    assert f"{LIST}{twin.pk}/change/" in others
    assert stranger.display_reference not in others
