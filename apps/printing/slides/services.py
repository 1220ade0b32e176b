"""Merged slides of a lightning round: title cards and slides as one PDF."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO

from django.utils import translation
from django.utils.translation import gettext

from apps.core.inline_markup import plain_title
from apps.printing.programme import edition_facts
from apps.printing.slides.merging import MergeError, Part, merge
from apps.printing.slides.rounds import Round, Turn
from apps.printing.typesetting import typeset


@dataclass(frozen=True, slots=True)
class MergedSlides:
    """The merged PDF, and for each talk of the round why its slides are not in it."""

    file: IO[bytes]
    reasons: list[str]


def merge_slides(found: Round) -> MergedSlides:
    """The slides of a round in running order, each after a title card. Raises MergeError.

    A talk whose slides are missing, no PDF or damaged has a card that says so.
    """
    parts = [
        Part(2 * number, 2 * number + 1, turn.slides.path if turn.slides else "")
        for number, turn in enumerate(found.turns)
    ]
    if not parts:
        raise MergeError("There is no talk in this round yet.")
    cards = _cards(found)
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by who reads it)
    try:
        reasons = merge(cards, parts, file)
    except MergeError:
        file.close()
        raise
    file.seek(0)
    return MergedSlides(file, reasons)


def file_name(found: Round) -> str:
    """The name of the merged PDF: that of the edition and the round."""
    return f"{found.edition.slug}-{found.session.slug}-slides.pdf"


def _cards(found: Round) -> bytes:
    """A PDF with two cards of each talk: its title, and the one for a file that cannot be merged."""
    with translation.override(found.edition.language_code):
        cards = []
        for turn in found.turns:
            card = {
                "number": turn.number,
                "count": len(found.turns),
                "title": turn.title,
                "names": turn.names,
                "affiliation": turn.affiliation,
            }
            cards += [card | {"note": _note(turn)}, card | {"note": _spare_note(turn)}]
    data = {
        "edition": edition_facts(found.edition),
        "title": plain_title(found.session.title),
        "words": {},
        "cards": cards,
    }
    return typeset("cards", data)


def _note(turn: Turn) -> str:
    if turn.slides or turn.contribution is None:
        return ""
    if turn.elsewhere:
        return gettext("The slides are not a PDF on this site: %(name)s") % {"name": turn.elsewhere}
    return gettext("No slides")


def _spare_note(turn: Turn) -> str:
    name = f"{turn.contribution.slug}.pdf" if turn.contribution else ""
    return gettext("The slides could not be merged: %(name)s") % {"name": name}
