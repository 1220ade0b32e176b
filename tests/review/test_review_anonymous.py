"""An anonymous review: nothing a reviewer can open tells who sent what, and chairs see everything."""

import re

import pytest

from apps.interest.models import Event, Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.review.services import save_review
from tests.factories import (
    make_call,
    make_current_edition,
    make_edition,
    make_expression,
    make_question,
    make_reviewer,
    make_topic,
    make_user,
)
from tests.interest.test_exports import read_xlsx

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
MARK = "Zyzzyva"  # a word that no page has of itself
HOSTILE = f"{MARK}<script>alert(1)</script>"


@pytest.fixture
def edition():
    edition = make_current_edition(contact_email="desk@example.org")
    make_call(edition, is_review_anonymous=True)
    return edition


@pytest.fixture
def marked(edition):
    """One expression, marked wherever something tells who sent it."""
    expression = make_expression(
        edition,
        title="Graphs by hand",
        abstract="An abstract in words.",
        topics=[make_topic(edition, heading="Graphs")],
        coauthors=[(f"{MARK} Helper", f"{MARK} Institute")],
        answers={make_question(edition, label="Shown before?"): "At a conference"},
        career_stage="postdoc",
        email=f"{MARK}@example.net",
        link=f"https://{MARK}.example/",
        **dict.fromkeys(("name", "university", "supervisor", "school"), HOSTILE),
    )
    make_expression(edition, name="Aaron Aardvark", title="Another")
    Event.objects.create(expression=expression, what="Noted", reason=f"{MARK} wrote to us")
    for field in ("access_needs", "technical_needs", "diet"):
        setattr(expression, field, MARK)
    expression.save()
    return expression


def _addresses(expression: Expression) -> list[str]:
    """Every page about expressions that a reviewer can open, and those that lead there."""
    one, queue = f"{LIST}{expression.pk}/", f"/admin/review/queue/{expression.edition_id}/"
    asked = "app_label=interest&model_name=answer&field_name=expression"
    return [
        "/admin/",
        "/admin/interest/",
        LIST,
        f"{LIST}?edition__id__exact={expression.edition_id}",
        f"{LIST}?edition__id__exact=all",
        f"{LIST}?q=Graphs",
        *(f"{LIST}?o={sign}{column}" for column in range(1, 13) for sign in ("", "-")),
        "/admin/review/queue/",
        queue,
        f"{queue}?after=1",
        f"{queue}mine/",
        f"{one}change/",
        f"{one}review/",
        f"{one}history/",
        one,
        f"/admin/editions/edition/{expression.edition_id}/review/",
        *(f"/admin/autocomplete/?{asked}&term={term}" for term in ("", "Graphs", MARK)),
        f"/admin/r/{expression.pk}/{expression.pk}/",
    ]


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("state", ["undecided", "decided"])
def test_no_page_shows_a_reviewer_the_author(as_reviewer, rena, marked, state):
    save_review(expression=marked, reviewer=rena, score=4)
    save_review(expression=marked, reviewer=make_reviewer(marked.edition), score=2)
    if state == "decided":
        chair = make_user("Chair")
        move(expression=marked, action=Action.ACCEPT, actor=Actor.CHAIR, by=chair, offer="talk")

    for path in _addresses(marked):
        response = as_reviewer.get(path, follow=True)
        page = b"".join(response).decode()
        for word in (MARK.lower(), "aardvark", "postdoctoral"):
            assert word not in page.lower(), (path, word)
        assert response.status_code in {200, 404}, path
    as_csv = b"".join(as_reviewer.post(f"{LIST}export/csv/?q=Graphs")).decode()
    as_xlsx = str(read_xlsx(as_reviewer, "?q=Graphs"))
    for file in (as_csv, as_xlsx):
        assert "Graphs by hand" in file
        assert MARK.lower() not in file.lower()


@pytest.mark.usefixtures("rena")
def test_the_proposal_itself_is_shown(as_reviewer, marked):
    one = as_reviewer.get(f"{LIST}{marked.pk}/change/").content.decode()
    queue = as_reviewer.get(f"/admin/review/queue/{marked.edition_id}/").content.decode()

    for page in (one, queue):
        for words in ("Graphs by hand", "An abstract in words.", "At a conference"):
            assert words in page
    assert "the author is not shown" in queue
    assert "interest-log-heading" not in one


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("query", [MARK, MARK.lower(), "Aardvark", "example.net", f"{MARK} Helper"])
def test_searching_for_an_author_finds_nothing(as_reviewer, marked, query):
    found = as_reviewer.get(LIST, {"q": query}).context["cl"]

    assert list(found.result_list) == []
    assert found.result_count == 0


@pytest.mark.usefixtures("rena")
def test_the_list_cannot_be_sorted_by_author(as_reviewer, marked):
    columns = as_reviewer.get(LIST).context["cl"].list_display

    assert {"name", "university"} & set(columns) == set()
    orders = {
        str(as_reviewer.get(LIST, {"o": f"{sign}{number}"}).context["cl"].queryset.query)
        for number in range(14)
        for sign in ("", "-")
    }
    asked = {order.split("ORDER BY")[1] for order in orders}
    assert [one for one in asked if re.search(r'"(name|university|email|school)"', one)] == []


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("lookup", ["name", "name__startswith", "university", "supervisor__exact"])
def test_no_filter_accepts_an_author(as_reviewer, marked, lookup):
    assert as_reviewer.get(LIST, {lookup: MARK}).status_code == 400
    assert as_reviewer.post(f"{LIST}export/csv/?{lookup}={MARK}").status_code == 400


@pytest.mark.usefixtures("rena")
def test_exports_have_no_author_columns(as_reviewer, marked):
    text = b"".join(as_reviewer.post(f"{LIST}export/csv/")).decode()

    headings = text.splitlines()[0]
    for heading in ("Name", "University", "Supervisor", "School", "Link", "Co-authors", "Career"):
        assert heading not in headings
    assert "Graphs by hand" in text


@pytest.mark.usefixtures("rena")
def test_one_anonymous_edition_hides_authors_in_lists_of_several(as_reviewer, rena, marked):
    other = make_edition()
    make_call(other)
    make_reviewer(other, rena)
    told = make_expression(other, name="Told Openly", title="Open")

    listed = as_reviewer.get(f"{LIST}?edition__id__exact=all").content.decode()
    screens = [
        as_reviewer.get(page).content.decode()
        for page in (f"{LIST}{told.pk}/change/", f"/admin/review/{told.pk}/")
    ]

    assert "Open" in listed
    assert "Told Openly" not in listed
    assert as_reviewer.get(LIST, {"q": "Told"}).context["cl"].result_count == 0
    assert ["Told Openly" in screen for screen in screens] == [True, True]


def test_chairs_and_helpdesk_see_authors(as_chair, as_helpdesk, marked):
    for who in (as_chair, as_helpdesk):
        assert MARK in who.get(LIST).content.decode()
        assert MARK in who.get(f"{LIST}{marked.pk}/change/").content.decode()
        assert who.get(LIST, {"q": MARK}).context["cl"].result_count == 1
    assert MARK in as_chair.get(f"/admin/review/{marked.pk}/").content.decode()
    assert MARK.encode() in b"".join(as_chair.post(f"{LIST}export/csv/"))


@pytest.mark.usefixtures("rena")
def test_without_anonymity_reviewers_see_authors(as_reviewer, marked):
    marked.edition.call.is_review_anonymous = False
    marked.edition.call.save()

    page = as_reviewer.get(f"/admin/review/{marked.pk}/").content.decode()

    assert "Zyzzyva&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert as_reviewer.get(LIST, {"q": MARK}).context["cl"].result_count == 1
