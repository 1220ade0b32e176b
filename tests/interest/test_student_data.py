"""Personal data: downloaded as JSON, and erased."""

import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.interest.letters import send_letter
from apps.interest.models import Event, Expression, Question, StudentLink
from apps.interest.services import correct_address, make_student_link
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
    """With one of everything, and a draft letter that the student may not read yet."""
    question = Question.objects.create(edition=edition, label="Which day?")
    expression, *_ = submit_expression(
        edition=edition,
        fields={
            "name": "Zoë Student",
            "email": "zoe@example.org",
            "university": "University of Examples",
            "title": "Smaller is better",
            "abstract": "We show that it is.",
            "wants_poster": True,
            "access_needs": "A ramp",
        },
        topics=edition.topics.all(),
        coauthors=[("Ada Author", "Elsewhere")],
        answers={question: "The first"},
    )
    expression.consents.create(
        about="photo", wording="I may be photographed.", is_given=True, said_at=timezone.now()
    )
    draft = send_letter(expression, "cancelled")
    assert draft is not None
    Letter.objects.filter(pk=draft.pk).update(state="draft", subject="Not decided yet")
    Event.objects.filter(expression=expression).update(reason="An organiser's remark")
    return expression


def _step(expression: Expression, step: str) -> str:
    return f"{expression.get_absolute_url()}{step}"


def test_all_data_of_a_person_is_downloaded_as_json(expression):
    response = browser_of(expression).get(_step(expression, "data.json"))

    data = json.loads(response.content)
    fields = data["expression"]
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == (
        f'attachment; filename="expression-{expression.reference}.json"'
    )
    assert response["Cache-Control"] == "no-store, private"
    assert "Zoë" in response.content.decode()
    assert data["edition"] == "Workshop on Examples"
    assert (fields["reference"], fields["state"]) == (expression.reference, "submitted")
    assert (fields["name"], fields["email"]) == ("Zoë Student", "zoe@example.org")
    assert (fields["title"], fields["access_needs"]) == ("Smaller is better", "A ramp")
    assert data["topics"] == ["Small models"]
    assert data["coauthors"] == [{"name": "Ada Author", "affiliation": "Elsewhere"}]
    assert data["answers"] == [{"question": "Which day?", "answer": "The first"}]
    (consent,) = data["consents"]
    assert (consent["wording"], consent["is_given"]) == ("I may be photographed.", True)
    assert consent["said_at"] is not None
    (letter,) = data["letters"]
    assert (letter["to_email"], letter["state"]) == ("zoe@example.org", "queued")
    assert "We show that it is." in letter["body_text"]
    assert [event["what"] for event in data["log"]] == ["Submitted"]
    # Every column but our bookkeeping and the deciding organiser.
    columns = {field.name for field in Expression._meta.concrete_fields}
    assert set(fields) == columns - {"id", "edition", "decided_by", "version", "fingerprint"}


def test_the_file_contains_neither_drafts_nor_remarks_nor_tokens(expression):
    client = browser_of(expression)
    _, token = make_link(expression)

    text = client.get(_step(expression, "data.json")).content.decode()

    hashes = StudentLink.objects.values_list("token_hash", flat=True)
    secrets = ["Not decided yet", "An organiser's remark", token, *hashes]
    assert [secret for secret in secrets if secret in text] == []


def _mailed_browser(expression: Expression) -> Client:
    """A browser that opened the link in an email to the address."""
    client = Client()
    url = make_student_link(expression.pk, expression.email)
    assert client.post(url.removeprefix(settings.SITE_URL)).status_code == 302
    return client


def _downloaded(client: Client, expression: Expression) -> dict:
    return client.get(_step(expression, "data.json")).json()


def test_a_link_from_an_email_downloads_the_entries_of_all_editions(expression):
    other = make_sent_expression(make_call_edition(), email="Zoe@example.org", title="Another year")
    someone = make_sent_expression(expression.edition, email="sam@example.org")

    data = _downloaded(_mailed_browser(expression), expression)

    [found] = data["other_entries"]
    assert found["expression"]["reference"] == other.reference
    assert found["expression"]["title"] == "Another year"
    assert someone.reference not in str(data)


def test_an_address_that_was_only_typed_opens_no_other_entries(expression):
    """Anyone can send an entry with the address of another, and is signed in to it."""
    client = browser_of(make_sent_expression(make_call_edition(), email="zoe@example.org"))
    forged = Expression.objects.exclude(pk=expression.pk).get()

    data = _downloaded(client, forged)

    assert "other_entries" not in data
    assert expression.reference not in str(data)


def test_an_address_that_was_changed_to_that_of_another_opens_no_other_entries(expression):
    own = make_sent_expression(make_call_edition(), email="mallory@example.org")
    client = _mailed_browser(own)

    changed = client.post(_step(own, "address/"), {"email": "zoe@example.org"})

    assert changed.status_code == 302
    data = _downloaded(client, own)
    assert data["expression"]["email"] == "zoe@example.org"
    assert "other_entries" not in data


def test_an_entry_whose_address_a_chair_has_to_check_is_not_among_the_others(expression):
    make_sent_expression(make_call_edition(), email="zoe@example.org", has_unchecked_address=True)

    assert _downloaded(_mailed_browser(expression), expression)["other_entries"] == []


def test_the_page_before_erasing_says_what_is_erased(expression):
    html = main(browser_of(expression).get(_step(expression, "erase/")))

    assert "Erased at once, for good:" in html
    assert "Not erased:" in html
    assert "what the site has already published" in html
    assert f'href="{_step(expression, "data.json")}"' in html


def test_erasing_deletes_the_expression_and_tells_the_organisers_its_reference(expression):
    correct_address(expression=expression, email="zoe.student@example.org")
    client = browser_of(expression)
    _, token = make_link(expression)

    response = client.post(_step(expression, "erase/"), follow=True)

    assert response.redirect_chain == [("/2024/interest/erased/", 302)]
    assert heading(response) == "Your data is erased"
    assert not Expression.objects.exists()
    letter = Letter.objects.get()
    assert (letter.kind, letter.to_email) == ("interest/erased_notice", "organisers@example.org")
    assert expression.display_reference in letter.body_text
    texts = str(Letter.objects.values().get())
    assert [text for text in ("Zoë", "zoe", "Smaller", "Ada Author") if text in texts] == []
    assert client.get(expression.get_absolute_url()).status_code == 403
    assert client.post(_step(expression, "erase/")).status_code == 403
    assert client.get(link_path(expression, token)).status_code == 404


@pytest.mark.parametrize("fields", [{"state": "withdrawn"}, {"is_test": True}, {}])
def test_no_notice_of_inactive_expressions_or_without_a_contact_address(edition, fields):
    if not fields:
        edition.contact_email = ""
        edition.save()
    expression = make_sent_expression(edition, **fields)

    browser_of(expression).post(_step(expression, "erase/"))

    assert not Expression.objects.exists()
    assert not Letter.objects.exists()
