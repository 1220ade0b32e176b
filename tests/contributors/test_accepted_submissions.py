"""Confirmed expressions become contributions, and what becomes of these when a student erases."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from apps.contributors.accepted_submissions import accepted_submissions, add_submissions
from apps.core.files import private_storage
from apps.core.markdown import render
from apps.interest.models import Expression
from apps.interest.services import erase_expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_sent_expression,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


def _bring_in(*expressions, is_published=False):
    return add_submissions(
        edition=expressions[0].edition,
        expressions=[one.pk for one in expressions],
        is_published=is_published,
    )


def _facts(contribution) -> dict:
    return {
        "kind": contribution.kind,
        "title": contribution.title,
        "abstract": contribution.abstract,
        "names": [(row.name, row.affiliation, row.role) for row in contribution.contributors.all()],
        "topics": [topic.heading for topic in contribution.topics.all()],
        "links": [contribution.arxiv_url, contribution.code_url, contribution.more_url],
        "is_published": contribution.is_published,
    }


def test_a_confirmed_expression_becomes_a_contribution_with_all_its_student_said(edition):
    expression = make_confirmed(
        edition,
        coauthors=[("Bo Helper", "Institute of Help"), ("Ada Author", "")],
        link="https://www.arxiv.org/abs/2401.00001",
    )

    result = _bring_in(expression)

    assert [_facts(one) for one in result.contributions] == [
        {
            "kind": "lightning",
            "title": "Smaller is better",
            "abstract": "We show that it is.",
            "names": [
                ("Sam Student", "University of Examples", "speaker"),
                ("Bo Helper", "Institute of Help", "author"),
                ("Ada Author", "", "author"),
            ],
            "topics": ["Small models"],
            "links": ["https://www.arxiv.org/abs/2401.00001", "", ""],
            "is_published": False,
        }
    ]
    assert Origin.objects.get().expression == expression


@pytest.mark.parametrize(
    ("format_", "kind"), [("talk", "lightning"), ("poster", "poster"), ("both", "lightning")]
)
def test_what_was_confirmed_says_what_it_is(edition, format_, kind):
    expression = make_confirmed(edition, format=format_)

    contribution = _bring_in(expression).contributions[0]

    assert (contribution.kind, contribution.origin.format) == (kind, format_)


@pytest.mark.parametrize("has_answered", [True, False])
def test_without_consent_to_publish_there_is_title_and_name_only(edition, has_answered):
    expression = make_confirmed(
        edition, consents=False, coauthors=[("Bo Helper", "")], link="https://example.org"
    )
    if not has_answered:
        expression.consents.all().delete()

    contribution = _bring_in(expression, is_published=True).contributions[0]

    assert _facts(contribution) == {
        "kind": "lightning",
        "title": "Smaller is better",
        "abstract": "",
        "names": [("Sam Student", "", "speaker")],
        "topics": [],
        "links": ["", "", ""],
        "is_published": True,
    }
    assert "University of Examples" not in str(contribution.origin.accepted_values)


def test_a_students_text_is_words_and_never_markup(edition):
    abstract = "[click](https://evil.example.org) <script>alert(1)</script>\n# Big\n1. one"
    expression = make_confirmed(edition, abstract=abstract)

    contribution = _bring_in(expression).contributions[0]

    assert render(contribution.abstract) == (
        "<p>[click](https://evil.example.org) &lt;script&gt;alert(1)&lt;/script&gt;<br>\n"
        "# Big<br>\n1. one</p>\n"
    )


def test_pressed_twice_it_is_one_each(edition):
    expressions = [make_confirmed(edition, title=f"Talk {number}") for number in range(3)]

    first, second = _bring_in(*expressions), _bring_in(*expressions)

    assert (len(first.contributions), first.refusals) == (3, [])
    assert [str(one) for one in second.refusals] == [
        f"“Talk {number}” by Sam Student" for number in range(3)
    ]
    assert {one.reason for one in second.refusals} == {"is on the programme already"}
    assert second.contributions == []
    assert Contribution.objects.count() == 3


def test_what_cannot_be_taken_over_is_named_and_the_others_come_in(edition):
    sound, other = make_confirmed(edition, title="Sound"), make_confirmed(edition, title="Other")
    broken = make_confirmed(edition, title="Broken", link="https://example.org")
    Expression.objects.filter(pk=broken.pk).update(link="javascript:alert(1)")
    nameless = make_confirmed(edition, title="Nameless", coauthors=[("Bo Helper", "")])
    nameless.coauthors.update(name=" ")

    result = _bring_in(sound, broken, nameless, other)

    assert [one.title for one in result.contributions] == ["Sound", "Other"]
    assert [(one.title, one.reason) for one in result.refusals] == [
        ("Broken", "cannot be taken over: Enter a valid URL."),
        ("Nameless", "cannot be taken over: Choose a person, or write a name: one of both."),
    ]
    assert sorted(row.title for row in Contribution.objects.all()) == ["Other", "Sound"]
    assert Contributor.objects.count() == 2
    assert set(accepted_submissions(edition)) == {broken, nameless}


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED}))
def test_only_what_is_confirmed_comes_in(edition, state):
    expression = make_sent_expression(edition, state=state)

    (refusal,) = _bring_in(expression).refusals
    assert refusal.reason == f"is not confirmed any more: {State(state).label.lower()}"
    assert not Contribution.objects.exists()


def test_rehearsals_and_those_of_other_years_stay_out(edition):
    rehearsal = make_confirmed(edition, is_test=True)
    other = make_confirmed(make_call_edition())

    result = add_submissions(
        edition=edition, expressions=[rehearsal.pk, other.pk, 999_999], is_published=True
    )

    assert result.contributions == []
    assert [one.reason for one in result.refusals] == ["is a rehearsal"]
    assert result.missing == 2
    assert list(accepted_submissions(edition)) == []


def test_an_expression_has_one_contribution_by_form_and_by_constraint(edition):
    origin = _bring_in(make_confirmed(edition)).contributions[0].origin
    second = Origin(
        contribution=make_contribution(edition),
        expression=origin.expression,
        format="talk",
        accepted_values=origin.accepted_values,
    )

    with pytest.raises(ValidationError) as refused:
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()

    assert refused.value.messages == ["This expression of interest is on the programme already."]


def test_an_origin_is_of_a_known_format(edition):
    origin = _bring_in(make_confirmed(edition)).contributions[0].origin
    origin.format = "song"

    with pytest.raises(ValidationError) as refused:
        origin.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        origin.save()

    assert refused.value.messages == ["Say whether it is a talk, a poster or both."]


def test_erasing_keeps_what_was_public_and_forgets_its_earlier_versions(edition):
    expression = make_confirmed(edition)
    contribution = _bring_in(expression, is_published=True).contributions[0]
    contribution.abstract = "Shorter."
    contribution.save()

    erase_expression(expression=expression)

    kept = Contribution.objects.get()
    assert (kept.title, kept.abstract) == ("Smaller is better", "Shorter.")
    assert [row.name for row in kept.contributors.all()] == ["Sam Student"]
    assert not Origin.objects.exists()
    assert not Contribution.history.exists()
    assert not Contributor.history.exists()


@pytest.mark.parametrize(("is_published", "state"), [(False, "published"), (True, "draft")])
def test_erasing_takes_what_nobody_could_read_along(
    edition, is_published, state, django_capture_on_commit_callbacks
):
    expression = make_confirmed(edition)
    contribution = _bring_in(expression, is_published=is_published).contributions[0]
    contribution.slides.save("x.pdf", ContentFile(b"%PDF-1.4"))
    file = contribution.slides.name
    make_slot(make_session(edition), contribution)
    edition.state = state
    edition.save()

    with django_capture_on_commit_callbacks(execute=True):
        erase_expression(expression=expression)

    assert not Expression.objects.exists()
    assert not Contribution.objects.exists()
    assert not Contribution.history.exists()
    assert not Contributor.history.exists()
    assert not private_storage().exists(file)
