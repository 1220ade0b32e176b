"""The list of expressions in the admin: its filters with their counts, and its queries."""

from __future__ import annotations

import re
from functools import partial

import pytest

from apps.interest.models import Expression
from apps.interest.workflow import State
from tests.factories import (
    make_current_edition,
    make_edition,
    make_expression,
    make_question,
    make_topic,
    make_user,
)
from tests.many import make_many_expressions
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
FACETS = {"_facets": "True"}


@pytest.fixture
def edition():
    return make_current_edition(slug="2030", year=2030, title="Small Models")


def _choices(response, title: str) -> list[str]:
    """The choices of one filter, the selected one marked."""
    changelist = response.context["cl"]
    (spec,) = [spec for spec in changelist.filter_specs if spec.title == title]
    return [
        ("* " if choice["selected"] else "") + str(choice["display"])
        for choice in spec.choices(changelist)
    ]


def _names(response) -> list[str]:
    return sorted(expression.name for expression in response.context["cl"].result_list)


def test_the_list_opens_with_the_current_edition(as_chair, edition):
    past = make_edition(year=2029, title="Large Models")
    make_expression(edition, name="Ada")
    make_expression(past, name="Bo")

    opened = as_chair.get(LIST, {"_facets": "True"})
    everywhere = as_chair.get(LIST, {"edition__id__exact": "all"})

    assert _names(opened) == ["Ada"]
    beside = ["All editions", "* Small Models (2030) (1)", "Large Models (2029) (1)"]
    assert _choices(opened, "edition") == beside
    assert "edition__id__exact=all" in opened.content.decode()
    assert _names(everywhere) == ["Ada", "Bo"]
    assert _choices(everywhere, "edition")[0] == "* All editions"


def test_a_search_covers_all_editions_unless_one_is_selected(as_chair, edition):
    past = make_edition(year=2029)
    make_expression(edition, name="Ada of now")
    make_expression(past, name="Ada of then")

    results = as_chair.get(LIST, {"q": "ada"})
    narrowed = as_chair.get(LIST, {"q": "ada", "edition__id__exact": past.pk})

    assert _names(results) == ["Ada of now", "Ada of then"]
    assert _choices(results, "edition")[0] == "* All editions"
    assert _names(narrowed) == ["Ada of then"]


def test_without_a_current_edition_the_list_shows_all(as_chair):
    make_expression(make_edition(), name="Ada")
    make_expression(make_edition(), name="Bo")

    assert _names(as_chair.get(LIST)) == ["Ada", "Bo"]


def test_each_filter_counts_within_the_other_filters_and_the_search(as_chair, edition):
    graphs = make_topic(edition, heading="Graphs")
    hands = make_topic(edition, heading="Hands")
    make_expression(edition, name="Ada", topics=[graphs, hands], state="accepted")
    make_expression(edition, name="Bo", topics=[graphs], wants_poster=True)
    make_expression(edition, name="Cy", wants_talk=False, wants_poster=True, is_late=True)
    make_expression(edition, name="Di", topics=[hands], is_test=True)
    make_expression(make_edition(), name="Elsewhere", topics=[], is_late=True)

    page = as_chair.get(LIST, {"state__exact": "submitted", "topic": graphs.pk} | FACETS)
    late = as_chair.get(
        LIST, {"q": "cy", "is_late__exact": "1", "edition__id__exact": edition.pk} | FACETS
    )

    assert _names(page) == ["Bo"]
    states = [choice for choice in _choices(page, "state") if not choice.endswith("(0)")]
    assert states == ["All", "* Submitted (1)", "Accepted (1)"]
    assert _choices(page, "topic") == ["All", "* Graphs (1)", "Hands (1)"]
    assert _choices(page, "poster") == ["* All", "Yes (1)", "No (0)"]
    assert _choices(page, "test entry") == ["* All", "Yes (0)", "No (1)"]
    assert _names(late) == ["Cy"]
    assert _choices(late, "late") == ["All", "* Yes (1)", "No (0)"]
    assert _choices(late, "topic") == ["* All", "Graphs (0)", "Hands (0)"]


@pytest.mark.parametrize("lookup", ["wants_talk__exact", "is_late__exact"])
def test_an_invalid_choice_is_removed(as_chair, edition, lookup):
    make_expression(edition)

    response = as_chair.get(LIST, {lookup: "perhaps"})

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?e=1")


@pytest.mark.parametrize(
    "query",
    [
        {"edition__id__exact": "9" * 30},
        {"topic": "x"},
        {"is_test__exact": 1},
        {"state__exact": "x"},
    ],
)
def test_an_unknown_edition_or_topic_lists_nothing(as_chair, edition, query):
    make_expression(edition, topics=[make_topic(edition)])

    response = as_chair.get(LIST, query)

    assert (_names(response), response.context["cl"].result_count) == ([], 0)


def test_chairs_may_remove_rehearsals_unless_the_list_is_searched(as_chair, as_reviewer, edition):
    past = make_edition(title="Large Models", year=2029)
    make_expression(edition, is_test=True)
    make_expression(past, is_test=True)

    def offered(**query) -> list[str]:
        page = as_chair.get(LIST, query).content.decode()
        return re.findall(r"Delete the test entries of ([^<]+)</a>", page)

    both = ["Small Models (2030) (1)", "Large Models (2029) (1)"]
    assert offered() == both
    assert offered(is_test__exact="0") == both
    assert offered(q="Sam") == []
    assert "Delete the test entries" not in as_reviewer.get(LIST).content.decode()


def test_the_list_costs_the_same_queries_with_ten_and_two_hundred_rows(as_chair, edition):
    topics = [make_topic(edition) for _ in range(8)]
    chair = make_user("Chair")
    urls = ["", "?wants_talk__exact=1", f"?topic={topics[0].pk}", "?q=student", "?o=2"]

    def costs() -> list[int]:
        return [count_queries(partial(as_chair.get, LIST + address)) for address in urls]

    make_many_expressions(edition, 10, topics=topics, decider=chair)
    with_ten = costs()
    question = make_question(edition)
    make_many_expressions(edition, 190, topics=topics, decider=chair, question=question)
    with_more = costs()

    assert with_ten == with_more
    assert max(with_more) <= 15
    page = as_chair.get(LIST, {"_facets": "True"})
    counted = {
        label.partition(" (")[0]: int(label.rpartition("(")[2].rstrip(")"))
        for label in _choices(page, "state")[1:]
    }
    assert counted == {
        state.label: Expression.objects.filter(state=state).count() for state in State
    }


def test_topics_of_an_expression_are_shown_in_order(as_chair, edition):
    first, second = make_topic(edition, heading="First"), make_topic(edition, heading="Second")
    make_expression(edition, topics=[second, first])

    assert "First, Second" in as_chair.get(LIST).content.decode()


def test_topics_of_all_editions_are_shown_with_the_year(as_chair, edition):
    past = make_edition(year=2029)
    make_expression(edition, topics=[make_topic(edition, heading="Graphs")])
    make_expression(past, topics=[make_topic(past, heading="Hands")])

    page = as_chair.get(LIST, {"edition__id__exact": "all"})

    assert _choices(page, "topic") == ["* All", "Graphs (2030)", "Hands (2029)"]


def test_every_page_of_the_list_follows_its_order(as_chair, edition):
    make_many_expressions(edition, 120, topics=[make_topic(edition)], decider=make_user("Chair"))
    by_name = list(
        Expression.objects.order_by("name", "-submitted_at").values_list("pk", flat=True)
    )

    pages = [as_chair.get(LIST, {"o": "2", "p": str(page)}).context["cl"] for page in (1, 2, 3)]

    assert [len(page.result_list) for page in pages] == [50, 50, 20]
    assert [row.pk for page in pages for row in page.result_list] == by_name
