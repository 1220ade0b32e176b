"""Feedback on talks: given by visitors, moderated by chairs, read by presenters."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.rate_limit import OVERALL
from apps.feedback.models import Feedback, FeedbackSettings
from apps.privacy.retention import apply_retention
from tests.contributors.speakers import browser_of, make_speaker
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_person,
    make_release,
    make_session,
    make_slot,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
TALK = "/2024/contributions/small/"
PAGE = f"{TALK}feedback/"
DURING = datetime(2024, 5, 3, 9, 10, tzinfo=UTC)
SENTENCE = "The <b>examples</b> helped."


@pytest.fixture
def ada():
    return make_person(name="Ada")


@pytest.fixture
def talk(db, ada):
    """A talk at 9:00 UTC of 3 May; feedback is on until the end of 10 May in Berlin."""
    edition = make_current_edition(
        slug="2024", starts_on=date(2024, 5, 3), time_zone="Europe/Berlin", language="en"
    )
    talk = make_contribution(edition, ada, title="Small", slug="small", kind="talk")
    session = make_session(edition, starts_at=time(11), minutes=60)
    make_slot(session, talk, minutes=20)
    make_release(edition)
    FeedbackSettings.objects.create(edition=edition, is_on=True)
    with time_machine.travel(DURING, tick=False):
        yield talk


def desk(talk) -> str:
    return f"/admin/feedback/{talk.edition_id}/"


def press(rating: int = 3, sentence: str = "", *, page: str = PAGE) -> Client:
    """A new browser that gave feedback."""
    client = Client()
    assert client.post(page, {"rating": rating}).status_code == 302
    if sentence:
        assert client.post(page, {"sentence": sentence}).status_code == 302
    return client


def test_one_press_is_enough_and_a_sentence_may_follow(talk, client):
    assertContains(client.get(TALK), f'<a href="{PAGE}">Give feedback</a>')

    thanks = client.post(PAGE, {"rating": "3"}, follow=True)
    client.post(PAGE, {"sentence": f"  {SENTENCE}\n"})

    assertContains(thanks, "Thank you. Your answer: Very useful.")
    feedback = Feedback.objects.get()
    assert (feedback.rating, feedback.sentence, feedback.state) == (3, SENTENCE, "waiting")
    assert feedback.given_on == date(2024, 5, 3)


def test_a_browser_changes_and_removes_its_answer_and_has_one_only(talk, client):
    for rating in (3, 1):
        client.post(PAGE, {"rating": rating})
    assert Feedback.objects.get().rating == 1

    client.post(PAGE, {"remove": "1"})

    assert not Feedback.objects.exists()


def test_rows_of_one_browser_cannot_be_linked_and_the_cookie_is_signed(talk, client):
    other = make_contribution(talk.edition, "Ben", slug="other", kind="talk")
    make_slot(talk.edition.sessions.get(), other, minutes=20)
    make_release(talk.edition)
    for path in (PAGE, "/2024/contributions/other/feedback/"):
        client.post(path, {"rating": "2"})

    first, second = Feedback.objects.values_list("browser", flat=True)
    (name,) = [name for name in client.cookies if name.startswith("feedback")]

    assert first != second
    assert client.cookies[name]["path"] == "/2024/contributions/"
    assert client.cookies[name]["httponly"]
    client.cookies[name] = client.cookies[name].value[:-1]  # forged
    client.post(PAGE, {"rating": "1"})
    assert talk.feedback.count() == 2


@pytest.mark.parametrize(
    ("at", "is_asked"),
    [
        (DURING - timedelta(minutes=11), False),
        (DURING, True),
        (datetime(2024, 5, 10, 21, 59, tzinfo=UTC), True),
        (datetime(2024, 5, 10, 22, 0, tzinfo=UTC), False),
    ],
)
def test_it_is_open_from_the_start_of_the_session_for_some_days(talk, client, at, is_asked):
    with time_machine.travel(at, tick=False):
        client.post(PAGE, {"rating": "3"})

        assert Feedback.objects.exists() == is_asked
        assert ("Give feedback" in client.get(TALK).content.decode()) == is_asked
        assert client.get(PAGE).status_code == 200


def test_an_edition_that_does_not_ask_has_no_page(talk, client):
    FeedbackSettings.objects.update(is_on=False)

    assert client.get(PAGE).status_code == client.post(PAGE, {"rating": "3"}).status_code == 404
    assertNotContains(client.get(TALK), "Give feedback")


@pytest.mark.parametrize(
    "data",
    [
        {"rating": "4"},
        {"rating": "-1"},
        {"rating": "x" * 5000},
        {"sentence": "No rating first"},
        {"rating": ""},
    ],
)
def test_wrong_forms_store_nothing(talk, client, data):
    assert client.post(PAGE, data).status_code in {200, 302}
    assert not Feedback.objects.exists()


def test_a_long_sentence_is_shown_again(talk):
    client = press()

    response = client.post(PAGE, {"sentence": "x" * 301})

    assertContains(response, "Write this in at most 300 characters")
    assert not Feedback.objects.get().sentence


def test_presses_are_limited_per_network(talk, client, settings):
    settings.SUBMISSION_LIMIT = 1
    statuses = [Client().post(PAGE, {"rating": "3"}).status_code for _ in range(OVERALL + 1)]

    assert statuses == [302] * 10 + [429]


def test_presenters_see_numbers_from_three_on_and_approved_sentences(talk, ada, as_chair):
    speaker = make_speaker(talk.edition, ada)
    press(3, SENTENCE)
    press(2, "Too fast.")
    own = browser_of(speaker)
    page = f"/2024/speaker/{speaker.pk}/"
    assertContains(own.get(page), "fewer than three")
    press(1)

    before = own.get(page).content.decode()
    feedback = Feedback.objects.get(sentence=SENTENCE)
    data = {"state": "approved", "seen": feedback.version_token}
    approved = as_chair.post(f"/admin/feedback/sentence/{feedback.pk}/", data, follow=True)
    after = own.get(page).content.decode()

    assertContains(approved, "Approved.")
    assert "<dt>Very useful</dt>" in before
    assert "helped" not in before
    assert "The &lt;b&gt;examples&lt;/b&gt; helped." in after
    assert "Too fast" not in after
    FeedbackSettings.objects.update(needs_approval=False)
    assertContains(own.get(page), "Too fast")
    Feedback.objects.filter(sentence="Too fast.").update(state="hidden")
    assertNotContains(own.get(page), "Too fast")


def test_a_sentence_that_changed_meanwhile_is_not_approved(talk, as_chair):
    browser = press(3, "Good.")
    feedback = Feedback.objects.get()
    browser.post(PAGE, {"sentence": "Something else."})

    data = {"state": "approved", "seen": feedback.version_token}
    response = as_chair.post(f"/admin/feedback/sentence/{feedback.pk}/", data, follow=True)

    assertContains(response, "the sentence was changed or removed meanwhile")
    assert Feedback.objects.get().state == "waiting"


def test_an_approved_sentence_that_is_changed_waits_again(talk):
    browser = press(3, "Good.")
    Feedback.objects.update(state="approved")

    browser.post(PAGE, {"sentence": "Good!"})

    assert Feedback.objects.get().state == "waiting"


def test_the_desk_lists_filters_and_exports(talk, as_chair):
    for sentence in ("=1+1", "Clear.", ""):
        press(3, sentence)
    Feedback.objects.filter(sentence="Clear.").update(state="hidden")

    waiting, hidden = as_chair.get(desk(talk)), as_chair.get(f"{desk(talk)}?state=hidden")
    export = as_chair.post(f"{desk(talk)}csv/")

    assertContains(waiting, "=1+1")
    assertNotContains(waiting, "Clear.")
    assertContains(hidden, "Clear.")
    assert export.content.decode().splitlines()[1] == "Small,Ada,3,0,0,'=1+1"


def test_fewer_than_three_answers_are_no_numbers_for_chairs_either(talk, as_chair):
    press(1)

    assertContains(as_chair.get(desk(talk)), "fewer than 3 answers")
    assert ",fewer than 3," in as_chair.post(f"{desk(talk)}csv/").content.decode()


def test_a_chair_switches_it_off_and_editors_may_not(talk, as_chair, as_editor):
    response = as_chair.post(desk(talk), {"days_after": "3", "needs_approval": "on"}, follow=True)

    assertContains(response, "Saved. Feedback is off.")
    assert FeedbackSettings.objects.get().days_after == 3
    assert as_editor.get(desk(talk)).status_code == 403


def test_sentences_and_hashes_are_erased_and_ratings_stay(talk):
    press(3, SENTENCE)

    with time_machine.travel(datetime(2024, 11, 15, tzinfo=UTC)):
        list(apply_retention(edition=talk.edition))

    feedback = Feedback.objects.get()
    assert (feedback.sentence, feedback.browser, feedback.rating) == ("", None, 3)


def test_the_desk_needs_as_many_queries_for_one_as_for_three(talk, as_chair):
    press(3, "One.")
    one = count_queries(lambda: as_chair.get(desk(talk)))
    for number in range(2):
        other = make_contribution(talk.edition, make_person(), kind="talk", slug=f"t{number}")
        make_slot(talk.edition.sessions.get(), other, minutes=10)
        make_release(talk.edition)
        press(2, f"Sentence {number}", page=f"/2024/contributions/t{number}/feedback/")

    assert count_queries(lambda: as_chair.get(desk(talk))) == one <= 16
