"""The letters about an expression: which there are, and to whom they go."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects

from apps.interest.models import Expression, ExpressionLetter
from apps.interest.student.display import Row, call_of, sent_rows, steps_of
from apps.mail.models import Letter
from apps.mail.services import queue_letter

# Letters that carry the private link; the others tell of something.
_WITH_LINK = {"receipt", "link", "address_changed", "confirm", "confirmed_for", "withdrawn"}
_TO_ORGANISERS = {"notice", "withdrawn_notice"}


def send_letter(expression: Expression, kind: str, *, to_email: str = "") -> Letter | None:
    """Queue the letter `kind` (a folder of templates/interest/letters/) about an expression.

    Letters to organisers go to the edition's contact address; without one none is queued.
    """
    to_name = expression.name
    if kind in _TO_ORGANISERS:
        to_email, to_name = expression.edition.contact_email, ""
        if not to_email:
            return None
    has_link = kind in _WITH_LINK
    letter = queue_letter(
        kind=f"interest/{kind}",
        template=f"interest/letters/{kind}",
        to_email=to_email or expression.email,
        to_name=to_name,
        edition=expression.edition,
        context={"expression": expression} | (_receipt(expression) if kind == "receipt" else {}),
        link_maker="interest" if has_link else "",
        link_subject=expression.pk if has_link else None,
    )
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter


def _receipt(expression: Expression) -> dict[str, Any]:
    """Context of the receipt: every answer as it was given."""
    prefetch_related_objects([expression], "answers__question")
    address = Row("E-mail address", [expression.email], "")
    name, *others = sent_rows(expression)
    rows = [row for row in (name, address, *others) if row.lines]
    return {
        "call": call_of(expression),
        "change_until": steps_of(expression).change_until,
        "sent_text": "\n\n".join("\n".join([row.label, *row.lines]) for row in rows),
        "sent_rows": rows,
    }
