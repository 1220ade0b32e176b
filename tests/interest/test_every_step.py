"""Every step by every role in every state, through the URLs: response, new state and letters."""

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
from apps.selection.decisions import decision_token
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

ADMIN = "/admin/interest/expression/{pk}/"
DECIDE = "/admin/selection/board/{edition_pk}/decide/"
OWN = "/{edition}/interest/{reference}/"
ACTIVE = {"submitted", "under_review", "accepted", "waitlisted", "confirmed"}
ENDED = {"declined", "offer_declined", "lapsed", "withdrawn", "cancelled"}
UNDECIDED = {"submitted", "under_review"}


class Step(NamedTuple):
    """URL and data of a step, its roles and source states, and its outcome."""

    path: str
    data: dict[str, str]
    roles: set[str]
    sources: set[str]
    target: str = ""  # empty: the state stays
    letters: tuple[str, ...] = ()
    pending: str = ""
    is_review: bool = False
    status: int = 302  # for the roles; 404 where no role may do it this way


class Outcome(NamedTuple):
    """Outcome of one request."""

    status: int
    state: str
    letters: tuple[str, ...]
    pending: str
    reviews: int
    events: int  # those for chairs only included


_CHAIR, _STUDENT = {"chair"}, {"student"}
_NOTICE = "withdrawn_notice"
STEPS = {
    "begin the review": Step(
        f"{ADMIN}move/begin_review/", {}, _CHAIR, {"submitted"}, "under_review"
    ),
    "confirm for the student": Step(
        f"{ADMIN}move/confirm/",
        {"confirmed_format": "talk"},
        _CHAIR,
        {"accepted"},
        "confirmed",
        ("confirmed_for",),
    ),
    "decline for the student": Step(
        f"{ADMIN}move/decline_offer/",
        {},
        _CHAIR,
        {"accepted"},
        "offer_declined",
        ("decline_offer",),
    ),
    "lapse": Step(f"{ADMIN}move/lapse/", {}, _CHAIR, {"accepted"}, "lapsed"),
    "withdraw for the student": Step(
        f"{ADMIN}move/withdraw/", {}, _CHAIR, ACTIVE, "withdrawn", ("withdrawn", _NOTICE)
    ),
    "cancel": Step(f"{ADMIN}move/cancel/", {}, _CHAIR, ACTIVE, "cancelled", ("cancelled", _NOTICE)),
    "reopen": Step(f"{ADMIN}move/reopen/", {"reason": "A slip."}, _CHAIR, ENDED, "under_review"),
    # A decision is pending until the release makes its move.
    **{
        f"{verdict} at once": Step(
            f"{ADMIN}move/{verdict}/", {"offer": "talk"}, _CHAIR, set(), status=404
        )
        for verdict in ("accept", "waitlist", "decline")
    },
    **{
        f"decide to {verdict}": Step(
            DECIDE, {"press": f"{{pk}}:{{token}}:{choice}"}, _CHAIR, sources, pending=verdict
        )
        for verdict, choice, sources in (
            ("accept", "talk", {*UNDECIDED, "waitlisted"}),
            ("waitlist", "waitlist", UNDECIDED),
            ("decline", "decline", {*UNDECIDED, "waitlisted"}),
        )
    },
    "review": Step(
        "/admin/review/{pk}/", {"verdict": "4"}, {"chair", "reviewer"}, UNDECIDED, is_review=True
    ),
    "confirm": Step(
        f"{OWN}confirm/",
        {"confirmed_format": "talk", "can_attend": "yes"},
        _STUDENT,
        {"accepted"},
        "confirmed",
        ("confirm",),
    ),
    "decline the offer": Step(
        f"{OWN}decline/", {}, _STUDENT, {"accepted"}, "offer_declined", ("decline_offer",)
    ),
    "withdraw": Step(f"{OWN}withdraw/", {}, _STUDENT, ACTIVE, "withdrawn", ("withdrawn", _NOTICE)),
}
# The admin redirects people without a role to the sign-in page; a student's page needs the cookie
# of its private link.
REFUSED_IN_ADMIN = {
    **dict.fromkeys(("visitor", "stranger", "student"), 302),
    **dict.fromkeys(("editor", "helpdesk", "reviewer", "other reviewer", "chair"), 403),
}
ROLES = list(REFUSED_IN_ADMIN)


@pytest.fixture
def expression():
    edition = make_current_edition(contact_email="desk@example.org")
    make_call(edition)
    return make_expression(edition)


def _browser(role: str, expression: Expression) -> Client:
    if role == "student":
        return browser_of(expression)
    client = Client()
    if role == "visitor":
        return client
    user = make_user("" if role == "stranger" else role.split()[-1].capitalize())
    if role == "reviewer":
        make_reviewer(expression.edition, user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _outcome(browser: Client, expression: Expression, step: Step) -> Outcome:
    """Send the step and return its outcome."""
    values = {
        "pk": expression.pk,
        "edition": expression.edition.slug,
        "edition_pk": expression.edition_id,
        "reference": expression.reference,
        "token": decision_token(
            expression, PendingDecision.objects.filter(expression=expression).first()
        ),
    }
    data = {name: value.format(**values) for name, value in step.data.items()}
    status = browser.post(step.path.format(**values), data).status_code
    expression.refresh_from_db()
    letters = Letter.objects.order_by("pk").values_list("kind", flat=True)
    return Outcome(
        status,
        expression.state,
        tuple(kind.removeprefix("interest/") for kind in letters),
        "".join(PendingDecision.objects.values_list("verdict", flat=True)),
        Review.objects.count(),
        Event.objects.count(),
    )


def _expected(role: str, step: Step, state: str) -> Outcome:
    nothing = Outcome(0, state, (), "", 0, 0)
    if role not in step.roles:
        is_admin = step.path.startswith("/admin/")
        status = REFUSED_IN_ADMIN[role] if is_admin else 403
        # Reviewers find expressions of their own editions only.
        if role == "other reviewer" and step.is_review:
            status = 404
        return nothing._replace(status=status)
    if state not in step.sources:
        return nothing._replace(status=step.status)
    return Outcome(
        302,
        step.target or state,
        step.letters,
        step.pending,
        int(step.is_review),
        int(not step.is_review),
    )


@contextmanager
def _in_state(expression: Expression, state: str) -> Iterator[None]:
    """Put the expression into `state` without events and letters, and roll everything back."""
    start = transaction.savepoint()
    put_in_state(expression, state)
    for model in (Event, Letter):
        model._default_manager.all().delete()
    yield
    transaction.savepoint_rollback(start)


@pytest.mark.parametrize("role", ROLES)
def test_each_step_has_the_outcome_of_the_table(expression, role):
    browser = _browser(role, expression)
    outcomes, expected = {}, {}

    for name, step in STEPS.items():
        for state in State.values:
            with _in_state(expression, state):
                outcomes[name, state] = _outcome(browser, expression, step)
            expected[name, state] = _expected(role, step, state)

    assert outcomes == expected


def test_repeating_a_step_changes_nothing(expression):
    browsers = {role: _browser(role, expression) for role in ("chair", "student")}

    for name, step in STEPS.items():
        browser = browsers["student" if step.roles == _STUDENT else "chair"]
        for state in sorted(step.sources):
            with _in_state(expression, state):
                first, second = (_outcome(browser, expression, step) for _ in range(2))
                assert second._replace(status=302) == first, (name, state)
