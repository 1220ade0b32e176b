"""The index of presenters: everyone who presents something in the published programme, A to Z."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from apps.core.search import fold
from apps.editions.models import Edition
from apps.pages.programme import Placement, find_placements
from apps.programme.models import Contribution, Contributor
from apps.programme.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Appearance:
    """A contribution of a presenter, with its places in the programme."""

    contribution: Contribution
    role: str  # "Moderator" or "Panellist", or ""
    places: list[Placement]


@dataclass(frozen=True, slots=True)
class Presenter:
    """A person with all their appearances, in the order of the programme."""

    credit: Contributor
    appearances: list[Appearance] = field(default_factory=list)

    @property
    def first_words(self) -> str:
        """The name without its last word."""
        return " ".join(self.credit.shown_name.split()[:-1])

    @property
    def last_word(self) -> str:
        """The word that the index is sorted by."""
        return self.credit.shown_name.split()[-1]

    @property
    def letter(self) -> str:
        """The capital that the presenter is listed under; "#" if the word begins with no letter."""
        first = fold(self.last_word)[:1].upper()
        return first if first.isalpha() else "#"

    @property
    def rank(self) -> tuple:
        """Presenters are sorted by this."""
        words = fold(self.last_word), fold(self.credit.shown_name)
        return self.letter == "#", self.letter, *words, fold(self.credit.shown_affiliation)


def list_presenters(edition: Edition, timetable: Timetable | None) -> dict[str, list[Presenter]]:
    """Presenters of published contributions in the published `timetable`, by their letters.

    Accents and capitals do not count. Two queries.
    """
    rows = edition.contributions.published().with_contributors()
    contributions = {row.pk: row for row in rows}
    presenters: dict[tuple[str, ...], Presenter] = {}
    for key, places in find_placements(timetable, edition).items():
        contribution = contributions.get(key)
        if contribution is None or contribution.is_empty:
            continue
        contribution.edition = edition
        for credit in contribution.presenters:
            presenter = presenters.setdefault(credit.identity, Presenter(credit))
            presenter.appearances.append(Appearance(contribution, credit.panel_role, places))
    ordered = sorted(presenters.values(), key=attrgetter("rank"))
    return {letter: list(rows) for letter, rows in groupby(ordered, attrgetter("letter"))}
