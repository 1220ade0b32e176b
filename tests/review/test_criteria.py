"""Criteria with weights beside the overall score."""

import pytest
from django.db import IntegrityError, transaction

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.imports.cloning import clone_edition
from apps.interest.services import erase_expression
from apps.review.models import Criterion, CriterionScore
from apps.review.services import criteria_mean, save_review
from tests.factories import (
    make_edition,
    make_expression,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def novelty(edition) -> Criterion:
    return Criterion.objects.create(edition=edition, label="Novelty", weight=3, ordering=10)


@pytest.fixture
def clarity(edition) -> Criterion:
    return Criterion.objects.create(
        edition=edition, label="Clarity", description="Is it well written?", ordering=20
    )


def _scores() -> list[tuple[str, int]]:
    return list(CriterionScore.objects.values_list("criterion__label", "score"))


def test_the_weighted_mean_counts_by_weight(edition, novelty, clarity):
    expression = make_expression(edition)
    first = save_review(
        expression=expression,
        reviewer=make_reviewer(edition),
        score=2,
        criteria={novelty.pk: 5, clarity.pk: 1},
    )
    second = save_review(
        expression=expression,
        reviewer=make_reviewer(edition),
        score=2,
        criteria={novelty.pk: 1, clarity.pk: 1},
    )
    without = save_review(expression=expression, reviewer=make_reviewer(edition), score=5)

    assert [row.weighted_mean for row in (first, second, without)] == [4, 1, None]
    assert criteria_mean([first, second, without]) == 2.5
    assert criteria_mean([without]) is None


def test_a_conflict_of_interest_takes_the_scores_away(edition, novelty):
    expression, rena = make_expression(edition), make_reviewer(edition)
    save_review(expression=expression, reviewer=rena, score=3, criteria={novelty.pk: 4})

    save_review(expression=expression, reviewer=rena, has_conflict=True, criteria={novelty.pk: 4})

    assert _scores() == []


@pytest.mark.parametrize("score", [0, 6, -1])
def test_scores_of_criteria_are_from_one_to_five(edition, novelty, score):
    expression, rena = make_expression(edition), make_reviewer(edition)

    with pytest.raises(NotAllowed):
        save_review(expression=expression, reviewer=rena, score=3, criteria={novelty.pk: score})
    review = save_review(expression=expression, reviewer=rena, score=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        review.criterion_scores.create(criterion=novelty, score=abs(score) + 6)

    assert _scores() == []


def test_a_criterion_of_another_edition_is_refused(edition):
    other = Criterion.objects.create(edition=make_edition(year=2031), label="Other")

    with pytest.raises(NotAllowed):
        save_review(
            expression=make_expression(edition),
            reviewer=make_reviewer(edition),
            score=3,
            criteria={other.pk: 3},
        )


def test_two_tabs_that_differ_in_a_criterion_are_told_apart(edition, novelty):
    expression, rena = make_expression(edition), make_reviewer(edition)
    first = save_review(expression=expression, reviewer=rena, score=3, criteria={novelty.pk: 2})
    seen = first.version_token
    save_review(expression=expression, reviewer=rena, score=3, criteria={novelty.pk: 4}, seen=seen)

    with pytest.raises(ChangedMeanwhile):
        save_review(
            expression=expression, reviewer=rena, score=3, criteria={novelty.pk: 1}, seen=seen
        )

    assert _scores() == [("Novelty", 4)]


def test_reviewers_score_the_criteria_on_the_form(as_reviewer, reviewer, edition, novelty, clarity):
    make_reviewer(edition, reviewer)
    expression = make_expression(edition)
    address = f"/admin/review/{expression.pk}/"
    one, other = f"criterion-{novelty.pk}", f"criterion-{clarity.pk}"

    page = as_reviewer.get(address).content.decode()
    missing = as_reviewer.post(address, {"verdict": "4", one: "5"})
    hostile = as_reviewer.post(address, {"verdict": "4", one: "5", other: "9"})
    as_reviewer.post(address, {"verdict": "4", one: "5", other: "2"})
    again = as_reviewer.get(address)

    for part in ("Novelty", "counts 3 times", "Is it well written?", "Overall score"):
        assert part in page
    assert list(missing.context["form"].errors) == [other]
    assert list(hostile.context["form"].errors) == [other]
    assert _scores() == [("Novelty", 5), ("Clarity", 2)]
    assert again.context["form"][one].value() == 5


def test_a_conflict_needs_no_scores_of_criteria(as_reviewer, reviewer, edition, novelty):
    make_reviewer(edition, reviewer)
    expression = make_expression(edition)

    response = as_reviewer.post(f"/admin/review/{expression.pk}/", {"verdict": "0"})

    assert response.status_code == 302
    assert expression.reviews.get().has_conflict


def test_chairs_see_the_weighted_mean(as_chair, edition, novelty, clarity):
    expression = make_expression(edition)
    criteria = {novelty.pk: 5, clarity.pk: 2}
    save_review(expression=expression, reviewer=make_reviewer(edition), score=3, criteria=criteria)

    page = as_chair.get(f"/admin/interest/expression/{expression.pk}/change/").content.decode()
    listed = as_chair.get("/admin/interest/expression/?o=1").content.decode()

    assert "weighted mean of the criteria" in page
    assert "Novelty" in page
    assert '<td class="field-criteria">4.2</td>' in listed or ">4.2</td>" in listed


def test_reviewers_do_not_see_the_scores_of_others(as_reviewer, reviewer, edition, novelty):
    make_reviewer(edition, reviewer)
    expression = make_expression(edition)
    save_review(
        expression=expression,
        reviewer=make_reviewer(edition),
        score=3,
        criteria={novelty.pk: 5},
    )

    page = as_reviewer.get(f"/admin/interest/expression/{expression.pk}/change/").content.decode()

    assert "weighted" not in page


def test_chairs_add_criteria_on_the_review_tab_and_scored_ones_stay(as_chair, edition, novelty):
    address = f"/admin/editions/edition/{edition.pk}/review/"
    empty = {
        "reviewers-TOTAL_FORMS": "0",
        "reviewers-INITIAL_FORMS": "0",
        "review_criteria-TOTAL_FORMS": "2",
        "review_criteria-INITIAL_FORMS": "1",
        "review_criteria-0-id": novelty.pk,
        "review_criteria-0-edition": edition.pk,
        "review_criteria-0-label": "Novelty",
        "review_criteria-0-weight": "3",
        "review_criteria-0-ordering": "10",
        "review_criteria-1-edition": edition.pk,
    }
    added = {
        "review_criteria-1-label": "Clarity",
        "review_criteria-1-weight": "2",
        "review_criteria-1-ordering": "20",
    }
    as_chair.post(address, empty | added)
    labels = list(edition.review_criteria.values_list("label", "weight"))
    save_review(
        expression=make_expression(edition),
        reviewer=make_reviewer(edition),
        score=3,
        criteria={novelty.pk: 5},
    )

    deleted = {"review_criteria-0-DELETE": "on", "review_criteria-TOTAL_FORMS": "1"}
    refused = as_chair.post(address, empty | deleted)

    assert labels == [("Novelty", 3), ("Clarity", 2)]
    assert "was scored in a review already" in refused.content.decode()


def test_criteria_are_copied_into_the_next_edition_without_scores(edition, novelty, chair):
    draft = clone_edition(source=edition, by=chair)

    assert list(draft.review_criteria.values_list("label", "weight")) == [("Novelty", 3)]
    assert not CriterionScore.objects.exists()


def test_an_erased_expression_takes_its_scores_with_it(edition, novelty):
    expression = make_expression(edition)
    save_review(
        expression=expression, reviewer=make_reviewer(edition), score=3, criteria={novelty.pk: 5}
    )

    erase_expression(expression=expression)

    assert _scores() == []
