"""Personal data is erased when its period is over: in batches, class by class, and not before."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from apps.contributors.accepted_submissions import add_submissions
from apps.core.periodic_tasks import periodic_tasks
from apps.feedback.models import Feedback
from apps.interest.models import Answer, Expression, Note, Question
from apps.mail.models import Letter
from apps.privacy import retention
from apps.privacy.models import DataClass, EditionFigures, RetentionPeriods, RetentionRun
from apps.privacy.retention import ERASED_TEXT, erase_what_is_due, list_data
from apps.programme.models import Contribution
from apps.registration.models import AttendeeNeeds
from apps.review.models import Comment, Review
from tests.factories import (
    make_call,
    make_contribution,
    make_edition,
    make_expression,
    make_registration,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def make_full_edition(*, ended: int, **fields):
    """An edition that ended so many days ago, with data of every class."""
    edition = make_edition(starts_on=days_ago(ended), **fields)
    confirmed = make_expression(
        edition,
        state="confirmed",
        technical_needs="A long cable",
        access_needs="A ramp",
        diet="No nuts",
        can_attend=True,
    )
    declined = make_expression(edition, state="declined")
    guest = make_registration(edition)
    AttendeeNeeds.objects.create(registration=guest, diet="No nuts")
    make_registration(edition, status="cancelled")
    Feedback.objects.create(
        contribution=make_contribution(edition), browser="0" * 64, rating=3, sentence="Clear."
    )
    question = Question.objects.create(
        edition=edition, label="Shirt size?", asked_at=Question.AskedAt.ACCEPTANCE
    )
    Answer.objects.create(expression=confirmed, question=question, text="Large")
    for expression in (confirmed, declined):
        reviewer = make_user("Reviewer")
        Review.objects.create(expression=expression, reviewer=reviewer, score=3, remark="Good")
        Comment.objects.create(expression=expression, author=reviewer, text="I agree")
        Note.objects.create(expression=expression, author=reviewer, text="A friend of mine")
    for state, sent_at in ((Letter.State.SENT, timezone.now()), (Letter.State.FAILED, None)):
        Letter.objects.create(
            edition=edition,
            kind="old",
            to_email="student@example.net",
            subject="Thank you",
            body_text="Dear Sam",
            body_html="<p>Dear Sam</p>",
            calendar="BEGIN:VCALENDAR",
            state=state,
            sent_at=sent_at,
        )
    return edition


def stored(edition) -> dict[str, int]:
    return {due.data_class: due.count for due in list_data(edition)}


@pytest.mark.parametrize(
    ("ended", "erased"),
    [
        (30, set()),
        (31, {DataClass.NEEDS}),
        (180, {DataClass.NEEDS}),
        (
            181,
            {
                DataClass.NEEDS,
                DataClass.UNCONFIRMED,
                DataClass.LETTERS,
                DataClass.CANCELLED,
                DataClass.FEEDBACK,
            },
        ),
        (366, set(DataClass)),
    ],
)
def test_each_class_is_erased_after_its_days(ended, erased):
    edition = make_full_edition(ended=ended)
    assert all(stored(edition).values())

    erase_what_is_due()

    left = stored(edition)
    assert {name for name, count in left.items() if not count} == erased
    assert Expression.objects.filter(edition=edition, state="confirmed").exists()


def test_what_was_confirmed_keeps_its_name_and_abstract_but_not_its_needs():
    edition = make_full_edition(ended=400)

    erase_what_is_due()

    [kept] = Expression.objects.filter(edition=edition)
    assert (kept.technical_needs, kept.access_needs, kept.diet) == ("", "", "")
    assert kept.name
    assert kept.abstract
    assert kept.can_attend
    assert not Answer.objects.filter(expression=kept).exists()
    assert not Review.objects.exists()
    assert not Note.objects.exists()


def test_a_letter_keeps_its_subject_and_loses_its_text_and_calendar():
    edition = make_full_edition(ended=181)
    waiting = edition.letters.get(state=Letter.State.FAILED)
    Letter.objects.filter(pk=waiting.pk).update(state=Letter.State.QUEUED)

    erase_what_is_due()

    waiting.refresh_from_db()
    assert waiting.body_text != ERASED_TEXT  # it is still to be sent
    others = edition.letters.filter(kind="old").exclude(pk=waiting.pk)
    assert others
    assert set(others.values_list("body_text", "body_html", "calendar")) == {(ERASED_TEXT, "", "")}
    assert all(others.values_list("subject", flat=True))


def test_periods_of_an_edition_and_no_limit():
    edition = make_full_edition(ended=40)
    RetentionPeriods.objects.create(edition=edition, needs_days=None, unconfirmed_days=39)

    erase_what_is_due()

    assert stored(edition)[DataClass.NEEDS]
    assert not stored(edition)[DataClass.UNCONFIRMED]


def test_without_dates_the_days_count_from_the_end_of_the_call_or_never():
    edition = make_edition()
    make_expression(edition, state="declined")
    assert not any(due.due_on for due in list_data(edition))
    make_call(edition, closes_on=days_ago(200))

    erase_what_is_due()

    assert not Expression.objects.exists()


def test_figures_are_kept_without_persons():
    edition = make_full_edition(ended=181)
    topic = make_topic(edition, heading="Small models")
    Expression.objects.get(state="declined").topics.add(topic)
    make_expression(edition, is_test=True, state="declined")

    erase_what_is_due()
    Expression.objects.all().delete()
    erase_what_is_due()

    figures = EditionFigures.objects.get(edition=edition).figures
    assert figures["All entries"] == [{"label": "All", "applied": 2, "accepted": 1, "confirmed": 1}]
    assert {"label": "Small models", "applied": 1, "accepted": 0, "confirmed": 0} in figures[
        "By topic"
    ]


def test_a_run_that_is_interrupted_keeps_what_it_did_and_is_continued(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    edition = make_edition(starts_on=days_ago(181))
    for _ in range(5):
        make_expression(edition, state="withdrawn")
    batches: list[object] = []
    erase = retention.erase_expressions

    def erase_one_batch(expressions):
        if batches:
            raise KeyboardInterrupt
        batches.append(expressions)
        erase(expressions)

    part = retention._PARTS[DataClass.UNCONFIRMED][0]
    stopping = (retention._Part(part.find, erase_one_batch),)
    with monkeypatch.context() as patch:
        patch.setitem(retention._PARTS, DataClass.UNCONFIRMED, stopping)
        with pytest.raises(KeyboardInterrupt):
            erase_what_is_due()
    assert Expression.objects.count() == 3

    erase_what_is_due()

    assert not Expression.objects.exists()
    runs = RetentionRun.objects.filter(data_class=DataClass.UNCONFIRMED)
    assert sorted(runs.values_list("erased", flat=True)) == [2, 3]


def test_a_dry_run_says_what_is_due_and_erases_nothing():
    edition = make_full_edition(ended=400, slug="2029")
    before, output = stored(edition), StringIO()

    call_command("apply_retention", "--dry-run", stdout=output)

    assert stored(edition) == before
    assert not RetentionRun.objects.exists()
    assert "2029: Entries that did not become part of the programme: 1\n" in output.getvalue()
    assert "would be erased" in output.getvalue()


def test_the_command_may_name_one_edition():
    chosen, other = make_full_edition(ended=400, slug="2028"), make_full_edition(ended=400)

    call_command("apply_retention", "--edition", "2028", stdout=StringIO())

    assert not any(stored(chosen).values())
    assert all(stored(other).values())
    with pytest.raises(CommandError, match="no edition “2031”"):
        call_command("apply_retention", "--edition", "2031")


def test_the_worker_erases_daily():
    tasks = {task.name: task for task in periodic_tasks()}

    assert tasks["storage periods"].run is erase_what_is_due
    assert tasks["storage periods"].every == timedelta(days=1)


def test_a_public_contribution_of_an_erased_entry_stays():
    edition = make_edition(starts_on=days_ago(200))
    expression = make_expression(edition, state="confirmed")
    add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    Expression.objects.update(state="withdrawn", confirmed_format="")

    erase_what_is_due()

    assert not Expression.objects.exists()
    assert Contribution.objects.get().is_published


def test_a_chair_sees_and_changes_the_periods(as_chair):
    edition = make_full_edition(ended=31)
    url = f"/admin/privacy/{edition.pk}/"

    page = as_chair.get(url).content.decode()
    assert "Due now: erased within a day" in page
    saved = as_chair.post(
        url,
        {
            **dict.fromkeys(("unconfirmed_days", "attendees_days", "feedback_days"), ""),
            "needs_days": "60",
            "letters_days": "1",
            "cancelled_days": "3",
            "reviews_days": "2",
        },
    )

    assert saved.status_code == 302
    periods = RetentionPeriods.objects.get(edition=edition)
    assert [period.days for period in periods] == [60, None, 1, 3, None, 2, None]
    assert LogEntry.objects.filter(change_message="Storage periods changed.").exists()


@pytest.mark.parametrize("days", ["-1", "4000", "many", "1e3"])
def test_wrong_periods_are_refused_with_a_message(as_chair, days):
    edition = make_edition()

    page = as_chair.post(
        f"/admin/privacy/{edition.pk}/",
        {"needs_days": days, "unconfirmed_days": "", "letters_days": "", "reviews_days": ""},
    )

    assert page.status_code == 422
    assert "<title>Error: Privacy" in page.content.decode()
    assert not RetentionPeriods.objects.exists()


def test_the_privacy_page_names_the_periods_of_each_edition(client):
    usual, other = make_edition(short_name="Small *2030*"), make_edition(short_name="Small 2031")
    for edition in (usual, other):
        make_call(edition)
    RetentionPeriods.objects.create(edition=other, letters_days=1, reviews_days=None)

    page = client.get("/privacy/").content.decode()

    assert "Small *2030*:" in page
    assert "The text of emails that were sent: 180 days after the workshop" in page
    assert "The text of emails that were sent: 1 day after the workshop" in page
    assert "notes: until you or the organisers erase them" in page
    assert "[storage periods]" not in page


def test_the_privacy_page_names_the_default_periods_without_a_call(client):
    page = client.get("/privacy/").content.decode()

    assert page.count("30 days after the workshop") == 1
