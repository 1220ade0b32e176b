"""What the list of expressions counts beside its filters, and what that costs with thousands."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.interest.admin import filters, found
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

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"


@pytest.fixture
def edition():
    return make_current_edition(slug="2030", year=2030, title="Small Models")


def _choices(response, title: str) -> list[str]:
    """What stands beside one filter, the chosen one marked."""
    changelist = response.context["cl"]
    (spec,) = [spec for spec in changelist.filter_specs if spec.title == title]
    return [
        ("* " if choice["selected"] else "") + str(choice["display"])
        for choice in spec.choices(changelist)
    ]


def _names(response) -> list[str]:
    return sorted(expression.name for expression in response.context["cl"].result_list)


def test_the_list_opens_on_the_current_edition_and_says_so(as_chair, edition):
    past = make_edition(year=2029, title="Large Models")
    make_expression(edition, name="Ada")
    make_expression(past, name="Bo")

    opened = as_chair.get(LIST)
    everywhere = as_chair.get(LIST, {"edition__id__exact": "all"})

    assert _names(opened) == ["Ada"]
    beside = ["All editions", "* Small Models (2030) (1)", "Large Models (2029) (1)"]
    assert _choices(opened, "edition") == beside
    assert "?edition__id__exact=all" in opened.content.decode()
    assert _names(everywhere) == ["Ada", "Bo"]
    assert _choices(everywhere, "edition")[0] == "* All editions"


def test_a_search_looks_in_all_editions_unless_one_is_chosen(as_chair, edition):
    past = make_edition(year=2029)
    make_expression(edition, name="Ada of now")
    make_expression(past, name="Ada of then")

    found = as_chair.get(LIST, {"q": "ada"})
    narrowed = as_chair.get(LIST, {"q": "ada", "edition__id__exact": past.pk})

    assert _names(found) == ["Ada of now", "Ada of then"]
    assert _choices(found, "edition")[0] == "* All editions"
    assert _names(narrowed) == ["Ada of then"]


def test_without_a_current_edition_the_list_shows_all(as_chair):
    make_expression(make_edition(), name="Ada")
    make_expression(make_edition(), name="Bo")

    assert _names(as_chair.get(LIST)) == ["Ada", "Bo"]


def test_each_filter_counts_what_the_others_and_the_search_leave(as_chair, edition):
    graphs = make_topic(edition, heading="Graphs")
    hands = make_topic(edition, heading="Hands")
    make_expression(edition, name="Ada", topics=[graphs, hands], state="accepted")
    make_expression(edition, name="Bo", topics=[graphs], wants_poster=True)
    make_expression(edition, name="Cy", wants_talk=False, wants_poster=True, is_late=True)
    make_expression(edition, name="Di", topics=[hands], is_test=True)
    make_expression(make_edition(), name="Elsewhere", topics=[], is_late=True)

    page = as_chair.get(LIST, {"state__exact": "submitted", "topic": graphs.pk})
    late = as_chair.get(LIST, {"q": "cy", "is_late__exact": "1", "edition__id__exact": edition.pk})

    assert _names(page) == ["Bo"]
    assert [words for words in _choices(page, "state") if not words.endswith("(0)")] == [
        "All",
        "* Submitted (1)",
        "Accepted (1)",
    ]
    assert _choices(page, "topic") == ["All", "* Graphs (1)", "Hands (1)"]
    assert _choices(page, "format") == [
        "* All",
        "Lightning talk only (0)",
        "Poster only (0)",
        "Both (1)",
    ]
    assert _choices(page, "purpose") == ["* All", "Meant in earnest (1)", "Rehearsal (0)"]
    assert _names(late) == ["Cy"]
    assert _choices(late, "time of arrival") == ["All", "In time (0)", "* Late (1)"]
    assert _choices(late, "topic") == ["* All", "Graphs (0)", "Hands (0)"]


@pytest.mark.parametrize("lookup", ["state__exact", "format", "is_late__exact", "is_test__exact"])
def test_a_choice_that_does_not_exist_is_taken_back_with_a_word(as_chair, edition, lookup):
    make_expression(edition)

    response = as_chair.get(LIST, {lookup: "perhaps"})

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?e=1")


def test_an_edition_that_is_gone_lists_nothing(as_chair, edition):
    make_expression(edition)

    response = as_chair.get(LIST, {"edition__id__exact": "999999"})

    assert (_names(response), response.context["cl"].result_count) == ([], 0)


def test_topics_of_very_long_lists_are_counted_on_request(as_chair, edition, monkeypatch):
    graphs = make_topic(edition, heading="Graphs")
    for name in ("Ada", "Bo", "Cy"):
        make_expression(edition, name=name, topics=[graphs])
    monkeypatch.setattr(filters, "MOST_COUNTED", 2)

    plain = as_chair.get(LIST)
    asked = as_chair.get(LIST, {"_facets": "True"})
    narrowed = as_chair.get(LIST, {"q": "Ada"})

    assert _choices(plain, "topic") == ["* All", "Graphs"]
    assert "* Small Models (2030) (3)" in _choices(plain, "edition")
    assert "Show counts" in plain.content.decode()
    assert _choices(asked, "topic") == ["* All", "Graphs (3)"]
    assert _choices(narrowed, "topic") == ["* All", "Graphs (2030) (1)"]
    assert "Show counts" not in narrowed.content.decode()


def test_rehearsals_are_offered_for_removal_where_all_of_them_are_listed(as_chair, edition):
    past = make_edition(title="Large Models", year=2029)
    make_expression(edition, is_test=True)
    make_expression(past, is_test=True)

    def offered(**query) -> list[str]:
        page = as_chair.get(LIST, query).content.decode()
        return re.findall(r"Remove the rehearsals of ([^<]+)</a>", page)

    both = ["Small Models (2030) (1)", "Large Models (2029) (1)"]
    assert offered() == both
    assert offered(is_test__exact="0") == both
    assert offered(q="Sam") == []


def test_reviewers_are_offered_no_removal_of_rehearsals(as_reviewer, edition):
    make_expression(edition, is_test=True)

    assert "Remove the rehearsals" not in as_reviewer.get(LIST).content.decode()


def test_ten_and_two_hundred_are_listed_and_counted_by_the_same_questions(as_chair, edition):
    topics = [make_topic(edition) for _ in range(8)]
    make_many_expressions(edition, 10, topics=topics, decider=make_user("Chair"))
    addresses = ["", "?format=both", f"?topic={topics[0].pk}", "?q=student", "?o=2"]

    def costs() -> list[int]:
        numbers = []
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                as_chair.get(LIST + address)
            numbers.append(len(asked))
        return numbers

    with_ten = costs()
    make_many_expressions(
        edition,
        190,
        topics=topics,
        decider=make_user("Chair"),
        question=make_question(edition),
    )
    with_more = costs()

    assert with_ten == with_more == [9, 9, 9, 8, 9]
    page = as_chair.get(LIST)
    assert page.context["cl"].result_count == Expression.objects.count() == 200
    counted = {
        words.partition(" (")[0]: int(words.rpartition("(")[2].rstrip(")"))
        for words in _choices(page, "state")[1:]
    }
    real = {state.label: Expression.objects.filter(state=state).count() for state in State}
    assert counted == real


def _topics_shown(response) -> dict[str, list[str]]:
    """By name, what the column of topics holds."""
    shown = response.context["cl"].result_list
    return {expression.name: vars(expression)["shown_topics"] for expression in shown}


@pytest.mark.parametrize("most", [found.MOST, 2])
def test_few_that_a_search_finds_are_counted_and_shown_as_many_are(
    as_chair, edition, monkeypatch, most
):
    monkeypatch.setattr(found, "MOST", most)
    first, second = make_topic(edition, heading="First"), make_topic(edition, heading="Second")
    past = make_edition(year=2029, title="Large Models")
    make_expression(edition, name="Ada Sought", topics=[second, first])
    make_expression(edition, name="Bo Sought", topics=[second], is_late=True)
    make_expression(edition, name="Cy Sought", topics=[], is_test=True)
    make_expression(past, name="Di Sought", topics=[make_topic(past, heading="Past")])
    make_expression(edition, name="Ed Hidden", topics=[first])

    everywhere = as_chair.get(LIST, {"q": "sought"})
    late = as_chair.get(LIST, {"q": "sought", "is_late__exact": "1"})
    of_topic = as_chair.get(LIST, {"q": "sought", "topic": str(second.pk), "is_late__exact": "0"})
    of_edition = as_chair.get(LIST, {"q": "sought", "edition__id__exact": str(edition.pk)})

    assert _names(everywhere) == ["Ada Sought", "Bo Sought", "Cy Sought", "Di Sought"]
    assert everywhere.context["cl"].result_count == 4
    assert _choices(everywhere, "edition")[1:] == [
        "Small Models (2030) (3)",
        "Large Models (2029) (1)",
    ]
    assert _choices(everywhere, "topic")[1:] == [
        "First (2030) (1)",
        "Second (2030) (2)",
        "Past (2029) (1)",
    ]
    assert _topics_shown(everywhere) == {
        "Ada Sought": ["First", "Second"],
        "Bo Sought": ["Second"],
        "Cy Sought": [],
        "Di Sought": ["Past"],
    }
    assert _names(late) == ["Bo Sought"]
    assert _choices(late, "topic")[1:] == [
        "First (2030) (0)",
        "Second (2030) (1)",
        "Past (2029) (0)",
    ]
    assert _names(of_topic) == ["Ada Sought"]
    assert _choices(of_topic, "time of arrival") == ["All", "* In time (1)", "Late (1)"]
    assert _choices(of_edition, "topic")[1:] == ["First (1)", "Second (2)"]


def test_a_late_page_shows_its_rows_in_the_order_of_the_list(as_chair, edition):
    make_many_expressions(edition, 120, topics=[make_topic(edition)], decider=make_user("Chair"))
    by_name = list(
        Expression.objects.order_by("name", "-submitted_at").values_list("pk", flat=True)
    )

    pages = [as_chair.get(LIST, {"o": "2", "p": str(page)}).context["cl"] for page in (1, 2, 3)]

    assert [len(page.result_list) for page in pages] == [50, 50, 20]
    assert [row.pk for page in pages for row in page.result_list] == by_name


def test_its_indexes_are_there_after_a_migration():
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, Expression._meta.db_table)

    own = {
        "sqlite": {"expression_looked_through"},
        "postgresql": {"expression_by_name", "expression_searched"},
    }
    assert own[connection.vendor] <= set(known)
