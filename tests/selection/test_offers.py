"""Offers outside a release: the waiting list, reminders, and offers that lapse."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter, LetterText
from apps.review.models import Review
from apps.selection.decisions import decide, release_decisions
from apps.selection.offers import (
    free_places,
    offer_place,
    openings,
    overdue_offers,
    send_reminders,
    waiting_list,
)
from tests.factories import make_call, make_edition, make_expression, make_user, put_in_state
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db

PAGES = "/admin/selection/"
FIRST = datetime(2030, 3, 1, 12, tzinfo=UTC)
DUE = date(2030, 3, 31)  # in the night before it the clocks in London go forward
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    """An edition with a free talk and a free poster."""
    edition = make_edition(title="Workshop", contact_email="desk@example.org")
    make_call(edition, talk_places=1, poster_places=1, reply_days=7)
    return edition


def make_waiting(edition, *, day: int = 0, scores=(), **fields) -> Expression:
    expression = make_expression(edition, **fields)
    put_in_state(expression, "waitlisted")
    since = FIRST + timedelta(days=day)
    Expression.objects.filter(pk=expression.pk).update(decided_at=since)
    for score in scores:
        Review.objects.create(expression=expression, reviewer=make_user("Reviewer"), score=score)
    expression.refresh_from_db()
    return expression


def make_offer(edition, *, reply_by_on=DUE, state="accepted", **fields) -> Expression:
    expression = make_expression(edition, **fields)
    put_in_state(expression, state)
    made_at = datetime(2030, 3, 20, 12, tzinfo=UTC)
    Expression.objects.filter(pk=expression.pk).update(reply_by_on=reply_by_on, decided_at=made_at)
    expression.refresh_from_db()
    return expression


def named(edition) -> list[tuple[str, int, str]]:
    return [(row.kind.value, row.number, row.next.title) for row in openings(edition)]


def offer_letters():
    return Letter.objects.filter(kind__startswith="interest/offer_")


def reminders(**fields):
    return Letter.objects.filter(kind="interest/reminder", **fields)


def at(month: int, day: int, hour: int, minute: int = 0):
    return time_machine.travel(datetime(2030, month, day, hour, minute, tzinfo=UTC), tick=False)


# Waiting list


def test_the_best_mean_comes_first_and_equals_by_waiting_time(edition):
    make_waiting(edition, title="No score, early", day=1)
    make_waiting(edition, title="Three, late", day=9, scores=[3])
    make_waiting(edition, title="Three, early", day=2, scores=[2, 4])
    make_waiting(edition, title="Four", day=5, scores=[4, 4, 4])
    conflict = make_waiting(edition, title="Conflict", day=3)
    Review.objects.create(expression=conflict, reviewer=make_user("Reviewer"), has_conflict=True)

    titles = [row.title for row in waiting_list(edition)]

    assert titles == ["Four", "Three, early", "Three, late", "No score, early", "Conflict"]


def test_only_waiting_expressions_without_a_decision_are_on_the_list(edition, chair):
    make_waiting(edition, is_test=True)
    make_waiting(make_edition())
    make_offer(edition)
    make_offer(edition, state="withdrawn")
    decide(expression=make_waiting(edition), verdict="decline", by=chair)

    assert list(waiting_list(edition)) == []


def test_the_next_is_named_for_the_format_asked_for(edition):
    make_waiting(edition, title="Talk", scores=[5])
    make_waiting(edition, title="Poster", wants_talk=False, wants_poster=True)

    assert named(edition) == [("talk", 1, "Talk"), ("poster", 1, "Poster")]


def test_no_expression_is_named_for_two_places(edition):
    make_waiting(
        edition, title="Prefers poster", scores=[5], wants_poster=True, preference="poster"
    )
    make_waiting(edition, title="Either", scores=[4], wants_poster=True, preference="either")

    assert named(edition) == [("poster", 1, "Prefers poster"), ("talk", 1, "Either")]


def test_a_place_is_not_free_while_it_is_held_or_pending(edition, chair):
    make_waiting(edition, title="Patient")
    holder = make_offer(edition)
    held = named(edition)
    move(expression=holder, action=Action.DECLINE_OFFER, actor=Actor.STUDENT)
    freed = named(edition)
    decide(expression=make_expression(edition), verdict="accept", offer="talk", by=chair)

    assert (held, freed, named(edition)) == ([], [("talk", 1, "Patient")], [])


@pytest.mark.parametrize(
    "action", [Action.DECLINE_OFFER, Action.LAPSE, Action.WITHDRAW, Action.CANCEL]
)
def test_where_places_are_unlimited_an_ended_offer_frees_its_place(action, chair):
    edition = make_edition()
    make_call(edition)
    holder, other = make_offer(edition), make_offer(edition)
    make_waiting(edition, title="First", scores=[5])
    make_waiting(edition, title="Second", scores=[4])
    results = [named(edition)]

    move(expression=holder, action=action, actor=Actor.CHAIR, by=chair)
    results.append(named(edition))
    decision = offer_place(expression=openings(edition)[0].next, offer="talk", by=chair)
    first = decision.expression
    results.append(named(edition))
    release_decisions(edition=edition, seen=[decision.draft_key], by=chair)
    results.append(named(edition))
    move(expression=first, action=action, actor=Actor.CHAIR, by=chair)
    results.append(named(edition))
    move(expression=other, action=Action.DECLINE_OFFER, actor=Actor.STUDENT)
    results.append(named(edition))

    second = [("talk", 1, "Second")]
    assert results == [[], [("talk", 1, "First")], [], [], second, [("talk", 2, "Second")]]


def test_confirming_one_of_two_offers_frees_the_other():
    edition = make_edition()
    make_call(edition)
    expression = make_offer(edition)
    Expression.objects.filter(pk=expression.pk).update(offer="both")

    move(
        expression=expression,
        action=Action.CONFIRM,
        actor=Actor.STUDENT,
        confirmed_format="poster",
    )

    assert free_places(edition) == {"talk": 1, "poster": 0}


# One offer


def test_an_offer_is_pending_with_its_letter_until_it_is_released(edition, chair):
    expression = make_waiting(edition, title="Small models")

    decision = offer_place(expression=expression, offer="talk", by=chair)
    with pytest.raises(NotAllowed, match="No lightning-talk place is left"):
        offer_place(expression=expression, offer="talk", by=chair)
    before = offer_letters().get()
    release_decisions(edition=edition, seen=[decision.draft_key], by=chair)
    with pytest.raises(NotAllowed, match=r"no longer on the waiting list: it is accepted\."):
        offer_place(expression=expression, offer="talk", by=chair)

    letter = offer_letters().get()
    expression.refresh_from_db()
    assert (before.kind, before.state) == ("interest/offer_talk", "draft")
    assert "Small models" in before.body_text
    assert (expression.state, expression.offer, expression.decided_by) == (
        "accepted",
        "talk",
        chair,
    )
    assert (letter.state, letter.expression_link.expression) == ("queued", expression)


@pytest.mark.parametrize("offer", ["poster", "both", "", "dinner"])
def test_only_a_requested_format_is_offered(edition, chair, offer):
    with pytest.raises(NotAllowed, match="Choose an offer among the requested formats"):
        offer_place(expression=make_waiting(edition), offer=offer, by=chair)


@pytest.mark.parametrize("offer", ["talk", "both"])
def test_a_place_that_is_taken_is_not_offered(edition, chair, offer):
    expression = make_waiting(edition, wants_poster=True, preference="either")
    make_offer(edition)

    with pytest.raises(NotAllowed, match="No lightning-talk place is left"):
        offer_place(expression=expression, offer=offer, by=chair)

    expression.refresh_from_db()
    assert (expression.state, offer_letters().count()) == ("waitlisted", 0)


@pytest.mark.django_db(transaction=True)
def test_two_chairs_cannot_give_away_the_same_place(edition):
    one, other = make_waiting(edition), make_waiting(edition)
    chairs, refused = [make_user("Chair"), make_user("Chair")], []

    def press(expression, chair) -> None:
        try:
            offer_place(expression=expression, offer="talk", by=chair)
        except NotAllowed as refusal:
            refused.append(str(refusal))

    faults = overlapping(lambda: press(one, chairs[0]), lambda: press(other, chairs[1]))

    (refusal,) = refused
    assert (faults, offer_letters().count()) == ([], 1)
    assert other.display_reference in refusal


# Reminders


def make_reminded_edition(**fields):
    edition = make_edition(time_zone=fields.pop("time_zone", "Europe/London"), title="Workshop")
    make_call(edition, **fields)
    return edition


def test_an_offer_without_a_reply_gets_one_reminder(django_assert_num_queries):
    expression = make_offer(make_reminded_edition(), name="Ada Example", title="Small models")

    with at(3, 28, 9):
        counts = [send_reminders() for _ in range(3)]

    letter = reminders().get()
    reference = expression.display_reference
    assert counts == [1, 0, 0]
    assert letter.subject == (
        f"Please reply by Sunday 31 March 2030: our offer for {reference} – Workshop"
    )
    assert "“Small models”: lightning talk. We have not heard from you" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert (letter.to_email, letter.link_subject) == (expression.email, expression.pk)
    assert letter.expression_link.expression == expression
    assert Event.objects.filter(what="Reminded of the offer").count() == 1


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        # Midnight in London is 0:00 UTC in winter: the 28th is three days before the 31st.
        ("Europe/London", (3, 27, 23, 59), 0),
        ("Europe/London", (3, 28, 0, 0), 1),
        # The last day is an hour shorter; it ends at 23:00 UTC, in summer time.
        ("Europe/London", (3, 31, 22, 59), 1),
        ("Europe/London", (3, 31, 23, 0), 0),
        ("Pacific/Auckland", (3, 27, 10, 59), 0),
        ("Pacific/Auckland", (3, 27, 11, 0), 1),
    ],
    ids=str,
)
def test_days_are_counted_in_the_time_zone_of_the_edition(zone, moment, expected):
    make_offer(make_reminded_edition(time_zone=zone))

    with at(*moment):
        assert send_reminders() == expected


def test_no_other_expression_is_reminded():
    edition = make_reminded_edition()
    for state in ("submitted", "waitlisted", "declined", "confirmed", "offer_declined", "lapsed"):
        make_expression(edition, state=state)
    make_offer(edition, reply_by_on=date(2030, 4, 20))
    make_offer(edition, reply_by_on=date(2030, 3, 27))
    make_offer(edition, is_test=True)
    make_offer(make_reminded_edition(sends_reminders=False))
    cancelled = make_reminded_edition()
    make_offer(cancelled)
    cancelled.is_cancelled = True
    cancelled.save()

    with at(3, 28, 9):
        assert send_reminders() == 0


def test_no_reminder_is_sent_on_the_day_of_the_offer():
    expression = make_offer(make_reminded_edition(reply_days=2))
    made_at = datetime(2030, 3, 29, 8, tzinfo=UTC)
    Expression.objects.filter(pk=expression.pk).update(decided_at=made_at)

    with at(3, 29, 20):
        on_the_day = send_reminders()
    with at(3, 30, 8):
        the_day_after = send_reminders()

    assert (on_the_day, the_day_after) == (0, 1)


def test_a_new_offer_gets_a_new_reminder(chair):
    expression = make_expression(make_reminded_edition(reply_days=5))

    def act(action, **more):
        move(expression=expression, action=action, actor=Actor.CHAIR, by=chair, **more)

    for day in (1, 11):
        with at(3, day, 9):
            act(Action.ACCEPT, offer="talk")
        with at(3, day + 3, 9):
            send_reminders()
        if day == 1:
            act(Action.LAPSE)
            act(Action.REOPEN, reason="A mistake.")

    assert reminders().count() == 2


def test_an_unsent_reminder_is_discarded_after_the_reply_or_the_date():
    edition = make_reminded_edition()
    expressions = [make_offer(edition) for _ in range(3)]
    with at(3, 28, 9):
        send_reminders()
    reminders(expression_link__expression=expressions[2]).update(
        state="sent", sent_at=datetime(2030, 3, 28, 10, tzinfo=UTC)
    )
    put_in_state(expressions[0], "confirmed")

    def states() -> list[str]:
        rows = reminders().order_by("expression_link__expression__pk")
        return list(rows.values_list("state", flat=True))

    with at(3, 31, 9):
        send_reminders()
    on_the_day = states()
    with at(4, 1, 9):
        send_reminders()

    assert on_the_day == ["discarded", "queued", "sent"]
    assert states() == ["discarded", "discarded", "sent"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_queue_one_reminder_each():
    edition = make_reminded_edition()
    for _ in range(3):
        make_offer(edition)

    with at(3, 28, 9):
        faults = overlapping(send_reminders, send_reminders)

    assert faults == []
    assert reminders().count() == 3
    assert reminders().values("expression_link__expression").distinct().count() == 3


def test_a_reminder_has_the_text_of_the_edition():
    edition = make_reminded_edition()
    LetterText.objects.create(
        edition=edition, kind="interest/reminder", subject="{offer}?", body="By {reply_by}."
    )
    make_offer(edition)

    with at(3, 28, 9):
        send_reminders()

    letter = reminders().get()
    assert letter.subject == "lightning talk?"
    assert "By Sunday 31 March 2030." in letter.body_text
    assert letter.link_maker == ""


def test_an_offer_is_overdue_after_its_last_day():
    edition = make_reminded_edition()
    late = make_offer(edition)
    make_offer(edition, reply_by_on=date(2030, 4, 20))
    make_offer(edition, is_test=True)
    make_offer(make_reminded_edition())

    with at(3, 31, 22, 59):
        on_the_day = list(overdue_offers(edition))
    with at(3, 31, 23, 0):
        afterwards = list(overdue_offers(edition))

    assert (on_the_day, afterwards) == ([], [late])


# Pages


def get_text(client, path: str) -> str:
    return client.get(PAGES + path).content.decode()


def test_the_list_names_the_next_and_has_a_button_for_each_offer(as_chair, edition):
    empty = get_text(as_chair, f"waiting-list/{edition.pk}/")
    expression = make_waiting(edition, scores=[4, 5], wants_poster=True, preference="either")

    text = get_text(as_chair, f"waiting-list/{edition.pk}/")

    assert "The waiting list is empty." in empty
    assert "1 lightning-talk place left." in text
    assert f"Next is {expression.display_reference}" in text
    assert "(mean 4.5)" in text
    assert text.count(f'action="{PAGES}expressions/{expression.pk}/offer/"') == 2
    assert re.findall(r'name="offer" value="(\w+)"', text) == ["talk", "talk", "poster", "both"]


def test_an_offer_leads_to_its_letter_from_where_it_is_released(as_chair, edition, settings):
    settings.HAS_MAIL = True
    expression = make_waiting(edition, name="Ada Example", title="Small models")

    letter_page = as_chair.post(
        f"{PAGES}expressions/{expression.pk}/offer/", {"offer": "talk"}, follow=True
    )
    seen = re.search(r'name="seen" value="([^"]+)"', letter_page.content.decode())
    assert seen
    released = as_chair.post(f"{PAGES}release/{edition.pk}/now/", {"seen": seen[1]}, follow=True)

    assert "Small models" in letter_page.context["preview"]["text"]
    assert "Release this decision" in letter_page.content.decode()
    (message,) = released.context["messages"]
    assert str(message).startswith("1 decision released.")
    assert offer_letters().get().state == "queued"


def test_a_refused_offer_says_why_on_the_list(as_chair, edition, chair):
    one, other = make_waiting(edition), make_waiting(edition)
    offer_place(expression=one, offer="talk", by=chair)

    response = as_chair.post(
        f"{PAGES}expressions/{other.pk}/offer/", {"offer": "talk"}, follow=True
    )

    assert [str(message) for message in response.context["messages"]] == [
        f"No lightning-talk place is left. Nothing was offered to {other.display_reference}."
    ]


def test_overdue_offers_lapse_together_once(as_chair, edition):
    rows = [make_offer(edition, reply_by_on="2001-01-01") for _ in range(2)]
    path, data = f"{PAGES}lapse/{edition.pk}/", {"offer": [row.pk for row in rows]}

    text = as_chair.get(path).content.decode()
    as_chair.post(path, data)
    second = as_chair.post(path, data, follow=True).content.decode()

    assert "2 offers have had no reply by their date." in text
    assert "No offer was ended" in second
    assert set(Expression.objects.values_list("state", flat=True)) == {"lapsed"}
    assert Event.objects.filter(what="Let the offer lapse").count() == 2


def test_no_offer_lapses_if_a_reply_came_meanwhile(as_chair, edition):
    one, other = (make_offer(edition, reply_by_on="2001-01-01") for _ in range(2))
    put_in_state(other, "confirmed")

    data = {"offer": [one.pk, other.pk, "x"]}
    response = as_chair.post(f"{PAGES}lapse/{edition.pk}/", data, follow=True)

    one.refresh_from_db()
    assert one.state == "accepted"
    assert "No offer was ended" in response.content.decode()


def test_hostile_text_is_escaped(as_chair, edition):
    make_waiting(edition, title=HOSTILE, name=HOSTILE, university=HOSTILE)
    late = make_offer(make_edition(), title=HOSTILE, name=HOSTILE, reply_by_on="2001-01-01")

    for path in (
        f"waiting-list/{edition.pk}/",
        f"lapse/{late.edition_id}/",
    ):
        text = get_text(as_chair, path)

        assert HOSTILE not in text, path
        assert "&lt;script&gt;alert(1)" in text, path


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_constant_number_of_queries(
    as_chair, edition, count, django_assert_num_queries
):
    for _ in range(count):
        make_waiting(edition, scores=[3])

    with django_assert_num_queries(10):
        get_text(as_chair, f"waiting-list/{edition.pk}/")
