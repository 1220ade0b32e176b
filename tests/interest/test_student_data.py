"""One person's data: out as a file, and erased."""

import json

import pytest
from django.utils import timezone

from apps.interest.letters import send_letter
from apps.interest.models import (
    Answer,
    CoAuthor,
    Consent,
    Event,
    Expression,
    ExpressionLetter,
    Question,
    StudentLink,
)
from apps.interest.services import correct_address
from apps.interest.submission import submit_expression
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_link, make_sent_expression
from tests.interest.students import browser_of, heading, link_path, main

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", title="Workshop on Examples")


@pytest.fixture
def expression(edition) -> Expression:
    """Confirmed, with one of everything, and a draft no student is to read yet."""
    question = Question.objects.create(edition=edition, words="Which day?")
    expression, *_ = submit_expression(
        edition=edition,
        fields={
            "name": "Zoë Student",
            "email": "zoe@example.org",
            "university": "University of Examples",
            "title": "Smaller is better",
            "abstract": "We show that it is.",
            "wants_poster": True,
        },
        topics=edition.topics.all(),
        coauthors=[("Ada Author", "Elsewhere")],
        answers={question: "The first"},
    )
    Expression.objects.update(access_needs="A ramp")
    Consent.objects.create(
        expression=expression,
        about="photo",
        wording="I may be photographed.",
        is_given=True,
        said_at=timezone.now(),
    )
    draft = send_letter(expression, "cancelled")
    assert draft is not None
    Letter.objects.filter(pk=draft.pk).update(state="draft", subject="Not decided yet")
    Event.objects.filter(expression=expression).update(reason="An organiser's remark")
    return expression


def test_everything_about_one_person_comes_out_as_json(expression):
    client = browser_of(expression)

    response = client.get(f"{expression.get_absolute_url()}data.json")

    data = json.loads(response.content)
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == (
        f'attachment; filename="expression-{expression.reference}.json"'
    )
    assert response["Cache-Control"] == "no-store, private"
    assert "Zoë" in response.content.decode()
    assert data["edition"] == "Workshop on Examples"
    told = {
        name: data["expression"][name]
        for name in ("reference", "name", "email", "title", "access_needs", "state")
    }
    assert told == {
        "reference": expression.reference,
        "name": "Zoë Student",
        "email": "zoe@example.org",
        "title": "Smaller is better",
        "access_needs": "A ramp",
        "state": "submitted",
    }
    assert data["topics"] == ["Small models"]
    assert data["coauthors"] == [{"name": "Ada Author", "affiliation": "Elsewhere"}]
    assert data["answers"] == [{"question": "Which day?", "answer": "The first"}]
    assert [(c["wording"], c["is_given"]) for c in data["consents"]] == [
        ("I may be photographed.", True)
    ]
    assert data["consents"][0]["said_at"] is not None
    assert [(x["to_email"], x["state"]) for x in data["letters"]] == [("zoe@example.org", "queued")]
    assert "We show that it is." in data["letters"][0]["body_text"]
    assert [event["what"] for event in data["log"]] == ["Submitted"]


def test_what_is_not_decided_and_what_opens_doors_is_not_in_the_file(expression):
    client = browser_of(expression)
    _, token = make_link(expression)

    text = client.get(f"{expression.get_absolute_url()}data.json").content.decode()

    hashes = list(StudentLink.objects.values_list("token_hash", flat=True))
    secrets = ["Not decided yet", "An organiser's remark", token, *hashes]
    assert [words for words in secrets if words in text] == []


def test_no_column_of_an_expression_is_forgotten(expression):
    data = json.loads(
        browser_of(expression).get(f"{expression.get_absolute_url()}data.json").content
    )

    columns = {field.name for field in Expression._meta.concrete_fields}
    # Our own book-keeping, and who of the organisers decided.
    ours = {"id", "edition", "decided_by", "version", "fingerprint"}
    assert set(data["expression"]) == columns - ours


def test_erasing_asks_once_more_and_says_what_will_be_gone(expression):
    html = main(browser_of(expression).get(f"{expression.get_absolute_url()}erase/"))

    assert "Gone for good, at once:" in html
    assert "Not gone by this:" in html
    assert "what the site has already published" in html
    assert f'href="{expression.get_absolute_url()}data.json"' in html


def test_erased_is_erased(expression):
    client = browser_of(expression)
    correct_address(expression=expression, email="zoe.student@example.org")
    _, token = make_link(expression)

    response = client.post(f"{expression.get_absolute_url()}erase/", follow=True)

    assert response.redirect_chain == [("/2024/interest/erased/", 302)]
    assert heading(response) == "Your data is erased"
    for model in (
        Expression,
        CoAuthor,
        Answer,
        Consent,
        Event,
        ExpressionLetter,
        StudentLink,
    ):
        assert model._default_manager.count() == 0, model
    left = str(list(Letter.objects.values()))
    assert [word for word in ("Zoë", "zoe", "Smaller", "Ada Author") if word in left] == []
    assert client.get(expression.get_absolute_url()).status_code == 403
    assert client.post(f"{expression.get_absolute_url()}erase/").status_code == 403
    assert client.get(link_path(expression, token)).status_code == 404


def test_organisers_who_counted_on_it_learn_its_reference_and_nothing_else(expression):
    browser_of(expression).post(f"{expression.get_absolute_url()}erase/")

    letters = list(Letter.objects.values_list("kind", "to_email", "to_name"))
    assert letters == [("interest/erased_notice", "organisers@example.org", "")]
    assert expression.display_reference in Letter.objects.get().body_text


@pytest.mark.parametrize("fields", [{"state": "withdrawn"}, {"is_test": True}])
def test_nobody_is_told_of_what_nobody_counted_on(edition, fields):
    expression = make_sent_expression(edition, **fields)

    browser_of(expression).post(f"{expression.get_absolute_url()}erase/")

    assert Expression.objects.count() == 0
    assert Letter.objects.count() == 0


def test_without_a_contact_address_it_is_erased_all_the_same(edition):
    type(edition).objects.update(contact_email="")
    expression = make_sent_expression(edition)

    browser_of(expression).post(f"{expression.get_absolute_url()}erase/")

    assert Expression.objects.count() == 0
