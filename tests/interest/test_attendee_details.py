"""Needs and consents of a confirmed student, asked after a chair confirmed for them, and changed
until the workshop begins."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.interest.attendee_details import update_details
from apps.interest.models import Consent, Event, Expression, Question
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main

pytestmark = pytest.mark.django_db

MINE = "/2024/interest/R7K2QD/"
NEEDS = f"{MINE}needs/"
FILLED = {"can_attend": "yes", "access_needs": "A ramp", "consent_photo": "on"}


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2199, 1, 2), ends_on=date(2199, 1, 3))


@pytest.fixture
def expression(edition, chair) -> Expression:
    """Confirmed by a chair, so that the student has answered nothing yet."""
    return move(
        expression=make_sent_expression(edition, reference="R7K2QD", state="accepted"),
        action=Action.CONFIRM,
        actor=Actor.CHAIR,
        by=chair,
        confirmed_format="both",
    )


@pytest.fixture
def client(expression):
    return browser_of(expression)


def _token(response) -> str:
    return response.content.decode().split('name="version" value="')[1].split('"')[0]


def _send(client, **changes):
    """Open the form and send it."""
    return client.post(
        NEEDS, FILLED | {"version": _token(client.get(NEEDS))} | changes, follow=True
    )


def test_a_confirmation_by_a_chair_leaves_the_details_to_the_student(expression, chair):
    (event,) = Event.objects.all()
    (letter,) = Letter.objects.all()
    assert (event.what, event.by) == ("Confirm the offer", chair)
    assert not expression.has_details
    assert Consent.objects.count() == 0
    assert letter.kind == "interest/confirmed_for"
    assert "Please tell us what you need and what we may do" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert "Thank you for confirming" not in letter.body_text


def test_the_students_page_asks_for_the_details(client):
    page, form = main(client.get(MINE)), main(client.get(NEEDS))

    assert "The organisers confirmed it for you." in page
    assert f'href="{NEEDS}"' in page
    assert " checked" not in form
    assert "confirmed_format" not in form


def test_details_are_saved_and_logged_without_their_content(expression, client):
    response = _send(client)

    expression.refresh_from_db()
    given = {consent.about: consent.is_given for consent in Consent.objects.all()}
    assert heading(response) == "Confirmed"
    assert "Thank you. Your details are saved." in main(response)
    assert "The organisers confirmed it for you." not in main(response)
    assert (expression.can_attend, expression.access_needs) == (True, "A ramp")
    assert given == {"photo": True, "recording": False, "abstract": False, "contact": False}
    assert Event.objects.filter(what="Needs and consents given", by=None).count() == 1
    assert not Event.objects.filter(reason__contains="ramp").exists()


def test_a_withdrawn_consent_leaves_the_time_of_the_others(client):
    _send(client, consent_contact="on")
    earlier = timezone.now() - timedelta(days=9)
    Consent.objects.update(said_at=earlier)

    form = client.get(NEEDS)
    client.post(NEEDS, {"can_attend": "yes", "consent_contact": "on", "version": _token(form)})

    consents = {consent.about: consent for consent in Consent.objects.all()}
    assert main(form).count(" checked") == 3  # attendance and two consents
    assert "A ramp</textarea>" in main(form)
    assert not consents["photo"].is_given
    assert consents["photo"].said_at > earlier
    assert consents["contact"].is_given
    unchanged = ("recording", "abstract", "contact")
    assert {consents[about].said_at for about in unchanged} == {earlier}


def test_unchanged_details_add_no_log_entry(client):
    for _ in range(2):
        _send(client)

    events = Event.objects.values_list("what", flat=True)
    assert list(events) == ["Needs and consents given", "Confirm the offer"]


def test_questions_at_acceptance_are_asked_too(expression, edition, client):
    dinner = Question.objects.create(
        edition=edition, label="Dinner?", kind="yes_no", is_required=True, asked_at="acceptance"
    )

    refused = _send(client)
    _send(client, **{f"question_{dinner.pk}": "yes"})

    assert "<title>Error: " in refused.content.decode()
    assert "A ramp</textarea>" in main(refused)
    (answer,) = expression.answers.all()
    assert (answer.text, str(answer)) == ("yes", f"Answer {answer.pk}")
    assert main(client.get(NEEDS)).count(" checked") == 3  # attendance, photos, dinner
    own_page = main(client.get(expression.get_absolute_url()))
    assert "Dinner?" in own_page
    assert f"change/#id_question_{dinner.pk}" not in own_page  # the call does not ask it


def test_the_second_of_two_windows_is_warned_and_loses_nothing(expression, client):
    token = _token(client.get(NEEDS))
    client.post(NEEDS, FILLED | {"version": token})
    other = {"can_attend": "no", "diet": "Vegan"}

    second = client.post(NEEDS, other | {"version": token})
    third = client.post(NEEDS, other | {"version": _token(second)})

    expression.refresh_from_db()
    assert second.status_code == 409
    for text in ("Not saved yet.", "A ramp", "Vegan</textarea>"):
        assert text in main(second)
    assert third.status_code == 302
    assert (expression.can_attend, expression.diet) == (False, "Vegan")


@pytest.mark.parametrize("state", ["submitted", "accepted", "waitlisted", "declined", "withdrawn"])
def test_only_confirmed_students_are_asked(edition, state):
    own = make_sent_expression(edition, state=state)
    client, path = browser_of(own), f"{own.get_absolute_url()}needs/"

    responses = [client.get(path), client.post(path, FILLED)]

    own.refresh_from_db()
    assert [response["Location"] for response in responses] == [own.get_absolute_url()] * 2
    assert not own.has_details
    with pytest.raises(NotAllowed):
        update_details(
            expression=own, version=1, needs={"can_attend": True}, consents={}, answers={}
        )


@pytest.mark.parametrize(("days", "is_open"), [(1, True), (0, False), (-5, False), (None, True)])
def test_details_are_changed_until_the_first_day(expression, edition, client, days, is_open):
    today = timezone.localdate(timezone=edition.zone)
    edition.starts_on = None if days is None else today + timedelta(days=days)
    edition.ends_on = None
    edition.save()

    page = main(client.get(MINE))
    response = client.post(NEEDS, FILLED | {"version": expression.version})

    expression.refresh_from_db()
    assert (f'href="{NEEDS}"' in page) is is_open
    assert response.status_code == 302
    assert expression.has_details is is_open


def test_the_data_file_names_the_role_and_not_the_organiser(client, chair):
    _send(client)

    response = client.get(f"{MINE}data.json")

    assert [(entry["what"], entry["by"]) for entry in response.json()["log"]] == [
        ("Confirm the offer", "organisers"),
        ("Needs and consents given", "student"),
    ]
    assert chair.name not in response.content.decode()
    assert chair.email not in response.content.decode()
