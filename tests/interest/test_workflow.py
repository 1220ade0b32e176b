"""The table of moves, walked in full: every state, every action, everybody."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.permissions import workflow_actor
from apps.interest.services import move
from apps.interest.workflow import ACTIVE, DECIDED, ENDED, OFFERED, Action, Actor, State, is_allowed
from apps.mail.models import Letter
from tests.factories import make_current_edition, make_expression, make_user, put_in_state

pytestmark = pytest.mark.django_db

# From where, to where, by whom: written out once more, so that a slip in the table is seen.
CHAIR, STUDENT = "chair", "student"
LIVING_STATES = ["submitted", "under_review", "accepted", "waitlisted", "confirmed"]
ENDED_STATES = ["declined", "offer_declined", "lapsed", "withdrawn", "cancelled"]
TABLE = {
    "begin_review": (["submitted"], "under_review", [CHAIR]),
    "accept": (["submitted", "under_review", "waitlisted"], "accepted", [CHAIR]),
    "waitlist": (["submitted", "under_review"], "waitlisted", [CHAIR]),
    "decline": (["submitted", "under_review", "waitlisted"], "declined", [CHAIR]),
    "confirm": (["accepted"], "confirmed", [CHAIR, STUDENT]),
    "decline_offer": (["accepted"], "offer_declined", [CHAIR, STUDENT]),
    "lapse": (["accepted"], "lapsed", [CHAIR]),
    "withdraw": (LIVING_STATES, "withdrawn", [CHAIR, STUDENT]),
    "cancel": (LIVING_STATES, "cancelled", [CHAIR]),
    "reopen": (ENDED_STATES, "under_review", [CHAIR]),
}
# What the desk's roles are to expressions; the student's page asks as STUDENT.
CAST = {
    "chair": Actor.CHAIR,
    "reviewer": None,
    "editor": None,
    "helpdesk": None,
    "stranger": None,
    "student": Actor.STUDENT,
}


def _wanted(who: str, action: str, state: str) -> str | None:
    """Where the move leads by the table above, or None if it is refused."""
    sources, target, allowed = TABLE[action]
    return target if state in sources and who in allowed else None


def _details(action: Action) -> dict[str, Any]:
    more: dict[Action, dict[str, Any]] = {
        Action.ACCEPT: {"offer": "talk"},
        Action.CONFIRM: {"confirmed_format": "talk"},
        Action.REOPEN: {"reason": "A slip."},
    }
    return more.get(action, {})


def test_the_sets_of_states_are_these():
    assert set(TABLE) == set(Action.values)
    assert {state.value for state in ACTIVE} == set(LIVING_STATES)
    assert {state.value for state in ENDED} == set(ENDED_STATES)


def test_a_role_is_a_chair_to_expressions_or_nobody():
    users = {role: make_user(role.capitalize()) for role in ("chair", "reviewer", "editor")}
    users |= {"helpdesk": make_user("Helpdesk"), "stranger": make_user()}

    assert {role: workflow_actor(user) for role, user in users.items()} == {
        role: who for role, who in CAST.items() if role != "student"
    }
    assert workflow_actor(None) is None


@pytest.mark.parametrize("role", CAST)
def test_the_table_allows_exactly_what_is_written_here(role):
    allowed = {
        (action.value, state.value)
        for action in Action
        for state in State
        if is_allowed(CAST[role], action, state)
    }

    assert allowed == {
        (action, state)
        for action in TABLE
        for state in State.values
        if _wanted(role, action, state)
    }


@pytest.mark.parametrize("role", CAST)
@pytest.mark.parametrize("action", list(Action))
def test_a_move_is_made_with_its_log_or_leaves_everything_as_it_was(role, action):
    edition = make_current_edition(contact_email="desk@example.org")
    by = make_user("Chair") if role == "chair" else None
    expression = make_expression(edition)
    seen, wanted = {}, {}

    for state in State.values:
        put_in_state(expression, state)
        Event.objects.all().delete()
        before = Letter.objects.count()
        try:
            move(expression=expression, action=action, actor=CAST[role], by=by, **_details(action))
        except NotAllowed:
            assert Letter.objects.count() == before
        expression.refresh_from_db()
        lines = list(Event.objects.values_list("what", "from_state", "to_state", "by"))
        seen[state] = (expression.state, lines)
        target = _wanted(role, action.value, state)
        line = (action.label, state, target, by.pk if by else None)
        wanted[state] = (target, [line]) if target else (state, [])

    assert seen == wanted


def test_a_second_press_is_refused_and_writes_nothing():
    expression = make_expression(make_current_edition())
    chair = make_user("Chair")
    move(expression=expression, action=Action.CANCEL, actor=Actor.CHAIR, by=chair)
    letters, lines = Letter.objects.count(), Event.objects.count()

    with pytest.raises(NotAllowed, match="it is cancelled"):
        move(expression=expression, action=Action.CANCEL, actor=Actor.CHAIR, by=chair)

    assert (Letter.objects.count(), Event.objects.count()) == (letters, lines)


@pytest.mark.parametrize(
    ("state", "action", "details", "words"),
    [
        ("submitted", Action.ACCEPT, {}, "Say what is offered"),
        ("submitted", Action.ACCEPT, {"offer": "keynote"}, "Say what is offered"),
        ("accepted", Action.CONFIRM, {}, "Confirm what was offered"),
        ("accepted", Action.CONFIRM, {"confirmed_format": "poster"}, "Confirm what was offered"),
        ("withdrawn", Action.REOPEN, {}, "Say why"),
        ("withdrawn", Action.REOPEN, {"reason": "  "}, "Say why"),
    ],
)
def test_what_a_move_needs_is_asked_for(state, action, details, words):
    expression = make_expression(make_current_edition(), state=state)

    with pytest.raises(NotAllowed, match=words):
        move(
            expression=expression,
            action=action,
            actor=Actor.CHAIR,
            by=make_user("Chair"),
            **details,
        )

    expression.refresh_from_db()
    assert expression.state == state


def test_a_decision_says_what_was_offered_by_whom_until_when_and_reopening_takes_it_back():
    chair = make_user("Chair")
    expression = make_expression(make_current_edition())

    accepted = move(
        expression=expression, action=Action.ACCEPT, actor=Actor.CHAIR, by=chair, offer="both"
    )
    facts = (accepted.offer, accepted.decided_by, bool(accepted.decided_at))
    assert facts == ("both", chair, True)
    assert accepted.reply_by_on is not None

    confirmed = move(
        expression=expression, action=Action.CONFIRM, actor=Actor.STUDENT, confirmed_format="poster"
    )
    assert (confirmed.confirmed_format, confirmed.decided_by) == ("poster", chair)

    withdrawn = move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)
    assert (withdrawn.offer, withdrawn.confirmed_format) == ("both", "poster")

    again = move(
        expression=expression, action=Action.REOPEN, actor=Actor.CHAIR, by=chair, reason="A slip."
    )
    assert (again.offer, again.confirmed_format, again.decided_by, again.decided_at) == (
        ("", "", None, None)
    )
    assert again.reply_by_on is None


def _faults() -> list[tuple[str, dict]]:
    """What the constraints forbid, as changes of a row in a state."""
    undecided = {"decided_by": None, "decided_at": None}
    faults: list[tuple[str, dict]] = [
        ("submitted", {"wants_talk": False}),
        ("submitted", {"preference": "talk"}),
        *((state, {"offer": ""}) for state in sorted(OFFERED)),
        *((state, undecided) for state in sorted(DECIDED)),
        *((state, {"decided_at": None}) for state in sorted(DECIDED)),
        *(
            (state, {"offer": "talk"})
            for state in ("submitted", "under_review", "waitlisted", "declined")
        ),
        ("confirmed", {"confirmed_format": ""}),
        *(
            (state, {"confirmed_format": "talk"})
            for state in sorted(set(State.values) - {"confirmed", "withdrawn", "cancelled"})
        ),
        *((state, {"decided_at": "now"}) for state in ("submitted", "under_review")),
    ]
    return faults


@pytest.mark.parametrize(("state", "change"), _faults())
def test_the_database_itself_keeps_offer_decider_and_state_together(state, change):
    expression = make_expression(make_current_edition(), state=state)
    changed = {
        name: expression.submitted_at if value == "now" else value for name, value in change.items()
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Expression.objects.filter(pk=expression.pk).update(**changed)
    for name, value in changed.items():
        setattr(expression, name, value)
    with pytest.raises(ValidationError):
        expression.validate_constraints()


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_a_row_the_database_takes(state):
    expression = make_expression(make_current_edition(), state=state)

    expression.refresh_from_db()
    expression.validate_constraints()

    assert expression.state == state
