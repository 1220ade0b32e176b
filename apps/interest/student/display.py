"""An expression on the student's page: answers, next steps, differences, panels, data export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.core.files.base import File
from django.db.models import Q
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.editions.models import Call
from apps.interest.forms import ExpressionForm
from apps.interest.models import (
    Answer,
    CoAuthor,
    Expression,
    ExpressionPDF,
    Question,
)
from apps.interest.workflow import UNDECIDED, Action, Actor, State, is_allowed
from apps.mail.models import Letter
from apps.topics.models import Topic

HEADLINES = {
    State.SUBMITTED: _("Received"),
    State.UNDER_REVIEW: _("Under review"),
    State.ACCEPTED: _("We have an offer for you"),
    State.WAITLISTED: _("On the waiting list"),
    State.DECLINED: _("Not selected"),
    State.CONFIRMED: _("Confirmed"),
    State.OFFER_DECLINED: _("You declined the offer"),
    State.LAPSED: _("The offer has ended"),
    State.WITHDRAWN: _("Withdrawn"),
    State.CANCELLED: _("Cancelled by the organisers"),
}


class Steps(NamedTuple):
    """The actions that are open to the student."""

    change: bool
    change_until: datetime | None  # None without an end, too
    confirm: bool
    decline: bool
    withdraw: bool
    edit_details: bool
    is_undecided: bool


class Row(NamedTuple):
    """One answer as it was given; `control` is the id of its field in the form, "" if elsewhere."""

    label: str
    lines: list[str]
    control: str
    url: str = ""  # of a file


def call_of(expression: Expression) -> Call | None:
    """The call of the edition; None if it has none any more."""
    return getattr(expression.edition, "call", None)


def can_change(expression: Expression) -> bool:
    """Whether the student may change the answers now."""
    call = call_of(expression)
    return call is not None and expression.is_active and call.allows_edits


def change_window(expression: Expression) -> tuple[bool, datetime | None]:
    """Whether the student may change the answers now, and until when; None if there is no end."""
    is_open = can_change(expression)
    return is_open, expression.edition.call.edits_close_at if is_open else None


def steps_of(expression: Expression) -> Steps:
    """The steps that the workflow and the dates of the call allow now."""
    may_change, change_until = change_window(expression)
    return Steps(
        change=may_change,
        change_until=change_until,
        confirm=is_allowed(Actor.STUDENT, Action.CONFIRM, expression.state),
        decline=is_allowed(Actor.STUDENT, Action.DECLINE_OFFER, expression.state),
        withdraw=is_allowed(Actor.STUDENT, Action.WITHDRAW, expression.state),
        edit_details=expression.can_edit_details,
        is_undecided=expression.state in UNDECIDED,
    )


def sent_rows(expression: Expression) -> list[Row]:
    """The stored answers to the form, in its order, without those neither asked nor given."""
    return form_rows(
        expression,
        topics=expression.topics.all(),
        coauthors=expression.coauthors.all(),
        answers=expression.answers.all(),
        pdf=getattr(expression, "pdf", None),
    )


def form_rows(
    expression: Expression,
    *,
    topics: Iterable[Topic],
    coauthors: Iterable[CoAuthor],
    answers: Iterable[Answer],
    pdf: ExpressionPDF | None = None,
) -> list[Row]:
    """The same of an expression whose topics, co-authors, answers and PDF are at hand."""
    call = call_of(expression)
    rows = [
        Row(gettext("Full name"), [expression.name], "id_name"),
        Row(gettext("University"), [expression.university], "id_university"),
    ]
    optional = (
        ("career_stage", gettext("Current position"), expression.get_career_stage_display(), "_0"),
        ("supervisor", gettext("Supervisor"), expression.supervisor, ""),
        ("school", gettext("School or lab"), expression.school, ""),
        ("link", gettext("Link"), expression.link, ""),
    )
    rows += [
        Row(label, _some(value), f"id_{name}{first}")
        for name, label, value, first in optional
        if value or (call and getattr(call, f"asks_{name}"))
    ]
    rows.append(Row(gettext("Format"), [expression.formats], "id_formats_0"))
    if expression.preference:
        rows.append(
            Row(gettext("Preference"), [expression.get_preference_display()], "id_preference_0")
        )
    rows += [
        Row(gettext("Title"), [expression.title], "id_title"),
        Row(gettext("Abstract"), [expression.abstract], "id_abstract"),
        Row(gettext("Topics"), [str(topic) for topic in topics], "id_topics_0"),
        Row(gettext("Co-authors"), [*map(str, coauthors)], "id_coauthor_name_1"),
    ]
    if pdf or (call and call.asks_pdf):
        size = [filesizeformat(pdf.size)] if pdf else []
        rows.append(Row("PDF", size, "id_pdf", pdf.file_address if pdf else ""))
    return rows + _answer_rows(answers, Question.AskedAt.SUBMISSION)


def confirmed_rows(expression: Expression) -> list[Row]:
    """The attendee details; none before the confirmation."""
    if not expression.has_details:
        return []
    rows = [
        Row(gettext("Can you come?"), [_yes_or_no(expression.can_attend)], ""),
        Row(gettext("Technical needs"), _some(expression.technical_needs), ""),
        Row(gettext("Access needs"), _some(expression.access_needs), ""),
        Row(gettext("Dietary needs"), _some(expression.diet), ""),
    ]
    rows += _answer_rows(expression.answers.all(), Question.AskedAt.ACCEPTANCE)
    return rows + [
        Row(consent.wording, [_yes_or_no(consent.is_given)], "")
        for consent in expression.consents.all()
    ]


def _yes_or_no(is_true: bool | None) -> str:
    return gettext("Yes") if is_true else gettext("No")


def _answer_rows(answers: Iterable[Answer], asked_at: str) -> list[Row]:
    return [
        Row(answer.question.label, _some(answer.in_words), _control_of(answer.question))
        for answer in answers
        if answer.question.asked_at == asked_at
    ]


def _control_of(question: Question) -> str:
    """The id of the control, or of its first radio button; "" if the form does not ask it."""
    if question.asked_at != Question.AskedAt.SUBMISSION:
        return ""
    has_several = question.kind in {Question.Kind.CHOICE, Question.Kind.YES_NO}
    return f"id_question_{question.pk}" + ("_0" if has_several else "")


def _some(text: str) -> list[str]:
    return [text] if text else []


@dataclass(frozen=True)
class FieldChange:
    """One field as text: its current and its proposed value.

    `name`, `token` and `may_reject` are given where the change is accepted or rejected.
    """

    label: str
    current: str
    proposed: str
    name: str = ""
    token: str = ""  # version token of the proposed value
    may_reject: bool = True


def form_changes(form: ExpressionForm) -> list[FieldChange]:
    """Return the answers of a valid `form` that differ from the stored ones it started with."""
    changes = [
        FieldChange(
            str(field.label),
            _as_text(field, form.get_initial_for_field(field, name)),
            _as_text(field, form.cleaned_data[name]),
        )
        for name, field in form.fields.items()
        if not name.startswith("coauthor_") and name != "pdf"
    ]
    if (pdf := form.new_pdf()) is not None:
        earlier = getattr(form.instance, "pdf", None)
        now = f"{filesizeformat(earlier.size)} ({gettext('current file')})" if earlier else ""
        new = f"{filesizeformat(pdf.size)} ({gettext('new file')})" if isinstance(pdf, File) else ""
        changes.append(FieldChange("PDF", now, new))
    stored = form.instance.coauthors.values_list("name", "affiliation") if form.instance else []
    coauthors = list_people(stored), list_people(form.coauthor_pairs())
    changes.append(FieldChange(gettext("Co-authors"), *coauthors))
    return [change for change in changes if change.current != change.proposed]


def typed_rows(form: ExpressionForm) -> list[Row]:
    """The answers of a bound `form`, valid or not, as they were typed."""
    texts = {name: _as_text(field, form[name].value()) for name, field in form.fields.items()}
    return [Row(str(form.fields[name].label), [text], "") for name, text in texts.items() if text]


def _as_text(field: forms.Field, value: Any) -> str:
    """The value of a field, or the labels of its choices."""
    labels = dict(getattr(field, "choices", ()))
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(labels.get(each, each)) for each in values if each)


def list_people(names: Iterable[Iterable[str]]) -> str:
    """Return "Ada (Oxford), Bo" for pairs of name and affiliation."""
    return ", ".join(f"{name} ({where})" if where else name for name, where in names)


# Sections of other apps on the student's page, such as the slot and the slides, by name.
_panels: dict[str, Callable[[Expression, HttpRequest], SafeString]] = {}


def register_student_panel(
    name: str, panel: Callable[[Expression, HttpRequest], SafeString]
) -> None:
    """Register a function that returns the safe HTML of a `<section>`, or "" for none."""
    _panels[name] = panel


def render_panels(expression: Expression, request: HttpRequest) -> list[SafeString]:
    """The panels of the page, in the order of registration."""
    return [html for panel in _panels.values() if (html := panel(expression, request))]


# Drafts hold decisions that are not released; notices are written to the organisers.
_UNSENT = (Letter.State.DRAFT, Letter.State.DISCARDED)
_COLUMNS = [
    *("reference", "name", "email", "university", "career_stage", "supervisor", "school", "link"),
    *("wants_talk", "wants_poster", "preference", "title", "abstract", "state", "offer"),
    *("confirmed_format", "decided_at", "reply_by_on", "reminded_at", "can_attend"),
    *("technical_needs", "access_needs", "diet"),
    *("has_unchecked_address", "is_late", "is_test", "submitted_at", "changed_at"),
]

# Data of other apps about an expression, by its key in the file.
_others: dict[str, Callable[[Expression], Any]] = {}


def register_student_data(name: str, read: Callable[[Expression], Any]) -> None:
    """Register a function that returns data ready for JSON, or None."""
    _others[name] = read


def everything_about(expression: Expression) -> dict[str, Any]:
    """All data about the student and the expression, ready for JSON.

    Without names, remarks and notes of organisers, and without letters that were not sent.
    """
    letters = (
        Letter.objects.filter(expression_link__expression=expression)
        .exclude(Q(state__in=_UNSENT) | Q(kind__endswith="notice"))
        .exclude(kind=Letter.TEST_KIND)
        .order_by("created_at", "pk")
    )
    return {
        "edition": expression.edition.title,
        "expression": {name: getattr(expression, name) for name in _COLUMNS},
        "topics": [str(topic) for topic in expression.topics.all()],
        "coauthors": list(expression.coauthors.values("name", "affiliation")),
        "answers": [
            {"question": answer.question.label, "answer": answer.text}
            for answer in expression.answers.all()
        ],
        "pdf": (
            {"size": pdf.size, "uploaded_at": pdf.uploaded_at}
            if (pdf := getattr(expression, "pdf", None))
            else None
        ),
        "consents": list(expression.consents.values("wording", "is_given", "said_at")),
        "letters": list(
            letters.values("to_email", "subject", "body_text", "state", "created_at", "sent_at")
        ),
        "log": [
            {
                "happened_at": event.happened_at,
                "what": event.what,
                "from_state": event.from_state,
                "to_state": event.to_state,
                "by": "organisers" if event.by_id else "student",
            }
            for event in expression.events.filter(is_for_chairs=False).order_by("happened_at", "pk")
        ],
        "links": list(
            expression.links.order_by("pk").values("created_at", "expires_at", "revoked_at")
        ),
        **{key: value for key, read in _others.items() if (value := read(expression)) is not None},
    }
