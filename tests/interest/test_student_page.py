"""The student's page and the confirmation: what they show, in the student's words."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.editions.models import Call
from apps.interest.models import (
    Answer,
    CoAuthor,
    Consent,
    Expression,
    Question,
)
from apps.interest.student.display import HEADLINES
from apps.interest.workflow import State
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


@pytest.fixture
def expression(edition) -> Expression:
    expression = make_sent_expression(edition, reference="R7K2QD", supervisor="Sue Supervisor")
    CoAuthor.objects.create(expression=expression, name="Ada Author", affiliation="Elsewhere")
    question = Question.objects.create(edition=edition, words="Which day suits you?")
    Answer.objects.create(expression=expression, question=question, words="The first")
    return expression


def test_the_confirmation_shows_the_reference_every_answer_and_what_happens_next(expression):
    client = browser_of(expression)

    response = client.get("/2024/interest/sent/R7K2QD/")

    html = main(response)
    expected = [
        "R7K-2QD",
        *("Sam Student", "sam@example.org", "University of Examples", "Sue Supervisor"),
        *("Lightning talk or poster", "Either", "Smaller is better", "We show that it is."),
        *("Small models", "Ada Author (Elsewhere)", "Which day suits you?", "The first"),
        *("Friday 3 May 2030", "organisers@example.org"),
    ]
    assert response.status_code == 200
    assert [words for words in expected if words not in html] == []


def test_every_answer_has_its_link_to_change_it(expression):
    client = browser_of(expression)
    question = Question.objects.get()

    html = main(client.get("/2024/interest/sent/R7K2QD/"))

    there = [part.split('"')[0] for part in html.split('href="/2024/interest/R7K2QD/change/#')[1:]]
    assert there == [
        "id_name",
        "id_university",
        "id_supervisor",
        "id_formats_0",
        "id_preference_0",
        "id_title",
        "id_abstract",
        "id_topics_0",
        "id_coauthor_name_1",
        f"id_question_{question.pk}",
    ]
    assert 'href="/2024/interest/R7K2QD/address/"' in html


def test_every_change_link_leads_to_a_control(expression):
    # The supervisor was asked when it was sent; links to fields no longer asked lead to the form.
    Call.objects.update(asks_supervisor=True)
    client = browser_of(expression)
    html = main(client.get(expression.get_absolute_url()))
    controls = [part.split('"')[0] for part in html.split("/change/#")[1:]]

    form = client.get("/2024/interest/R7K2QD/change/").content.decode()

    assert len(controls) == 10
    assert [control for control in controls if f'id="{control}"' not in form] == []


@pytest.mark.parametrize(
    ("has_mail", "sends_receipt", "words"),
    [
        (True, True, "a private link goes to"),
        (False, True, "This site cannot send letters yet"),
        (True, False, "No letter is sent for this"),
    ],
)
def test_the_confirmation_says_what_becomes_of_the_letter(
    expression, settings, has_mail, sends_receipt, words
):
    settings.HAS_MAIL = has_mail
    Call.objects.update(sends_receipt=sends_receipt)

    html = main(browser_of(expression).get("/2024/interest/sent/R7K2QD/"))

    assert words in html


@pytest.mark.parametrize("page", ["sent/R7K2QD", "R7K2QD"])
def test_late_ones_and_rehearsals_are_told_so(expression, page):
    Expression.objects.update(is_late=True, is_test=True)

    html = main(browser_of(expression).get(f"/2024/interest/{page}/"))

    assert "<strong>Late.</strong>" in html
    assert "<strong>A rehearsal.</strong>" in html


def test_once_something_was_decided_the_confirmation_is_old_news(edition):
    expression = make_sent_expression(edition, state="waitlisted")

    response = browser_of(expression).get(f"/2024/interest/sent/{expression.reference}/")

    assert response.status_code == 302
    assert response["Location"] == expression.get_absolute_url()


# In these there is something to ask, and the page says whom.
ASKING = {"declined", "offer_declined", "lapsed", "withdrawn", "cancelled"}


@pytest.mark.parametrize("state", State.values)
def test_each_state_has_its_words_and_its_steps(edition, state):
    expression = make_sent_expression(edition, state=state)

    response = browser_of(expression).get(expression.get_absolute_url())

    html, base = main(response), expression.get_absolute_url()
    steps = [
        step
        for step in ("confirm", "decline", "needs", "change", "withdraw")
        if f'"{base}{step}/"' in html
    ]
    expected = {
        "submitted": ["change", "withdraw"],
        "under_review": ["change", "withdraw"],
        "accepted": ["confirm", "decline", "change", "withdraw"],
        "waitlisted": ["change", "withdraw"],
        "confirmed": ["needs", "change", "withdraw"],
    }
    assert heading(response) == HEADLINES[State(state)]
    assert steps == expected.get(state, [])
    assert ("organisers@example.org" in html) is (state in ASKING)


def test_an_offer_says_what_and_until_when(edition):
    expression = make_sent_expression(edition, state="accepted")

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    assert "<strong>Lightning talk and poster</strong>" in html
    assert "Friday 10 May 2030" in html


def test_who_decided_and_when_stays_with_the_organisers(edition, chair):
    expression = make_sent_expression(edition, state="declined", decided_by=chair)

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    assert "Charlie" not in html


def test_without_a_contact_address_the_home_page_is_named(edition):
    type(edition).objects.update(contact_email="")
    expression = make_sent_expression(edition, state="declined")

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    assert '<a href="/2024/">home page</a>' in html


@pytest.mark.parametrize("fields", [{}, {"closes_on": None}, {"opens_on": None, "closes_on": None}])
def test_the_pages_stand_without_dates(expression, fields):
    Call.objects.update(decisions_on=None, **fields)
    client = browser_of(expression)

    statuses = [
        client.get(path).status_code
        for path in (expression.get_absolute_url(), "/2024/interest/sent/R7K2QD/")
    ]

    assert statuses == [200, 200]


def test_the_pages_stand_without_a_call(expression):
    Call.objects.all().delete()
    client = browser_of(expression)

    statuses = [
        client.get(path).status_code
        for path in (expression.get_absolute_url(), "/2024/interest/sent/R7K2QD/")
    ]

    assert statuses == [200, 200]


def test_after_the_last_moment_nothing_offers_a_change(expression):
    Call.objects.update(closes_on=date(2020, 1, 2), opens_on=date(2020, 1, 1))

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    assert "/change/" not in html
    assert "/withdraw/" in html


def test_a_longer_time_for_changes_is_told(expression):
    until = timezone.now().date() + timedelta(days=20)
    Call.objects.update(edits_close_on=until)

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    assert f"{until:%A} {until.day} {until:%B %Y}" in html


def test_what_was_said_with_the_confirmation_is_shown(edition):
    expression = make_sent_expression(
        edition, state="confirmed", can_attend=True, access_needs="A ramp", diet="Vegan"
    )
    Consent.objects.create(
        expression=expression,
        about="photo",
        wording="I may be photographed.",
        is_given=False,
        said_at=timezone.now(),
    )

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    expected = ["A ramp", "Vegan", "I may be photographed.", "What you need, and what we may do"]
    assert [words for words in expected if words not in html] == []


def test_the_page_costs_the_same_queries_with_one_and_with_three_of_everything(edition):
    expression = make_sent_expression(edition)
    client = browser_of(expression)

    def cost_of_one_more() -> int:
        CoAuthor.objects.create(expression=expression, name="Bo")
        question = Question.objects.create(edition=edition, words="Why?")
        Answer.objects.create(expression=expression, question=question, words="Yes")
        return count_queries(lambda: client.get(expression.get_absolute_url()))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 10
