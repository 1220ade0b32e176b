"""A registration as its person reads it: answers in words, and everything about it as data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from apps.interest.models import Expression
from apps.interest.student.display import Row
from apps.mail.models import Letter
from apps.registration.models import Registration

_COLUMNS = (
    *("name", "email", "affiliation", "pronunciation", "badge_note", "status", "source", "code"),
    *("waiting_since", "confirmed_at", "cancelled_at", "checked_in_at", "created_at"),
)


def answer_rows(registration: Registration) -> list[Row]:
    """The stored answers in the order of the form, without those neither asked nor given."""
    period = getattr(registration.edition, "registration_period", None)
    rows = [
        Row(gettext("Full name"), [registration.name], "id_name"),
        Row(gettext("University or company"), _some(registration.affiliation), "id_affiliation"),
    ]
    if registration.kind:
        rows.append(Row(gettext("Takes part"), [registration.kind.name], "id_kind_0"))
    if extras := list(registration.extras.all()):
        rows.append(Row(gettext("Joins"), [extra.name for extra in extras], "id_extras_0"))
    needs = getattr(registration, "needs", None)
    labels = {"diet": gettext("Dietary needs"), "access": gettext("Access needs")}
    for name, label in labels.items():
        text = getattr(needs, name, "")
        if text or getattr(period, f"asks_{name}", False):
            rows.append(Row(label, _some(text), f"id_{name}"))
    rows += [
        Row(answer.question.label, _some(answer.in_words), f"id_question_{answer.question_id}")
        for answer in registration.answers.select_related("question")
    ]
    rows += [
        Row(consent.text, [gettext("Yes")], f"id_consent_{consent.consent_id}")
        for consent in registration.consents.all()
    ]
    return rows


def everything_about(registration: Registration) -> dict[str, Any]:
    """All data about the person, ready for JSON; without letters that were not sent."""
    needs = getattr(registration, "needs", None)
    unsent = (Letter.State.DRAFT, Letter.State.DISCARDED)
    letters = Letter.objects.filter(registration_link__registration=registration)
    letters = letters.exclude(state__in=unsent).order_by("created_at", "pk")
    return {
        "edition": registration.edition.title,
        "registration": {name: getattr(registration, name) for name in _COLUMNS},
        "takes_part": registration.kind.name if registration.kind else "",
        "joins": [extra.name for extra in registration.extras.all()],
        "needs": {"diet": needs.diet, "access": needs.access} if needs else {},
        "answers": [
            {"question": answer.question.label, "answer": answer.text}
            for answer in registration.answers.select_related("question")
        ],
        "consents": list(registration.consents.values("text", "given_at")),
        "check_ins": list(registration.check_ins.values("scanned_at", "received_at")),
        "letters": list(
            letters.values("to_email", "subject", "body_text", "state", "created_at", "sent_at")
        ),
        "links": list(
            registration.links.order_by("pk").values("created_at", "expires_at", "revoked_at")
        ),
    }


def everything_about_student(expression: Expression) -> list[dict[str, Any]] | None:
    """The registrations of an accepted student, for the download of their data."""
    registrations = Registration.objects.filter(expression=expression).select_related(
        "edition", "kind", "needs"
    )
    return [everything_about(each) for each in registrations] or None


def _some(text: str) -> list[str]:
    return [text] if text else []
