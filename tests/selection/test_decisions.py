"""Decisions in silence: made, changed and taken back before anybody is told."""

import pytest

from apps.interest.services import move
from apps.interest.student.data import everything_about
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.selection.decisions import NotDecidable, decide, take_back
from apps.selection.models import PendingDecision
from tests.factories import make_call, make_edition, make_expression, make_user, put_in_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def chair():
    return make_user("Chair")


@pytest.fixture
def expression():
    edition = make_edition()
    make_call(edition)
    return make_expression(edition)


def test_a_pending_decision_moves_nothing_and_writes_to_nobody(expression, chair):
    letters = Letter.objects.count()

    decide(expression=expression, verdict="accept", offer="poster", by=chair)

    expression.refresh_from_db()
    assert expression.state == "submitted"
    assert expression.offer == ""
    assert Letter.objects.count() == letters
    assert expression.pending_decision.in_words == "Accept: poster"


def test_the_student_never_hears_of_it(expression, chair):
    decide(expression=expression, verdict="decline", by=chair)

    data = everything_about(expression)

    assert [line["what"] for line in data["log"]] == ["Submitted"]
    assert "ending" not in str(data)


def test_another_decision_takes_its_place_and_discards_its_letter(expression, chair):
    pending = decide(expression=expression, verdict="decline", by=chair)
    draft = Letter.objects.create(
        kind="x", to_email="s@example.org", subject="No", body_text="No", state="draft"
    )
    PendingDecision.objects.filter(pk=pending.pk).update(letter=draft, drafted_version=1)

    decide(expression=expression, verdict="waitlist", by=chair)

    draft.refresh_from_db()
    assert draft.state == "discarded"
    verdicts = PendingDecision.objects.values_list("verdict", "offer", "letter")
    assert list(verdicts) == [("waitlist", "", None)]


def test_the_same_decision_again_changes_nothing(expression, chair):
    first = decide(expression=expression, verdict="accept", offer="talk", by=chair)

    again = decide(expression=expression, verdict="accept", offer="talk", by=make_user("Chair"))

    assert again == first
    assert again.made_by == chair


def test_taking_it_back_ends_it_once(expression, chair):
    decide(expression=expression, verdict="decline", by=chair)

    assert take_back(expression=expression, by=chair) is True
    assert take_back(expression=expression, by=chair) is False
    assert not PendingDecision.objects.exists()


def test_withdrawing_ends_what_was_pending(expression, chair):
    decide(expression=expression, verdict="accept", offer="talk", by=chair)

    move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)

    assert not PendingDecision.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "offer"), [("accept", ""), ("accept", "dinner"), ("perhaps", ""), ("", "talk")]
)
def test_what_is_no_decision_is_refused(expression, chair, verdict, offer):
    with pytest.raises(NotDecidable):
        decide(expression=expression, verdict=verdict, offer=offer, by=chair)

    assert not PendingDecision.objects.exists()


@pytest.mark.parametrize("state", ["confirmed", "declined", "withdrawn"])
def test_what_is_decided_already_is_refused(expression, chair, state):
    put_in_state(expression, state)

    with pytest.raises(NotDecidable):
        decide(expression=expression, verdict="decline", by=chair)
