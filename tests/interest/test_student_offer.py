"""Confirming or declining an offer, with needs, consents and questions."""

from html import unescape

import pytest

from apps.interest.models import Answer, Consent, Expression, Question
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main

pytestmark = pytest.mark.django_db

ALL_CONSENTS = ["photo", "recording", "abstract", "contact"]
MINE = "/2024/interest/R7K2QD/"
CONFIRM = f"{MINE}confirm/"
LEAST = {"confirmed_format": "both", "can_attend": "yes"}


@pytest.fixture
def expression() -> Expression:
    edition = make_call_edition(slug="2024")
    return make_sent_expression(edition, reference="R7K2QD", state="accepted")


@pytest.fixture
def client(expression):
    return browser_of(expression)


def test_the_form_asks_for_needs_and_consents_and_preselects_nothing(client):
    html = main(client.get(CONFIRM))

    names = [part.split('"')[0] for part in html.split('name="')[1:]]
    assert " checked" not in html
    assert list(dict.fromkeys(names)) == [
        *("csrfmiddlewaretoken", "confirmed_format", "can_attend"),
        *("technical_needs", "access_needs", "diet"),
        *(f"consent_{about}" for about in ALL_CONSENTS),
    ]
    assert "Only the chairs see this." in html


def test_consents_have_the_same_order_and_wording_on_the_form_and_in_the_export(client, as_chair):
    wordings = [
        "I may be photographed at the workshop.",
        "My talk may be recorded and the recording published.",
        "My abstract may be published on the workshop's website.",
        "You may write to me about later editions.",
    ]
    html = unescape(main(client.get(CONFIRM)))
    client.post(CONFIRM, LEAST | {"consent_recording": "on"})

    export = as_chair.post("/admin/interest/expression/export/csv/")

    places = [html.index(wording) for wording in wordings]
    assert places == sorted(places)
    answers = ("no", "yes", "no", "no")
    lines = [f"{wording}: {answer}" for wording, answer in zip(wordings, answers, strict=True)]
    assert "\n".join(lines) in b"".join(export).decode()


@pytest.mark.parametrize("given", [[], ["recording"]])
def test_each_consent_is_stored_with_its_wording_and_time(client, expression, given):
    consents = {f"consent_{about}": "on" for about in given}

    response = client.post(CONFIRM, LEAST | consents, follow=True)

    expression.refresh_from_db()
    stored = {consent.about: consent for consent in Consent.objects.all()}
    assert response.redirect_chain == [(MINE, 302)]
    assert heading(response) == "Confirmed"
    assert expression.state == "confirmed"
    assert list(stored) == ALL_CONSENTS
    assert [about for about in ALL_CONSENTS if stored[about].is_given] == given
    assert stored["recording"].wording == "My talk may be recorded and the recording published."
    assert stored["recording"].said_at is not None


def test_nobody_with_a_poster_alone_is_asked_for_consent_to_a_recording(client, expression):
    Expression.objects.update(offer="poster")

    form = main(client.get(CONFIRM))
    client.post(CONFIRM, LEAST | {"consent_recording": "on"})
    later = main(client.get(f"{MINE}needs/"))

    asked = [about for about in ALL_CONSENTS if about != "recording"]
    assert "recorded" not in form + later
    assert [consent.about for consent in Consent.objects.all()] == asked


def test_who_takes_the_poster_of_both_offers_has_said_nothing_of_a_recording(client, expression):
    client.post(CONFIRM, LEAST | {"confirmed_format": "poster", "consent_recording": "on"})

    assert not Consent.objects.filter(about="recording").exists()


def test_needs_are_stored_and_are_in_no_letter(client, expression):
    needs = {"technical_needs": "Sound", "access_needs": "A ramp", "diet": "Vegan"}

    client.post(CONFIRM, LEAST | needs | {"can_attend": "no"})

    expression.refresh_from_db()
    letters = " ".join(f"{x.subject} {x.body_text} {x.body_html}" for x in Letter.objects.all())
    assert {name: getattr(expression, name) for name in needs} == needs
    assert expression.can_attend is False
    assert "A ramp" not in letters


@pytest.mark.parametrize("chosen", ["talk", "poster", "both"])
def test_either_of_two_offered_formats_may_be_confirmed(client, expression, chosen):
    client.post(CONFIRM, LEAST | {"confirmed_format": chosen})

    expression.refresh_from_db()
    assert (expression.state, expression.confirmed_format) == ("confirmed", chosen)


def test_a_single_offered_format_is_not_asked_for(client, expression):
    Expression.objects.update(offer="poster")

    html = main(client.get(CONFIRM))
    client.post(CONFIRM, {"can_attend": "yes", "confirmed_format": "talk"})

    expression.refresh_from_db()
    assert "confirmed_format" not in html
    assert expression.confirmed_format == "poster"


@pytest.mark.parametrize(
    ("data", "target", "message"),
    [
        ({"can_attend": ""}, "id_can_attend_0", "Select whether you can come"),
        ({"confirmed_format": ""}, "id_confirmed_format_0", "Select lightning talk, poster"),
        ({"confirmed_format": "keynote"}, "id_confirmed_format_0", "Select one of the answers"),
        ({"access_needs": "x" * 2001}, "id_access_needs", "Your text has 2001 characters"),
    ],
)
def test_an_error_is_shown_at_its_field_and_keeps_everything(
    client, expression, data, target, message
):
    response = client.post(CONFIRM, LEAST | {"diet": "Vegan"} | data)

    html = response.content.decode()
    expression.refresh_from_db()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert f'<a href="#{target}">{message}' in html
    assert f'id="{target}"' in html
    assert "Vegan</textarea>" in html
    assert expression.state == "accepted"


def test_questions_at_acceptance_are_asked_with_the_confirmation(client, expression):
    edition = expression.edition
    Question.objects.create(edition=edition, label="With the form?")
    shirt = Question.objects.create(
        edition=edition,
        label="Which size?",
        kind="choice",
        choices="S\nM",
        is_required=True,
        asked_at="acceptance",
    )
    dinner = Question.objects.create(
        edition=edition, label="Dinner?", kind="yes_no", asked_at="acceptance"
    )

    html = main(client.get(CONFIRM))
    refused = client.post(CONFIRM, LEAST)
    client.post(CONFIRM, LEAST | {f"question_{shirt.pk}": "M", f"question_{dinner.pk}": "yes"})

    assert "With the form?" not in html
    assert "Answer “Which size?”" in refused.content.decode()
    assert "<p>Yes</p>" in main(client.get(MINE))
    answers = Answer.objects.values_list("question__label", "text")
    assert sorted(answers) == [("Dinner?", "yes"), ("Which size?", "M")]
