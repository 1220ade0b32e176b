"""Confirmed expressions become contributions; erasing one removes what was not public."""

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile

from apps.contributors.accepted_submissions import accepted_submissions, add_submissions
from apps.core.files import private_storage
from apps.interest.models import Expression
from apps.interest.services import erase_expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from apps.review.models import Review
from apps.selection.decisions import decide, draft_decision_letters
from tests.contributors.students import add_to_programme, make_added, make_confirmed
from tests.factories import (
    make_call_edition,
    make_expression,
    make_sent_expression,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


def _add(*expressions):
    return add_submissions(
        edition=expressions[0].edition,
        expressions=[expression.pk for expression in expressions],
        is_published=False,
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


def test_a_confirmed_expression_becomes_a_contribution(edition):
    expression = make_confirmed(
        edition,
        coauthors=[("Bo Helper", "Institute of Help"), ("Ada Author", "")],
        link="https://www.arxiv.org/abs/2401.00001",
    )

    contributions = add_to_programme(expression, is_published=False)

    assert [_facts(contribution) for contribution in contributions] == [
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
def test_the_confirmed_format_decides_the_kind(edition, format_, kind):
    contribution = make_added(edition, format=format_)

    assert (contribution.kind, contribution.origin.format) == (kind, format_)


@pytest.mark.parametrize("has_answered", [True, False])
def test_without_consent_there_are_title_and_name_only(edition, has_answered):
    expression = make_confirmed(
        edition, consents=False, coauthors=[("Bo Helper", "")], link="https://example.org"
    )
    if not has_answered:
        expression.consents.all().delete()

    contribution = add_to_programme(expression)[0]

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


def test_invalid_submissions_are_named_and_the_others_are_added(edition):
    sound, other = make_confirmed(edition, title="Sound"), make_confirmed(edition, title="Other")
    broken = make_confirmed(edition, title="Broken", link="https://example.org")
    Expression.objects.filter(pk=broken.pk).update(link="javascript:alert(1)")
    nameless = make_confirmed(edition, title="Nameless", coauthors=[("Bo Helper", "")])
    nameless.coauthors.update(name=" ")

    result = _add(sound, broken, nameless, other)

    assert [row.title for row in result.contributions] == ["Sound", "Other"]
    assert result.refusals == [
        "“Broken” by Sam Student cannot be accepted: Enter a valid URL.",
        "“Nameless” by Sam Student cannot be accepted: Choose a person, or enter a name.",
    ]
    assert sorted(row.title for row in Contribution.objects.all()) == ["Other", "Sound"]
    assert Contributor.objects.count() == 2
    assert set(accepted_submissions(edition)) == {broken, nameless}


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED}))
def test_expressions_in_other_states_are_refused(edition, state):
    (refusal,) = _add(make_sent_expression(edition, state=state)).refusals

    assert refusal.endswith(f" is no longer confirmed: {State(state).label.lower()}.")
    assert not Contribution.objects.exists()


def test_rehearsals_and_other_editions_are_not_added(edition):
    rehearsal = make_confirmed(edition, is_test=True)
    other = make_confirmed(make_call_edition())

    result = add_submissions(
        edition=edition, expressions=[rehearsal.pk, other.pk, 999_999], is_published=True
    )

    assert result == ([], [])
    assert list(accepted_submissions(edition)) == []


def test_erasing_keeps_a_public_contribution_without_its_history(edition):
    contribution = make_added(edition)
    contribution.abstract = "Shorter."
    contribution.save()

    erase_expression(expression=contribution.origin.expression)

    kept = Contribution.objects.get()
    assert (kept.title, kept.abstract) == ("Smaller is better", "Shorter.")
    assert [row.name for row in kept.contributors.all()] == ["Sam Student"]
    for rows in (Origin.objects, Contribution.history, Contributor.history):
        assert not rows.exists()


@pytest.mark.parametrize(("is_published", "state"), [(False, "published"), (True, "draft")])
def test_erasing_deletes_a_contribution_that_was_not_public(
    edition, is_published, state, django_capture_on_commit_callbacks
):
    expression = make_confirmed(edition)
    contribution = add_to_programme(expression, is_published=is_published)[0]
    contribution.slides.save("x.pdf", ContentFile(b"%PDF-1.4"))
    file = str(contribution.slides.name)
    make_slot(make_session(edition), contribution)
    edition.state = state
    edition.save()

    with django_capture_on_commit_callbacks(execute=True):
        erase_expression(expression=expression)

    models = (Expression.objects, Contribution.objects, Contribution.history, Contributor.history)
    assert [rows.exists() for rows in models] == [False] * 4
    assert not private_storage().exists(file)


WORDS = ("Zyxwvut", "zyxwvut", "Qopplewell", "Ranthemum")


def _tables_with(*words: str) -> set[str]:
    """The models with a row that holds one of the words in any column."""
    return {
        model._meta.label
        for model in apps.get_models()
        for row in model._default_manager.values()
        if any(word in str(row) for word in words)
    }


@pytest.mark.parametrize("is_published", [False, True])
def test_erased_words_stay_in_no_table(as_chair, chair, edition, is_published):
    expression = make_confirmed(
        edition,
        name="Zyxwvut Erasmus",
        email="zyxwvut@example.net",
        title="Qopplewell",
        abstract="Ranthemum",
        coauthors=[("Zyxwvut Senior", "")],
    )
    Review.objects.create(expression=expression, reviewer=chair, score=3, remark="Zyxwvut?")
    (contribution,) = add_to_programme(expression, is_published=is_published)
    contribution.abstract = "Corrected."
    contribution.save()
    log_change = {"user_id": chair.pk, "action_flag": 2, "object_id": contribution.pk}
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Contribution),
        object_repr=str(contribution),
        change_message="Added contributor “Zyxwvut Erasmus”.",
        **log_change,
    )
    as_chair.post("/admin/interest/expression/export/csv/?q=Zyxwvut")
    as_chair.post("/admin/interest/expression/export/csv/?q=zyxwvut%40example.net")
    as_chair.post(f"/admin/interest/expression/{expression.pk}/address/", {"email": "no"})
    decided = make_expression(edition, email="zyxwvut@example.net", name="Zyxwvut Erasmus")
    decide(expression=decided, verdict="decline", by=chair)
    draft_decision_letters(edition=edition)
    assert len(_tables_with(*WORDS)) > 5

    for each in (expression, decided):
        as_chair.post(f"/admin/interest/expression/{each.pk}/erase/")

    public = {"programme.Contribution", "programme.Contributor"} if is_published else set()
    assert _tables_with(*WORDS) == public
