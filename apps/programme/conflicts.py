"""Conflicts of a timetable, such as a person in two places at once, as sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from django.utils.dateformat import format as date_format

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.programme.local_times import Span
from apps.programme.timetable import ScheduledSession, ScheduledSlot, Timetable

_MAX_NAMED = 3  # contributions or sessions listed by name


@dataclass(frozen=True, slots=True)
class LinkedTitle:
    """A part of the sentence that a page links to the change form of its row."""

    model: str  # of this app: "session" or "contribution"
    pk: int
    title: str

    def __str__(self) -> str:
        return f"“{self.title}”"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A sentence in parts, and the primary keys of its sessions."""

    parts: tuple[str | LinkedTitle, ...]
    sessions: tuple[int, ...] = ()
    prevents_publishing: bool = False

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class _Use:
    """A person, room or board in use from `begin` to `finish`."""

    begin: datetime
    finish: datetime
    hours: str
    session: ScheduledSession
    title: LinkedTitle

    @property
    def parts(self) -> tuple[str | LinkedTitle, ...]:
        """The title with day, time and room."""
        room = f", {self.session.room_name}" if self.session.room_name else ""
        return self.title, f" ({_day_name(self.session)}, {self.hours}{room})"


def find_conflicts(timetable: Timetable, *, edition: Edition) -> list[Conflict]:
    """All conflicts of `timetable`, whose texts are loaded; no query.

    Of overlapping uses each is compared with the one before it that ends last, so there are never
    more conflicts than uses.
    """
    return [
        *_zone_conflicts(timetable, edition),
        *_day_conflicts(timetable, edition),
        *_overlaps(timetable),
        *_common_conflicts(timetable),
        *_session_conflicts(timetable),
        *_untimed_session_conflicts(timetable),
    ]


def _zone_conflicts(timetable: Timetable, edition: Edition) -> Iterator[Conflict]:
    name = edition.time_zone
    if timetable.days and (name in {"UTC", "GMT", "UCT", "Zulu"} or name.startswith("Etc/")):
        text = (
            f"All times are in “{name}”, which has no summer time. If the workshop is held at a "
            "place, choose its time zone on the edition's Details tab, such as Europe/London."
        )
        yield Conflict((text,))


def _day_conflicts(timetable: Timetable, edition: Edition) -> Iterator[Conflict]:
    first, last, count = edition.starts_on, edition.last_day, edition.day_count
    if first is None or last is None or count is None:
        return
    days = "on" if first == last else f"from {date_format(first, 'j F')} to"
    for session in timetable.sessions():
        if session.day > count:
            text = (
                f" is on day {session.day} ({_day_name(session)}), but the edition is {days} "
                f"{date_format(last, 'j F Y')}."
            )
            parts = (_session_title(session), text)
            yield Conflict(parts, (session.pk,), prevents_publishing=True)


def _overlaps(timetable: Timetable) -> Iterator[Conflict]:
    """People, rooms and boards that are used twice at once."""
    people: dict[tuple, list[_Use]] = defaultdict(list)
    rooms: dict[int, list[_Use]] = defaultdict(list)
    boards: dict[tuple[int, str], list[_Use]] = defaultdict(list)
    names: dict[tuple, str] = {}
    for session in timetable.sessions():
        use = _use(session.whole_span, session, _session_title(session))
        for chair in session.chairs:
            names[chair.identity] = chair.shown_name
            people[chair.identity] += use
        if session.room_id is not None:
            rooms[session.room_id] += use
        for slot in session.slots:
            use = _use(slot.span, session, _contribution_title(slot))
            if slot.board:
                # Without a room, boards are compared within their session.
                boards[session.room_id or -session.pk, slot.board.casefold()] += use
            for credit in slot.contribution.presenters if slot.contribution else ():
                names[credit.identity] = credit.shown_name
                people[credit.identity] += use
    for identity, uses in people.items():
        text = f"{names[identity]} is in two places at the same time: "
        # The chair may speak in the session, and an author may stand at two posters.
        pairs = [pair for pair in _overlapping(uses) if pair[0].session is not pair[1].session]
        yield from _conflicts_of(text, pairs)
    for uses in rooms.values():
        for pair in _overlapping(uses):
            text = f"{pair[0].session.room_name} is used twice at the same time: "
            yield from _conflicts_of(text, [pair])
    for (_, board), uses in boards.items():
        text = f"Board {board.upper()} is used twice at the same time: "
        yield from _conflicts_of(text, _overlapping(uses), prevents_publishing=True)


def _conflicts_of(
    text: str, pairs: Iterable[tuple[_Use, _Use]], *, prevents_publishing: bool = False
) -> Iterator[Conflict]:
    for before, after in pairs:
        parts = (text, *before.parts, " and ", *after.parts, ".")
        yield Conflict(parts, (before.session.pk, after.session.pk), prevents_publishing)


def _common_conflicts(timetable: Timetable) -> Iterator[Conflict]:
    """Sessions at the same time as one for everyone, such as a break; each pair once.

    Two in one room are left to the conflicts of rooms.
    """
    uses = [
        use
        for session in timetable.sessions()
        for use in _use(session.whole_span, session, _session_title(session))
    ]
    common = [use for use in uses if use.session.is_for_everybody]
    common += [use for use in uses if not (use.session.is_for_everybody or use.session.room_id)]
    compared: set[int] = set()
    for use in common:
        compared.add(use.session.pk)
        others = [
            other
            for other in uses
            if other.session.pk not in compared
            and (use.begin < other.finish and other.begin < use.finish)
            and (use.session.room_id is None or use.session.room_id != other.session.room_id)
        ]
        if not others:
            continue
        reason = "is" if use.session.is_for_everybody else "has no room, so it counts as one"
        parts = [*use.parts, f" {reason} for everyone, but at the same time there is "]
        parts += _joined([list(other.parts) for other in others])
        yield Conflict((*parts, "."), tuple(row.session.pk for row in (use, *others)))


def _session_conflicts(timetable: Timetable) -> Iterator[Conflict]:
    """Conflicts within one session."""
    for session in timetable.sessions():
        title, keys = _session_title(session), (session.pk,)
        if not session.is_simultaneous:
            yield from _order_conflicts(session)
        yield from _untimed_board_conflicts(session)
        yield from _missing_board_conflicts(session)
        if session.is_pause and session.slots:
            parts = (title, " is a break, but there is ", *_listed(session.slots), " in it.")
            yield Conflict(parts, keys)
        start = session.planned_start
        if session.starts and start and session.starts_at != start:
            text = (
                f" starts at {start:%H:%M}, which does not exist that night because the clocks "
                f"change; it is shown as {session.starts_at:%H:%M}."
            )
            yield Conflict((title, text), keys)


def _order_conflicts(session: ScheduledSession) -> Iterator[Conflict]:
    """Contributions that start before the one before them is over, or end after their session."""
    before, end, last_end = None, 0, 0
    for slot, start, minutes in session.places():
        if before and start is not None and start < end:
            text = f" starts {count_of(end - start, 'minute')} before "
            parts = (_contribution_title(slot), text, _contribution_title(before), " is over.")
            yield Conflict(parts, (session.pk,))
        before, end = slot, (end if start is None else start) + (minutes or 0)
        last_end = max(last_end, end)
    if session.minutes is not None and last_end > session.minutes:
        text = (
            f" lasts {session.minutes} minutes, but its contributions need {last_end}: "
            f"{last_end - session.minutes} too many."
        )
        yield Conflict((_session_title(session), text), (session.pk,))


def _untimed_board_conflicts(session: ScheduledSession) -> Iterator[Conflict]:
    """Boards that two posters of a session have, while its time is unknown."""
    if not session.is_simultaneous or session.whole_span.begin is not None:
        return
    slots: dict[str, list[ScheduledSlot]] = defaultdict(list)
    for slot in session.slots:
        slots[slot.board.casefold()].append(slot)
    for board, same in slots.items():
        if board and len(same) > 1:
            times = "twice" if len(same) == 2 else f"{len(same)} times"
            text = f"Board {same[0].board.upper()} is used {times} in "
            parts = (text, _session_title(session), ": ", *_listed(same), ".")
            yield Conflict(parts, (session.pk,), prevents_publishing=True)


def _missing_board_conflicts(session: ScheduledSession) -> Iterator[Conflict]:
    """Posters without a board, in a session in which others have one."""
    missing = [slot for slot in session.slots if not slot.board and slot.contribution]
    if session.is_simultaneous and missing and any(slot.board for slot in session.slots):
        verb = "has" if len(missing) == 1 else "have"
        parts = (*_listed(missing), f" {verb} no board in ", _session_title(session), ".")
        yield Conflict(parts, (session.pk,))


def _untimed_session_conflicts(timetable: Timetable) -> Iterator[Conflict]:
    """Sessions of one day and room that use the same boards, while the time of one is unknown.

    A repeated session has the posters of the first on the same boards, which is no conflict.
    """
    with_boards = [
        session
        for session in timetable.sessions()
        if session.room_id is not None and any(slot.board for slot in session.slots)
    ]
    for pair in combinations(with_boards, 2):
        first, second = pair
        untimed = [session for session in pair if session.whole_span.begin is None]
        if not untimed or (first.day, first.room_id) != (second.day, second.room_id):
            continue
        taken = {slot.board.casefold(): slot.contribution_id for slot in first.slots if slot.board}
        boards = [
            slot.board.upper()
            for slot in second.slots
            if taken.get(slot.board.casefold(), slot.contribution_id) != slot.contribution_id
        ]
        if not boards:
            continue
        has_no_time = "they have no time" if len(untimed) == 2 else "one of them has no time"
        parts: list[str | LinkedTitle] = [_session_title(first), " and ", _session_title(second)]
        parts += [f" ({_day_name(first)}, {first.room_name}) both use board "]
        parts += _joined([[board] for board in boards])
        parts += [f", and may be at the same time: {has_no_time} yet."]
        yield Conflict(tuple(parts), (first.pk, second.pk))


def _use(span: Span, session: ScheduledSession, title: LinkedTitle) -> list[_Use]:
    """One use, or none while the time is unknown; without an end it takes a minute."""
    if span.begin is None:
        return []
    finish = span.finish or span.begin + timedelta(minutes=1)
    hours = span.hours if span.finish else f"from {span.hours}"
    return [_Use(span.begin, finish, hours, session, title)]


def _overlapping(uses: Iterable[_Use]) -> Iterator[tuple[_Use, _Use]]:
    """Pairs of each use and the one before it that ends last, if they overlap."""
    last: _Use | None = None
    for use in sorted(uses, key=lambda use: use.begin):
        if last is not None and use.begin < last.finish:
            yield last, use
        if last is None or use.finish > last.finish:
            last = use


def _day_name(session: ScheduledSession) -> str:
    return date_format(session.held_on, "j F Y") if session.held_on else f"day {session.day}"


def _session_title(session: ScheduledSession) -> LinkedTitle:
    return LinkedTitle("session", session.pk, str(session))


def _contribution_title(slot: ScheduledSlot) -> LinkedTitle:
    title = str(slot.contribution) if slot.contribution else "a contribution"
    return LinkedTitle("contribution", slot.contribution_id, title)


def _listed(slots: list[ScheduledSlot]) -> list[str | LinkedTitle]:
    return _joined([[_contribution_title(slot)] for slot in slots])


def _joined(items: list[list[str | LinkedTitle]]) -> list[str | LinkedTitle]:
    """The first items with commas, and the number of the others."""
    parts: list[str | LinkedTitle] = []
    for number, item in enumerate(items[:_MAX_NAMED]):
        parts += [", ", *item] if number else item
    if more := len(items[_MAX_NAMED:]):
        parts.append(f" and {more} more")
    return parts
