"""The table of moves: every state, every action, every actor."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.permissions import workflow_actor
from apps.interest.services import move
from apps.interest.workflow import ACTIVE, DECIDED, ENDED, OFFERED, Action, Actor, State
from apps.mail.models import Letter
from tests.factories import make_current_edition, make_expression, make_user, put_in_state

pytestmark = pytest.mark.django_db

# Sources, target and actors of each move, repeated here so that a slip in the table is seen.
CHAIR, STUDENT = "chair", "student"
ACTIVE_STATES = ["submitted", "under_review", "accepted", "waitlisted", "confirmed"]
ENDED_STATES = ["declined", "offer_declined", "lapsed", "withdrawn", "cancelled"]
TABLE = {
    "begin_review": (["submitted"], "under_review", [CHAIR]),
    "accept": (["submitted", "under_review", "waitlisted"], "accepted", [CHAIR]),
    "waitlist": (["submitted", "under_review"], "waitlisted", [CHAIR]),
    "decline": (["submitted", "under_review", "waitlisted"], "declined", [CHAIR]),
    "confirm": (["accepted"], "confirmed", [CHAIR, STUDENT]),
    "decline_offer": (["accepted"], "offer_declined", [CHAIR, STUDENT]),
    "lapse": (["accepted"], "lapsed", [CHAIR]),
    "withdraw": (ACTIVE_STATES, "withdrawn", [CHAIR, STUDENT]),
    "cancel": (ACTIVE_STATES, "cancelled", [CHAIR]),
    "reopen": (ENDED_STATES, "under_review", [CHAIR]),
}
ACTORS = {"chair": Actor.CHAIR, "student": Actor.STUDENT, "neither": None}
DETAILS: dict[Action, dict[str, Any]] = {
    Action.ACCEPT: {"offer": "talk"},
    Action.CONFIRM: {"confirmed_format": "talk"},
    Action.REOPEN: {"reason": "A slip."},
}


def test_active_and_ended_states():
    assert set(TABLE) == set(Action.values)
    assert {state.value for state in ACTIVE} == set(ACTIVE_STATES)
    assert {state.value for state in ENDED} == set(ENDED_STATES)


def test_only_chairs_are_actors_in_the_admin():
    for role in ("Reviewer", "Editor", "Helpdesk", ""):
        assert workflow_actor(make_user(role)) is None
    assert workflow_actor(make_user("Chair")) == Actor.CHAIR
    assert workflow_actor(None) is None


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("action", list(Action))
def test_a_move_is_made_and_logged_or_changes_nothing(role, action):
    by = make_user("Chair") if role == "chair" else None
    expression = make_expression(make_current_edition(contact_email="desk@example.org"))
    sources, target, actors = TABLE[action]
    outcomes, expected = {}, {}

    for state in State.values:
        put_in_state(expression, state)
        Event.objects.all().delete()
        letters_before = Letter.objects.count()
        try:
            details = DETAILS.get(action, {})
            move(expression=expression, action=action, actor=ACTORS[role], by=by, **details)
        except NotAllowed:
            assert Letter.objects.count() == letters_before
        expression.refresh_from_db()
        entries = list(Event.objects.values_list("what", "from_state", "to_state", "by"))
        outcomes[state] = (expression.state, entries)
        entry = (action.label, state, target, by.pk if by else None)
        is_allowed = state in sources and role in actors
        expected[state] = (target, [entry]) if is_allowed else (state, [])

    assert outcomes == expected


@pytest.mark.parametrize(
    ("state", "action", "details", "message"),
    [
        ("submitted", Action.ACCEPT, {}, "Choose what is offered"),
        ("submitted", Action.ACCEPT, {"offer": "keynote"}, "Choose what is offered"),
        ("accepted", Action.CONFIRM, {}, "Confirm what was offered"),
        ("accepted", Action.CONFIRM, {"confirmed_format": "poster"}, "Confirm what was offered"),
        ("withdrawn", Action.REOPEN, {}, "Say why"),
        ("withdrawn", Action.REOPEN, {"reason": "  "}, "Say why"),
    ],
)
def test_a_move_without_its_details_is_refused(state, action, details, message):
    expression = make_expression(make_current_edition(), state=state)

    with pytest.raises(NotAllowed, match=message):
        move(expression=expression, action=action, actor=Actor.CHAIR, by=None, **details)

    expression.refresh_from_db()
    assert expression.state == state


def test_an_acceptance_records_offer_and_decider_until_it_is_reopened(chair):
    expression = make_expression(make_current_edition())

    def make_move(action, actor, **details):
        by = chair if actor == Actor.CHAIR else None
        return move(expression=expression, action=action, actor=actor, by=by, **details)

    accepted = make_move(Action.ACCEPT, Actor.CHAIR, offer="both")
    assert (accepted.offer, accepted.decided_by) == ("both", chair)
    assert accepted.decided_at is not None
    assert accepted.reply_by_on is not None

    confirmed = make_move(Action.CONFIRM, Actor.STUDENT, confirmed_format="poster")
    assert (confirmed.confirmed_format, confirmed.decided_by) == ("poster", chair)

    withdrawn = make_move(Action.WITHDRAW, Actor.STUDENT)
    assert (withdrawn.offer, withdrawn.confirmed_format) == ("both", "poster")

    reopened = make_move(Action.REOPEN, Actor.CHAIR, reason="A slip.")
    assert (reopened.offer, reopened.confirmed_format) == ("", "")
    assert (reopened.decided_by, reopened.decided_at, reopened.reply_by_on) == (None, None, None)
    assert reopened.events.latest("pk").reason == "A slip."


UNDECIDED = {"decided_by": None, "decided_at": None}
WITHOUT_FORMAT = sorted(set(State.values) - {"confirmed", "withdrawn", "cancelled"})
# Changes of a row in a state that the constraints forbid.
VIOLATIONS = [
    ("submitted", {"wants_talk": False}),
    ("submitted", {"preference": "talk"}),
    ("confirmed", {"confirmed_format": ""}),
    *((state, {"offer": ""}) for state in sorted(OFFERED)),
    *((state, UNDECIDED) for state in sorted(DECIDED)),
    *((state, {"decided_at": None}) for state in sorted(DECIDED)),
    *((state, {"offer": "talk"}) for state in ("submitted", "under_review", "waitlisted")),
    ("declined", {"offer": "talk"}),
    *((state, {"confirmed_format": "talk"}) for state in WITHOUT_FORMAT),
    *((state, {"decided_at": "now"}) for state in ("submitted", "under_review")),
]


@pytest.mark.parametrize(("state", "changes"), VIOLATIONS)
def test_constraints_keep_offer_decider_and_state_consistent(state, changes):
    expression = make_expression(make_current_edition(), state=state)
    changes = {
        name: expression.submitted_at if value == "now" else value
        for name, value in changes.items()
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Expression.objects.filter(pk=expression.pk).update(**changes)
    for name, value in changes.items():
        setattr(expression, name, value)
    with pytest.raises(ValidationError):
        expression.validate_constraints()
