"""To-do items, dates and places on the first screen, for each role."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.models import Proposal
from apps.interest.models import Expression
from apps.mail.models import DUE_LASTS, Letter
from apps.review.models import Review
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision
from tests.contributors.speakers import make_speaker
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call,
    make_contribution,
    make_current_edition,
    make_deadline,
    make_edition,
    make_expression,
    make_person,
    make_user,
    put_in_state,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 6, 10, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def edition(settings):
    settings.HAS_MAIL = True
    edition = make_current_edition(slug="2030", time_zone="Europe/London")
    make_call(edition, closes_on="2030-05-01", talk_places=12, poster_places=4)
    return edition


def _settled(edition, state: str, *, reply_by_on: str | None = None, **fields) -> Expression:
    """One whose letters have withdrawn out."""
    expression = make_expression(edition, **fields)
    if state != "submitted":
        put_in_state(expression, state)
    if reply_by_on:
        Expression.objects.filter(pk=expression.pk).update(reply_by_on=reply_by_on)
    Letter.objects.update(state=Letter.State.SENT, sent_at=timezone.now())
    return expression


def _letter(**fields) -> Letter:
    return Letter.objects.create(
        kind="test", to_email="ada@example.org", subject="Words", body_text="Words.", **fields
    )


def _correct(edition) -> None:
    """A student on the programme who has changed the title since."""
    expression = make_confirmed(edition, title="Small models")
    add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    Expression.objects.filter(pk=expression.pk).update(title="Small models, corrected")


def _propose(edition) -> None:
    """A speaker with a change that is not accepted yet."""
    person = make_person()
    make_contribution(edition, person)
    Proposal.objects.create(speaker=make_speaker(edition, person), values={"bio": "x"})


def _screen(client):
    """The context of the first screen."""
    return client.get("/admin/").context


def _todos(client) -> list[str]:
    return [f"{item.count} {item.label}" for item in _screen(client)["todos"] or []]


def test_there_are_no_items_without_work_in_this_edition(as_chair, edition):
    _settled(edition, "confirmed")
    _settled(make_edition(state="archived"), "submitted")

    assert _todos(as_chair) == []
    assert "Nothing to do" in as_chair.get("/admin/").content.decode()


def test_chairs_see_their_items_most_urgent_first_with_working_links(as_chair, edition):
    chair = make_user("Chair")
    _settled(edition, "submitted", is_late=True)
    _settled(edition, "under_review")
    accepted = _settled(edition, "under_review")
    decide(expression=accepted, verdict="accept", offer="talk", by=chair)
    held = _settled(edition, "submitted")
    decide(expression=held, verdict="decline", by=chair)
    PendingDecision.objects.filter(expression=held).update(is_held=True)
    for reply_by_on in ("2030-06-09", "2030-06-02", "2030-06-10", "2030-06-12", "2030-07-30"):
        _settled(edition, "accepted", reply_by_on=reply_by_on)
    waiting = _settled(edition, "waitlisted", title="Small models")
    Review.objects.create(expression=waiting, reviewer=chair, score=4)
    make_expression(edition, is_test=True)
    Letter.objects.all().delete()
    _letter(state=Letter.State.FAILED)
    _letter(state=Letter.State.UNCONFIRMED)
    _letter(state=Letter.State.SENDING, claimed_at=NOW)
    _letter(due_at=NOW - DUE_LASTS - timedelta(hours=1))
    _letter()

    items = _screen(as_chair)["todos"]

    assert [(item.count, item.label, item.hint) for item in items] == [
        (1, "email failed", "Fix the problem shown, then send again."),
        (1, "email in doubt", "Delivery not confirmed: ask the recipient before you resend."),
        (
            1,
            "email too old to be sent",
            "Due for more than a week: send them now, or discard them.",
        ),
        (2, "offers without reply since 2 June", "Let them lapse to free their places."),
        (
            6,
            "lightning-talk places left",
            f"Next is {waiting.display_reference}, Small models (mean 4.0).",
        ),
        (
            2,
            "decisions made, not released",
            "Not yet announced to the applicants. 1 of them held back.",
        ),
        (2, "to decide", "1 came late."),
        (2, "replies due soon", "The first by 10 June. Reminded 3 days before."),
        (
            1,
            "test entry left",
            "Sent by organisers, not counted. Delete them when you have finished.",
        ),
    ]
    assert [item.is_urgent for item in items] == [True] * 4 + [False] * 5
    for item in items:
        assert as_chair.get(item.url).status_code == 200, item.label


def test_the_hint_says_when_all_decisions_are_held_back(as_chair, edition, chair):
    notes = []
    for _ in range(2):
        decide(expression=_settled(edition, "submitted"), verdict="decline", by=chair)
        PendingDecision.objects.update(is_held=True)
        notes.append(_screen(as_chair)["todos"][0].hint)

    assert notes == [
        "Not yet announced to the applicants. It is held back.",
        "Not yet announced to the applicants. All are held back.",
    ]


def test_a_call_that_is_still_open_on_the_first_day_is_an_item(as_chair, edition):
    edition.call.is_open_ended, edition.call.closes_on = True, None
    edition.call.save()
    page = as_chair.get("/admin/").content.decode()
    assert "call still open" not in page

    edition.starts_on = NOW.date()
    edition.save()

    assert "call still open" in as_chair.get("/admin/").content.decode()


def test_queued_letters_are_an_item_only_without_a_mail_server(as_chair, edition, settings):
    _letter()
    with_one = _todos(as_chair)
    settings.HAS_MAIL = False

    assert (with_one, _todos(as_chair)) == ([], ["1 email waits for a mail server"])


def test_only_chairs_get_a_link_to_the_ranked_waiting_list(as_chair, as_helpdesk, edition):
    _settled(edition, "waitlisted")

    urls = [_screen(who)["states"][0].url for who in (as_chair, as_helpdesk)]

    assert urls == [
        f"/admin/selection/waiting-list/{edition.pk}/",
        f"/admin/interest/expression/?edition__id__exact={edition.pk}&state__exact=waitlisted",
    ]


def test_an_offer_expires_in_the_time_zone_of_the_edition(as_chair, edition):
    _settled(edition, "accepted", reply_by_on="2030-06-10")

    def items_at(hour: int, minute: int) -> list[str]:
        with time_machine.travel(datetime(2030, 6, 10, hour, minute, tzinfo=UTC), tick=False):
            as_chair.force_login(make_user("Chair"))
            return _todos(as_chair)

    assert items_at(22, 59) == ["1 reply due soon"]
    assert items_at(23, 0) == ["1 offer without reply since 10 June"]


def test_chairs_see_the_share_of_places_taken(as_chair, as_reviewer, edition):
    for _ in range(3):
        _settled(edition, "confirmed")
    accepted = _settled(edition, "submitted", wants_poster=True)
    decide(expression=accepted, verdict="accept", offer="both", by=make_user("Chair"))

    places = _screen(as_chair)["places"]

    assert [kind.in_words for kind in places] == [
        "3 of 12 talks, 1 pending",
        "0 of 4 posters, 1 pending",
    ]
    assert _screen(as_reviewer)["places"] == []


def test_dates_of_the_next_two_weeks_are_sorted(as_editor, edition):
    edition.call.closes_on, edition.call.closes_time = date(2030, 6, 12), "17:00"
    edition.call.decisions_on = date(2030, 6, 24)
    edition.call.save()
    edition.starts_on = date(2030, 6, 25)
    edition.save()
    make_deadline(edition, title="Photos", due_on="2030-06-11", due_time="10:00")
    make_deadline(edition, title="Anywhere", due_on="2030-06-10", is_anywhere_on_earth=True)
    make_deadline(edition, title="This morning", due_on="2030-06-10", due_time="09:00")
    make_deadline(edition, title="Far off", due_on="2030-06-26")

    dates = _screen(as_editor)["dates"]

    assert [(date.label, date.distance, date.time) for date in dates] == [
        ("Anywhere", "today", ""),
        ("Photos", "tomorrow", "10:00 BST"),
        ("The call closes", "in 2 days", "17:00 BST"),
        ("Decisions are promised", "in 14 days", ""),
    ]


def test_a_deadline_at_the_end_of_the_call_is_listed_once(as_editor, edition):
    edition.call.closes_on, edition.call.closes_time = date(2030, 6, 12), "17:00"
    edition.call.save()
    make_deadline(edition, title="Abstracts", due_on="2030-06-12", due_time="17:00")

    assert [date.label for date in _screen(as_editor)["dates"]] == ["Abstracts"]


def test_the_helpdesk_sees_authors_whose_letters_failed(as_helpdesk, edition):
    unreachable = _settled(edition, "submitted", name="Ada Example")
    _settled(edition, "submitted")
    corrected = _settled(edition, "submitted")
    withdrawn = _settled(edition, "withdrawn")
    for expression in (unreachable, corrected, withdrawn):
        Letter.objects.filter(expression_link__expression=expression).update(
            state=Letter.State.FAILED, failure="550 no such user"
        )
    Expression.objects.filter(pk=corrected.pk).update(email="right@example.org")

    items = _screen(as_helpdesk)["todos"]

    assert [item.label for item in items] == [
        f"{unreachable.display_reference}, Ada Example: an email did not arrive"
    ]
    assert as_helpdesk.get(items[0].url).status_code == 200
    assert "550" not in as_helpdesk.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("count", "students", "speakers"),
    [
        (1, "correction by students to check", "change by speakers to approve"),
        (3, "corrections by students to check", "changes by speakers to approve"),
    ],
)
def test_chairs_see_edits_by_students_and_speakers(as_chair, edition, count, students, speakers):
    for _ in range(count):
        _correct(edition)
        _propose(edition)
    base = f"/admin/programme/session/programme/{edition.pk}/"

    items = _screen(as_chair)["todos"][-2:]

    assert [(item.count, item.label, item.url) for item in items] == [
        (count, students, f"{base}corrections/"),
        (count, speakers, f"{base}speakers/"),
    ]
    assert [as_chair.get(item.url).status_code for item in items] == [200, 200]

    Expression.objects.update(title="Small models")  # as it is on the programme

    assert students not in [item.label for item in _screen(as_chair)["todos"]]


def test_editors_see_edits_by_speakers_only(as_editor, as_reviewer, as_helpdesk, edition):
    _correct(edition)
    _propose(edition)

    assert _todos(as_editor) == ["1 change by speakers to approve"]
    for client in (as_reviewer, as_helpdesk):
        assert not [label for label in _todos(client) if "by s" in label]


def test_each_role_sees_only_its_own_items(as_chair, as_reviewer, as_helpdesk, as_editor, edition):
    waiting = _settled(edition, "waitlisted", title="A title for chairs")
    _settled(edition, "accepted", reply_by_on="2030-06-02")
    decide(expression=_settled(edition, "submitted"), verdict="decline", by=make_user("Chair"))
    _letter(state=Letter.State.FAILED)

    assert len(_todos(as_chair)) == 4
    assert _screen(as_editor)["todos"] is None
    for who in (as_reviewer, as_helpdesk, as_editor):
        page = who.get("/admin/").content.decode()
        for words in (waiting.title, "not released", "without reply", "email failed", "pending"):
            assert words not in page


def test_hostile_texts_are_escaped(as_chair, as_helpdesk, edition):
    _settled(edition, "waitlisted", title=HOSTILE)
    unreachable = _settled(edition, "submitted", name=HOSTILE)
    Letter.objects.filter(expression_link__expression=unreachable).update(
        state=Letter.State.FAILED, to_email=unreachable.email
    )
    make_deadline(edition, title=HOSTILE, due_on="2030-06-12")

    for who in (as_chair, as_helpdesk):
        page = who.get("/admin/").content.decode()

        assert HOSTILE not in page
        assert page.count("&lt;script&gt;") == 2


@pytest.mark.parametrize("has_limited_places", [True, False])
def test_the_first_screen_costs_the_same_with_one_row_and_with_three(
    as_chair, edition, has_limited_places
):
    if not has_limited_places:
        edition.call.talk_places = edition.call.poster_places = None
        edition.call.save()

    def add_one_of_each() -> None:
        both: dict[str, Any] = {"wants_poster": True, "preference": "either"}
        _settled(edition, "waitlisted", **both)
        ended = _settled(edition, "offer_declined", **both)
        Expression.objects.filter(pk=ended.pk).update(offer="both")
        _settled(edition, "submitted")
        make_deadline(edition, due_on="2030-06-12")
        _correct(edition)
        _propose(edition)
        _letter(state=Letter.State.FAILED)

    add_one_of_each()
    with_one = count_queries(lambda: as_chair.get("/admin/"))
    add_one_of_each()
    add_one_of_each()

    assert count_queries(lambda: as_chair.get("/admin/")) == with_one <= 20
