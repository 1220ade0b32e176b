"""Figures of the agreement between reviewers."""

import pytest

from apps.review.agreement import agreement_of, krippendorff_alpha, mean_difference
from apps.review.services import save_review
from tests.factories import make_call, make_current_edition, make_expression, make_reviewer

# Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011: three observers, 15 units.
_PUBLISHED = [
    *([1], [], [2, 2], [1, 1], [3, 3], [3, 3, 4], [4, 4, 4], [1, 3], [2, 2], [1, 1]),
    *([1, 1], [3, 3], [3, 3], [], [3, 4]),
]


@pytest.fixture
def edition(db):
    edition = make_current_edition(title="Workshop on Reviews", year=2030)
    make_call(edition)
    return edition


def test_alpha_is_that_of_the_published_example():
    assert krippendorff_alpha(_PUBLISHED) == pytest.approx(0.811, abs=0.0005)


@pytest.mark.parametrize(
    ("units", "alpha", "difference"),
    [
        ([], None, None),
        ([[3]], None, None),
        ([[3, 3]], None, 0),
        ([[1, 1], [5, 5]], 1, 0),
        ([[1, 5], [1, 5]], -0.5, 4),
    ],
)
def test_extreme_cases_have_figures_or_none(units, alpha, difference):
    assert krippendorff_alpha(units) == (None if alpha is None else pytest.approx(alpha))
    assert mean_difference(units) == difference


def test_the_page_names_expressions_with_scores_far_apart(as_chair, edition):
    one, two, three = (make_reviewer(edition) for _ in range(3))
    far = make_expression(edition, title="Far apart")
    near, single = make_expression(edition, title="Near"), make_expression(edition, title="Single")
    test = make_expression(edition, title="Not counted", is_test=True)
    for expression, scores in ((far, (5, 1)), (near, (3, 4)), (single, (2,))):
        for reviewer, score in zip((one, two), scores, strict=False):
            save_review(expression=expression, reviewer=reviewer, score=score)
    save_review(expression=near, reviewer=three, has_conflict=True)

    figures = agreement_of(edition)
    page = as_chair.get(f"/admin/review/progress/{edition.pk}/").content.decode()

    assert (figures.expressions, figures.difference) == (2, 2.5)
    assert figures.disputed == [(far, [1, 5])]
    assert "Far apart" in page
    assert "Krippendorff" in page
    assert test.title not in page


def test_without_reviews_the_page_has_no_figures(as_chair, edition):
    make_reviewer(edition)
    make_expression(edition)

    page = as_chair.get(f"/admin/review/progress/{edition.pk}/").content.decode()

    assert "Krippendorff" not in page
