"""The letters about an expression: which there are, and to whom they go."""

from __future__ import annotations

from typing import Any

from apps.interest.models import Expression, ExpressionLetter
from apps.interest.student_words import Row, call_of, sent_rows, steps_of
from apps.mail.models import Letter
from apps.mail.services import queue_letter

# Letters that carry the private link; the others tell of something.
_WITH_LINK = {"receipt", "link", "address_changed", "confirm", "withdrawn"}
_TO_ORGANISERS = {"notice", "withdrawn_notice"}


def send_letter(expression: Expression, kind: str, *, to_email: str = "") -> Letter | None:
    """Queues the letter `kind` (a folder of templates/interest/letters/) about an expression.

    Letters to organisers go to the edition's contact address; without one there is none to write.
    """
    to_name = expression.name
    if kind in _TO_ORGANISERS:
        to_email, to_name = expression.edition.contact_email, ""
        if not to_email:
            return None
    carries_link = kind in _WITH_LINK
    letter = queue_letter(
        kind=f"interest/{kind}",
        template=f"interest/letters/{kind}",
        to_email=to_email or expression.email,
        to_name=to_name,
        edition=expression.edition,
        context={"expression": expression, **(_answers(expression) if kind == "receipt" else {})},
        link_maker="interest" if carries_link else "",
        link_subject=expression.pk if carries_link else None,
    )
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter


def _answers(expression: Expression) -> dict[str, Any]:
    """What the receipt tells: every answer as it was given, and what may be done until when."""
    address = Row("E-mail address", [expression.email], "")
    rows = sent_rows(expression)
    return {
        "rows": [row for row in (rows[0], address, *rows[1:]) if row.lines],
        "call": call_of(expression),
        "change_until": steps_of(expression).change_until,
    }
