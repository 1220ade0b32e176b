"""Search in the published programme, and lists of its parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from apps.core.inline_markup import plain_title
from apps.core.search import fold, has_words
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.pages.lines import SessionLine
from apps.pages.programme import Placement
from apps.programme.local_times import Span
from apps.programme.models import Contribution
from apps.programme.timetable import ProgrammeDay, ScheduledSlot, Timetable

LONGEST_SEARCH = 100


def searched_texts(contribution: Contribution) -> Iterator[str]:
    """Texts that searches look into: title, abstract, topics, names and affiliations."""
    yield from (contribution.title, plain_title(contribution.title), contribution.abstract)
    yield from map(str, contribution.topics.all())
    for credit in contribution.contributors.all():
        yield from (credit.shown_name, credit.shown_affiliation)


@dataclass(frozen=True, slots=True)
class ProgrammeItem:
    """A talk or poster with its session, or a session without any."""

    day: ProgrammeDay
    line: SessionLine
    slot: ScheduledSlot | None = None

    @property
    def url_of_session(self) -> str:
        return reverse("pages:session", args=[self.line.edition.slug, self.line.entry.slug])

    @property
    def contribution(self) -> Contribution | None:
        return self.slot.contribution if self.slot else None

    @property
    def title(self) -> str:
        return self.contribution.shown_title if self.contribution else self.line.heading

    @property
    def url(self) -> str:
        """Page of the contribution, or of the session."""
        return self.contribution.get_absolute_url() if self.contribution else self.url_of_session

    @property
    def span(self) -> Span:
        """Start and end; for a poster in two shifts, those of its shift."""
        if self.slot is None:
            return self.line.entry.span
        return Placement(self.day, self.line.entry, self.slot, self.line.edition).span

    @property
    def kind_label(self) -> str:
        return self.slot.kind_label if self.slot else self.line.kind_label

    @property
    def session_title(self) -> str:
        """Title of its session, or "" where that is its own."""
        return "" if self.slot is None or self.line.talk else self.line.heading

    @property
    def text(self) -> str:
        """All that a search looks into."""
        entry, row = self.line.entry, self.contribution
        heading = self.line.heading
        parts = [heading, plain_title(heading), entry.description, entry.room_name]
        parts += [chair.shown_name for chair in entry.chairs]
        if row and self.slot:
            parts += [self.slot.board, *searched_texts(row)]
        return " ".join(parts)


class ItemsOfDay(NamedTuple):
    """The items of one day."""

    day: ProgrammeDay
    items: list[ProgrammeItem]


def list_items(
    timetable: Timetable, edition: Edition, is_shown: Callable[[ProgrammeItem], bool]
) -> list[ItemsOfDay]:
    """The items of `timetable`, with its texts, that `is_shown` takes, by time.

    Days without any are left out.
    """
    days = [
        ItemsOfDay(day, sorted(filter(is_shown, _items_of(day, edition)), key=_begin))
        for day in timetable.days
    ]
    return [day for day in days if day.items]


def _begin(item: ProgrammeItem) -> tuple:
    """Those without a time come last, and all others by time, also in parallel sessions."""
    begin = item.span.begin
    return begin is None, begin


def _items_of(day: ProgrammeDay, edition: Edition) -> Iterator[ProgrammeItem]:
    for entry in day.sessions:
        line = SessionLine(entry, edition)
        slots = [slot for slot in entry.shown_slots if slot.contribution]
        for slot in slots:
            yield ProgrammeItem(day, line, slot)
        if not slots and not entry.is_pause:
            yield ProgrammeItem(day, line)


@dataclass(frozen=True, slots=True)
class ProgrammeSearch:
    """A search as the address says it."""

    words: str = ""
    topic: str = ""  # slug
    kind: str = ""
    day: str = ""  # number
    room: str = ""  # key

    @classmethod
    def read(cls, query: QueryDict) -> ProgrammeSearch:
        """The search in an address; whatever it says, no value is refused."""
        words = query.get("q", "")[:LONGEST_SEARCH].strip()
        return cls(words, *(query.get(name, "") for name in ("topic", "kind", "day", "room")))

    @property
    def is_active(self) -> bool:
        """Whether anything is looked for."""
        return self != ProgrammeSearch()

    def matches(self, item: ProgrammeItem) -> bool:
        """Whether `item` has all that is looked for; all words, in any order and case."""
        entry, row, slot = item.line.entry, item.contribution, item.slot
        topics = [topic.slug for topic in row.topics.all()] if row and self.topic else []
        if (
            (self.day and self.day != str(item.day.number))
            or (self.room and self.room != str(entry.room_id))
            or (self.kind and (slot is None or slot.kind != self.kind))
            or (self.topic and self.topic not in topics)
        ):
            return False
        return not self.words or has_words(item.text, self.words)


class SearchField(NamedTuple):
    """A choice in the form of the search."""

    name: str
    label: str
    empty_label: str
    options: dict[str, str]  # label by value
    chosen: str

    @property
    def chosen_label(self) -> str:
        """The label of what was chosen, or "" if nothing was or there is no such value."""
        return self.options.get(self.chosen, "")


def list_search_fields(timetable: Timetable, search: ProgrammeSearch) -> list[SearchField]:
    """The topics, kinds, days and rooms of `timetable` with its texts, if there are several.

    No query.
    """
    slots = [slot for slot in timetable.slots() if slot.contribution and not slot.is_filler]
    topics = {row for slot in slots if slot.contribution for row in slot.contribution.topics.all()}
    ordered = sorted(topics, key=lambda topic: (topic.ordering, topic.pk))
    kinds = {slot.kind: slot.kind_label for slot in slots if slot.kind_label}
    rooms = {row.room_id: row.room_name for row in timetable.sessions() if row.room_id}
    options = {
        "topic": {topic.slug: str(topic) for topic in ordered},
        "kind": {kind: kinds[kind] for kind in Contribution.Kind.values if kind in kinds},
        "day": {str(day.number): _name(day) for day in timetable.days},
        "room": {str(key): rooms[key] for key in sorted(rooms, key=lambda key: fold(rooms[key]))},
    }
    return [
        SearchField(name, label, empty_label, options[name], getattr(search, name))
        for name, label, empty_label in (
            ("topic", gettext("Topic"), gettext("All topics")),
            ("kind", gettext("Kind"), gettext("All kinds")),
            ("day", pgettext("of the programme", "Day"), gettext("All days")),
            ("room", gettext("Room"), gettext("All rooms")),
        )
        if len(options[name]) > 1
    ]


def _name(day: ProgrammeDay) -> str:
    if day.held_on:
        return format_day(day.held_on, with_year=False)
    return gettext("Day %(number)s") % {"number": day.number}


def choose(keys: Collection[int]) -> Callable[[ProgrammeItem], bool]:
    """Whether an item is one of these contributions, for `list_items`."""
    return lambda item: item.contribution is not None and item.contribution.pk in keys
