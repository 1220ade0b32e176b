"""Placing talks and posters: filling lightning rounds, and numbering poster boards.

`plan_round` previews a round and `fill_round` adds the talks that were previewed. Talks that are
in the round already keep their places.

Boards are numbered by topic, with the posters of one first author side by side. A published board
is never changed. In two shifts, authors on odd boards are present in the first half and those on
even boards in the second, so with two adjacent boards an author is never needed at both.

A poster that is withdrawn keeps its slot and board until an organiser removes the contribution
(contributors/student_edits.py). A board that was published is not given to another poster.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from django.db import transaction
from django.db.models import Q, TextChoices

from apps.core.exceptions import ChangedMeanwhile
from apps.core.search import fold
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Format
from apps.interest.workflow import State
from apps.programme.local_times import Span
from apps.programme.models import Contribution, ProgrammeRelease, Session, Slot
from apps.programme.timetable import ScheduledSlot, draft_sessions

SLOT_STEP = 10
_NUMBER = re.compile(r"(\d+)\D*$")
MAX_PREFIX = 16  # characters; leaves four digits in Slot.board
# Contributions of organisers, and of students whose place is confirmed.
IS_COMING = Q(origin=None) | Q(origin__expression__state=State.CONFIRMED)


class Order(TextChoices):
    """The order in which talks are added to a round."""

    SUBMITTED = "submitted", "By time of submission"
    TOPIC = "topic", "By topic"
    TITLE = "title", "By title"
    SHUFFLED = "shuffled", "Shuffled"


@dataclass(frozen=True)
class RoundPlan:
    """The slots of a round as it would be, new ones (without a key) last; talks that do not fit."""

    slots: list[ScheduledSlot]
    left_over: list[Contribution]

    @property
    def new(self) -> list[Contribution]:
        """The talks that would be added."""
        return [slot.contribution for slot in self.slots if slot.contribution and not slot.pk]


def talks_to_place(edition: Edition) -> list[Contribution]:
    """Lightning talks that are in no round yet; at most four queries."""
    talks = Contribution.objects.for_edition(edition).filter(
        IS_COMING, kind=Contribution.Kind.LIGHTNING
    )
    talks = talks.exclude(slots__session__kind=Session.Kind.LIGHTNING).order_by("pk")
    return list(talks.select_related("origin__expression").with_listing_data())


def sort_talks(talks: Iterable[Contribution], order: Order) -> list[Contribution]:
    """`talks` in this order."""
    talks = sorted(talks, key=lambda talk: talk.pk)
    match order:
        case Order.SUBMITTED:
            return sorted(talks, key=_submitted)
        case Order.TOPIC:
            return sorted(talks, key=lambda talk: (topic_rank(talk), fold(talk.title)))
        case Order.TITLE:
            return sorted(talks, key=lambda talk: fold(talk.title))
        case Order.SHUFFLED:
            secrets.SystemRandom().shuffle(talks)
    return talks


def topic_rank(contribution: Contribution) -> tuple[bool, int, int]:
    """A sort key: the first of its topics in the edition's order; without a topic, last."""
    ranks = [(topic.ordering, topic.pk) for topic in contribution.topics.all()]
    return (not ranks, *min(ranks, default=(0, 0)))


def _submitted(talk: Contribution) -> tuple[bool, datetime | int]:
    """A sort key: the time of submission; talks added by organisers last."""
    origin = getattr(talk, "origin", None)
    return (True, talk.pk) if origin is None else (False, origin.expression.submitted_at)


def plan_round(session: Session, *, order: Order, minutes: int) -> RoundPlan:
    """Preview `session` after all talks that fit were added, `minutes` each, with start times."""
    edition = session.edition
    waiting = sort_talks(talks_to_place(edition), order)
    added = waiting[: _free_places(session, session.slots.all(), minutes)]
    filled = next(row for row in draft_sessions(edition) if row.pk == session.pk)
    filled.slots += [ScheduledSlot(0, talk.pk, minutes=minutes) for talk in added]
    filled.set_times(zone=edition.zone, first_day=edition.starts_on)
    placed = Contribution.objects.filter(slots__session=session).with_contributors()
    talks = {talk.pk: talk for talk in [*placed, *added]}
    for slot in filled.slots:
        slot.contribution = talks[slot.contribution_id]
    return RoundPlan(filled.slots, waiting[len(added) :])


def fill_round(*, session: Session, talks: Sequence[int], minutes: int) -> list[Slot]:
    """Append `talks` (primary keys) to the round in this order, `minutes` each.

    Talks that are in a round already or do not fit any more are left out, so a second click adds
    nothing.
    """
    with transaction.atomic():
        # The lock of the edition also covers its other rounds.
        edition = Edition.objects.select_for_update().get(pk=session.edition_id)
        waiting = {talk.pk: talk for talk in talks_to_place(edition)}
        slots = list(session.slots.all())
        added = [waiting[key] for key in dict.fromkeys(talks) if key in waiting]
        last = max((slot.ordering for slot in slots), default=0)
        return [
            Slot.objects.create(
                session=session,
                contribution=talk,
                minutes=minutes,
                ordering=last + SLOT_STEP * number,
            )
            for number, talk in enumerate(added[: _free_places(session, slots, minutes)], start=1)
        ]


def _free_places(session: Session, slots: Iterable[Slot], minutes: int) -> int | None:
    """How many more talks fit; None where the length of the round is unknown."""
    if session.minutes is None:
        return None
    taken = 0
    for slot in slots:
        start = taken if slot.starts_after is None else slot.starts_after
        taken = start + (slot.minutes or minutes)
    return max(0, (session.minutes - taken) // minutes)


@dataclass(frozen=True)
class NumberedPoster:
    """A poster with the board it has or would get."""

    contribution: Contribution
    slot: Slot | None  # None while it is not in the session
    board: str
    is_published: bool  # the board cannot change

    @property
    def is_new(self) -> bool:
        """Whether it is not in the session yet."""
        return self.slot is None

    @property
    def is_changed(self) -> bool:
        """Whether the board differs from the stored one."""
        return self.slot is None or self.slot.board != self.board


def posters_to_place(edition: Edition) -> list[Contribution]:
    """Posters that are in no poster session yet; at most four queries."""
    is_poster = Q(kind=Contribution.Kind.POSTER) | Q(origin__format=Format.BOTH)
    posters = Contribution.objects.for_edition(edition).filter(IS_COMING, is_poster)
    posters = posters.exclude(slots__session__kind=Session.Kind.POSTERS).order_by("pk")
    return list(posters.with_listing_data())


def published_boards(session: Session) -> dict[int, str]:
    """The boards of all releases by the primary key of their slots; one query."""
    plans = ProgrammeRelease.objects.for_edition(session.edition).values_list("plan", flat=True)
    return {
        slot["pk"]: slot["board"]
        for plan in reversed(plans)  # a later release overwrites
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
    renumbers: bool = False,
) -> list[NumberedPoster]:
    """All posters of `session` and those `waiting` for a place, by board.

    Published boards stay and are never given to another poster. Other boards stay unless
    `renumbers`; posters without one get the lowest free numbers.
    """
    published = published_boards(session)
    rows = Contribution.objects.filter(slots__session=session).with_listing_data()
    contributions = {row.pk: row for row in rows}
    kept: list[NumberedPoster] = []
    unnumbered: dict[Contribution, Slot | None] = {}
    for slot in session.slots.all():
        contribution = contributions[slot.contribution_id]
        is_published = slot.pk in published and slot.board != ""
        if is_published or (slot.board and not renumbers):
            kept.append(NumberedPoster(contribution, slot, slot.board, is_published))
        else:
            unnumbered[contribution] = slot
    unnumbered |= dict.fromkeys(waiting)
    taken = {board.casefold() for board in (*(row.board for row in kept), *published.values())}
    new = [
        NumberedPoster(contribution, unnumbered[contribution], board, False)
        for contribution, board in zip(
            sort_posters(unnumbered), _free_boards(prefix, taken), strict=False
        )
    ]
    return sorted([*kept, *new], key=lambda row: natural_key(row.board))


def sort_posters(posters: Iterable[Contribution]) -> list[Contribution]:
    """By topic and title; posters of one first author follow the first of them."""
    by_author: dict[tuple[object, ...], list[Contribution]] = {}
    for poster in sorted(posters, key=lambda row: (topic_rank(row), fold(row.title), row.pk)):
        authors = list(poster.contributors.all())
        key = authors[0].identity if authors else ("no author", poster.pk)
        by_author.setdefault(key, []).append(poster)
    return [poster for posters_of_one in by_author.values() for poster in posters_of_one]


def number_boards(
    *,
    session: Session,
    prefix: str,
    has_shifts: bool,
    renumbers: bool,
    seen: Sequence[int] = (),
    shown: str = "",
) -> list[NumberedPoster]:
    """Store the boards of `plan_boards`, and return the posters that changed.

    Of the posters that wait for a place only `seen` (primary keys) are added. A second click
    changes nothing. Raises ChangedMeanwhile if boards or shifts that would be overwritten are no
    longer those of the `boards_token` that was `shown`.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=session.edition_id)
        session = Session.objects.select_related("edition").get(pk=session.pk)
        is_outdated = bool(shown) and shown != boards_token(session)
        is_other_shift = session.has_shifts != has_shifts
        if is_other_shift:
            session.has_shifts = has_shifts
            session.save()
        for poster in posters_to_place(session.edition) if seen else ():
            if poster.pk in seen:
                is_poster = poster.kind == Contribution.Kind.POSTER
                kind = "" if is_poster else Contribution.Kind.POSTER
                Slot.objects.create(
                    session=session, contribution=poster, kind=kind, ordering=SLOT_STEP
                )
        plan = plan_boards(session, prefix=prefix, renumbers=renumbers)
        changed = [row for row in plan if row.is_changed]
        if is_outdated and (changed or is_other_shift):
            raise ChangedMeanwhile
        for number, row in enumerate(plan, start=1):
            slot, ordering = row.slot, SLOT_STEP * number
            if slot is not None and (slot.board, slot.ordering) != (row.board, ordering):
                slot.board, slot.ordering = row.board, ordering
                slot.save()
    return changed


def boards_token(session: Session) -> str:
    """The version token of the stored boards and shifts."""
    boards = session.slots.order_by("pk").values_list("pk", "board")
    return version_token(session.has_shifts, list(boards))


def shift_of(span: Span, board: str) -> Span | None:
    """The part of a session in two shifts in which the author on `board` is present.

    None for a board without a number, or while the length of the session is unknown.
    """
    half = half_of(board)
    if not half or span.begin is None or span.finish is None:
        return None
    lasts = span.finish.astimezone(UTC) - span.begin.astimezone(UTC)
    minutes = int(lasts.total_seconds() // 60)
    first = minutes // 2
    return span.part(0, first) if half == "first half" else span.part(first, minutes - first)


def half_of(board: str) -> str:
    """ "first half" for odd boards, "second half" for even ones, "" without a number."""
    number = _NUMBER.search(board)
    if number is None:
        return ""
    return "first half" if int(number[1]) % 2 else "second half"


def _free_boards(prefix: str, taken: set[str]) -> Iterator[str]:
    for number in count(1):
        if (board := f"{prefix}{number}").casefold() not in taken:
            yield board


def natural_key(text: str) -> list[tuple[bool, int, str]]:
    """Sort key that puts "P2" before "P10"."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part.casefold())
        for part in re.split(r"(\d+)", text)
        if part
    ]
