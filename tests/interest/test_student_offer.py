"""Confirming or declining an offer, with the questions that are asked then."""

import pytest

from apps.interest.models import (
    Answer,
    Consent,
    Expression,
    Question,
)
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main

pytestmark = pytest.mark.django_db

ALL_CONSENTS = ["photo", "recording", "abstract", "contact"]


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


@pytest.fixture
def expression(edition) -> Expression:
    return make_sent_expression(edition, reference="R7K2QD", state="accepted")


CONFIRM = "/2024/interest/R7K2QD/confirm/"
DECLINE = "/2024/interest/R7K2QD/decline/"
MINE = "/2024/interest/R7K2QD/"
LEAST = {"confirmed_format": "both", "can_attend": "yes"}


def test_it_asks_for_needs_and_consents_and_ticks_nothing(expression):
    html = main(browser_of(expression).get(CONFIRM))

    asked = [part.split('"')[0] for part in html.split('name="')[1:]]
    assert " checked" not in html
    assert list(dict.fromkeys(asked)) == [
        "csrfmiddlewaretoken",
        "confirmed_format",
        "can_attend",
        "technical_needs",
        "access_needs",
        "diet",
        *(f"consent_{about}" for about in ALL_CONSENTS),
    ]
    assert "Never used in selection. Seen by the chair alone." in html


def test_consents_may_all_be_refused_without_harm(expression):
    client = browser_of(expression)

    response = client.post(CONFIRM, LEAST, follow=True)

    expression.refresh_from_db()
    assert response.redirect_chain == [(MINE, 302)]
    assert heading(response) == "Confirmed"
    assert (expression.state, expression.confirmed_format) == ("confirmed", "both")
    assert [(c.about, c.is_given) for c in Consent.objects.all()] == [
        (about, False) for about in ALL_CONSENTS
    ]


def test_each_consent_is_kept_with_its_words_and_its_moment(expression):
    browser_of(expression).post(CONFIRM, LEAST | {"consent_recording": "on"})

    said = {consent.about: consent for consent in Consent.objects.all()}
    assert [about for about in ALL_CONSENTS if said[about].is_given] == ["recording"]
    assert said["recording"].wording == "My talk may be recorded and the recording published."
    assert said["recording"].said_at is not None


def test_what_is_needed_is_kept_and_stands_in_no_letter(expression):
    needs = {"technical_needs": "Sound", "access_needs": "A ramp", "diet": "Vegan"}

    browser_of(expression).post(CONFIRM, LEAST | needs | {"can_attend": "no"})

    expression.refresh_from_db()
    kept = {name: getattr(expression, name) for name in needs}
    letters = " ".join(f"{x.subject} {x.body_text} {x.body_html}" for x in Letter.objects.all())
    assert kept == needs
    assert expression.can_attend is False
    assert "A ramp" not in letters


@pytest.mark.parametrize("chosen", ["talk", "poster", "both"])
def test_who_is_offered_both_may_confirm_either(expression, chosen):
    browser_of(expression).post(CONFIRM, LEAST | {"confirmed_format": chosen})

    expression.refresh_from_db()
    assert (expression.state, expression.confirmed_format) == ("confirmed", chosen)


def test_who_is_offered_one_is_not_asked_which(edition):
    expression = make_sent_expression(edition, state="accepted", offer="poster")
    client = browser_of(expression)
    path = f"{expression.get_absolute_url()}confirm/"

    html = main(client.get(path))
    client.post(path, {"can_attend": "yes", "confirmed_format": "talk"})

    expression.refresh_from_db()
    assert "confirmed_format" not in html
    assert expression.confirmed_format == "poster"


@pytest.mark.parametrize(
    ("typed", "target", "words"),
    [
        ({"can_attend": ""}, "id_can_attend_0", "Select whether you can come"),
        (
            {"confirmed_format": ""},
            "id_confirmed_format_0",
            "Select lightning talk, poster or both",
        ),
        ({"confirmed_format": "keynote"}, "id_confirmed_format_0", "Select one of the answers"),
        ({"access_needs": "x" * 2001}, "id_access_needs", "Your answer is 2001 characters"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_costs_nothing_typed(expression, typed, target, words):
    response = browser_of(expression).post(CONFIRM, LEAST | {"diet": "Vegan"} | typed)

    html = response.content.decode()
    expression.refresh_from_db()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert f'<a href="#{target}">{words}' in html
    assert f'id="{target}"' in html
    assert "Vegan</textarea>" in html
    assert expression.state == "accepted"


def test_the_organisers_own_questions_are_asked_now(expression, edition):
    Question.objects.create(edition=edition, words="With the form?")
    shirt = Question.objects.create(
        edition=edition,
        words="Which size?",
        kind="choice",
        choices="S\nM",
        is_required=True,
        asked_at="acceptance",
    )
    dinner = Question.objects.create(
        edition=edition, words="Dinner?", kind="yes_no", asked_at="acceptance"
    )
    client = browser_of(expression)

    html = main(client.get(CONFIRM))
    refused = client.post(CONFIRM, LEAST)
    response = client.post(
        CONFIRM, LEAST | {f"question_{shirt.pk}": "M", f"question_{dinner.pk}": "yes"}
    )
    page = main(client.get(MINE))

    assert "With the form?" not in html
    assert "<p>Yes</p>" in page
    assert "Answer “Which size?”" in refused.content.decode()
    assert response.status_code == 302
    said = Answer.objects.values_list("question__words", "words")
    assert sorted(said) == [("Dinner?", "yes"), ("Which size?", "M")]


def test_declining_asks_once_more_and_is_told(expression):
    client = browser_of(expression)

    asked = client.get(DECLINE)
    response = client.post(DECLINE, follow=True)

    expression.refresh_from_db()
    assert "Decline the offer</button>" in main(asked)
    assert response.redirect_chain == [(MINE, 302)]
    assert expression.state == "offer_declined"
    assert [letter.kind for letter in Letter.objects.all()] == ["interest/decline_offer"]
