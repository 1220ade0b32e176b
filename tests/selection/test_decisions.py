"""Pending decisions, one by one and in bulk."""

import pytest

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.services import correct_expression, erase_expression, move
from apps.interest.student.display import everything_about
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.selection.decisions import (
    BulkConflict,
    clear_decision,
    decide,
    decide_many,
    decision_token,
    draft_decision_letters,
)
from apps.selection.models import PendingDecision
from tests.factories import make_edition, make_expression, make_user
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def chair():
    return make_user("Chair", name="Charlie Chair")


@pytest.fixture
def colleague():
    return make_user("Chair", name="Cora Colleague")


@pytest.fixture
def expression(edition):
    return make_expression(edition)


def rows_of(*expressions: Expression) -> dict[int, str]:
    """Keys and tokens as a page shows them now."""
    pending = {decision.expression_id: decision for decision in PendingDecision.objects.all()}
    fresh = Expression.objects.filter(pk__in=[expression.pk for expression in expressions])
    return {row.pk: decision_token(row, pending.get(row.pk)) for row in fresh}


def pending_rows() -> list[tuple[int, str, str]]:
    rows = PendingDecision.objects.order_by("expression")
    return list(rows.values_list("expression", "verdict", "offer"))


# One expression


def test_a_pending_decision_moves_nothing_and_sends_nothing(expression, chair):
    letters = Letter.objects.count()

    decide(expression=expression, verdict="accept", offer="poster", by=chair)

    expression.refresh_from_db()
    data = everything_about(expression)
    assert (expression.state, expression.offer) == ("submitted", "")
    assert Letter.objects.count() == letters
    assert expression.pending_decision.in_words == "Accept: poster"
    assert [line["what"] for line in data["log"]] == ["Submitted"]
    assert "ending" not in str(data)


def test_the_same_decision_again_changes_nothing(expression, chair, colleague):
    first = decide(expression=expression, verdict="accept", offer="talk", by=chair)

    again = decide(expression=expression, verdict="accept", offer="talk", by=colleague)

    assert (again, again.made_by) == (first, chair)


def test_clearing_ends_a_decision_once(expression, chair):
    decide(expression=expression, verdict="decline", by=chair)

    results = [clear_decision(expression=expression, by=chair) for _ in range(2)]

    assert (results, pending_rows()) == ([True, False], [])


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.CANCEL, Action.BEGIN_REVIEW])
def test_a_move_clears_the_pending_decision(expression, chair, action):
    decide(expression=expression, verdict="accept", offer="talk", by=chair)

    move(expression=expression, action=action, actor=Actor.CHAIR, by=chair)

    log = list(expression.events.order_by("pk").values_list("what", flat=True))
    assert pending_rows() == []
    assert log[-2:] == ["Pending decision taken back", action.label]


def test_another_decision_replaces_the_first_and_discards_its_letter(
    edition, expression, chair, colleague
):
    decide(expression=expression, verdict="decline", by=chair)
    draft_decision_letters(edition=edition)

    decide(expression=expression, verdict="accept", offer="talk", by=colleague)

    decision = PendingDecision.objects.get()
    assert pending_rows() == [(expression.pk, "accept", "talk")]
    assert (decision.made_by, decision.letter) == (colleague, None)
    assert Letter.objects.get(kind="interest/declined").state == "discarded"


# In bulk


def test_many_are_decided_at_once(edition, chair):
    one, other = make_expression(edition), make_expression(edition)
    letters = Letter.objects.count()

    count = decide_many(edition=edition, rows=rows_of(one, other), choice="decline", by=chair)

    assert count == 2
    assert pending_rows() == [(one.pk, "decline", ""), (other.pk, "decline", "")]
    assert set(Expression.objects.values_list("state", flat=True)) == {"submitted"}
    assert Letter.objects.count() == letters
    log = Event.objects.filter(is_for_chairs=True).values_list("expression", "what", "by")
    assert set(log) == {(row.pk, "Pending: Decline", chair.pk) for row in (one, other)}


def test_accept_as_asked_offers_what_was_asked_for(edition, chair):
    expressions = [
        make_expression(edition),
        make_expression(edition, wants_talk=False, wants_poster=True),
        make_expression(edition, wants_poster=True),
        make_expression(edition, wants_poster=True, preference="either"),
        make_expression(edition, wants_poster=True, preference="talk"),
        make_expression(edition, wants_poster=True, preference="poster"),
    ]

    decide_many(edition=edition, rows=rows_of(*expressions), choice="as_asked", by=chair)

    offers = [offer for _, _, offer in pending_rows()]
    assert offers == ["talk", "poster", "both", "both", "talk", "poster"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("talk", ("accept", "talk")),
        ("poster", ("accept", "poster")),
        ("both", ("accept", "both")),
        ("waitlist", ("waitlist", "")),
        ("decline", ("decline", "")),
    ],
)
def test_each_choice_is_one_decision_and_a_second_press_changes_nothing(
    edition, expression, chair, choice, expected
):
    rows = rows_of(expression)

    counts = [decide_many(edition=edition, rows=rows, choice=choice, by=chair) for _ in range(2)]

    assert counts == [1, 0]
    assert pending_rows() == [(expression.pk, *expected)]
    assert Event.objects.filter(is_for_chairs=True).count() == 1


def test_many_decisions_are_cleared(edition, chair):
    one, other = make_expression(edition), make_expression(edition)
    decide(expression=one, verdict="decline", by=chair)

    count = decide_many(edition=edition, rows=rows_of(one, other), choice="clear", by=chair)

    log = Event.objects.filter(is_for_chairs=True).values_list("expression", "what")
    assert (count, pending_rows()) == (1, [])
    assert (log[0], len(log)) == ((one.pk, "Pending decision taken back"), 2)


def _decide_by_colleague(expression, colleague):
    decide(expression=expression, verdict="waitlist", by=colleague)


def _withdraw(expression, colleague):
    move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)


def _correct(expression, colleague):
    correct_expression(
        expression=expression,
        version=1,
        fields={"title": "Another title"},
        topics=[],
        coauthors=[],
        answers={},
    )


def _begin_review(expression, colleague):
    move(expression=expression, action=Action.BEGIN_REVIEW, actor=Actor.CHAIR, by=colleague)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_decide_by_colleague, "it is submitted, pending “waiting list” by Cora Colleague."),
        (_withdraw, "it is withdrawn, nothing is pending."),
        (_correct, "it is submitted, nothing is pending."),
        (_begin_review, "it is under review, nothing is pending."),
    ],
)
def test_an_expression_changed_meanwhile_is_named_and_nothing_is_decided(
    edition, chair, colleague, change, why
):
    changed, other = make_expression(edition), make_expression(edition)
    rows = rows_of(changed, other)
    change(changed, colleague)
    before = pending_rows()

    with pytest.raises(BulkConflict) as conflict:
        decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    plan = conflict.value.plan
    refused = [(row.pk, reason) for row, reason in plan.refused]
    assert pending_rows() == before
    assert refused == [(changed.pk, f"was changed meanwhile: {why}")]
    assert [row.pk for row, _ in plan.ready] == [other.pk]


def test_erased_and_foreign_expressions_are_counted(edition, chair):
    erased, other = make_expression(edition), make_expression(edition)
    foreign = make_expression(make_edition())
    rows = rows_of(erased, other, foreign)
    erase_expression(expression=erased)

    with pytest.raises(BulkConflict) as conflict:
        decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert (conflict.value.plan.gone, pending_rows()) == (2, [])


def test_a_decision_made_and_cleared_meanwhile_is_no_conflict(
    edition, expression, chair, colleague
):
    rows = rows_of(expression)
    decide(expression=expression, verdict="waitlist", by=colleague)
    clear_decision(expression=expression, by=colleague)

    assert decide_many(edition=edition, rows=rows, choice="decline", by=chair) == 1


def test_the_same_decision_of_a_colleague_is_no_conflict(edition, chair, colleague):
    expression, other = make_expression(edition), make_expression(edition)
    rows = rows_of(expression, other)
    decide(expression=expression, verdict="decline", by=colleague)

    count = decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert count == 1
    assert PendingDecision.objects.get(expression=expression).made_by == colleague


@pytest.mark.parametrize("state", ["accepted", "confirmed", "declined", "withdrawn", "waitlisted"])
def test_an_expression_that_cannot_take_the_choice_is_refused(edition, chair, state):
    expression = make_expression(edition, state=state)

    with pytest.raises(BulkConflict) as conflict:
        decide_many(edition=edition, rows=rows_of(expression), choice="waitlist", by=chair)

    ((_, why),) = conflict.value.plan.refused
    assert why == f"is {expression.get_state_display().lower()}: nothing to decide."
    assert pending_rows() == []


@pytest.mark.parametrize("choice", ["", "accept", "perhaps"])
def test_an_unknown_choice_is_refused(edition, expression, chair, choice):
    with pytest.raises(NotAllowed):
        decide_many(edition=edition, rows=rows_of(expression), choice=choice, by=chair)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    edition, chair, django_assert_max_num_queries
):
    expressions = [make_expression(edition) for _ in range(40)]
    rows = rows_of(*expressions)

    with django_assert_max_num_queries(10):
        assert decide_many(edition=edition, rows=rows, choice="decline", by=chair) == 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("choice", ["talk", "decline"])
def test_of_two_chairs_at_once_one_decides(edition, chair, colleague, choice):
    expression = make_expression(edition)
    rows = rows_of(expression)
    counts: list[int] = []
    refusals: list[str] = []

    def decide_second() -> None:
        try:
            count = decide_many(edition=edition, rows=rows, choice="decline", by=colleague)
        except BulkConflict as conflict:
            refusals.extend(why for _, why in conflict.plan.refused)
        else:
            counts.append(count)

    faults = overlapping(
        lambda: counts.append(decide_many(edition=edition, rows=rows, choice=choice, by=chair)),
        decide_second,
    )

    assert faults == []
    assert PendingDecision.objects.get().made_by == chair
    if choice == "decline":
        assert (counts, refusals) == ([1, 0], [])
    else:
        why = "it is submitted, pending “accept: lightning talk” by Charlie Chair."
        assert (counts, refusals) == ([1], [f"was changed meanwhile: {why}"])
