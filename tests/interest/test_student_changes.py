"""Changing what was sent, correcting the address, withdrawing."""

from datetime import date

import pytest

from apps.editions.models import Call
from apps.interest.models import Event, Expression, Question
from apps.interest.services import revoke_links
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression, make_topic
from tests.interest.students import browser_of, filled, heading, main

pytestmark = pytest.mark.django_db


@pytest.fixture
def expression() -> Expression:
    edition = make_call_edition(slug="2024")
    make_topic(edition, heading="Large models")
    return make_sent_expression(edition, reference="R7K2QD")


CHANGE = "/2024/interest/R7K2QD/change/"
ADDRESS = "/2024/interest/R7K2QD/address/"
WITHDRAW = "/2024/interest/R7K2QD/withdraw/"
MINE = "/2024/interest/R7K2QD/"


def _letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("pk").values_list("kind", "to_email"))


def test_the_form_begins_with_what_was_sent(expression):
    html = browser_of(expression).get(CHANGE).content.decode()

    assert 'value="Smaller is better"' in html
    assert "We show that it is.</textarea>" in html
    assert '<input type="hidden" name="version" value="1">' in html


def test_a_change_is_saved_and_logged(expression):
    client = browser_of(expression)
    topic = expression.edition.topics.get(heading="Large models")
    typed = filled(
        expression,
        title="Smaller is better still",
        topics=[topic.pk],
        coauthor_name_1="Ada Author",
        coauthor_affiliation_1="Elsewhere",
    )

    response = client.post(CHANGE, typed, follow=True)

    expression.refresh_from_db()
    assert response.redirect_chain == [(MINE, 302)]
    assert "Your changes are saved." in main(response)
    assert (expression.title, expression.version) == ("Smaller is better still", 2)
    assert list(expression.topics.all()) == [topic]
    assert [str(author) for author in expression.coauthors.all()] == ["Ada Author (Elsewhere)"]
    assert [event.what for event in Event.objects.all()] == ["Corrected"]


def test_sending_the_form_as_it_was_changes_nothing(expression):
    response = browser_of(expression).post(CHANGE, filled(expression), follow=True)

    assert "Nothing was different" in main(response)
    assert Event.objects.count() == 0


def test_a_mistake_is_told_at_its_field_and_costs_nothing_typed(expression):
    typed = filled(expression, title="", abstract="Much that was typed.", version=1)

    response = browser_of(expression).post(CHANGE, typed)

    html = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert '<a href="#id_title">Enter a title</a>' in html
    assert "Much that was typed.</textarea>" in html
    assert '<input type="hidden" name="version" value="1">' in html


def test_the_second_of_two_tabs_is_told_what_changed_and_keeps_what_it_typed(expression):
    client = browser_of(expression)
    second_tab = filled(expression, title="Typed second", coauthor_name_1="Bo Both")
    client.post(CHANGE, filled(expression, title="Saved first"))

    response = client.post(CHANGE, second_tab)

    html = main(response)
    expression.refresh_from_db()
    assert response.status_code == 409
    assert expression.title == "Saved first"
    assert "Not saved yet: Change what you sent" in response.content.decode().split("</title>")[0]
    assert "<strong>Not saved yet.</strong>" in html
    assert [
        words for words in ("<p>Saved first</p>", "<p>Typed second</p>") if words not in html
    ] == []
    assert "<p>Bo Both</p>" in html
    assert 'value="Typed second"' in html
    assert 'name="version" value="2"' in html


def test_sent_once_more_it_is_meant(expression):
    client = browser_of(expression)
    client.post(CHANGE, filled(expression, title="Saved first"))
    client.post(CHANGE, filled(expression, title="Typed second"))

    response = client.post(CHANGE, filled(expression, title="Typed second", version=2))

    expression.refresh_from_db()
    assert response.status_code == 302
    assert (expression.title, expression.version) == ("Typed second", 3)


def test_a_mistake_in_the_second_tab_does_not_pass_by_the_comparison(expression):
    client = browser_of(expression)
    client.post(CHANGE, filled(expression, title="Saved first"))

    mistaken = client.post(CHANGE, filled(expression, title=""))
    corrected = client.post(CHANGE, filled(expression, title="Typed second"))

    assert 'name="version" value="1"' in main(mistaken)
    assert corrected.status_code == 409


def test_each_kind_of_answer_is_compared(expression):
    question = Question.objects.create(edition=expression.edition, words="Which day?")
    other = make_topic(expression.edition, heading="Very large models")
    client = browser_of(expression)
    Expression.objects.update(version=2)
    typed = filled(
        expression,
        formats=["poster"],
        preference="",
        topics=[other.pk],
        **{f"question_{question.pk}": "Monday"},
    )

    html = main(client.post(CHANGE, typed))

    told = [part.split("</dt>")[0] for part in html.split('<dt dir="auto">')[1:]]
    assert told == ["Lightning talk", "Preference", "Topics", "Which day?"]
    assert "<p>Very large models</p>" in html


def test_after_the_last_moment_it_is_as_it_is(expression):
    client = browser_of(expression)
    Call.objects.update(opens_on=date(2020, 1, 1), closes_on=date(2020, 1, 2))

    responses = [
        client.get(CHANGE, follow=True),
        client.post(CHANGE, filled(expression, title="Too late"), follow=True),
    ]

    expression.refresh_from_db()
    assert expression.title == "Smaller is better"
    for response in responses:
        assert response.redirect_chain == [(MINE, 302)]
        assert "can no longer be changed" in main(response)


@pytest.mark.parametrize("state", ["withdrawn", "declined", "lapsed", "cancelled"])
def test_what_has_ended_is_not_changed(expression, state):
    ended = make_sent_expression(expression.edition, state=state)
    client = browser_of(ended)

    response = client.post(f"{ended.get_absolute_url()}change/", filled(ended, title="Other"))

    ended.refresh_from_db()
    assert response.status_code == 302
    assert ended.title == "Smaller is better"


def test_a_corrected_address_is_told_to_the_old_and_the_new(expression):
    client = browser_of(expression)

    response = client.post(ADDRESS, {"email": "sam.student@example.org"}, follow=True)

    expression.refresh_from_db()
    assert expression.email == "sam.student@example.org"
    assert "From now on we write to sam.student@example.org." in main(response)
    assert _letters() == [
        ("interest/address_changed_old", "sam@example.org"),
        ("interest/address_changed", "sam.student@example.org"),
    ]


def test_the_same_address_is_no_change(expression):
    response = browser_of(expression).post(ADDRESS, {"email": "sam@example.org"}, follow=True)

    assert "That is the address we have already." in main(response)
    assert _letters() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter your e-mail address"),
        ("sam", "Enter an e-mail address in the form name@example.org"),
        ("a@b.example\nBcc: x@example.org", "Enter an e-mail address in the form"),
        ("x" * 300 + "@example.org", "Enter an e-mail address"),
    ],
)
def test_what_is_no_address_is_told(expression, typed, words):
    response = browser_of(expression).post(ADDRESS, {"email": typed})

    html = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert f'<a href="#id_email">{words}' in html
    assert _letters() == []


def test_an_address_cannot_be_changed_without_end(expression):
    client = browser_of(expression)

    statuses = [
        client.post(ADDRESS, {"email": f"sam{number}@example.org"}).status_code
        for number in range(4)
    ]

    assert statuses == [302, 302, 302, 429]
    assert len(_letters()) == 6


def test_withdrawing_tells_the_student_and_the_organisers(expression):
    client = browser_of(expression)

    response = client.post(WITHDRAW, follow=True)

    expression.refresh_from_db()
    assert expression.state == "withdrawn"
    assert response.redirect_chain == [(MINE, 302)]
    assert heading(response) == "Withdrawn"
    assert _letters() == [
        ("interest/withdrawn", "sam@example.org"),
        ("interest/withdrawn_notice", "organisers@example.org"),
    ]


def test_the_page_before_withdrawing_asks_once_more(expression):
    html = main(browser_of(expression).get(WITHDRAW))

    assert "Withdraw it</button>" in html
    assert f'href="{MINE}"' in html


def test_a_link_that_ends_while_somebody_types_costs_nothing_typed(expression):
    client = browser_of(expression)
    revoke_links(expression=expression)

    response = client.post(CHANGE, filled(expression, title="<b>Typed</b>", abstract="Much more."))

    html = main(response)
    assert response.status_code == 403
    assert "It was not saved." in html
    assert [
        words for words in ("&lt;b&gt;Typed&lt;/b&gt;", "Much more.") if words not in html
    ] == []
