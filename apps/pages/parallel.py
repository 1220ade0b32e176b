"""Parallel sessions: which sessions of a day stand side by side, and where in a grid.

Columns are rooms, rows are the moments at which sessions begin. On a narrow screen the sessions
follow one another under one heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.programme.local_times import Span
from apps.programme.models import Session
from apps.programme.timetable import ScheduledSession

# Larger grids would be unreadable; site.css has classes for so many columns and rows.
_MOST_COLUMNS = 4
_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of a session in the grid of its block; everything is counted from 1."""

    column: int
    row: int
    rows: int  # that it spans


@dataclass(frozen=True, slots=True)
class _Use:
    """A session with known begin; without an end it takes a minute."""

    entry: ScheduledSession
    begin: datetime
    finish: datetime

    def overlaps(self, other: _Use) -> bool:
        return self.begin < other.finish and other.begin < self.finish


def find_parallel(sessions: Iterable[ScheduledSession]) -> Iterator[list[ScheduledSession]]:
    """The sessions of a day in blocks, in order; a session with nothing beside it is a block.

    A session for everyone stands alone, and so does one that goes on during such a session, as
    registration does; a coffee break is part of the block in whose hours it lies.
    """
    sessions = list(sessions)
    uses = {entry.pk: use for entry in sessions if (use := _use(entry))}
    common = [use for use in uses.values() if use.entry.is_for_everybody]
    pauses = [use for use in common if use.entry.kind == Session.Kind.BREAK]
    meetings = [use for use in common if use not in pauses]
    candidates = [
        use
        for use in sorted(uses.values(), key=lambda use: use.begin)
        if not use.entry.is_for_everybody and not any(map(use.overlaps, meetings))
    ]
    blocks: dict[int, list[ScheduledSession]] = {}  # by the keys of their members
    for members in _overlapping(candidates):
        if len(members) == 1:
            continue
        whole = _Use(members[0].entry, members[0].begin, max(use.finish for use in members))
        members += filter(whole.overlaps, pauses)
        members.sort(key=lambda use: use.begin)
        block = [use.entry for use in members]
        blocks |= {entry.pk: block for entry in block}
    for entry in sessions:
        block = blocks.get(entry.pk, [entry])
        if entry is block[0]:
            yield block


def _use(entry: ScheduledSession) -> _Use | None:
    span = entry.whole_span
    if span.begin is None:
        return None
    return _Use(entry, span.begin, span.finish or span.begin + timedelta(minutes=1))


def _overlapping(uses: Sequence[_Use]) -> Iterator[list[_Use]]:
    """Split `uses`, which are sorted by their begin, wherever all are over."""
    members: list[_Use] = []
    for use in uses:
        if members and all(other.finish <= use.begin for other in members):
            yield members
            members = []
        members.append(use)
    if members:
        yield members


def span_of_block(block: Sequence[ScheduledSession]) -> Span:
    """From the first begin to the last end; without an end if one is unknown."""
    spans = [entry.whole_span for entry in block]
    begins = [span.begin for span in spans if span.begin]
    ends = [span.finish for span in spans if span.finish]
    finish = max(ends) if len(ends) == len(spans) else None
    return Span(min(begins, default=None), finish, spans[0].is_dated)


def place(block: Sequence[ScheduledSession]) -> dict[int, Cell]:
    """Cells by the keys of the sessions of `block`, which all have a begin.

    Empty if the sessions begin at once, so that they only stand in a row, or if the grid would be
    too large.
    """
    uses = [use for entry in block if (use := _use(entry))]
    begins = sorted({use.begin for use in uses})
    columns: list[list[_Use]] = []
    numbers: dict[int, int] = {}
    for use in uses:
        number = _free_column(columns, use)
        if number == len(columns):
            columns.append([])
        columns[number].append(use)
        numbers[use.entry.pk] = number + 1
    if len(begins) == 1 or len(columns) > _MOST_COLUMNS or len(begins) > _MOST_ROWS:
        return {}
    return {
        use.entry.pk: Cell(
            column=numbers[use.entry.pk],
            row=begins.index(use.begin) + 1,
            rows=sum(use.begin <= begin < use.finish for begin in begins),
        )
        for use in uses
    }


def _free_column(columns: Sequence[Sequence[_Use]], use: _Use) -> int:
    """The column of the session's room, for one without a room any, or else a new one."""
    room = use.entry.room_id
    for number, column in enumerate(columns):
        is_free = not any(map(use.overlaps, column))
        if is_free and (room is None or any(other.entry.room_id == room for other in column)):
            return number
    return len(columns)


def shared_starts(starts: Sequence[Sequence[datetime | None]]) -> int:
    """The number of rows in which talks that begin at the same time stand side by side.

    `starts` has those of each session. 0 unless each begins as the longest does.
    """
    longest = max(starts, key=len)
    is_same = all(list(row) == list(longest[: len(row)]) and None not in row for row in starts)
    return len(longest) if is_same and 2 <= len(longest) <= _MOST_ROWS else 0
