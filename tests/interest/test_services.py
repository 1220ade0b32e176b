"""Services on expressions: each change is made once, with its log entry and its letters."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models.signals import pre_save
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest.attendee_details import confirm_offer
from apps.interest.models import Event, Expression, Question, StudentLink
from apps.interest.services import (
    correct_address,
    correct_expression,
    erase_expression,
    move,
    resend_link,
    revoke_links,
)
from apps.interest.submission import submit_expression
from apps.interest.workflow import Action, Actor, State
from apps.mail.models import Letter
from tests.factories import make_call, make_edition, make_link, make_question, make_topic
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Ada Example",
    "email": "ada@example.org",
    "university": "University of Example",
    "wants_talk": True,
    "wants_poster": True,
    "preference": "talk",
    "title": "Small Things",
    "abstract": "They are small.",
}
NEEDS = {"can_attend": True, "technical_needs": "HDMI", "access_needs": "A ramp", "diet": "Vegan"}
RECEIPT = [("receipt", "ada@example.org"), ("notice", "chairs@example.org")]


@pytest.fixture
def edition(db) -> Edition:
    edition = make_edition(slug="2031", year=2031, contact_email="chairs@example.org")
    make_call(edition)
    return edition


@pytest.fixture
def expression(edition) -> Expression:
    return _submit(edition)


@pytest.fixture
def question(edition) -> Question:
    return make_question(edition, label="How small?")


def _submit(edition: Edition, title: str = "Small Things", **parts: Any) -> Expression:
    fields = FIELDS | {"title": title} | parts.pop("fields", {})
    return submit_expression(edition=edition, fields=fields, **{"topics": [], **parts})[0]


def _correct(expression: Expression, title: str, **parts: Any) -> Expression:
    parts = {"topics": [], "coauthors": [], "answers": {}} | parts
    fields = FIELDS | {"title": title, "email": "ignored@example.org"}
    return correct_expression(expression=expression, version=1, fields=fields, **parts)


def _letters() -> list[tuple[str, str]]:
    """Kind and address of every letter, oldest first."""
    rows = Letter.objects.order_by("pk").values_list("kind", "to_email")
    return [(kind.removeprefix("interest/"), email) for kind, email in rows]


def _log(expression: Expression) -> list[tuple[str, str, str]]:
    return list(expression.events.order_by("pk").values_list("what", "from_state", "to_state"))


def _move_as_chair(expression: Expression, action: Action, by, **details: Any) -> Expression:
    return move(expression=expression, action=action, actor=Actor.CHAIR, by=by, **details)


def _withdraw(expression: Expression) -> None:
    move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)


# Submission


def test_a_submission_is_stored_with_all_its_parts(edition, question):
    atoms, quarks = make_topic(edition), make_topic(edition)

    expression, is_new, _ = submit_expression(
        edition=edition,
        fields=FIELDS | {"email": " ada@example.org ", "title": " Small Things "},
        topics=[quarks, atoms],
        coauthors=[("Bo", "Elsewhere"), ("Cy", "")],
        answers={question: "Very"},
    )

    expression.refresh_from_db()
    assert is_new
    assert (expression.state, expression.version) == (State.SUBMITTED, 1)
    assert (expression.is_late, expression.is_test) == (False, False)
    assert (expression.email, expression.title) == ("ada@example.org", "Small Things")
    assert set(expression.topics.all()) == {atoms, quarks}
    assert [str(coauthor) for coauthor in expression.coauthors.all()] == ["Bo (Elsewhere)", "Cy"]
    assert list(expression.answers.values_list("question", "text")) == [(question.pk, "Very")]
    assert _log(expression) == [("Submitted", "", "submitted")]
    assert _letters() == RECEIPT
    assert expression.letter_links.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "  small   THINGS "},
        {"email": "ADA@example.org"},
        {"abstract": "Other words.", "name": "A. Example"},
    ],
)
def test_the_same_address_and_title_again_is_the_same_expression(changes, edition, expression):
    again, is_new, _ = submit_expression(edition=edition, fields=FIELDS | changes, topics=[])

    assert (again, is_new) == (expression, False)
    assert Expression.objects.get().abstract == "They are small."
    assert _letters() == RECEIPT
    assert len(_log(expression)) == 1


def test_another_title_edition_or_a_rehearsal_is_another_expression(edition, expression):
    _submit(edition, "Other Things")
    _submit(edition, is_test=True)
    _submit(make_edition())

    assert Expression.objects.count() == 4


def test_after_a_withdrawal_or_a_day_the_same_may_be_sent_again(edition, expression):
    _withdraw(expression)
    second = _submit(edition)
    Expression.objects.filter(pk=second.pk).update(
        submitted_at=timezone.now() - timedelta(days=1, minutes=1)
    )
    third = _submit(edition)

    assert len({expression.pk, second.pk, third.pk}) == 3


@pytest.mark.parametrize(
    ("call", "parts", "expected"),
    [
        ({}, {"is_test": True}, ["receipt"]),
        ({"sends_receipt": False}, {}, ["notice"]),
        ({"notice": "none"}, {}, ["receipt"]),
        ({"notice": "daily"}, {}, ["receipt"]),
        ({"notice": "none", "sends_receipt": False}, {}, []),
    ],
)
def test_receipt_and_notice_can_be_switched_off(call, parts, expected, edition):
    if call:
        Call.objects.update(**call)

    _submit(edition, **parts)

    assert [kind for kind, _ in _letters()] == expected


@contextmanager
def _broken_mail() -> Iterator[None]:
    def fail(**kwargs) -> None:
        raise RuntimeError

    pre_save.connect(fail, sender=Letter)
    yield
    pre_save.disconnect(fail, sender=Letter)


def test_a_submission_whose_letter_fails_is_not_stored(edition):
    with _broken_mail(), pytest.raises(RuntimeError):
        _submit(edition)

    assert not Expression.objects.exists()
    assert not Event.objects.exists()


def test_a_reference_in_use_is_replaced(edition, expression):
    other = _submit(edition, "Other", fields={"reference": expression.reference})

    assert other.reference != expression.reference


def test_a_page_sent_again_after_a_withdrawal_keeps_one_link(edition):
    first = _submit(edition, browser_key="secret of a page")
    revoke_links(expression=first)
    _withdraw(first)

    second = _submit(edition, browser_key="secret of a page")

    link = StudentLink.objects.get()
    assert (link.expression, link.is_open) == (second, True)


def test_more_parts_cost_no_more_queries(edition):
    questions = [make_question(edition) for _ in range(3)]
    topics = [make_topic(edition) for _ in range(3)]

    def cost(number: int) -> int:
        return count_queries(
            lambda: _submit(
                edition,
                f"Title {number}",
                topics=topics[:number],
                coauthors=[("Bo", "Elsewhere")] * number,
                answers=dict.fromkeys(questions[:number], "Very"),
            )
        )

    cost(2)  # loads the call of the edition
    assert cost(1) == cost(3) <= 20


# Corrections, links


def test_a_correction_replaces_every_part_but_the_address(edition, question):
    atoms, quarks = make_topic(edition), make_topic(edition)
    expression = _submit(
        edition, topics=[atoms], coauthors=[("Bo", "")], answers={question: "Very"}
    )

    corrected = _correct(
        expression,
        "Smaller Things",
        topics=[quarks],
        coauthors=[("Cy", ""), ("Bo", "")],
        answers={question: "Extremely"},
    )

    corrected.refresh_from_db()
    assert (corrected.title, corrected.version) == ("Smaller Things", 2)
    assert corrected.email == "ada@example.org"
    assert corrected.submitted_at < corrected.changed_at
    assert list(corrected.topics.all()) == [quarks]
    assert [coauthor.name for coauthor in corrected.coauthors.all()] == ["Cy", "Bo"]
    assert [answer.text for answer in corrected.answers.all()] == ["Extremely"]
    assert _log(corrected)[-1] == ("Corrected", "", "")
    assert _letters() == RECEIPT


def test_duplicates_are_found_by_the_corrected_title(edition, expression):
    _correct(expression, "Smaller Things")

    assert _submit(edition, "Smaller things") == expression
    assert _submit(edition) != expression


def test_sending_the_link_again_does_not_revoke_earlier_links(expression):
    link, _ = make_link(expression)

    resend_link(expression=expression)

    assert _letters()[-1] == ("link", "ada@example.org")
    link.refresh_from_db()
    assert link.is_open


# Decisions, confirmation


def test_an_acceptance_sets_the_reply_date_and_sends_no_letter(expression, chair):
    Call.objects.update(reply_days=7)

    accepted = _move_as_chair(expression, Action.ACCEPT, chair, offer="both")

    today = timezone.localdate(timezone=accepted.edition.zone)
    assert accepted.reply_by_on == today + timedelta(days=7)
    assert _letters() == RECEIPT  # the letter goes out with the release


# Erasure


def test_erasing_deletes_every_row_about_the_person(edition, question, chair):
    expression = _submit(
        edition, topics=[make_topic(edition)], coauthors=[("Bo", "")], answers={question: "Very"}
    )
    make_link(expression)
    _move_as_chair(expression, Action.ACCEPT, chair, offer="poster")
    confirm_offer(
        expression=expression, confirmed_format="poster", needs=NEEDS, consents={}, answers={}
    )
    correct_address(expression=expression, email="ada@example.com")

    erase_expression(expression=expression)

    models = [
        model
        for label in ("interest", "mail")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model is not Question
    ]
    assert [model.__name__ for model in models if model._default_manager.exists()] == []


def test_erasing_leaves_other_expressions_and_their_letters(edition, expression):
    other = _submit(edition, "Other Things", fields={"email": "bo@example.org"})

    erase_expression(expression=expression)

    assert list(Expression.objects.all()) == [other]
    assert _letters() == [("receipt", "bo@example.org"), ("notice", "chairs@example.org")]
