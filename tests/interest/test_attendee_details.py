"""What only the student can say: needs and consents, asked after somebody confirmed for them, and
changed until the workshop begins."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.interest.attendee_details import details_token, update_details
from apps.interest.models import Consent, Event, Expression, Question
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, heading, main

pytestmark = pytest.mark.django_db

MINE = "/2024/interest/R7K2QD/"
NEEDS = f"{MINE}needs/"
SAID = {"can_attend": "yes", "access_needs": "A ramp", "consent_photo": "on"}
NOTHING = {"can_attend": True, "technical_needs": "", "access_needs": "", "diet": ""}


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2199, 1, 2), ends_on=date(2199, 1, 3))


@pytest.fixture
def offered(edition) -> Expression:
    return make_sent_expression(edition, reference="R7K2QD", state="accepted")


@pytest.fixture
def confirmed_for(offered, chair) -> Expression:
    """Confirmed by a chair, so that the student was asked for nothing."""
    return move(
        expression=offered,
        action=Action.CONFIRM,
        actor=Actor.CHAIR,
        by=chair,
        confirmed_format="poster",
    )


def _seen(response) -> str:
    return response.content.decode().split('name="seen" value="')[1].split('"')[0]


def test_a_chair_who_confirms_says_nothing_in_the_students_place(confirmed_for, chair):
    confirmed_for.refresh_from_db()

    (event,) = Event.objects.all()
    (letter,) = Letter.objects.all()
    assert (event.what, event.by) == ("Confirm the offer", chair)
    assert not confirmed_for.has_details
    assert Consent.objects.count() == 0
    assert letter.kind == "interest/confirmed_for"
    assert "say what you need and what we may do" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert "Thank you for confirming" not in letter.body_text


def test_the_students_page_then_asks(confirmed_for):
    client = browser_of(confirmed_for)

    page = main(client.get(MINE))
    form = main(client.get(NEEDS))

    assert "The organisers confirmed it for you." in page
    assert f'href="{NEEDS}"' in page
    assert "Say what you need</a>" in page
    assert " checked" not in form
    assert "confirmed_format" not in form


def test_what_is_said_then_is_kept_with_words_and_moment(confirmed_for):
    client = browser_of(confirmed_for)
    form = client.get(NEEDS)

    response = client.post(NEEDS, SAID | {"seen": _seen(form)}, follow=True)

    confirmed_for.refresh_from_db()
    given = {consent.about: consent.is_given for consent in Consent.objects.all()}
    assert heading(response) == "Confirmed"
    assert "Thank you. What you told us is saved." in main(response)
    assert "The organisers confirmed it for you." not in main(response)
    assert (confirmed_for.can_attend, confirmed_for.access_needs) == (True, "A ramp")
    assert given == {"photo": True, "recording": False, "abstract": False, "contact": False}
    assert Event.objects.filter(what="Needs and consents told", by=None).count() == 1
    assert "A ramp" not in " ".join(f"{event.what}{event.reason}" for event in Event.objects.all())


def test_a_consent_is_taken_back_and_the_others_keep_their_moment(confirmed_for):
    client = browser_of(confirmed_for)
    client.post(NEEDS, SAID | {"consent_contact": "on", "seen": details_token(confirmed_for)})
    earlier = timezone.now() - timedelta(days=9)
    Consent.objects.update(said_at=earlier)

    form = client.get(NEEDS)
    client.post(NEEDS, {"can_attend": "yes", "consent_contact": "on", "seen": _seen(form)})

    said = {consent.about: consent for consent in Consent.objects.all()}
    assert main(form).count(" checked") == 3  # that they can come, and two consents
    assert "A ramp</textarea>" in main(form)
    assert not said["photo"].is_given
    assert said["photo"].said_at > earlier
    assert said["contact"].is_given
    assert {said[about].said_at for about in ("recording", "abstract", "contact")} == {earlier}


def test_the_same_once_more_is_no_line_in_the_log(confirmed_for):
    client = browser_of(confirmed_for)

    for _ in range(2):
        client.post(NEEDS, SAID | {"seen": _seen(client.get(NEEDS))})

    assert [event.what for event in Event.objects.all()] == [
        "Needs and consents told",
        "Confirm the offer",
    ]


def test_the_organisers_questions_are_asked_then_too(confirmed_for, edition):
    dinner = Question.objects.create(
        edition=edition, words="Dinner?", kind="yes_no", is_required=True, asked_at="acceptance"
    )
    client = browser_of(confirmed_for)

    refused = client.post(NEEDS, SAID | {"seen": details_token(confirmed_for)})
    client.post(NEEDS, SAID | {"seen": _seen(refused), f"question_{dinner.pk}": "yes"})
    again = main(client.get(NEEDS))

    assert "<title>Error: " in refused.content.decode()
    assert "A ramp</textarea>" in main(refused)
    assert [answer.words for answer in confirmed_for.answers.all()] == ["yes"]
    assert again.count(" checked") == 3  # that they can come, photos, dinner


def test_of_two_windows_the_second_is_told_and_loses_nothing(confirmed_for):
    client = browser_of(confirmed_for)
    seen = _seen(client.get(NEEDS))
    client.post(NEEDS, SAID | {"seen": seen})

    second = client.post(NEEDS, {"can_attend": "no", "diet": "Vegan", "seen": seen})
    third = client.post(NEEDS, {"can_attend": "no", "diet": "Vegan", "seen": _seen(second)})

    confirmed_for.refresh_from_db()
    assert second.status_code == 409
    assert "Not saved yet." in main(second)
    assert "A ramp" in main(second)
    assert "Vegan</textarea>" in main(second)
    assert third.status_code == 302
    assert (confirmed_for.can_attend, confirmed_for.diet) == (False, "Vegan")


def test_what_was_stored_meanwhile_is_never_overwritten_unseen(confirmed_for):
    seen = details_token(confirmed_for)
    update_details(expression=confirmed_for, token=seen, needs=NOTHING, consents={}, answers={})

    with pytest.raises(ChangedMeanwhile):
        update_details(expression=confirmed_for, token=seen, needs=NOTHING, consents={}, answers={})


@pytest.mark.parametrize("state", ["submitted", "accepted", "waitlisted", "declined", "withdrawn"])
def test_only_who_is_confirmed_is_asked(edition, state):
    expression = make_sent_expression(edition, reference="R7K2QD", state=state)
    client = browser_of(expression)

    responses = [client.get(NEEDS), client.post(NEEDS, SAID)]

    expression.refresh_from_db()
    assert [response["Location"] for response in responses] == [MINE, MINE]
    assert not expression.has_details
    with pytest.raises(NotAllowed):
        update_details(expression=expression, token="", needs=NOTHING, consents={}, answers={})


@pytest.mark.parametrize(("starts_in", "may"), [(1, True), (0, False), (-5, False), (None, True)])
def test_it_may_be_changed_until_the_first_day(confirmed_for, edition, starts_in, may):
    today = timezone.now().astimezone(edition.zone).date()
    edition.starts_on = None if starts_in is None else today + timedelta(days=starts_in)
    edition.ends_on = None
    edition.save()
    client = browser_of(confirmed_for)

    page = client.get(MINE)
    answer = client.post(NEEDS, SAID | {"seen": details_token(confirmed_for)})

    confirmed_for.refresh_from_db()
    assert (f'href="{NEEDS}"' in main(page)) is may
    assert answer.status_code == 302
    assert confirmed_for.has_details is may


def test_the_data_says_whether_the_organisers_did_it(confirmed_for, chair: User):
    client = browser_of(confirmed_for)
    client.post(NEEDS, SAID | {"seen": details_token(confirmed_for)})

    response = client.get(f"{MINE}data.json")

    assert [(line["what"], line["by"]) for line in response.json()["log"]] == [
        ("Confirm the offer", "organisers"),
        ("Needs and consents told", "student"),
    ]
    assert chair.name not in response.content.decode()
    assert chair.email not in response.content.decode()


def test_an_answers_words_are_not_in_its_name(edition, confirmed_for):
    question = Question.objects.create(edition=edition, words="Why?", asked_at="acceptance")
    answer = confirmed_for.answers.create(question=question, words="Xylophone")

    assert str(answer) == f"Answer {answer.pk}"
