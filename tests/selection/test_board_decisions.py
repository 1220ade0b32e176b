"""Decisions for many at once: all or none, refused where somebody changed something meanwhile."""

import pytest

from apps.interest.models import Event, Expression
from apps.interest.services import correct_expression, erase_expression, move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.selection.decisions import (
    Hindered,
    NotDecidable,
    decide,
    decide_many,
    sort_rows,
    stamp_of,
    take_back,
)
from apps.selection.models import PendingDecision
from tests.factories import make_call, make_edition, make_expression, make_user
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def chair():
    return make_user("Chair", name="Charlie Chair")


@pytest.fixture
def colleague():
    return make_user("Chair", name="Cora Colleague")


@pytest.fixture
def edition():
    edition = make_edition()
    make_call(edition)
    return edition


def _seen(*expressions: Expression) -> dict[int, str]:
    """The rows as a page shows them now."""
    pending = {decision.expression_id: decision for decision in PendingDecision.objects.all()}
    fresh = Expression.objects.filter(pk__in=[expression.pk for expression in expressions])
    return {row.pk: stamp_of(row, pending.get(row.pk)) for row in fresh}


def _pending() -> list[tuple[int, str, str]]:
    rows = PendingDecision.objects.order_by("expression")
    return list(rows.values_list("expression", "verdict", "offer"))


def test_many_are_decided_at_once_in_silence(edition, chair):
    one, other = make_expression(edition), make_expression(edition)
    letters = Letter.objects.count()

    count = decide_many(edition=edition, rows=_seen(one, other), choice="decline", by=chair)

    assert count == 2
    assert _pending() == [(one.pk, "decline", ""), (other.pk, "decline", "")]
    assert set(Expression.objects.values_list("state", flat=True)) == {"submitted"}
    assert Letter.objects.count() == letters
    lines = Event.objects.filter(is_for_chairs=True).values_list("expression", "what", "by")
    expected = {(one.pk, "Pending: Decline", chair.pk), (other.pk, "Pending: Decline", chair.pk)}
    assert set(lines) == expected


def test_accepted_as_asked_each_gets_what_it_asked_for(edition, chair):
    wishes = [
        make_expression(edition),
        make_expression(edition, wants_talk=False, wants_poster=True),
        make_expression(edition, wants_poster=True),
        make_expression(edition, wants_poster=True, preference="either"),
        make_expression(edition, wants_poster=True, preference="talk"),
        make_expression(edition, wants_poster=True, preference="poster"),
    ]

    decide_many(edition=edition, rows=_seen(*wishes), choice="as_asked", by=chair)

    offers = [offer for _, _, offer in _pending()]
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
def test_each_choice_is_one_decision(edition, chair, choice, expected):
    expression = make_expression(edition)

    decide_many(edition=edition, rows=_seen(expression), choice=choice, by=chair)

    assert _pending() == [(expression.pk, *expected)]


def test_pressed_twice_it_is_done_once(edition, chair):
    rows = _seen(make_expression(edition), make_expression(edition))

    counts = [
        decide_many(edition=edition, rows=rows, choice="waitlist", by=chair) for _ in range(2)
    ]

    assert counts == [2, 0]
    assert PendingDecision.objects.count() == 2
    assert Event.objects.filter(is_for_chairs=True).count() == 2


def test_another_decision_takes_its_place_and_discards_its_letter(edition, chair, colleague):
    expression = make_expression(edition)
    pending = decide(expression=expression, verdict="decline", by=chair)
    draft = Letter.objects.create(
        kind="x", to_email="s@example.org", subject="No", body_text="No", state="draft"
    )
    PendingDecision.objects.filter(pk=pending.pk).update(letter=draft, drafted_version=1)

    decide_many(edition=edition, rows=_seen(expression), choice="talk", by=colleague)

    draft.refresh_from_db()
    assert draft.state == "discarded"
    assert _pending() == [(expression.pk, "accept", "talk")]
    assert PendingDecision.objects.get().made_by == colleague


def test_taking_back_many_ends_what_is_pending(edition, chair):
    one, other = make_expression(edition), make_expression(edition)
    decide(expression=one, verdict="decline", by=chair)

    count = decide_many(edition=edition, rows=_seen(one, other), choice="take_back", by=chair)

    assert count == 1
    assert _pending() == []
    lines = Event.objects.filter(is_for_chairs=True).values_list("expression", "what")
    assert lines[0] == (one.pk, "Pending decision taken back")
    assert len(lines) == 2


# What somebody else did meanwhile


def _decided_by_colleague(expression, colleague):
    decide(expression=expression, verdict="waitlist", by=colleague)


def _withdrawn(expression, colleague):
    move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)


def _corrected(expression, colleague):
    correct_expression(
        expression=expression,
        version=1,
        fields={"title": "Another title"},
        topics=[],
        coauthors=[],
        answers={},
    )


def _taken_into_review(expression, colleague):
    move(expression=expression, action=Action.BEGIN_REVIEW, actor=Actor.CHAIR, by=colleague)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_decided_by_colleague, "it is submitted, pending “waiting list” by Cora Colleague."),
        (_withdrawn, "it is withdrawn, nothing is pending."),
        (_corrected, "it is submitted, nothing is pending."),
        (_taken_into_review, "it is under review, nothing is pending."),
    ],
)
def test_what_changed_meanwhile_is_named_and_nothing_is_done(
    edition, chair, colleague, change, words
):
    changed, other = make_expression(edition), make_expression(edition)
    rows = _seen(changed, other)
    change(changed, colleague)
    before = _pending()

    with pytest.raises(Hindered) as caught:
        decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert _pending() == before
    refused = [(row.pk, why) for row, why in caught.value.sorting.refused]
    assert refused == [(changed.pk, f"was changed meanwhile: {words}")]
    assert [row.pk for row, _ in caught.value.sorting.ready] == [other.pk]


def test_what_was_erased_meanwhile_is_counted(edition, chair):
    erased, other = make_expression(edition), make_expression(edition)
    rows = _seen(erased, other)
    erase_expression(expression=erased)

    with pytest.raises(Hindered) as caught:
        decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert (caught.value.sorting.gone, _pending()) == (1, [])


def test_decided_and_taken_back_meanwhile_is_a_change_that_nobody_sees(edition, chair, colleague):
    """Nothing is pending as before: the stamp is the same, and so is what the chair saw."""
    expression = make_expression(edition)
    rows = _seen(expression)
    decide(expression=expression, verdict="waitlist", by=colleague)
    take_back(expression=expression, by=colleague)

    assert decide_many(edition=edition, rows=rows, choice="decline", by=chair) == 1


def test_the_same_verdict_of_a_colleague_is_no_hindrance(edition, chair, colleague):
    expression, other = make_expression(edition), make_expression(edition)
    rows = _seen(expression, other)
    decide(expression=expression, verdict="decline", by=colleague)

    count = decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert count == 1
    assert PendingDecision.objects.get(expression=expression).made_by == colleague


@pytest.mark.parametrize("state", ["accepted", "confirmed", "declined", "withdrawn", "waitlisted"])
def test_what_cannot_take_the_choice_is_refused(edition, chair, state):
    expression = make_expression(edition, state=state)

    with pytest.raises(Hindered) as caught:
        decide_many(edition=edition, rows=_seen(expression), choice="waitlist", by=chair)

    label = expression.get_state_display().lower()
    ((_, why),) = caught.value.sorting.refused
    assert why == f"is {label}: nothing to decide."
    assert _pending() == []


def test_another_editions_expressions_are_not_there(edition, chair):
    foreign = make_expression(make_edition())

    with pytest.raises(Hindered) as caught:
        decide_many(edition=edition, rows=_seen(foreign), choice="decline", by=chair)

    assert (caught.value.sorting.gone, _pending()) == (1, [])


def test_no_choice_is_refused(edition, chair):
    rows = _seen(make_expression(edition))

    for choice in ("", "accept", "perhaps"):
        with pytest.raises(NotDecidable):
            decide_many(edition=edition, rows=rows, choice=choice, by=chair)

    assert _pending() == []


def test_it_is_told_beforehand_what_a_choice_would_do(edition, chair):
    ready, there, gone = (make_expression(edition) for _ in range(3))
    decide(expression=there, verdict="decline", by=chair)
    confirmed = make_expression(edition, state="confirmed")
    rows = _seen(ready, there, gone, confirmed)
    erase_expression(expression=gone)

    sorting = sort_rows(edition=edition, rows=rows, choice="decline")

    assert [row.pk for row, _ in sorting.ready] == [ready.pk]
    assert [row.pk for row in sorting.already] == [there.pk]
    assert [row.pk for row, _ in sorting.refused] == [confirmed.pk]
    assert sorting.gone == 1
    assert PendingDecision.objects.count() == 1


def test_the_number_of_queries_grows_with_batches_not_with_rows(
    edition, chair, django_assert_max_num_queries
):
    template = make_expression(edition)
    Expression.objects.bulk_create(
        Expression(
            **{
                field.attname: getattr(template, field.attname)
                for field in Expression._meta.concrete_fields
                if field.name not in {"id", "reference"}
            }
        )
        for _ in range(499)
    )
    rows = _seen(*Expression.objects.all())
    decide_many(edition=edition, rows=rows, choice="waitlist", by=chair)
    rows = _seen(*Expression.objects.all())

    with django_assert_max_num_queries(30):
        count = decide_many(edition=edition, rows=rows, choice="decline", by=chair)

    assert count == 500
    assert PendingDecision.objects.filter(verdict="decline").count() == 500


@pytest.mark.django_db(transaction=True)
def test_of_two_chairs_at_once_the_second_is_refused(edition, chair, colleague):
    expression, other = make_expression(edition), make_expression(edition)
    rows = _seen(expression, other)
    refusals: list[str] = []

    def second() -> None:
        try:
            decide_many(edition=edition, rows=rows, choice="decline", by=colleague)
        except Hindered as hindered:
            refusals.extend(why for _, why in hindered.sorting.refused)

    faults = overlapping(
        lambda: decide_many(
            edition=edition, rows={expression.pk: rows[expression.pk]}, choice="talk", by=chair
        ),
        second,
    )

    assert faults == []
    words = "it is submitted, pending “accept: lightning talk” by Charlie Chair."
    assert refusals == [f"was changed meanwhile: {words}"]
    assert _pending() == [(expression.pk, "accept", "talk")]


@pytest.mark.django_db(transaction=True)
def test_of_two_chairs_of_one_mind_at_once_one_decides(edition, chair, colleague):
    rows = _seen(make_expression(edition), make_expression(edition))
    counts: list[int] = []

    faults = overlapping(
        lambda: counts.append(decide_many(edition=edition, rows=rows, choice="decline", by=chair)),
        lambda: counts.append(
            decide_many(edition=edition, rows=rows, choice="decline", by=colleague)
        ),
    )

    assert (faults, counts) == ([], [2, 0])
    assert set(PendingDecision.objects.values_list("made_by", flat=True)) == {chair.pk}
