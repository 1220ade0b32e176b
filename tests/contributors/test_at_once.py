"""Two people edit the same contribution at the same time."""

from functools import partial

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.student_edits import StudentEdit, student_edits
from apps.core.exceptions import ChangedMeanwhile
from apps.interest.models import Expression
from apps.interest.services import erase_expression
from apps.programme.models import Contribution, Slot
from apps.programme.placements import fill_round, number_boards
from tests.contributors.students import make_added, make_confirmed
from tests.factories import make_call_edition, make_contribution, make_session
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_chairs_add_each_submission_once():
    edition = make_call_edition()
    keys = [make_confirmed(edition, title=f"Talk {number}").pk for number in range(2)]
    add = partial(add_submissions, edition=edition, expressions=keys, is_published=True)

    assert overlapping(add, add) == []
    assert Contribution.objects.count() == 2


def test_a_talk_is_in_one_of_two_rounds_and_a_poster_on_one_of_two_walls():
    edition = make_call_edition()
    talk = make_contribution(edition, kind="lightning")
    poster = make_contribution(edition, kind="poster")
    rounds = [make_session(edition, kind="lightning") for _ in range(2)]
    walls = [make_session(edition, kind="posters") for _ in range(2)]

    fills = [partial(fill_round, session=row, talks=[talk.pk], minutes=3) for row in rounds]
    numbers = [
        partial(
            number_boards,
            session=wall,
            prefix="",
            has_shifts=False,
            renumbers=False,
            seen=[poster.pk],
        )
        for wall in walls
    ]

    assert overlapping(*fills) + overlapping(*numbers) == []
    assert [slot.session for slot in Slot.objects.order_by("pk")] == [rounds[0], walls[0]]


def test_an_edit_is_not_accepted_while_its_student_erases_the_submission():
    contribution = make_added(make_call_edition())
    expression = contribution.origin.expression
    Expression.objects.update(title="Larger")
    (edit,) = student_edits(contribution.edition)
    errors = []

    def accept() -> None:
        try:
            StudentEdit.decide(StudentEdit.accept, edit.origin.pk, seen=edit.tokens)
        except ChangedMeanwhile as error:
            errors.append(error)

    assert overlapping(partial(erase_expression, expression=expression), accept) == []
    assert len(errors) == 1
    assert Contribution.objects.get().title == "Smaller is better"
