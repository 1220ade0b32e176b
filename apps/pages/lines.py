"""Sessions as lines of a programme's list, and as blocks of parallel sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from apps.editions.models import Edition
from apps.pages.parallel import Cell, find_parallel, place, shared_starts, span_of_block
from apps.programme.local_times import Span
from apps.programme.models import Contribution, Contributor, Session
from apps.programme.placements import shift_of
from apps.programme.timetable import ProgrammeDay, ScheduledSession, ScheduledSlot

# A session with more of them shows only their number until it is unfolded.
_OPEN_POSTERS = 6
_OPEN_TALKS = 12
_MOST_NAMES = 4  # of the speakers of a session, in a summary
# Kinds named in the plural, unless there is only one talk.
_KINDS_OF_SEVERAL = {
    *(Session.Kind.TALKS, Session.Kind.INVITED, Session.Kind.CONTRIBUTED, Session.Kind.INDUSTRY),
}
# The kind of contribution that a kind of session consists of: its label need not be repeated.
_USUAL_KINDS = {
    Session.Kind.KEYNOTE: {Contribution.Kind.KEYNOTE},
    Session.Kind.TALKS: {
        *(Contribution.Kind.TALK, Contribution.Kind.CONTRIBUTED, Contribution.Kind.INVITED),
    },
    Session.Kind.INVITED: {Contribution.Kind.INVITED},
    Session.Kind.CONTRIBUTED: {
        *(Contribution.Kind.CONTRIBUTED, Contribution.Kind.TALK, Contribution.Kind.PAPER),
    },
    Session.Kind.INDUSTRY: {Contribution.Kind.INDUSTRY},
    Session.Kind.TUTORIAL: {Contribution.Kind.TUTORIAL},
    Session.Kind.PANEL: {Contribution.Kind.PANEL},
    Session.Kind.LIGHTNING: {Contribution.Kind.LIGHTNING},
    Session.Kind.POSTERS: {Contribution.Kind.POSTER},
    Session.Kind.DEMOS: {Contribution.Kind.DEMO},
    Session.Kind.DISCUSSION: {Contribution.Kind.DISCUSSION},
}


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as an item of the programme's list."""

    entry: ScheduledSession
    edition: Edition
    is_now: bool = False
    is_next: bool = False

    @property
    def url(self) -> str:
        """Page of the session, or of its only talk."""
        if self.talk:
            return self.talk.get_absolute_url()
        return reverse("pages:session", args=[self.edition.slug, self.entry.slug])

    @property
    def talk(self) -> Contribution | None:
        """The only talk of a session without a title of its own."""
        slot = self.entry.slots[0] if len(self.entry.slots) == 1 else None
        if slot is None or slot.contribution is None or slot.is_filler:
            return None
        title = self.entry.own_title.casefold()
        return slot.contribution if title in {"", slot.contribution.title.casefold()} else None

    @property
    def slots(self) -> list[ScheduledSlot]:
        """Slots listed below the session, without fillers.

        An unpublished talk keeps its place if it has a time of its own; among posters, in a
        running order and in a past edition it is left out.
        """
        if self.talk:
            return []
        is_list = self.is_running_order or self.entry.is_simultaneous
        keeps_gaps = len(self.entry.slots) > 1 and not (is_list or self.edition.is_past)
        return [
            slot
            for slot in self.entry.shown_slots
            if slot.contribution or (keeps_gaps and slot.starts_at)
        ]

    @property
    def slot_now(self) -> int | None:
        """Key of the slot whose talk is given now."""
        if not self.is_now or self.entry.is_simultaneous:
            return None
        now = timezone.now()
        return next((slot.pk for slot in self.entry.slots if slot.span.contains(now)), None)

    @property
    def heading(self) -> str:
        return self.entry.headline

    @property
    def kind_label(self) -> str:
        """Kind of session, or of its only talk, or "" where the heading says it already."""
        obvious = {Session.Kind.OTHER, Session.Kind.BREAK, Session.Kind.LUNCH, Session.Kind.SOCIAL}
        label = self.entry.own_label
        if not label and self.talk and self.entry.kind in _KINDS_OF_SEVERAL:
            label = self.entry.slots[0].kind_label
        elif not label and self.entry.kind not in obvious:
            label = self.entry.kind_label
        return "" if label == self.heading else label

    @property
    def count(self) -> str:
        """The number of its contributions: "12 posters"."""
        return self.entry.count(len(self.slots))

    @property
    def shows_kinds(self) -> bool:
        """Whether the kinds of its contributions are shown: they differ, or are unusual in it."""
        kinds = {slot.kind for slot in self.slots if slot.kind}
        usual = _USUAL_KINDS.get(Session.Kind(self.entry.kind), set())
        return len(kinds) > 1 or not kinds <= usual

    @property
    def counts_talks(self) -> bool:
        """Whether a summary shows their number instead of the speakers."""
        return bool(self.slots) and (self.entry.is_simultaneous or self.is_running_order)

    @property
    def speakers(self) -> list[str]:
        """Names of all who present a talk in it, each once."""
        talks = [slot.contribution for slot in self.slots if slot.contribution]
        return list(dict.fromkeys(one.shown_name for talk in talks for one in talk.presenters))

    @property
    def speakers_shown(self) -> list[str]:
        """The first of `speakers`, for a summary; never all but one."""
        names = self.speakers
        return names if len(names) <= _MOST_NAMES + 1 else names[:_MOST_NAMES]

    @property
    def speakers_left_out(self) -> int:
        return len(self.speakers) - len(self.speakers_shown)

    @property
    def faces(self) -> list[Contributor]:
        """Speakers of a keynote, whose portraits are shown beside it."""
        if self.entry.kind != Session.Kind.KEYNOTE:
            return []
        talks = [self.talk] if self.talk else [slot.contribution for slot in self.slots]
        return talks[0].presenters if len(talks) == 1 and talks[0] else []

    @property
    def second_shift(self) -> Span | None:
        """Time for the posters on even boards, if the session has two shifts and boards."""
        has_boards = any(slot.board for slot in self.entry.slots)
        return shift_of(self.entry.span, "2") if self.entry.has_shifts and has_boards else None

    @property
    def is_running_order(self) -> bool:
        """Whether start times are approximate."""
        return self.entry.kind == Session.Kind.LIGHTNING

    @property
    def is_folded(self) -> bool:
        """Whether the list below it is too long to be open between other sessions."""
        most = _OPEN_POSTERS if self.entry.is_simultaneous else _OPEN_TALKS
        return len(self.slots) > most


@dataclass(frozen=True)
class LineBlock:
    """Sessions that run in parallel, or one session."""

    lines: list[SessionLine]

    @property
    def is_parallel(self) -> bool:
        return len(self.lines) > 1

    @cached_property
    def span(self) -> Span:
        """From the first begin to the last end."""
        return span_of_block([line.entry for line in self.lines])

    @cached_property
    def has_common_hours(self) -> bool:
        """Whether all sessions begin and end together, so that the heading tells the hours."""
        return all(line.entry.whole_span == self.span for line in self.lines)

    @property
    def needs_rooms(self) -> bool:
        """Whether sessions have the same heading, so that only the room tells them apart."""
        headings = {line.heading.casefold() for line in self.lines}
        return len(headings) < len(self.lines)

    @cached_property
    def shared_rows(self) -> int:
        """The number of rows of talks that begin together in all sessions; 0 if they do not."""
        begins = {line.entry.span.begin for line in self.lines}
        if len(begins) > 1 or any(line.is_folded for line in self.lines):
            return 0
        return shared_starts([[slot.span.begin for slot in line.slots] for line in self.lines])

    @property
    def is_grid(self) -> bool:
        """Whether the sessions begin at different times, and have places in a grid."""
        return bool(self._cells)

    @property
    def cells(self) -> list[tuple[SessionLine, Cell | None]]:
        """Its sessions with their places in the grid."""
        return [(line, self._cells.get(line.entry.pk)) for line in self.lines]

    @cached_property
    def _cells(self) -> dict[int, Cell]:
        return place([line.entry for line in self.lines])

    @property
    def columns(self) -> int:
        """The number of columns of the grid."""
        return max((cell.column for cell in self._cells.values()), default=len(self.lines))


def make_blocks(lines: Iterable[SessionLine]) -> list[LineBlock]:
    """The `lines` of a day, in which parallel sessions are together."""
    by_key = {line.entry.pk: line for line in lines}
    blocks = find_parallel(line.entry for line in by_key.values())
    return [LineBlock([by_key[entry.pk] for entry in block]) for block in blocks]


@dataclass(frozen=True, slots=True)
class DayLines:
    """A day with its sessions as lines."""

    day: ProgrammeDay
    blocks: list[LineBlock]

    @property
    def is_today(self) -> bool:
        """Whether it is today where the edition is held."""
        edition = self.blocks[0].lines[0].edition
        return self.day.held_on == edition.today and not edition.is_past

    @property
    def lines(self) -> list[SessionLine]:
        """The sessions one by one."""
        return [line for block in self.blocks for line in block.lines]
