"""What the student reads of an expression: its state in plain words, the answers, the next steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from apps.editions.models import Call
from apps.interest.models import Answer, Expression, Question
from apps.interest.workflow import UNDECIDED, Action, Actor, State, may

HEADLINES = {
    State.SUBMITTED: "We have it",
    State.UNDER_REVIEW: "Being read",
    State.ACCEPTED: "An offer for you",
    State.WAITLISTED: "On the waiting list",
    State.DECLINED: "Not this time",
    State.CONFIRMED: "Confirmed",
    State.OFFER_DECLINED: "You declined the offer",
    State.LAPSED: "The offer has ended",
    State.WITHDRAWN: "Withdrawn",
    State.CANCELLED: "Cancelled by the organisers",
}


class Steps(NamedTuple):
    """What the student may do now."""

    change: bool
    confirm: bool
    decline: bool
    withdraw: bool
    tell: bool
    change_until: datetime | None
    is_undecided: bool


class Row(NamedTuple):
    """One answer as it was given; `control` is the id of its field on the page that changes it."""

    label: str
    lines: list[str]
    control: str


def call_of(expression: Expression) -> Call | None:
    """The call it answered, unless there is none any more."""
    return getattr(expression.edition, "call", None)


def steps_of(expression: Expression) -> Steps:
    """What the table of states and the call's dates allow now."""
    call = call_of(expression)
    is_editable = expression.is_active and call is not None and call.is_editable
    until = call.edits_close_at if call else None
    return Steps(
        change=is_editable,
        confirm=may(Actor.STUDENT, Action.CONFIRM, expression.state),
        decline=may(Actor.STUDENT, Action.DECLINE_OFFER, expression.state),
        withdraw=may(Actor.STUDENT, Action.WITHDRAW, expression.state),
        tell=expression.can_edit_details,
        change_until=until if is_editable else None,
        is_undecided=expression.state in UNDECIDED,
    )


def sent_rows(expression: Expression) -> list[Row]:
    """Everything sent with the form, in its order; what was not asked and not said is left out."""
    call = call_of(expression)
    rows = [
        Row("Full name", [expression.name], "id_name"),
        Row("University", [expression.university], "id_university"),
    ]
    optional = (
        ("career_stage", "Career stage", expression.get_career_stage_display(), "_0"),
        ("supervisor", "Supervisor", expression.supervisor, ""),
        ("school", "School or lab", expression.school, ""),
        ("link", "Link", expression.link, ""),
    )
    rows += [
        Row(label, _some(value), f"id_{name}{first}")
        for name, label, value, first in optional
        if value or (call and getattr(call, f"asks_{name}"))
    ]
    rows.append(Row("Format", [expression.formats], "id_formats_0"))
    if expression.preference:
        rows.append(Row("Preference", [expression.get_preference_display()], "id_preference_0"))
    rows += [
        Row("Title", [expression.title], "id_title"),
        Row("Abstract", [expression.abstract], "id_abstract"),
        Row("Topics", [topic.heading for topic in expression.topics.all()], "id_topics_0"),
        Row(
            "Co-authors",
            [str(author) for author in expression.coauthors.all()],
            "id_coauthor_name_1",
        ),
    ]
    return rows + _answer_rows(expression.answers.all(), Question.AskedAt.SUBMISSION)


def confirmed_rows(expression: Expression) -> list[Row]:
    """What was said with the confirmation or after it; nothing before."""
    if not expression.has_details:
        return []
    rows = [
        Row("Can you come?", ["Yes" if expression.can_attend else "No"], ""),
        Row("Technical needs", _some(expression.technical_needs), ""),
        Row("Access needs", _some(expression.access_needs), ""),
        Row("Diet", _some(expression.diet), ""),
    ]
    rows += _answer_rows(expression.answers.all(), Question.AskedAt.ACCEPTANCE)
    return rows + [
        Row(consent.wording, ["Yes" if consent.is_given else "No"], "")
        for consent in expression.consents.all()
    ]


def _answer_rows(answers: Iterable[Answer], asked_at: str) -> list[Row]:
    return [
        Row(answer.question.words, _some(answer.in_words), _control_of(answer.question))
        for answer in answers
        if answer.question.asked_at == asked_at
    ]


def _control_of(question: Question) -> str:
    """The first radio button of those that have several."""
    has_several = question.kind in {Question.Kind.CHOICE, Question.Kind.YES_NO}
    return f"id_question_{question.pk}" + ("_0" if has_several else "")


def _some(words: str) -> list[str]:
    return [words] if words else []
