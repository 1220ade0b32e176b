"""The letters about an expression: which there are, and to whom they go."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from types import SimpleNamespace
from typing import Any

from django.utils.safestring import mark_safe

from apps.core.blanks import blank
from apps.core.rows import insert
from apps.interest.calls import made_of
from apps.interest.models import Expression, ExpressionLetter
from apps.interest.student_words import Parts, Row, call_of, parts_of, sent_rows, steps_of
from apps.mail.models import Letter
from apps.mail.moulds import Mould
from apps.mail.services import Written, make_letter, words_from

# Letters that carry the private link; the others tell of something.
_WITH_LINK = {"receipt", "link", "address_changed", "confirm", "confirmed_for", "withdrawn"}
_TO_ORGANISERS = {"notice", "withdrawn_notice"}


def send_letter(expression: Expression, kind: str, *, to_email: str = "") -> Letter | None:
    """Queues the letter `kind` (a folder of templates/interest/letters/) about an expression.

    Letters to organisers go to the edition's contact address; without one there is none to write.
    """
    letter = _write(expression, kind, to_email)
    if letter:
        _put_on_record(expression, [letter])
    return letter


def send_first_letters(expression: Expression, kinds: Iterable[str], parts: Parts) -> None:
    """Queues a new expression's receipt and notice at once, in the quickest way."""
    written = [_write(expression, kind, parts=parts) for kind in kinds]
    _put_on_record(expression, [letter for letter in written if letter])


def _write(
    expression: Expression, kind: str, to_email: str = "", *, parts: Parts | None = None
) -> Letter | None:
    to_name = expression.name
    if kind in _TO_ORGANISERS:
        to_email, to_name = expression.edition.contact_email, ""
        if not to_email:
            return None
    carries_link = kind in _WITH_LINK
    return make_letter(
        kind=f"interest/{kind}",
        words=_words_from_mould(expression, kind, to_name, parts)
        if parts
        else _words(expression, kind, to_name),
        to_email=to_email or expression.email,
        to_name=to_name,
        edition=expression.edition,
        link_maker="interest" if carries_link else "",
        link_subject=expression.pk if carries_link else None,
    )


def _words(expression: Expression, kind: str, to_name: str) -> Written:
    context: dict[str, Any] = {"expression": expression}
    if kind == "receipt":
        context |= {"call": call_of(expression), **_answers(expression, parts_of(expression))}
        context["change_until"] = steps_of(expression).change_until
    return words_from(
        f"interest/letters/{kind}", edition=expression.edition, to_name=to_name, context=context
    )


# What the letters of a new submission print of it, and nothing else.
_PRINTED = ("name", "university", "title", "spoken_reference", "pk")


def _words_from_mould(expression: Expression, kind: str, to_name: str, parts: Parts) -> Written:
    """The same words, of a receipt or a notice, in a tenth of the time."""
    edition, call = expression.edition, call_of(expression)
    until = steps_of(expression).change_until
    judged = {name: getattr(expression, name) for name in ("is_late", "is_test", "formats")}
    made, key = made_of(edition, call), (kind, until, bool(to_name), *judged.values())
    if key not in made:
        printed = {name: blank(name) for name in _PRINTED}
        context = {
            "expression": SimpleNamespace(**judged, **printed),
            "call": call,
            "change_until": until,
            **{name: blank(name) for name in ("sent_text", "sent_html")},
        }
        made[key] = Mould(
            f"interest/letters/{kind}",
            edition=edition,
            to_name=blank("to_name") if to_name else "",
            context=context,
        )
    values = {name: str(getattr(expression, name)) for name in _PRINTED} | {"to_name": to_name}
    if kind == "receipt":
        values |= _answers(expression, parts)
    return made[key].fill(values)


def _put_on_record(expression: Expression, letters: list[Letter]) -> None:
    insert(letters)
    insert([ExpressionLetter(expression=expression, letter=letter) for letter in letters])


def _answers(expression: Expression, parts: Parts) -> dict[str, str]:
    """Every answer as it was given, for the receipt."""
    address = Row("E-mail address", [expression.email], "")
    name, *others = sent_rows(expression, parts)
    rows = [row for row in (name, address, *others) if row.lines]
    return {
        # Put together here: loops over so many short lines are slow in templates.
        "sent_text": "\n\n".join("\n".join([row.label, *row.lines]) for row in rows),
        "sent_html": mark_safe("\n".join(map(_in_html, rows))),  # noqa: S308  (escaped there)  # nosec
    }


def _in_html(row: Row) -> str:
    lines = [escape(line).replace("\n", "<br>") for line in row.lines]
    parts = [f"<dt>{escape(row.label)}</dt>", *(f'<dd dir="auto">{line}</dd>' for line in lines)]
    return "\n".join(parts)
