"""The student's page and the confirmation after sending."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.editions.models import Call
from apps.interest.models import Expression, Question
from apps.interest.student.display import HEADLINES
from apps.interest.workflow import State
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

MINE = "/2024/interest/R7K2QD/"
SENT = "/2024/interest/sent/R7K2QD/"


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


@pytest.fixture
def question(edition) -> Question:
    return Question.objects.create(edition=edition, label="Which day suits you?")


@pytest.fixture
def expression(edition, question) -> Expression:
    expression = make_sent_expression(edition, reference="R7K2QD", supervisor="Sue Supervisor")
    expression.coauthors.create(name="Ada Author", affiliation="Elsewhere")
    expression.answers.create(question=question, text="The first")
    return expression


@pytest.fixture
def client(expression):
    return browser_of(expression)


def _own_page(edition, **fields):
    """The page of a new expression, as its student sees it."""
    expression = make_sent_expression(edition, **fields)
    return browser_of(expression).get(expression.get_absolute_url())


def test_the_confirmation_shows_reference_answers_and_next_steps(client):
    html = main(client.get(SENT))

    expected = [
        *("R7K-2QD", "Sam Student", "sam@example.org", "University of Examples"),
        *("Sue Supervisor", "Lightning talk or poster", "No preference", "Smaller is better"),
        *("We show that it is.", "Small models", "Ada Author (Elsewhere)"),
        *("Which day suits you?", "The first", "Friday 3 May 2030", "organisers@example.org"),
    ]
    assert [text for text in expected if text not in html] == []


def test_every_answer_links_to_its_control_in_the_form(client, question):
    Call.objects.update(asks_supervisor=True)

    html = main(client.get(SENT))
    form = client.get(f"{MINE}change/").content.decode()

    controls = [part.split('"')[0] for part in html.split(f'href="{MINE}change/#')[1:]]
    assert controls == [
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
    assert [control for control in controls if f'id="{control}"' not in form] == []
    assert f'href="{MINE}address/"' in html


@pytest.mark.parametrize(
    ("has_mail", "sends_receipt", "text"),
    [
        (True, True, "a private link to"),
        (False, True, "This site cannot send email at the moment"),
        (True, False, "We do not send an email to confirm this"),
    ],
)
def test_the_confirmation_says_whether_a_letter_follows(
    client, settings, has_mail, sends_receipt, text
):
    settings.HAS_MAIL = has_mail
    Call.objects.update(sends_receipt=sends_receipt)

    assert text in main(client.get(SENT))


@pytest.mark.parametrize("path", [SENT, MINE])
def test_late_expressions_and_rehearsals_are_marked(client, path):
    Expression.objects.update(is_late=True, is_test=True)

    html = main(client.get(path))

    assert "<strong>Late entry.</strong>" in html
    assert "<strong>Test entry.</strong>" in html


def test_after_a_decision_the_confirmation_redirects_to_the_page(client):
    Expression.objects.update(state="withdrawn")

    response = client.get(SENT)

    assert (response.status_code, response["Location"]) == (302, MINE)


STEPS = {
    "submitted": ["change", "withdraw"],
    "under_review": ["change", "withdraw"],
    "accepted": ["confirm", "decline", "change", "withdraw"],
    "waitlisted": ["change", "withdraw"],
    "confirmed": ["needs", "change", "withdraw"],
}
WITH_CONTACT = {"declined", "offer_declined", "lapsed", "withdrawn", "cancelled"}


@pytest.mark.parametrize("state", State.values)
def test_each_state_has_its_headline_and_steps(edition, state):
    response = _own_page(edition, state=state)

    html, base = main(response), response.request["PATH_INFO"]
    every_step = ("confirm", "decline", "needs", "change", "withdraw")
    steps = [step for step in every_step if f'"{base}{step}/"' in html]
    assert heading(response) == HEADLINES[State(state)]
    assert steps == STEPS.get(state, [])
    assert ("organisers@example.org" in html) is (state in WITH_CONTACT)


def test_an_offer_names_its_format_and_reply_date(edition):
    html = main(_own_page(edition, state="accepted"))

    assert "<strong>Lightning talk and poster</strong>" in html
    assert "Friday 10 May 2030" in html


def test_the_deciding_organiser_is_not_named(edition, chair):
    assert "Charlie" not in main(_own_page(edition, state="declined", decided_by=chair))


def test_without_a_contact_address_the_home_page_is_linked(edition):
    edition.contact_email = ""
    edition.save()

    assert '<a href="/2024/">home page</a>' in main(_own_page(edition, state="declined"))


@pytest.mark.parametrize(
    "fields", [{}, {"closes_on": None}, {"opens_on": None, "closes_on": None}, None]
)
def test_the_pages_work_without_dates_or_a_call(client, fields):
    if fields is None:
        Call.objects.all().delete()
    else:
        Call.objects.update(decisions_on=None, **fields)

    assert [client.get(path).status_code for path in (MINE, SENT)] == [200, 200]


def test_answers_to_an_open_ended_call_can_be_changed_while_it_is_open(client):
    Call.objects.update(opens_on=None, closes_on=None, edits_close_on=None, is_open_ended=True)

    pages = [client.get(path) for path in (MINE, SENT, f"{MINE}change/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "/change/" in main(pages[0])
    assert "You can change your answers while the call is open." in main(pages[1])
    assert "You can change your answers while the call is open." in main(pages[2])


def test_after_the_deadline_only_withdrawing_is_offered(client):
    Call.objects.update(closes_on=date(2020, 1, 2), opens_on=date(2020, 1, 1))

    html = main(client.get(MINE))

    assert "/change/" not in html
    assert "/withdraw/" in html


def test_a_later_deadline_for_changes_is_shown(client):
    until = timezone.now().date() + timedelta(days=20)
    Call.objects.update(edits_close_on=until)

    assert f"{until:%A} {until.day} {until:%B %Y}" in main(client.get(MINE))


def test_needs_and_consents_are_shown(edition):
    expression = make_sent_expression(
        edition, state="confirmed", can_attend=True, access_needs="A ramp", diet="Vegan"
    )
    expression.consents.create(
        about="photo", wording="I may be photographed.", is_given=False, said_at=timezone.now()
    )

    html = main(browser_of(expression).get(expression.get_absolute_url()))

    expected = ["A ramp", "Vegan", "I may be photographed.", "What you need, and what we may do"]
    assert [text for text in expected if text not in html] == []


def test_the_page_costs_the_same_queries_with_one_and_with_three_of_everything(edition):
    expression = make_sent_expression(edition)
    client = browser_of(expression)

    def cost_of_one_more() -> int:
        expression.coauthors.create(name="Bo")
        question = Question.objects.create(edition=edition, label="Why?")
        expression.answers.create(question=question, text="Yes")
        return count_queries(lambda: client.get(expression.get_absolute_url()))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 12
