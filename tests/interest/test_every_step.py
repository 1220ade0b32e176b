"""Every state, every step, everybody, over the real addresses: what is answered, where it leads,
which letters go out. The whole table is compared, refusals included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from django.db import transaction
from django.test import Client

from apps.interest.models import Event, Expression
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.review.models import Review
from apps.selection.models import PendingDecision
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_reviewer,
    make_user,
    put_in_state,
)
from tests.interest.students import browser_of

pytestmark = pytest.mark.django_db

DESK = "/admin/interest/expression/{pk}/"
DECIDE = "/admin/selection/expressions/{pk}/decide/"
OWN = "/{edition}/interest/{reference}/"
ACTIVE = {"submitted", "under_review", "accepted", "waitlisted", "confirmed"}
ENDED = {"declined", "offer_declined", "lapsed", "withdrawn", "cancelled"}
UNDECIDED = {"submitted", "under_review"}


class Step(NamedTuple):
    """Where it is pressed, with what, who may, from which states, and what comes of it."""

    address: str
    data: dict[str, str]
    who: set[str]
    sources: set[str]
    target: str = ""  # empty: the state stays
    letters: tuple[str, ...] = ()
    pending: str = ""
    is_review: bool = False
    answer: int = 302  # to those who may; 404 where nobody can do it this way


class Came(NamedTuple):
    """What came of one press."""

    answer: int
    state: str
    letters: tuple[str, ...]
    pending: str
    reviews: int
    lines: int  # of the log, those for chairs alone included


_CHAIR, _STUDENT = {"chair"}, {"student"}
_LEFT = ("interest/withdrawn_notice",)
STEPS = {
    "begin the review": Step(
        f"{DESK}move/begin_review/", {}, _CHAIR, {"submitted"}, "under_review"
    ),
    "confirm for the student": Step(
        f"{DESK}move/confirm/",
        {"confirmed_format": "talk"},
        _CHAIR,
        {"accepted"},
        "confirmed",
        ("interest/confirmed_for",),
    ),
    "decline for the student": Step(
        f"{DESK}move/decline_offer/",
        {},
        _CHAIR,
        {"accepted"},
        "offer_declined",
        ("interest/decline_offer",),
    ),
    "let it lapse": Step(f"{DESK}move/lapse/", {}, _CHAIR, {"accepted"}, "lapsed"),
    "withdraw for the student": Step(
        f"{DESK}move/withdraw/", {}, _CHAIR, ACTIVE, "withdrawn", ("interest/withdrawn", *_LEFT)
    ),
    "cancel": Step(
        f"{DESK}move/cancel/", {}, _CHAIR, ACTIVE, "cancelled", ("interest/cancelled", *_LEFT)
    ),
    "reopen": Step(f"{DESK}move/reopen/", {"reason": "A slip."}, _CHAIR, ENDED, "under_review"),
    # A decision is pending first: its move belongs to the release alone.
    **{
        f"{verdict} at once": Step(
            f"{DESK}move/{verdict}/", {"offer": "talk"}, _CHAIR, set(), answer=404
        )
        for verdict in ("accept", "waitlist", "decline")
    },
    "mean to accept": Step(
        f"{DECIDE}accept/",
        {"offer": "talk"},
        _CHAIR,
        {*UNDECIDED, "waitlisted"},
        pending="accept",
    ),
    "mean to put on the waiting list": Step(
        f"{DECIDE}waitlist/", {}, _CHAIR, UNDECIDED, pending="waitlist"
    ),
    "mean to decline": Step(
        f"{DECIDE}decline/", {}, _CHAIR, {*UNDECIDED, "waitlisted"}, pending="decline"
    ),
    "review": Step(
        "/admin/review/{pk}/", {"verdict": "4"}, {"chair", "reviewer"}, UNDECIDED, is_review=True
    ),
    "confirm": Step(
        f"{OWN}confirm/",
        {"confirmed_format": "talk", "can_attend": "yes"},
        _STUDENT,
        {"accepted"},
        "confirmed",
        ("interest/confirm",),
    ),
    "decline the offer": Step(
        f"{OWN}decline/",
        {},
        _STUDENT,
        {"accepted"},
        "offer_declined",
        ("interest/decline_offer",),
    ),
    "withdraw": Step(
        f"{OWN}withdraw/", {}, _STUDENT, ACTIVE, "withdrawn", ("interest/withdrawn", *_LEFT)
    ),
}
# What those are answered who may not: the desk asks strangers and students to sign in, and a
# student's page is closed without the cookie of its private link.
REFUSED_AT_THE_DESK = {
    **dict.fromkeys(("visitor", "stranger", "student"), 302),
    **dict.fromkeys(("editor", "helpdesk", "reviewer", "other reviewer", "chair"), 403),
}
CAST = list(REFUSED_AT_THE_DESK)


@pytest.fixture
def expression():
    edition = make_current_edition(contact_email="desk@example.org")
    make_call(edition)
    return make_expression(edition)


def _browser(who: str, expression: Expression) -> Client:
    if who == "student":
        return browser_of(expression)
    client = Client()
    if who == "visitor":
        return client
    user = make_user("" if who == "stranger" else who.split()[-1].capitalize())
    if who == "reviewer":
        make_reviewer(expression.edition, user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _came_of(browser: Client, expression: Expression, step: Step, state: str) -> Came:
    """What comes of one press on an expression that is put into `state` for it."""
    put_in_state(expression, state)
    address = step.address.format(
        pk=expression.pk, edition=expression.edition.slug, reference=expression.reference
    )
    answer = browser.post(address, step.data).status_code
    expression.refresh_from_db()
    pending = PendingDecision.objects.values_list("verdict", flat=True)
    letters = Letter.objects.order_by("pk").values_list("kind", flat=True)
    return Came(
        answer,
        expression.state,
        tuple(letters),
        "".join(pending),
        Review.objects.count(),
        Event.objects.count(),
    )


def _expected(who: str, step: Step, state: str) -> Came:
    nothing = Came(0, state, (), "", 0, 0)
    if who not in step.who:
        is_at_desk = step.address.startswith("/admin/")
        answer = REFUSED_AT_THE_DESK[who] if is_at_desk else 403
        # An expression of an edition somebody was not chosen for does not exist to them.
        if who == "other reviewer" and step.is_review:
            answer = 404
        return nothing._replace(answer=answer)
    if state not in step.sources:
        return nothing._replace(answer=step.answer)
    return Came(
        302,
        step.target or state,
        step.letters,
        step.pending,
        int(step.is_review),
        int(not step.is_review),
    )


def _forget_what_came_so_far() -> None:
    """The factories' own log lines and letters."""
    for model in (PendingDecision, Review, Event, Letter):
        model._default_manager.all().delete()


@contextmanager
def _undone() -> Iterator[None]:
    """Takes back what is done within, much faster than by deleting it."""
    start = transaction.savepoint()
    yield
    transaction.savepoint_rollback(start)


def _came_of_each(browser: Client, expression: Expression) -> dict[tuple[str, str], Came]:
    _forget_what_came_so_far()
    came = {}
    for name, step in STEPS.items():
        for state in State.values:
            with _undone():
                came[name, state] = _came_of(browser, expression, step, state)
    return came


@pytest.mark.parametrize("who", CAST)
def test_each_step_does_what_is_written_here_or_leaves_everything_as_it_was(expression, who):
    browser = _browser(who, expression)

    came = _came_of_each(browser, expression)

    assert came == {
        (name, state): _expected(who, step, state)
        for name, step in STEPS.items()
        for state in State.values
    }


def test_a_second_press_of_each_step_does_nothing_more(expression):
    browsers = {who: _browser(who, expression) for who in ("chair", "student")}
    _forget_what_came_so_far()

    for name, step in STEPS.items():
        for state in sorted(step.sources):
            with _undone():
                browser = browsers["student" if step.who == _STUDENT else "chair"]
                first = _came_of(browser, expression, step, state)
                address = step.address.format(
                    pk=expression.pk,
                    edition=expression.edition.slug,
                    reference=expression.reference,
                )
                browser.post(address, step.data)
                expression.refresh_from_db()
                assert expression.state == first.state, (name, state)
                assert Letter.objects.count() == len(first.letters), (name, state)
                assert PendingDecision.objects.count() == bool(first.pending), (name, state)
                assert Review.objects.count() == first.reviews, (name, state)
                assert Event.objects.count() == first.lines, (name, state)
