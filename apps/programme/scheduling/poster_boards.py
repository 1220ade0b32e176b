"""Poster boards: numbered by a rule, and never moved once they were published.

By topic, the posters of one first author beside each other, numbers in one row. In two shifts those
on odd boards are there in the first half and those on even boards in the second: who shows two
posters has two boards in a row, and is never needed at both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import count

from django.db import transaction
from django.db.models import Q

from apps.editions.models import Edition
from apps.interest.models import Format
from apps.programme.models import Contribution, ProgrammeRelease, Session, Slot
from apps.programme.scheduling.lightning_rounds import STEP, STILL_COMES, topic_place
from apps.programme.scheduling.local_times import Span

_NUMBER = re.compile(r"(\d+)\D*$")
# Leaves room for four digits in Slot.board.
LONGEST_PREFIX = 16


@dataclass(frozen=True)
class Placed:
    """A poster with the board it has or would get."""

    contribution: Contribution
    slot: Slot | None  # None for one that is not in the session yet
    board: str
    is_fixed: bool  # keeps its board, since that was published

    @property
    def is_new(self) -> bool:
        """Whether it has no place in the session yet."""
        return self.slot is None

    @property
    def is_changed(self) -> bool:
        """Whether its board is another than it is now."""
        return self.slot is None or self.slot.board != self.board


def posters_to_place(edition: Edition) -> list[Contribution]:
    """Posters of people who come and that are in no poster session yet; four queries."""
    is_poster = Q(kind=Contribution.Kind.POSTER) | Q(origin__format=Format.BOTH)
    found = Contribution.objects.for_edition(edition).filter(STILL_COMES, is_poster)
    found = found.exclude(slots__session__kind=Session.Kind.POSTERS).order_by("pk")
    return list(found.with_listing_data())


def published_boards(session: Session) -> dict[int, str]:
    """The boards that any release of the programme told of, by the key of their slot; one query."""
    plans = ProgrammeRelease.objects.for_edition(session.edition).values_list("plan", flat=True)
    return {
        slot["pk"]: slot["board"]
        for plan in reversed(plans)  # the latest has the last word
        for released in plan
        if released["pk"] == session.pk
        for slot in released["slots"]
        if slot["board"]
    }


def plan_boards(
    session: Session,
    *,
    prefix: str,
    waiting: Sequence[Contribution] = (),
    is_anew: bool = False,
) -> list[Placed]:
    """All posters of `session` and those `waiting` for a place in it, in the order of the boards.

    A board that was published stays, and its number is given to nobody else, even if its poster is
    gone. Others keep theirs unless `is_anew`; who has none gets the lowest that is free.
    """
    told = published_boards(session)
    rows = Contribution.objects.filter(slots__session=session).with_listing_data()
    known = {row.pk: row for row in rows}
    kept: list[Placed] = []
    unnumbered: dict[Contribution, Slot | None] = {}
    for slot in session.slots.all():
        contribution = known[slot.contribution_id]
        is_fixed = slot.pk in told and slot.board != ""
        if is_fixed or (slot.board and not is_anew):
            kept.append(Placed(contribution, slot, slot.board, is_fixed))
        else:
            unnumbered[contribution] = slot
    unnumbered |= dict.fromkeys(waiting)
    taken = {one.board.casefold() for one in kept} | {board.casefold() for board in told.values()}
    new = [
        Placed(contribution, unnumbered[contribution], board, False)
        for contribution, board in zip(by_rule(unnumbered), _free(prefix, taken), strict=False)
    ]
    return sorted([*kept, *new], key=lambda one: _in_row(one.board))


def by_rule(posters: Iterable[Contribution]) -> list[Contribution]:
    """By topic and title, but all of one first author follow the first of them."""
    found = sorted(posters, key=lambda one: (topic_place(one), one.title.casefold(), one.pk))
    authors: dict[tuple[object, ...], list[Contribution]] = {}
    for poster in found:
        authors.setdefault(_first_author(poster), []).append(poster)
    return [poster for theirs in authors.values() for poster in theirs]


def number_boards(
    *,
    session: Session,
    prefix: str,
    has_shifts: bool,
    is_anew: bool,
    seen: Sequence[int] = (),
) -> list[Placed]:
    """Gives boards as `plan_boards` says, and keeps them; what changed by it.

    Of the posters that are not in the session yet only `seen` (keys) join it. Two presses at once
    come one after the other, and the second changes nothing.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=session.edition_id)
        session = Session.objects.select_related("edition").get(pk=session.pk)
        if session.has_shifts != has_shifts:
            session.has_shifts = has_shifts
            session.save()
        _join(session, seen)
        plan = plan_boards(session, prefix=prefix, is_anew=is_anew)
        changed = [one for one in plan if one.is_changed]
        # A board is given up before another takes it.
        session.slots.filter(pk__in=[one.slot.pk for one in changed if one.slot]).update(board="")
        for number, one in enumerate(plan, start=1):
            _keep(one, ordering=STEP * number)
    return changed


def _join(session: Session, seen: Sequence[int]) -> None:
    wanted = set(seen)
    for poster in posters_to_place(session.edition):
        if poster.pk in wanted:
            is_itself = poster.kind == Contribution.Kind.POSTER
            kind = "" if is_itself else Contribution.Kind.POSTER
            Slot.objects.create(session=session, contribution=poster, kind=kind, ordering=STEP)


def _keep(one: Placed, *, ordering: int) -> None:
    slot = one.slot
    if slot is not None and (slot.board != one.board or slot.ordering != ordering):
        slot.board, slot.ordering = one.board, ordering
        slot.save()


def shift_of(span: Span, board: str) -> Span | None:
    """When somebody on `board` is at it, in two shifts of a session that takes `span`.

    The first half for odd boards, the second for even ones; None for a board without a number, or
    while nobody said how long the session lasts.
    """
    half = half_of(board)
    if not half or span.begin is None or span.finish is None:
        return None
    lasts = span.finish.astimezone(UTC) - span.begin.astimezone(UTC)
    minutes = int(lasts.total_seconds() // 60)
    first = minutes // 2
    return span.part(0, first) if half == "first half" else span.part(first, minutes - first)


def half_of(board: str) -> str:
    """ "first half" for odd boards, "second half" for even ones, nothing without a number."""
    found = _NUMBER.search(board)
    if found is None:
        return ""
    return "first half" if int(found[1]) % 2 else "second half"


def _free(prefix: str, taken: set[str]) -> Iterator[str]:
    for number in count(1):
        if (board := f"{prefix}{number}").casefold() not in taken:
            yield board


def _in_row(board: str) -> tuple[str, int, str]:
    """By prefix and number: A2 before A10."""
    found = _NUMBER.search(board)
    return (board[: found.start()], int(found[1]), board) if found else (board, 0, board)


def _first_author(poster: Contribution) -> tuple[object, ...]:
    authors = list(poster.contributors.all())
    return authors[0].identity if authors else ("nobody", poster.pk)
