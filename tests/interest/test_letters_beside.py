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


@pytest.mark.parametrize(
    ("fields", "status", "buttons"),
    [
        (FAILED, "550 no such &lt;script&gt;alert(1)&lt;/script&gt;", ["Send again"]),
        (UNCONFIRMED, "In doubt", ["Send again", "It arrived"]),
        (TOO_OLD, "Too old to be sent automatically", ["Send now", "Discard"]),
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


def test_only_chairs_see_letters(as_helpdesk, as_reviewer, expression):
    for who in (as_helpdesk, as_reviewer):
        assert 'id="letters"' not in _page(who, expression)


def test_other_expressions_with_the_same_address_are_linked(as_chair, expression):
    twin = make_expression(expression.edition, email="ada@example.net", title="Another")
    stranger = make_expression(expression.edition, email="bo@example.net")

    page = _page(as_chair, expression)

    others = page.split("Other emails to ada@example.net")[1].split("</section>")[0]
    assert twin.display_reference in others
    assert f"{LIST}{twin.pk}/change/" in others
    assert stranger.display_reference not in others
