"""Reviews: who may write one, who is asked for the next, what the scores come to."""

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.permissions import permissions_for
from apps.interest.services import erase_expression, erase_on_request
from apps.interest.student.display import everything_about
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.review.models import Review
from apps.review.services import (
    BY_MEAN,
    BY_SPREAD,
    Progress,
    editions_to_review,
    figures,
    next_in_queue,
    progress,
    queue,
    save_review,
    visible_reviews,
)
from tests.factories import (
    make_call,
    make_current_edition,
    make_edition,
    make_expression,
    make_reviewer,
    make_user,
    put_in_state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    edition = make_current_edition()
    make_call(edition)
    return edition


@pytest.fixture
def rena(edition):
    return make_reviewer(edition, name="Rena Reviewer")


def review_rows() -> list[tuple]:
    rows = Review.objects.order_by("pk")
    return list(rows.values_list("reviewer__name", "score", "remark", "has_conflict"))


# Saving


def test_a_review_is_saved_without_a_letter(edition, rena):
    expression = make_expression(edition)
    letters, lines = Letter.objects.count(), Event.objects.count()

    save_review(expression=expression, reviewer=rena, score=4, remark="  Clear.  ")

    expression.refresh_from_db()
    assert review_rows() == [("Rena Reviewer", 4, "Clear.", False)]
    assert expression.state == "submitted"
    assert (Letter.objects.count(), Event.objects.count()) == (letters, lines)
    assert "Clear" not in str(everything_about(expression))


def test_a_second_review_replaces_the_first(edition, rena):
    expression = make_expression(edition)
    first = save_review(expression=expression, reviewer=rena, score=2, remark="Thin.")

    second = save_review(expression=expression, reviewer=rena, has_conflict=True, score=5)

    assert review_rows() == [("Rena Reviewer", None, "", True)]
    assert second.reviewed_at == first.reviewed_at
    assert second.changed_at > first.changed_at


@pytest.mark.parametrize("score", [None, 0, 6, -1])
def test_a_score_must_be_from_one_to_five(edition, rena, score):
    with pytest.raises(NotAllowed):
        save_review(expression=make_expression(edition), reviewer=rena, score=score)

    assert review_rows() == []


@pytest.mark.parametrize("state", State.values)
def test_decided_and_ended_expressions_are_not_reviewed(edition, rena, state):
    expression = make_expression(edition, state=state)

    if state in {"submitted", "under_review"}:
        save_review(expression=expression, reviewer=rena, score=3)
    else:
        with pytest.raises(NotAllowed, match="can no longer be reviewed"):
            save_review(expression=expression, reviewer=rena, score=3)

    assert Review.objects.count() == (state in {"submitted", "under_review"})


def test_a_rehearsal_is_not_reviewed(edition, rena):
    with pytest.raises(NotAllowed, match="test entry"):
        save_review(expression=make_expression(edition, is_test=True), reviewer=rena, score=3)


def test_reviewers_need_role_and_edition_but_chairs_do_not(edition):
    expression = make_expression(edition)
    elsewhere = make_reviewer(make_edition())
    without_role = make_reviewer(edition, make_user("Editor"))
    helpdesk = make_reviewer(edition, make_user("Helpdesk"))

    for user in (elsewhere, without_role, helpdesk, make_user("Reviewer"), make_user()):
        with pytest.raises(NotAllowed, match="not among the reviewers"):
            save_review(expression=expression, reviewer=user, score=3)
    save_review(expression=expression, reviewer=make_user("Chair", name="Cleo"), score=3)

    assert review_rows() == [("Cleo", 3, "", False)]


def test_the_reviews_of_a_removed_reviewer_stay(edition, rena):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=5)

    rena.reviewing.all().delete()

    again = type(rena).objects.get(pk=rena.pk)
    with pytest.raises(NotAllowed):
        save_review(expression=expression, reviewer=again, score=1)
    assert review_rows() == [("Rena Reviewer", 5, "", False)]


# The queue


def test_the_least_reviewed_come_first_then_the_oldest(edition, rena):
    old, new, read = (make_expression(edition) for _ in range(3))
    other = make_reviewer(edition)
    save_review(expression=old, reviewer=other, score=3)
    save_review(expression=new, reviewer=other, has_conflict=True)  # nobody has read it yet

    assert list(queue(edition, rena)) == [new, read, old]
    save_review(expression=new, reviewer=rena, score=3)
    assert list(queue(edition, rena)) == [read, old]


def test_the_queue_holds_only_undecided_expressions_of_the_edition(edition, rena):
    for state in State.values:
        make_expression(edition, state=state, title=state)
    make_expression(edition, is_test=True)
    make_expression(make_edition())

    assert [one.title for one in queue(edition, rena)] == ["submitted", "under_review"]


def test_skipping_goes_round_to_the_beginning(edition, rena):
    first, second, third = (make_expression(edition) for _ in range(3))
    save_review(expression=second, reviewer=make_reviewer(edition), score=3)

    def after(one: Expression | None) -> Expression | None:
        return next_in_queue(queue(edition, rena), one.pk if one else None)

    assert [after(one) for one in (None, first, third, second)] == [first, third, second, first]
    assert next_in_queue(queue(edition, rena), 99_999) == first
    save_review(expression=third, reviewer=rena, score=3)
    assert after(first) == second
    put_in_state(first, "withdrawn")
    assert after(first) == second
    assert after(second) == second


def test_progress_counts_reviewed_and_waiting(edition, rena):
    expressions = [make_expression(edition) for _ in range(4)]
    make_expression(edition, state="declined")
    make_expression(edition, is_test=True)
    other = make_edition()
    for expression in expressions[:2]:
        save_review(expression=expression, reviewer=rena, score=3)
    save_review(expression=expressions[2], reviewer=rena, has_conflict=True)
    put_in_state(expressions[0], "accepted")

    assert progress(rena, edition, other) == {edition.pk: Progress(3, 4), other.pk: Progress(0, 0)}
    assert progress(make_reviewer(edition), edition) == {edition.pk: Progress(0, 3)}


def test_editions_to_review(edition, rena):
    past = make_edition(year=1999)
    waiting = make_edition(year=1998)
    make_expression(waiting)
    make_expression(past, state="declined")
    make_reviewer(past, rena)

    assert editions_to_review(rena) == [edition, past]
    assert editions_to_review(make_user("Chair")) == [waiting]
    for role in ("Reviewer", "Editor", "Helpdesk", ""):
        assert editions_to_review(make_user(role)) == []


# Who reads them


def test_other_reviews_are_visible_after_the_release(edition, rena):
    expression = make_expression(edition)
    chair, other, aside = make_user("Chair"), make_reviewer(edition), make_reviewer(edition)
    own = save_review(expression=expression, reviewer=rena, score=3)
    theirs = save_review(expression=expression, reviewer=other, score=5)
    stood = save_review(expression=expression, reviewer=aside, has_conflict=True)

    def read(user) -> list[Review]:
        return list(visible_reviews(expression, user))

    everything = [own, theirs, stood]
    before = [read(user) for user in (chair, rena, aside)]
    put_in_state(expression, "accepted")
    after = [read(user) for user in (chair, rena, aside)]

    assert before == [everything, [own], [stood]]
    assert after == [everything, everything, [stood]]
    for role in ("Reviewer", "Editor", "Helpdesk", ""):
        assert read(make_user(role)) == []


# The figures


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([], "no reviews"),
        ([None], "no reviews"),
        ([4], "4.0, 1 review"),
        ([4, 4, 5], "4.3 ± 0.6, 3 reviews"),
        ([1, 5, None], "3.0 ± 2.8, 2 reviews"),
        ([2, 2], "2.0 ± 0.0, 2 reviews"),
    ],
)
def test_figures_are_mean_and_standard_deviation(scores, words):
    assert figures([Review(score=score) for score in scores]).in_words == words


def test_expressions_are_sorted_by_mean_and_spread(edition):
    reviewers = [make_reviewer(edition) for _ in range(3)]
    given: dict[str, list[int | None]] = {
        "none": [],
        "aside": [None],
        "one": [5],
        "split": [1, 5, 3],
        "close": [3, 4, 4],
        "agreed": [2, 2],
    }
    for title, scores in given.items():
        expression = make_expression(edition, title=title)
        for reviewer, score in zip(reviewers, scores, strict=False):
            save_review(
                expression=expression, reviewer=reviewer, score=score, has_conflict=score is None
            )

    def titles(*order) -> list[str]:
        return [one.title for one in Expression.objects.order_by(*order, "pk")]

    assert titles(BY_MEAN.desc()) == ["one", "close", "split", "agreed", "none", "aside"]
    assert titles(BY_SPREAD.desc()) == ["split", "close", "agreed", "none", "aside", "one"]


# What is erased and what stays


@pytest.mark.parametrize("erase", [erase_expression, erase_on_request])
def test_an_expression_is_erased_with_its_reviews(edition, rena, erase):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=3)

    erase(expression=expression)

    assert not Review.objects.exists()
    assert not Expression.objects.exists()


def test_a_user_with_reviews_cannot_be_deleted(edition, rena):
    save_review(expression=make_expression(edition), reviewer=rena, score=3)

    with pytest.raises(ProtectedError):
        rena.delete()


def test_a_permission_of_one_account_counts_like_the_role(edition):
    user = make_reviewer(edition, make_user(is_staff=True))
    user.user_permissions.add(Permission.objects.get(codename="review_expression"))
    user = type(user).objects.get(pk=user.pk)

    assert save_review(expression=make_expression(edition), reviewer=user, score=3)
    sight = permissions_for(user)
    assert sight
    assert sight.editions == {edition.pk}


def test_the_database_requires_a_score_or_a_conflict(edition, rena):
    expression = make_expression(edition)

    for fault in ({}, {"score": 6}, {"score": 3, "has_conflict": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(expression=expression, reviewer=rena, **fault)
