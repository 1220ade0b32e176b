"""Students' later changes are compared with the programme, accepted or rejected field by field."""

import pytest

from apps.contributors.student_edits import StudentEdit, student_edits
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.interest.models import CoAuthor, Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from tests.contributors.students import make_added, set_consent
from tests.factories import make_call_edition, make_person, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


def _change(contribution, **fields) -> None:
    Expression.objects.filter(origin__contribution=contribution).update(**fields)


def _shown(edition) -> list:
    return [
        [(change.name, change.current, change.proposed) for change in edit.changes]
        for edit in student_edits(edition)
    ]


def _seen(edition, *fields) -> dict:
    """The version tokens of the first edit's fields."""
    changes = student_edits(edition)[0].changes
    return {row.name: row.token for row in changes if not fields or row.name in fields}


def test_an_unchanged_submission_is_no_edit(edition):
    make_added(edition, coauthors=[("Bo Helper", "")])

    assert _shown(edition) == []


def test_every_changed_field_is_compared_and_can_be_accepted(edition):
    talk = make_added(edition, coauthors=[("Bo Helper", "Help")], link="https://example.org/a")
    make_topic(edition, heading="Large models")
    expression = talk.origin.expression
    _change(
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

    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))

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


def test_one_field_is_accepted_and_another_rejected_until_it_changes_again(edition):
    talk = make_added(edition)
    _change(talk, title="Larger", abstract="Other.")

    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition, "abstract"))
    StudentEdit.decide(StudentEdit.reject, talk.origin.pk, seen=_seen(edition, "title"))

    talk.refresh_from_db()
    assert (talk.title, talk.abstract) == ("Smaller is better", "Other.")
    assert _shown(edition) == []
    _change(talk, title="Largest")
    assert _shown(edition) == [[("title", "Smaller is better", "Largest")]]
    _change(talk, title="Smaller is better")
    assert _shown(edition) == []


def test_a_change_is_compared_with_the_organisers_text(edition):
    talk = make_added(edition)
    talk.title = "Smaller Is Better"
    talk.save()
    assert _shown(edition) == []

    _change(talk, title="Larger")
    assert _shown(edition) == [[("title", "Smaller Is Better", "Larger")]]

    talk.title = "Larger"
    talk.save()
    assert _shown(edition) == []


@pytest.mark.parametrize("step", [StudentEdit.accept, StudentEdit.reject])
def test_only_the_displayed_version_is_decided_and_only_once(edition, step):
    talk = make_added(edition)
    _change(talk, title="Larger")
    seen = _seen(edition)
    _change(talk, title="Largest")

    with pytest.raises(ChangedMeanwhile):
        StudentEdit.decide(step, talk.origin.pk, seen=seen)

    talk.refresh_from_db()
    assert (talk.title, Origin.objects.get().rejected_values) == ("Smaller is better", {})

    seen = _seen(edition)
    StudentEdit.decide(step, talk.origin.pk, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=seen)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CANCELLED, State.UNDER_REVIEW])
def test_a_withdrawn_contribution_is_shown_first_and_stays_until_removed(edition, state):
    kept, withdrawn = make_added(edition, title="A"), make_added(edition, title="B")
    _change(kept, title="A corrected")
    fields: dict[str, str | None] = {"offer": "", "confirmed_format": ""}
    if state == State.UNDER_REVIEW:
        fields |= {"decided_by": None, "decided_at": None}
    _change(withdrawn, state=state, title="B corrected", **fields)

    assert _shown(edition) == [
        [("state", "On the programme", state.label)],
        [("title", "A", "A corrected")],
    ]
    assert Contribution.objects.count() == 2
    with pytest.raises(NotAllowed):
        StudentEdit.decide(StudentEdit.accept, withdrawn.origin.pk, seen=_seen(edition))

    assert StudentEdit.decide(StudentEdit.remove, withdrawn.origin.pk, seen=_seen(edition)) == "B"

    assert list(Contribution.objects.all()) == [kept]


def test_a_withdrawn_contribution_may_stay_and_a_confirmed_one_is_not_removed(edition):
    talk = make_added(edition)
    _change(talk, title="Larger")
    with pytest.raises(NotAllowed):
        StudentEdit.decide(StudentEdit.remove, talk.origin.pk, seen=_seen(edition))
    _change(talk, state=State.WITHDRAWN)

    StudentEdit.decide(StudentEdit.reject, talk.origin.pk, seen=_seen(edition))

    assert _shown(edition) == []
    assert Contribution.objects.count() == 1


def test_a_withdrawn_consent_cannot_be_rejected_and_leaves_title_and_name(edition):
    talk = make_added(edition, coauthors=[("Bo Helper", "")], link="https://example.org/a")
    set_consent(talk.origin.expression, is_given=False)
    assert _shown(edition) == [[("consent", "Given", "No consent: title and name only")]]
    assert [change.may_reject for change in student_edits(edition)[0].changes] == [False]

    with pytest.raises(NotAllowed):
        StudentEdit.decide(StudentEdit.reject, talk.origin.pk, seen=_seen(edition))
    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))

    talk = Contribution.objects.get()
    assert _shown(edition) == []
    assert (talk.title, talk.abstract, talk.more_url) == ("Smaller is better", "", "")
    assert [(row.name, row.affiliation) for row in talk.contributors.all()] == [("Sam Student", "")]
    assert talk.topics.count() == 0
    assert "We show that it is." not in str(talk.origin.accepted_values)


def test_a_later_consent_adds_all_fields(edition):
    talk = make_added(edition, consents=False)
    set_consent(talk.origin.expression, is_given=True)

    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))

    talk = Contribution.objects.get()
    assert talk.abstract == "We show that it is."
    assert talk.contributors.get().affiliation == "University of Examples"
    assert talk.topics.count() == 1


def test_names_and_marks_by_organisers_stay(edition):
    talk = make_added(edition, coauthors=[("Bo Helper", ""), ("Ada Author", "")])
    talk.contributors.filter(name="Bo Helper").update(is_equal_contribution=True)
    Contributor.objects.create(contribution=talk, person=make_person(name="Paul Person"))
    CoAuthor.objects.filter(name="Ada Author").delete()
    CoAuthor.objects.filter(name="Bo Helper").update(affiliation="Help")

    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))

    assert [
        (row.shown_name, row.shown_affiliation, row.is_equal_contribution)
        for row in talk.contributors.all()
    ] == [
        ("Sam Student", "University of Examples", False),
        ("Bo Helper", "Help", True),
        ("Paul Person", "", False),
    ]


def test_the_name_of_a_person_is_not_overwritten_and_a_missing_name_is_added(edition):
    talk = make_added(edition)
    talk.contributors.update(person=make_person(name="Sam Student"), name="")
    _change(talk, name="Sam S. Student")

    with pytest.raises(NotAllowed) as refused:
        StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))

    assert str(refused.value) == (
        "“Sam Student” is in the list of people: change the name on that person's page."
    )
    talk.contributors.all().delete()
    StudentEdit.decide(StudentEdit.accept, talk.origin.pk, seen=_seen(edition))
    assert talk.contributors.get().name == "Sam S. Student"


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(edition, count, django_assert_num_queries):
    for number in range(count):
        _change(make_added(edition, title=f"Talk {number}"), title=f"Other {number}")

    with django_assert_num_queries(6):
        assert len(student_edits(edition)) == count
