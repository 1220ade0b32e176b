"""What of the programme waits on the first screen: students' corrections, speakers' changes."""

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.edits import student_edits
from apps.contributors.models import Proposal
from apps.interest.models import Expression
from tests.contributors.speakers import make_speaker
from tests.contributors.students import make_confirmed
from tests.factories import make_contribution, make_current_edition, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(settings):
    settings.HAS_MAIL = True
    return make_current_edition(slug="2030")


def _correct(edition, number: int) -> None:
    """So many students on the programme, who have changed their titles since."""
    expressions = [make_confirmed(edition, title=f"Title {one}") for one in range(number)]
    add_submissions(edition=edition, expressions=[row.pk for row in expressions], is_published=True)
    for row in expressions:
        Expression.objects.filter(pk=row.pk).update(title=f"{row.title} corrected")


def _propose(edition, number: int) -> None:
    for _ in range(number):
        person = make_person()
        speaker = make_speaker(edition, person)
        make_contribution(edition, person)
        Proposal.objects.create(speaker=speaker, values={"bio": "x"})


def _tasks(client) -> list[tuple[int, str, str]] | None:
    tasks = client.get("/admin/").context["card"].todos
    return None if tasks is None else [(task.count, task.label, task.url) for task in tasks]


@pytest.mark.parametrize(
    ("number", "students", "speakers"),
    [
        (1, "student says otherwise than the programme", "change by speakers waits for a nod"),
        (3, "students say otherwise than the programme", "changes by speakers wait for a nod"),
    ],
)
def test_chairs_are_led_to_both(as_chair, edition, number, students, speakers):
    _correct(edition, number)
    _propose(edition, number)
    base = f"/admin/programme/session/programme/{edition.pk}/"

    tasks = _tasks(as_chair) or []

    assert tasks[-2:] == [
        (number, students, f"{base}corrections/"),
        (number, speakers, f"{base}speakers/"),
    ]
    for _, _, url in tasks[-2:]:
        assert as_chair.get(url).status_code == 200
    assert len(student_edits(edition)) == number


def test_editors_are_led_to_what_speakers_say_and_others_to_nothing(
    as_editor, as_reviewer, as_helpdesk, edition
):
    assert _tasks(as_editor) is None
    _correct(edition, 1)
    _propose(edition, 1)

    tasks = _tasks(as_editor)

    assert tasks is not None
    assert [words for _, words, _ in tasks] == ["change by speakers waits for a nod"]
    for who in (as_reviewer, as_helpdesk):
        assert not [words for _, words, _ in _tasks(who) or [] if "programme" in words]


def test_what_is_settled_waits_no_more(as_chair, edition):
    _correct(edition, 1)
    Expression.objects.update(title="Title 0")

    assert _tasks(as_chair) == []


@pytest.mark.parametrize("number", [1, 3])
def test_counting_costs_the_same_for_one_as_for_three(edition, number, django_assert_num_queries):
    with django_assert_num_queries(1):
        student_edits(edition)
    _correct(edition, number)

    with django_assert_num_queries(6):
        assert len(student_edits(edition)) == number
    for row in Expression.objects.all():
        Expression.objects.filter(pk=row.pk).update(title=row.title.removesuffix(" corrected"))
    with django_assert_num_queries(6):
        assert len(student_edits(edition)) == 0


@pytest.mark.parametrize("number", [1, 3])
def test_the_screen_costs_the_same_for_one_as_for_three(
    as_chair, edition, number, django_assert_num_queries
):
    _correct(edition, number)
    _propose(edition, number)

    with django_assert_num_queries(17):
        as_chair.get("/admin/")
