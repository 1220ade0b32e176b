"""Reminders: to whom, when by the edition's clock, and once however many workers there are."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from apps.interest.models import Event, Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter, LetterText
from apps.selection import reminders
from apps.selection.offers import overdue_offers, send_reminders
from tests.factories import make_call, make_edition, make_expression, make_user, put_in_state
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db

DUE = date(2030, 3, 31)  # the night before it, clocks in London go forward
MADE = datetime(2030, 3, 20, 12, tzinfo=UTC)


def _make_edition(**fields):
    edition = make_edition(time_zone=fields.pop("time_zone", "Europe/London"), title="Workshop")
    make_call(edition, **fields)
    return edition


def _make_offer(edition, *, reply_by_on=DUE, **fields) -> Expression:
    expression = make_expression(edition, **fields)
    put_in_state(expression, "accepted")
    Expression.objects.filter(pk=expression.pk).update(reply_by_on=reply_by_on, decided_at=MADE)
    expression.refresh_from_db()
    return expression


def _reminders(**fields):
    return Letter.objects.filter(kind="interest/reminder", **fields)


def _at(year: int, month: int, day: int, hour: int, minute: int = 0):
    return time_machine.travel(datetime(year, month, day, hour, minute, tzinfo=UTC), tick=False)


def test_who_has_not_replied_is_reminded_once_before_the_reply_is_due():
    expression = _make_offer(_make_edition(), name="Ada Example", title="Small models")

    with _at(2030, 3, 28, 9):
        counts = [send_reminders() for _ in range(3)]

    letter = _reminders().get()
    assert counts == [1, 0, 0]
    assert letter.subject == (
        f"Please reply by Sunday 31 March 2030: our offer for {expression.display_reference} – Workshop"
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
        ("Europe/London", (2030, 3, 27, 23, 59), 0),
        ("Europe/London", (2030, 3, 28, 0, 0), 1),
        # On the last day there is an hour less; it ends at 23:00 UTC, in summer time.
        ("Europe/London", (2030, 3, 31, 22, 59), 1),
        ("Europe/London", (2030, 3, 31, 23, 0), 0),
        ("Pacific/Auckland", (2030, 3, 27, 10, 59), 0),
        ("Pacific/Auckland", (2030, 3, 27, 11, 0), 1),
    ],
    ids=lambda value: str(value),
)
def test_days_are_those_of_the_edition(zone, moment, expected):
    _make_offer(_make_edition(time_zone=zone))

    with _at(*moment):
        assert send_reminders() == expected


def test_nobody_else_is_reminded():
    edition = _make_edition()
    for state in ("submitted", "waitlisted", "declined", "confirmed", "offer_declined", "lapsed"):
        make_expression(edition, state=state)
    _make_offer(edition, reply_by_on=date(2030, 4, 20))
    _make_offer(edition, reply_by_on=date(2030, 3, 27))
    _make_offer(edition, is_test=True)
    _make_offer(_make_edition(sends_reminders=False))
    cancelled = _make_edition()
    _make_offer(cancelled)
    cancelled.is_cancelled = True
    cancelled.save()

    with _at(2030, 3, 28, 9):
        assert send_reminders() == 0

    assert _reminders().count() == 0


def test_nobody_is_reminded_on_the_day_of_the_offer():
    expression = _make_offer(_make_edition(reply_days=2))
    Expression.objects.filter(pk=expression.pk).update(
        decided_at=datetime(2030, 3, 29, 8, tzinfo=UTC)
    )

    with _at(2030, 3, 29, 20):
        on_the_day = send_reminders()
    with _at(2030, 3, 30, 8):
        the_day_after = send_reminders()

    assert (on_the_day, the_day_after) == (0, 1)


def test_an_offer_made_anew_is_reminded_of_anew():
    edition, chair = _make_edition(reply_days=5), make_user("Chair")
    expression = make_expression(edition)

    def offer_and_remind(day: int) -> None:
        with _at(2030, 3, day, 9):
            move(
                expression=expression,
                action=Action.ACCEPT,
                actor=Actor.CHAIR,
                by=chair,
                offer="talk",
            )
        with _at(2030, 3, day + 3, 9):
            send_reminders()

    offer_and_remind(1)
    move(expression=expression, action=Action.LAPSE, actor=Actor.CHAIR, by=chair)
    move(
        expression=expression,
        action=Action.REOPEN,
        actor=Actor.CHAIR,
        by=chair,
        reason="A mistake.",
    )
    offer_and_remind(11)

    assert _reminders().count() == 2


def test_a_reminder_that_was_never_sent_is_taken_back_after_the_reply_or_the_date():
    edition = _make_edition()
    replied, silent, sent = (_make_offer(edition) for _ in range(3))
    with _at(2030, 3, 28, 9):
        send_reminders()
    _reminders(expression_link__expression=sent).update(
        state=Letter.State.SENT, sent_at=datetime(2030, 3, 28, 10, tzinfo=UTC)
    )

    def states() -> list[str]:
        return [
            _reminders(expression_link__expression=one).get().state
            for one in (replied, silent, sent)
        ]

    put_in_state(replied, "confirmed")
    with _at(2030, 3, 31, 9):
        send_reminders()
    on_the_day = states()
    with _at(2030, 4, 1, 9):
        send_reminders()

    assert on_the_day == ["discarded", "queued", "sent"]
    assert states() == ["discarded", "discarded", "sent"]


def test_who_did_not_reply_in_time_waits_for_a_chair():
    edition = _make_edition()
    late = _make_offer(edition)
    _make_offer(edition, reply_by_on=date(2030, 4, 20))
    _make_offer(edition, is_test=True)
    _make_offer(_make_edition())

    with _at(2030, 3, 31, 22, 59):
        on_the_day = list(overdue_offers(edition))
    with _at(2030, 3, 31, 23, 0):
        after = list(overdue_offers(edition))

    assert on_the_day == []
    assert after == [late]


def test_a_worker_that_read_the_list_before_another_wrote_writes_nothing(monkeypatch):
    edition = _make_edition()
    _make_offer(edition)
    replied = _make_offer(edition)
    due = reminders._to_be_reminded

    def overtaken(call, today):
        found = list(due(call, today))
        monkeypatch.setattr(reminders, "_to_be_reminded", due)
        put_in_state(replied, "confirmed")
        send_reminders()
        return found

    monkeypatch.setattr(reminders, "_to_be_reminded", overtaken)
    with _at(2030, 3, 28, 9):
        slower = send_reminders()

    assert slower == 0
    assert _reminders().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_reminder_each():
    edition = _make_edition()
    for _ in range(3):
        _make_offer(edition)

    with _at(2030, 3, 28, 9):
        faults = overlapping(send_reminders, send_reminders)

    assert faults == []
    assert _reminders().count() == 3
    assert _reminders().values("expression_link__expression").distinct().count() == 3


def test_the_words_of_a_reminder_are_those_of_the_edition():
    edition = _make_edition()
    LetterText.objects.create(
        edition=edition, kind="interest/reminder", subject="{offer}?", body="By {reply_by}."
    )
    _make_offer(edition)

    with _at(2030, 3, 28, 9):
        send_reminders()

    letter = _reminders().get()
    assert letter.subject == "lightning talk?"
    assert "By Sunday 31 March 2030." in letter.body_text
    assert letter.link_maker == ""
