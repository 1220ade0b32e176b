"""Every change of an expression: with its line in the log and its letters, once, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.tokens import hash_token
from apps.editions.models import Call, Edition
from apps.interest import submission
from apps.interest.models import (
    Event,
    Expression,
    Question,
    StudentLink,
)
from apps.interest.services import correct_expression, erase_tests, move
from apps.interest.submission import submit_expression
from apps.interest.workflow import Action, Actor, State
from apps.mail.models import Letter
from tests.factories import make_edition, make_topic

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


@pytest.fixture
def edition(db) -> Edition:
    edition = make_edition(slug="2031", year=2031, contact_email="chairs@example.org")
    today = timezone.localdate()
    Call.objects.create(
        edition=edition, opens_on=today - timedelta(5), closes_on=today + timedelta(5)
    )
    return edition


@pytest.fixture
def expression(edition) -> Expression:
    return submit(edition)


def submit(edition: Edition, **more: Any) -> Expression:
    given = {"topics": [], **more}
    given["fields"] = FIELDS | given.get("fields", {})
    return submit_expression(edition=edition, **given)[0]


def letters() -> list[tuple[str, str]]:
    """Kind and address of every letter, in the order they were written."""
    rows = Letter.objects.order_by("pk").values_list("kind", "to_email")
    return [(kind.removeprefix("interest/"), address) for kind, address in rows]


def log(expression: Expression) -> list[tuple[str, str, str]]:
    return list(expression.events.order_by("pk").values_list("what", "from_state", "to_state"))


def as_chair(expression: Expression, action: Action, by, **more: Any) -> Expression:
    return move(expression=expression, action=action, actor=Actor.CHAIR, by=by, **more)


RECEIPT = [("receipt", "ada@example.org"), ("notice", "chairs@example.org")]


# Submitting


def test_a_submission_is_on_record_with_all_its_parts(edition):
    atoms, quarks = make_topic(edition), make_topic(edition)
    question = Question.objects.create(edition=edition, words="How small?")

    expression, is_new, _ = submit_expression(
        edition=edition,
        fields=FIELDS | {"email": " ada@example.org ", "title": " Small Things "},
        topics=[quarks, atoms],
        coauthors=[("Bo", "Elsewhere"), ("Cy", "")],
        answers={question: "Very"},
    )

    expression.refresh_from_db()
    assert is_new
    assert (expression.state, expression.version, expression.is_late, expression.is_test) == (
        *(State.SUBMITTED, 1, False, False),
    )
    assert (expression.email, expression.title) == ("ada@example.org", "Small Things")
    assert set(expression.topics.all()) == {atoms, quarks}
    assert [str(coauthor) for coauthor in expression.coauthors.all()] == ["Bo (Elsewhere)", "Cy"]
    assert list(expression.answers.values_list("question", "words")) == [(question.pk, "Very")]
    assert log(expression) == [("Submitted", "", "submitted")]
    assert letters() == RECEIPT
    assert expression.letter_links.count() == 2


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"title": "  small   THINGS "},
        {"email": "ADA@example.org"},
        {"abstract": "Other words.", "name": "A. Example"},
    ],
)
def test_the_same_sent_twice_is_one_expression_and_one_letter(again, edition, expression):
    found, is_new, _ = submit_expression(edition=edition, fields=FIELDS | again, topics=[])

    assert (found, is_new) == (expression, False)
    assert Expression.objects.get().abstract == "They are small."
    assert letters() == RECEIPT
    assert len(log(expression)) == 1


def test_another_title_another_edition_or_a_rehearsal_is_another_expression(edition, expression):
    submit(edition, fields={"title": "Other Things"})
    submit(edition, is_test=True)
    submit(make_edition())

    assert Expression.objects.count() == 4


def test_after_a_withdrawal_or_a_day_it_may_be_sent_anew(edition, expression):
    move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)
    second = submit(edition)
    Expression.objects.filter(pk=second.pk).update(
        submitted_at=timezone.now() - timedelta(days=1, minutes=1)
    )
    third = submit(edition)

    assert len({expression.pk, second.pk, third.pk}) == 3


def test_a_late_one_is_flagged_and_says_so_in_the_log(edition):
    expression = submit(edition, is_late=True)

    assert expression.is_late
    assert log(expression) == [("Submitted late", "", "submitted")]


def test_a_rehearsal_sends_no_notice(edition):
    submit(edition, is_test=True)

    assert letters() == [("receipt", "ada@example.org")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sends_receipt": False}, ["notice"]),
        ({"notice": "none"}, ["receipt"]),
        ({"notice": "daily"}, ["receipt"]),
        ({"notice": "none", "sends_receipt": False}, []),
    ],
)
def test_receipt_and_notice_can_be_switched_off(changes, expected, edition):
    Call.objects.update(**changes)

    submit(edition)

    assert [kind for kind, _ in letters()] == expected


def test_if_the_letter_cannot_be_written_nothing_is_kept(edition, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(submission, "send_letter", fail)

    with pytest.raises(RuntimeError):
        submit(edition)

    assert not Expression.objects.exists()
    assert not Event.objects.exists()
    assert letters() == []


def test_the_page_it_was_sent_from_becomes_a_link(edition):
    expression = submit(edition, browser_key="secret of a page")

    link = StudentLink.objects.get()
    assert (link.expression, link.token_hash) == (expression, hash_token("secret of a page"))
    assert link.is_open


def test_a_reference_that_is_taken_is_drawn_again(edition, expression):
    other = submit(edition, fields={"title": "Other", "reference": expression.reference})

    assert other.reference != expression.reference
    assert Expression.objects.count() == 2


def test_what_was_sent_withdrawn_and_sent_again_from_one_page_has_one_link(edition):
    first = submit(edition, browser_key="secret of a page")
    StudentLink.objects.update(revoked_at=timezone.now())
    move(expression=first, action=Action.WITHDRAW, actor=Actor.STUDENT)

    second = submit(edition, browser_key="secret of a page")

    link = StudentLink.objects.get()
    assert (link.expression, link.is_open) == (second, True)
    assert list(second.links.all()) == [link]


def test_more_parts_cost_no_more_queries(edition):
    questions = [Question.objects.create(edition=edition, words=f"{n}?") for n in range(3)]
    topics = [make_topic(edition) for _ in range(3)]

    def cost(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            submit(
                edition,
                fields={"title": f"Title {number}"},
                topics=topics[:number],
                coauthors=[("Bo", "Elsewhere")] * number,
                answers=dict.fromkeys(questions[:number], "Very"),
            )
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    assert cost(1) == cost(3) <= 16


# Correcting


def test_a_correction_replaces_what_was_sent(edition):
    atoms, quarks = make_topic(edition), make_topic(edition)
    question = Question.objects.create(edition=edition, words="How small?")
    expression = submit(edition, topics=[atoms], coauthors=[("Bo", "")], answers={question: "Very"})

    corrected = correct_expression(
        expression=expression,
        version=1,
        fields=FIELDS | {"title": "Smaller Things", "email": "ignored@example.org"},
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
    assert [answer.words for answer in corrected.answers.all()] == ["Extremely"]
    assert log(corrected)[-1] == ("Corrected", "", "")
    assert letters() == RECEIPT


def test_after_a_correction_the_new_title_is_what_counts_as_the_same(edition, expression):
    correct_expression(
        expression=expression,
        version=1,
        fields=FIELDS | {"title": "Smaller Things"},
        topics=[],
        coauthors=[],
        answers={},
    )

    assert submit(edition, fields={"title": "Smaller things"}) == expression
    assert submit(edition) != expression


# Moving


def test_a_cancellation_keeps_the_offer_on_record_and_says_why(expression, chair):
    as_chair(expression, Action.ACCEPT, chair, offer="talk")

    cancelled = as_chair(expression, Action.CANCEL, chair, reason="No room.")

    cancelled.full_clean()
    assert (cancelled.state, cancelled.offer) == ("cancelled", "talk")
    last = cancelled.events.latest("pk")
    assert (last.what, last.reason, last.by) == ("Cancel", "No room.", chair)
    assert letters()[2:] == [
        ("cancelled", "ada@example.org"),
        ("withdrawn_notice", "chairs@example.org"),
    ]


# Confirming


# Erasing


def test_rehearsals_are_removed_and_nothing_else(edition, expression):
    submit(edition, is_test=True)
    submit(edition, is_test=True, fields={"title": "Again"})

    assert erase_tests(edition=edition) == 2

    assert list(Expression.objects.all()) == [expression]
    assert letters() == RECEIPT
