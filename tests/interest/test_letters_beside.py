"""Letters on the page of an expression in the admin: their status, and buttons to act on them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.mail.models import DUE_LASTS, Letter
from tests.factories import make_call, make_current_edition, make_expression

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
UNCONFIRMED = {"state": "unconfirmed", "claimed_at": timezone.now()}
TOO_OLD = {"state": "queued", "due_at": timezone.now() - DUE_LASTS - timedelta(days=1)}
FAILED = {"state": "failed", "failure": "550 no such <script>alert(1)</script>"}


@pytest.fixture
def expression():
    edition = make_current_edition()
    make_call(edition)
    return make_expression(edition, name="Ada Example", email="ada@example.net")


@pytest.fixture
def letter(expression) -> Letter:
    """The receipt."""
    return expression.letter_links.get().letter


def _set(letter: Letter, **fields) -> None:
    Letter.objects.filter(pk=letter.pk).update(**fields)
    letter.refresh_from_db()


def _page(client, expression) -> str:
    return client.get(f"{LIST}{expression.pk}/change/").content.decode()


def _path(expression, letter, step: str) -> str:
    return f"{LIST}{expression.pk}/letters/{letter.pk}/{step}/"


@pytest.mark.parametrize(
    ("fields", "status", "buttons"),
    [
        (FAILED, "550 no such &lt;script&gt;alert(1)&lt;/script&gt;", ["Send again"]),
        (UNCONFIRMED, "In doubt", ["Send again", "It arrived"]),
        (TOO_OLD, "Too old to go out by itself", ["Send now", "Discard"]),
        ({"state": "queued"}, "Waiting to be sent", ["Discard"]),
        ({"state": "sent", "sent_at": timezone.now()}, "Sent", []),
        ({"state": "discarded"}, "Discarded", []),
        ({"state": "draft"}, "Draft", []),
    ],
    ids=["failed", "unconfirmed", "too old", "queued", "sent", "discarded", "draft"],
)
def test_each_letter_has_its_status_and_buttons(
    as_chair, expression, letter, fields, status, buttons
):
    _set(letter, **fields)

    page = _page(as_chair, expression)

    section = page.split('id="letters"')[1].split("</section>")[0]
    parts = section.split('<span class="visually-hidden">')[:-1]
    assert status in section
    assert "<script>alert" not in page
    assert [part.split(">")[-1] for part in parts] == buttons


@pytest.mark.parametrize(
    ("fields", "step", "state"),
    [
        (FAILED, "again", "queued"),
        (UNCONFIRMED, "again", "queued"),
        (TOO_OLD, "again", "queued"),
        (UNCONFIRMED, "arrived", "sent"),
        (TOO_OLD, "discard", "discarded"),
    ],
)
def test_a_button_acts_once_and_leads_back_to_the_letters(
    as_chair, expression, letter, fields, step, state
):
    _set(letter, **fields)

    response = as_chair.post(_path(expression, letter, step), follow=True)
    again = as_chair.post(_path(expression, letter, "arrived"), follow=True)

    letter.refresh_from_db()
    assert (letter.state, letter.is_overdue) == (state, False)
    assert response.redirect_chain == [(f"{LIST}{expression.pk}/change/#letters", 302)]
    assert letter.subject in response.content.decode()
    assert [str(message) for message in again.context["messages"]] == [
        f"“{letter.subject}” is left alone: it stands otherwise by now."
    ]


def test_a_letter_is_found_under_its_own_expression_only(as_chair, expression, letter):
    _set(letter, **FAILED)
    other = make_expression(expression.edition)

    assert as_chair.post(_path(other, letter, "again")).status_code == 404
    assert as_chair.post(_path(expression, letter, "burn")).status_code == 404
    letter.refresh_from_db()
    assert letter.state == "failed"


def test_only_chairs_see_and_resend_letters(
    as_chair, as_helpdesk, as_reviewer, as_editor, as_stranger, client, expression, letter
):
    _set(letter, **FAILED)
    path = _path(expression, letter, "again")

    for who in (as_helpdesk, as_reviewer):
        assert 'id="letters"' not in _page(who, expression)
    for who in (as_helpdesk, as_reviewer, as_editor, as_stranger, client):
        assert who.post(path).status_code in {302, 403}
    assert as_chair.get(path).status_code == 405
    letter.refresh_from_db()
    assert letter.state == "failed"


def test_other_expressions_with_the_same_address_are_linked(as_chair, expression):
    twin = make_expression(expression.edition, email="ada@example.net", title="Another")
    stranger = make_expression(expression.edition, email="bo@example.net")

    page = _page(as_chair, expression)

    others = page.split("Other letters to ada@example.net")[1].split("</section>")[0]
    assert twin.display_reference in others
    assert f"{LIST}{twin.pk}/change/" in others
    assert stranger.display_reference not in others
