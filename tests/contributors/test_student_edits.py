"""What students say differently afterwards shows as a difference, and changes nothing by itself."""

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.edits import StudentEdit, remove_withdrawn, student_edits
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.interest.models import CoAuthor, Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from tests.contributors.students import make_confirmed, say
from tests.factories import make_call_edition, make_person, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


def _brought(edition, **fields) -> Contribution:
    expression = make_confirmed(edition, **fields)
    result = add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    return result.contributions[0]


def _correct(contribution, **fields) -> None:
    Expression.objects.filter(origin__contribution=contribution).update(**fields)


def _shown(edition) -> list:
    return [
        [(change.name, change.current, change.proposed) for change in edit.changes]
        for edit in student_edits(edition)
    ]


def _seen(edition, *fields) -> dict:
    """The first contribution's differences as a chair sees them."""
    changes = student_edits(edition)[0].changes
    return {one.name: one.token for one in changes if not fields or one.name in fields}


def test_what_was_not_changed_is_no_difference(edition):
    _brought(edition, coauthors=[("Bo Helper", "")])

    assert _shown(edition) == []


def test_every_field_that_was_corrected_is_shown_old_and_new_and_nothing_changes(edition):
    talk = _brought(edition, coauthors=[("Bo Helper", "Help")], link="https://example.org/a")
    make_topic(edition, heading="Large models")
    expression = talk.origin.expression
    _correct(
        talk,
        title="Larger is better",
        name="Sam S. Student",
        university="Elsewhere",
        abstract="*Not* so.",
        link="https://example.org/b",
        confirmed_format="both",
    )
    expression.topics.set(edition.topics.all())
    CoAuthor.objects.create(expression=expression, name="Ada Author", affiliation="", ordering=20)

    assert _shown(edition) == [
        [
            ("format", "Lightning talk", "Lightning talk and poster"),
            ("title", "Smaller is better", "Larger is better"),
            ("name", "Sam Student", "Sam S. Student"),
            ("university", "University of Examples", "Elsewhere"),
            ("coauthors", "Bo Helper (Help)", "Bo Helper (Help), Ada Author"),
            ("abstract", "We show that it is.", "\\*Not\\* so."),
            ("topics", "Small models", "Small models, Large models"),
            ("link", "https://example.org/a", "https://example.org/b"),
        ]
    ]
    talk.refresh_from_db()
    assert (talk.title, talk.abstract) == ("Smaller is better", "We show that it is.")

    StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    talk = Contribution.objects.get()
    assert _shown(edition) == []
    assert (talk.title, talk.abstract) == ("Larger is better", "\\*Not\\* so.")
    assert (talk.kind, talk.origin.format) == ("lightning", "both")
    assert [(row.name, row.affiliation) for row in talk.contributors.all()] == [
        ("Sam S. Student", "Elsewhere"),
        ("Bo Helper", "Help"),
        ("Ada Author", ""),
    ]
    assert talk.topics.count() == 2
    assert talk.more_url == "https://example.org/b"


def test_one_field_may_be_taken_over_and_another_left(edition):
    talk = _brought(edition)
    _correct(talk, title="Larger", abstract="Other.")

    StudentEdit.accept(talk.origin.pk, seen=_seen(edition, "title"))
    StudentEdit.reject(talk.origin.pk, seen=_seen(edition, "abstract"))

    talk.refresh_from_db()
    assert (talk.title, talk.abstract) == ("Larger", "We show that it is.")
    assert _shown(edition) == []


def test_what_was_left_shows_again_once_it_changes_again_and_not_if_it_goes_back(edition):
    talk = _brought(edition)
    _correct(talk, title="Larger")
    StudentEdit.reject(talk.origin.pk, seen=_seen(edition))
    assert _shown(edition) == []

    _correct(talk, title="Largest")
    assert _shown(edition) == [[("title", "Smaller is better", "Largest")]]

    _correct(talk, title="Smaller is better")
    assert _shown(edition) == []


def test_an_organisers_own_edit_stays_and_is_what_the_correction_is_compared_to(edition):
    talk = _brought(edition)
    talk.title = "Smaller Is Better"
    talk.save()
    assert _shown(edition) == []

    _correct(talk, title="Larger")
    assert _shown(edition) == [[("title", "Smaller Is Better", "Larger")]]

    talk.title = "Larger"
    talk.save()
    assert _shown(edition) == []


@pytest.mark.parametrize("step", [StudentEdit.accept, StudentEdit.reject])
def test_what_changed_since_it_was_seen_is_neither_taken_over_nor_left(edition, step):
    talk = _brought(edition)
    _correct(talk, title="Larger")
    seen = _seen(edition)
    _correct(talk, title="Largest")

    with pytest.raises(ChangedMeanwhile):
        step(talk.origin.pk, seen=seen)

    talk.refresh_from_db()
    assert (talk.title, Origin.objects.get().rejected_values) == ("Smaller is better", {})


@pytest.mark.parametrize("step", [StudentEdit.accept, StudentEdit.reject])
def test_the_second_of_two_presses_finds_it_done(edition, step):
    talk = _brought(edition)
    _correct(talk, title="Larger")
    seen = _seen(edition)
    step(talk.origin.pk, seen=seen)

    with pytest.raises(ChangedMeanwhile):
        StudentEdit.accept(talk.origin.pk, seen=seen)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CANCELLED, State.UNDER_REVIEW])
def test_who_no_longer_comes_is_shown_first_and_stays_until_taken_off(edition, state):
    stays, goes = _brought(edition, title="A"), _brought(edition, title="B")
    _correct(stays, title="A corrected")
    fields: dict[str, str | None] = {"offer": "", "confirmed_format": ""}
    if state == State.UNDER_REVIEW:
        fields |= {"decided_by": None, "decided_at": None}
    _correct(goes, state=state, title="B corrected", **fields)

    assert _shown(edition) == [
        [("standing", "On the programme", state.label)],
        [("title", "A", "A corrected")],
    ]
    assert Contribution.objects.count() == 2
    with pytest.raises(NotAllowed):
        StudentEdit.accept(goes.origin.pk, seen=_seen(edition))

    assert remove_withdrawn(goes.origin.pk, seen=_seen(edition)) == "B"

    assert list(Contribution.objects.all()) == [stays]


def test_one_that_was_withdrawn_may_stay_as_somebody_elses_talk(edition):
    talk = _brought(edition)
    _correct(talk, state=State.WITHDRAWN)

    StudentEdit.reject(talk.origin.pk, seen=_seen(edition))

    assert _shown(edition) == []
    assert Contribution.objects.count() == 1


def test_who_comes_is_not_taken_off(edition):
    talk = _brought(edition)
    _correct(talk, title="Larger")

    with pytest.raises(NotAllowed):
        remove_withdrawn(talk.origin.pk, seen=_seen(edition))

    assert Contribution.objects.count() == 1


def test_a_consent_taken_back_removes_all_but_title_and_name_and_cannot_be_left(edition):
    talk = _brought(edition, coauthors=[("Bo Helper", "")], link="https://example.org/a")
    say(talk.origin.expression, is_given=False)
    assert _shown(edition) == [[("consent", "Given", "Not given: title and name only")]]
    assert [one.may_reject for one in student_edits(edition)[0].changes] == [False]

    with pytest.raises(NotAllowed):
        StudentEdit.reject(talk.origin.pk, seen=_seen(edition))
    StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    talk = Contribution.objects.get()
    assert _shown(edition) == []
    assert (talk.title, talk.abstract, talk.more_url) == ("Smaller is better", "", "")
    assert [(row.name, row.affiliation) for row in talk.contributors.all()] == [("Sam Student", "")]
    assert talk.topics.count() == 0
    assert "We show that it is." not in str(talk.origin.accepted_values)


def test_a_consent_given_later_brings_all_of_it(edition):
    talk = _brought(edition, consents=False)
    say(talk.origin.expression, is_given=True)

    StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    talk = Contribution.objects.get()
    assert talk.abstract == "We show that it is."
    assert talk.contributors.get().affiliation == "University of Examples"
    assert talk.topics.count() == 1


def test_whom_organisers_added_and_their_marks_stay(edition):
    talk = _brought(edition, coauthors=[("Bo Helper", ""), ("Ada Author", "")])
    talk.contributors.filter(name="Bo Helper").update(is_equal_contribution=True)
    Contributor.objects.create(contribution=talk, person=make_person(name="Paul Person"))
    CoAuthor.objects.filter(name="Ada Author").delete()
    CoAuthor.objects.filter(name="Bo Helper").update(affiliation="Help")

    StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    assert [
        (row.shown_name, row.shown_affiliation, row.is_equal_contribution)
        for row in talk.contributors.all()
    ] == [
        ("Sam Student", "University of Examples", False),
        ("Bo Helper", "Help", True),
        ("Paul Person", "", False),
    ]


def test_the_name_of_one_of_the_people_is_not_written_over(edition):
    talk = _brought(edition)
    talk.contributors.update(person=make_person(name="Sam Student"), name="")
    _correct(talk, name="Sam S. Student")

    with pytest.raises(NotAllowed) as refused:
        StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    assert str(refused.value) == (
        "“Sam Student” stands there as one of the people: change the name on their own page."
    )


def test_a_contribution_without_names_gets_its_name_back(edition):
    talk = _brought(edition)
    talk.contributors.all().delete()
    _correct(talk, name="Sam S. Student")

    StudentEdit.accept(talk.origin.pk, seen=_seen(edition))

    assert talk.contributors.get().name == "Sam S. Student"


@pytest.mark.parametrize("count", [1, 3])
def test_the_differences_cost_the_same_however_many_there_are(
    edition, count, django_assert_max_num_queries
):
    for number in range(count):
        _correct(_brought(edition, title=f"Talk {number}"), title=f"Other {number}")

    with django_assert_max_num_queries(7):
        assert len(student_edits(edition)) == count
