"""Assignment of expressions to reviewers: conflicts of interest, equal loads, queues, pages."""

import random
import time
from collections import Counter
from itertools import pairwise

import pytest

from apps.interest.models import Expression
from apps.review.assignment import (
    assign_automatically,
    assign_to,
    assign_topic,
    assignment_token,
    clear_assignments,
    distribute,
    set_reviewers,
)
from apps.review.conflicts import find_conflicts_of_interest
from apps.review.models import Assignment, Reviewer
from apps.review.services import progress, queue, save_review
from apps.topics.services import merge_topics
from tests.factories import (
    make_call,
    make_edition,
    make_expression,
    make_reviewer,
    make_topic,
    make_user,
)
from tests.queries import count_queries
from tests.reading import messages_of

pytestmark = pytest.mark.django_db


def _row(edition, name: str = "", **fields) -> Reviewer:
    user = make_reviewer(edition, name=name) if name else make_reviewer(edition)
    Reviewer.objects.filter(user=user).update(**fields)
    return Reviewer.objects.select_related("user", "edition").get(user=user)


def _assigned() -> set[tuple[str, str]]:
    rows = Assignment.objects.values_list("expression__title", "reviewer__user__name")
    return set(rows)


def _page(edition) -> str:
    return f"/admin/review/assign/{edition.pk}/"


# Conflicts of interest


@pytest.mark.parametrize(
    ("reviewer", "expression", "reason"),
    [
        ({"affiliation": "ETH Zürich"}, {"university": "ETH Zurich, D-INFK"}, "same affiliation"),
        ({"affiliation": "Lab of Ada"}, {"coauthors": [("Bo", "LAB OF ADA")]}, "same affiliation"),
        ({"name": "Jane Doe"}, {"coauthors": [("Doe, Jane", "")]}, "author or co-author"),
        ({"name": "Jane Doe"}, {"supervisor": "jane doe"}, "supervisor"),
        ({"conflicts": "Ann\nSam Ple\n"}, {"name": "Ple, Sam"}, "declared person"),
        ({"conflicts": "Ann\nSam Ple\n"}, {"supervisor": "Sam Ple"}, "declared person"),
        ({"conflicts": "Ada Lab"}, {"school": "The Ada Lab"}, "declared affiliation"),
        ({"affiliation": "University of York"}, {"university": "University of Bath"}, None),
        ({"affiliation": "", "conflicts": "\n \n"}, {"school": ""}, None),
        ({"affiliation": "of"}, {"university": "University of Bath"}, None),
    ],
)
def test_conflicts_of_interest_are_found(edition, reviewer, expression, reason):
    row = _row(edition, **reviewer)
    sent = make_expression(edition, **expression)

    conflicts = find_conflicts_of_interest([row], [sent])

    assert conflicts.get((sent.pk, row.pk)) == reason


def test_a_declared_conflict_and_an_own_address_are_conflicts(edition):
    row = _row(edition)
    declared = make_expression(edition)
    save_review(expression=declared, reviewer=row.user, has_conflict=True)
    own = make_expression(edition, email=row.user.email.upper())

    conflicts = find_conflicts_of_interest([row], [declared, own])

    assert conflicts == {
        (declared.pk, row.pk): "declared in a review",
        (own.pk, row.pk): "author or co-author",
    }


# Equal loads


def test_200_expressions_are_spread_over_20_reviewers_in_two_seconds():
    chance = random.Random(15)  # noqa: S311  no secret
    reviewers, expressions = list(range(20)), list(range(100, 300))
    forbidden = {
        (expression, reviewer)
        for expression in expressions
        for reviewer in reviewers
        if chance.random() < 0.15
    }
    preferred = {(expression, chance.randrange(20)) for expression in expressions}
    begun = time.perf_counter()

    result = distribute(
        3, dict.fromkeys(expressions, ()), reviewers, forbidden=forbidden, preferred=preferred
    )

    assert time.perf_counter() - begun < 2
    pairs = [(one, reviewer) for one, chosen in result.items() for reviewer in chosen]
    loads = Counter(reviewer for _, reviewer in pairs)
    assert set(loads.values()) == {30}
    assert not set(pairs) & forbidden
    assert {len(set(chosen)) for chosen in result.values()} == {3}
    again = distribute(
        3, dict.fromkeys(expressions, ()), reviewers, forbidden=forbidden, preferred=preferred
    )
    assert again == result


@pytest.mark.parametrize("seed", range(20))
def test_no_other_choice_is_more_even(seed):
    chance = random.Random(seed)  # noqa: S311  no secret
    reviewers = list(range(chance.randint(2, 7)))
    taken = {
        one: {r for r in reviewers if chance.random() < 0.1} for one in range(chance.randint(1, 30))
    }
    forbidden = {(one, r) for one in taken for r in reviewers if chance.random() < 0.4}
    each = chance.randint(1, 4)

    result = distribute(each, taken, reviewers, forbidden=forbidden)

    load = Counter(dict.fromkeys(reviewers, 0))
    for one, present in taken.items():
        possible = [r for r in reviewers if r not in present and (one, r) not in forbidden]
        assert len(result[one]) == min(len(possible), max(0, each - len(present)))
        assert set(result[one]) <= set(possible)
        load.update(present)
        load.update(result[one])
    for one, chosen in result.items():
        for giver in chosen:
            for taker in set(reviewers) - set(chosen) - taken[one]:
                assert (one, taker) in forbidden or load[giver] - load[taker] <= 1


def test_an_automatic_assignment_breaks_no_conflict_and_is_even(edition):
    near = _row(edition, "Nea", affiliation="University of Examples")
    others = [_row(edition, name) for name in ("Ona", "Oto", "Ole")]
    for number in range(6):
        university = "University of Examples" if number % 2 else "Elsewhere"
        make_expression(edition, title=f"No {number}", university=university)
    make_expression(edition, is_test=True)
    make_expression(edition, state="accepted")

    report = assign_automatically(edition=edition, each=2)

    assert (report.created, report.left_out) == (12, [])
    loads = Counter(name for _, name in _assigned())
    assert max(loads.values()) - min(loads.values()) <= 1
    assert {title for title, name in _assigned() if name == "Nea"} <= {"No 0", "No 2", "No 4"}
    assert near.assignments.count() == 3
    assert all(row.assignments.count() == 3 for row in others)


def test_present_assignments_and_reviews_count(edition):
    ada, bo = _row(edition, "Ada"), _row(edition, "Bo")
    one, two = make_expression(edition, title="One"), make_expression(edition, title="Two")
    assign_to(reviewer=ada, expressions=[one])
    save_review(expression=two, reviewer=bo.user, score=3)

    report = assign_automatically(edition=edition, each=1)

    assert report.created == 0
    assert _assigned() == {("One", "Ada")}


def test_an_expression_without_enough_reviewers_is_named(edition):
    _row(edition, affiliation="University of Examples")
    expression = make_expression(edition)

    report = assign_automatically(edition=edition, each=2)

    assert (report.created, report.left_out) == (0, [(expression, "0 of 2")])


def test_reviewers_of_a_topic_are_preferred(edition):
    graphs, law = make_topic(edition, heading="Graphs"), make_topic(edition, heading="Law")
    ada, bo = _row(edition, "Ada"), _row(edition, "Bo")
    ada.topics.add(law)
    bo.topics.add(graphs)
    for number in range(6):
        topic = graphs if number < 3 else law
        make_expression(edition, title=f"{topic} {number}", topics=[topic])

    assign_automatically(edition=edition, each=1)

    assert {(title.split()[0], name) for title, name in _assigned()} == {
        ("Graphs", "Bo"),
        ("Law", "Ada"),
    }


def test_a_topic_is_assigned_without_conflicts(edition):
    graphs = make_topic(edition)
    ada = _row(edition, "Ada", affiliation="University of Examples")
    make_expression(edition, title="Far", university="Elsewhere", topics=[graphs])
    near = make_expression(edition, title="Near", topics=[graphs])
    make_expression(edition, title="Other", university="Elsewhere")

    report = assign_topic(reviewer=ada, topic=graphs)

    assert _assigned() == {("Far", "Ada")}
    assert report.left_out == [(near, "same affiliation")]


def test_open_assignments_are_removed_and_reviewed_ones_stay(edition):
    ada = _row(edition, "Ada")
    one, two = make_expression(edition, title="One"), make_expression(edition, title="Two")
    assign_to(reviewer=ada, expressions=[one, two])
    save_review(expression=one, reviewer=ada.user, score=3)

    count = clear_assignments(edition=edition)

    assert count == 1
    assert _assigned() == {("One", "Ada")}


def test_merged_topics_keep_their_reviewers(edition):
    one, other = make_topic(edition), make_topic(edition)
    ada = _row(edition, "Ada")
    ada.topics.add(one)

    merge_topics(topics=[one], into=other)

    assert list(ada.topics.all()) == [other]


# Queues


def test_a_queue_holds_what_is_assigned_once_anything_is(edition):
    ada, bo = _row(edition, "Ada"), _row(edition, "Bo")
    one, two = make_expression(edition), make_expression(edition)
    chair = make_user("Chair")
    before = [list(queue(edition, user)) for user in (ada.user, bo.user, chair)]

    assign_to(reviewer=ada, expressions=[two])

    assert before == [[one, two]] * 3
    assert [list(queue(edition, user)) for user in (ada.user, bo.user, chair)] == [
        [two],
        [],
        [one, two],
    ]
    assert [tuple(progress(user, edition)[edition.pk]) for user in (ada.user, bo.user, chair)] == [
        (0, 1),
        (0, 0),
        (0, 2),
    ]


def test_a_review_of_something_else_counts_as_done(edition):
    ada = _row(edition, "Ada")
    one, two = make_expression(edition), make_expression(edition)
    assign_to(reviewer=ada, expressions=[one])

    save_review(expression=two, reviewer=ada.user, score=3)

    assert tuple(progress(ada.user, edition)[edition.pk]) == (1, 2)


def test_assignments_of_another_edition_do_not_matter(edition):
    other = make_edition(year=2031)
    make_call(other)
    ada = _row(edition, "Ada")
    there = _row(other, "Bo")
    assign_to(reviewer=there, expressions=[make_expression(other)])
    one = make_expression(edition)

    assert list(queue(edition, ada.user)) == [one]


# Pages


def test_chairs_assign_automatically_in_one_press(as_chair, edition):
    _row(edition, "Ada")
    _row(edition, "Bo")
    for _ in range(4):
        make_expression(edition)

    page = as_chair.get(_page(edition))
    done = as_chair.post(_page(edition), {"press": "automatic", "each": "1"}, follow=True)

    assert page.context["unassigned"] == 4
    assert messages_of(done) == ["4 assignments made."]
    assert done.context["loads"] == "2 each"


def test_chairs_assign_ticked_expressions_by_hand(as_chair, edition):
    ada = _row(edition, "Ada")
    one, two = make_expression(edition, title="One"), make_expression(edition, title="Two")
    elsewhere = make_expression(edition)

    data = {"press": "chosen", "reviewer": ada.pk, "expression": [one.pk, two.pk, "x", "999999"]}
    done = as_chair.post(_page(edition), data, follow=True)

    assert _assigned() == {("One", "Ada"), ("Two", "Ada")}
    assert messages_of(done) == ["2 assignments made."]
    assert not elsewhere.assignments.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"press": "automatic", "each": "0"},
        {"press": "automatic", "each": "nine"},
        {"press": "topic", "topic": "999999", "to": ""},
        {"press": "chosen", "reviewer": "999999", "expression": "1"},
        {"press": "nothing"},
        {},
    ],
)
def test_wrong_input_assigns_nothing(as_chair, edition, data):
    _row(edition)
    make_expression(edition)

    response = as_chair.post(_page(edition), data)

    assert response.status_code == 200
    assert not Assignment.objects.exists()


def test_the_reviewers_of_one_expression_are_ticked(as_chair, edition):
    ada, bo = _row(edition, "Ada"), _row(edition, "Bo")
    near = _row(edition, "Nea", affiliation="University of Examples")
    expression = make_expression(edition, title="One")
    assign_to(reviewer=ada, expressions=[expression])
    address = f"/admin/review/expressions/{expression.pk}/reviewers/"

    page = as_chair.get(address)
    data = {"seen": page.context["seen"], "reviewer": [bo.pk, near.pk]}
    as_chair.post(address, data)
    stale = as_chair.post(address, data)

    assert "conflict of interest: same affiliation" in page.content.decode()
    assert _assigned() == {("One", "Bo")}
    assert stale.status_code == 409


def test_a_decided_expression_gets_no_reviewers(as_chair, edition):
    expression = make_expression(edition, state="accepted")

    response = as_chair.get(f"/admin/review/expressions/{expression.pk}/reviewers/", follow=True)

    assert "is no longer reviewed" in messages_of(response)[0]


def test_only_chairs_assign(as_reviewer, reviewer, as_editor, edition):
    make_reviewer(edition, reviewer)
    expression = make_expression(edition)

    for client in (as_reviewer, as_editor):
        for address in (_page(edition), f"/admin/review/expressions/{expression.pk}/reviewers/"):
            assert client.get(address).status_code == 403
            assert client.post(address, {"press": "automatic", "each": 1}).status_code == 403


def test_reviewers_state_their_conflicts_and_no_others(as_reviewer, reviewer, edition):
    make_reviewer(edition, reviewer)
    row = Reviewer.objects.get(user=reviewer)
    topic = make_topic(edition)
    other_topic = make_topic(make_edition(year=2031))
    address = f"/admin/review/reviewers/{row.pk}/"
    seen = as_reviewer.get(address).context["seen"]
    data = {"affiliation": "Lab", "conflicts": "Ann Other", "topics": [topic.pk], "seen": seen}

    refused = as_reviewer.post(address, data | {"topics": [other_topic.pk]})
    as_reviewer.post(address, data)
    stale = as_reviewer.post(address, data | {"affiliation": "Other"})

    row.refresh_from_db()
    assert (row.affiliation, row.conflicts, list(row.topics.all())) == ("Lab", "Ann Other", [topic])
    assert (refused.status_code, stale.status_code) == (200, 409)
    other = _row(edition)
    assert as_reviewer.get(f"/admin/review/reviewers/{other.pk}/").status_code == 403


def test_the_review_tab_says_how_much_each_reviewer_has(as_chair, edition):
    ada = _row(edition, "Ada")
    one, two = make_expression(edition), make_expression(edition)
    assign_to(reviewer=ada, expressions=[one, two])
    save_review(expression=one, reviewer=ada.user, score=3)

    page = as_chair.get(f"/admin/editions/edition/{edition.pk}/review/").content.decode()

    assert f"/admin/review/assign/{edition.pk}/" in page
    assert f"/admin/review/reviewers/{ada.pk}/" in page
    assert [">2<" in page, ">1<" in page] == [True, True]


def test_the_page_takes_as_many_queries_for_many_expressions(as_chair, edition):
    rows = [_row(edition) for _ in range(2)]
    assign_to(reviewer=rows[0], expressions=[make_expression(edition)])
    few = count_queries(lambda: as_chair.get(_page(edition)))
    for row in rows:
        assign_to(reviewer=row, expressions=[make_expression(edition) for _ in range(3)])

    assert count_queries(lambda: as_chair.get(_page(edition))) == few


def test_an_erased_expression_and_a_removed_reviewer_leave_no_assignment(edition):
    ada = _row(edition)
    one, two = make_expression(edition), make_expression(edition)
    assign_to(reviewer=ada, expressions=[one, two])

    Expression.objects.get(pk=one.pk).delete()
    left = Assignment.objects.count()
    ada.delete()

    assert (left, Assignment.objects.count()) == (1, 0)


def test_the_token_tells_one_set_of_reviewers_from_another(edition):
    ada, bo = _row(edition), _row(edition)
    expression = make_expression(edition)
    tokens = [assignment_token(expression)]
    for keys in ([ada.pk], [bo.pk], [ada.pk, bo.pk]):
        set_reviewers(expression=expression, reviewers=keys, seen=tokens[-1])
        tokens.append(assignment_token(expression))

    assert all(one != other for one, other in pairwise(tokens))
    assert len(set(tokens)) == 4
