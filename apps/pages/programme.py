"""The programme as pages show it: days, current sessions, speakers and posters.

Visitors see the latest release (`programme/releases.py`); organisers can preview the draft with
the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.editions.dates import format_day_of_month
from apps.editions.models import Edition
from apps.pages.lines import DayLines, SessionLine, make_blocks
from apps.programme.local_times import Span
from apps.programme.models import (
    INVITED_KINDS,
    Contribution,
    Contributor,
    Session,
    heading_of_contributions,
    label_of_contributions,
)
from apps.programme.placements import natural_key, shift_of
from apps.programme.timetable import ProgrammeDay, ScheduledSession, ScheduledSlot, Timetable

_SPEAKER_HEADINGS = {
    Contribution.Kind.KEYNOTE: gettext_lazy("Keynotes"),
    Contribution.Kind.INVITED: gettext_lazy("Invited talks"),
    Contribution.Kind.INDUSTRY: gettext_lazy("Industry talks"),
}


@dataclass(frozen=True, slots=True)
class Placement:
    """One appearance of a contribution in the programme."""

    day: ProgrammeDay
    entry: ScheduledSession
    slot: ScheduledSlot
    edition: Edition

    @property
    def url(self) -> str:
        """Page of the session."""
        return reverse("pages:session", args=[self.edition.slug, self.entry.slug])

    @property
    def span(self) -> Span:
        """Start and end; for a poster in two shifts, those of its shift."""
        shift = shift_of(self.entry.span, self.slot.board) if self.entry.has_shifts else None
        return shift or self.slot.span

    @property
    def label(self) -> str:
        """Kind of the contribution in this session, if it differs from its own."""
        return label_of_contributions(self.edition, self.slot.own_kind)

    @property
    def is_at_posters(self) -> bool:
        """Whether it is in a session of posters."""
        return self.entry.kind == Session.Kind.POSTERS

    @property
    def is_approximate(self) -> bool:
        """Whether the start is approximate."""
        return self.entry.kind == Session.Kind.LIGHTNING


def list_days(timetable: Timetable, edition: Edition) -> list[DayLines]:
    """All days as lines; current and next sessions are marked."""
    running, following = find_now_and_next(timetable) if not edition.is_cancelled else ([], [])
    now, upcoming = {entry.pk for entry in running}, {entry.pk for entry in following}
    return [
        DayLines(
            day,
            make_blocks(
                SessionLine(entry, edition, entry.pk in now, entry.pk in upcoming)
                for entry in day.sessions
            ),
        )
        for day in timetable.days
    ]


def find_now_and_next(
    timetable: Timetable, time: datetime | None = None
) -> tuple[list[ScheduledSession], list[ScheduledSession]]:
    """Sessions running at `time` (now), and those that begin next on the same day.

    A session without a date, a start or a length never counts as running.
    """
    time = time or timezone.now()
    running = [entry for entry in timetable.sessions() if entry.span.contains(time)]
    ahead = [
        (entry.starts, entry)
        for entry in timetable.sessions()
        if entry.starts and entry.starts > time
    ]
    first = min((starts for starts, _ in ahead), default=None)
    today = time.astimezone(timetable.zone).date()
    if first is None or (first.date() != today and not running):
        return running, []
    return running, [entry for starts, entry in ahead if starts == first]


def find_placements(timetable: Timetable | None, edition: Edition) -> dict[int, list[Placement]]:
    """Placements of contributions by their keys, in the order of the programme."""
    placements: dict[int, list[Placement]] = {}
    for day in timetable.days if timetable else ():
        for entry in day.sessions:
            for slot in entry.slots:
                placement = Placement(day, entry, slot, edition)
                placements.setdefault(slot.contribution_id, []).append(placement)
    return placements


def describe_clocks(timetable: Timetable) -> str:
    """Time zone of the programme in words: "London time (BST, UTC+1)".

    If the clocks change during the programme, also the day of the change.
    """
    city = timetable.zone.key.rsplit("/", 1)[-1].replace("_", " ")
    name = city
    if "/" in timetable.zone.key and city != "UTC":
        name = gettext("%(city)s time") % {"city": city}
    starts = sorted(entry.starts for entry in timetable.sessions() if entry.starts)
    offsets = [(offset, next(iter(times)).date()) for offset, times in groupby(starts, key=_offset)]
    if not offsets or name == "UTC":
        return name
    changes = "".join(
        gettext("; from %(day)s %(offset)s") % {"day": format_day_of_month(on), "offset": offset}
        for offset, on in offsets[1:]
    )
    return f"{name} ({offsets[0][0]}{changes})"


def _offset(time: datetime) -> str:
    """ "BST, UTC+1", or "UTC+5:30" where the zone has no name."""
    digits = time.strftime("%z")  # +0530
    hours, minutes = int(digits[1:3]), int(digits[3:5])
    sign = "−" if digits[0] == "-" else "+"
    offset = f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")
    name = time.tzname() or ""
    return f"{name}, {offset}" if name.isalpha() and name != "UTC" else offset


@dataclass(frozen=True, slots=True)
class PlacedContribution:
    """A contribution with its placements in the programme."""

    contribution: Contribution
    places: list[Placement]

    @property
    def board(self) -> str:
        """Number of its board in its first poster session, or ""."""
        place = next((place for place in self.places if place.is_at_posters), None)
        return place.slot.board if place else ""


@dataclass(frozen=True, slots=True)
class SpeakerGroup:
    """Talks of one kind."""

    kind: str
    heading: str
    talks: list[PlacedContribution]


def published_talks(edition: Edition, timetable: Timetable | None = None) -> list[Contribution]:
    """Published keynotes and invited talks, and all published contributions in `timetable`.

    With their contributors and links; three queries.
    """
    keys = {slot.contribution_id for slot in timetable.slots()} if timetable else set()
    talks = edition.contributions.published().filter(Q(kind__in=INVITED_KINDS) | Q(pk__in=keys))
    return list(talks.order_by("pk").with_contributors().prefetch_related("links"))


def attach_talks(timetable: Timetable, talks: Iterable[Contribution]) -> None:
    """Put each of the published `talks` into its slots; no queries."""
    by_key = {talk.pk: talk for talk in talks}
    for slot in timetable.slots():
        slot.contribution = by_key.get(slot.contribution_id)


def open_day(days: Iterable[DayLines]) -> int:
    """The number of today among `days`, else of the first; 0 without days."""
    days = list(days)
    today = [one.day.number for one in days if one.is_today]
    return next(iter(today or [one.day.number for one in days]), 0)


def group_speakers(
    talks: Iterable[Contribution], edition: Edition, timetable: Timetable | None
) -> list[SpeakerGroup]:
    """Keynotes and invited talks among `talks` that name a speaker, in the programme's order."""
    placements = find_placements(timetable, edition)
    ranks = {key: rank for rank, key in enumerate(placements)}
    placed = [
        PlacedContribution(talk, placements.get(talk.pk, []))
        for talk in talks
        if talk.kind in INVITED_KINDS and talk.presenters
    ]
    placed.sort(key=lambda talk: ranks.get(talk.contribution.pk, len(ranks)))
    groups = [
        (kind, heading, [talk for talk in placed if talk.contribution.kind == kind])
        for kind, heading in _SPEAKER_HEADINGS.items()
    ]
    return [
        SpeakerGroup(kind, heading_of_contributions(edition, kind, str(heading)), talks)
        for kind, heading, talks in groups
        if talks
    ]


class ListKind(NamedTuple):
    """A list page of contributions."""

    name: str  # of its URL, "pages:<name>"
    title: str | Promise

    def count_words(self, number: int) -> str:
        """ "72 papers"."""
        if self.name == "papers":
            words = ngettext("%(number)d paper", "%(number)d papers", number)
        elif self.name == "posters":
            words = ngettext("%(number)d poster", "%(number)d posters", number)
        else:
            words = ngettext("%(number)d talk", "%(number)d talks", number)
        return words % {"number": number}


PAPERS = ListKind("papers", gettext_lazy("Papers"))
TALKS = ListKind("talks", gettext_lazy("Talks"))
POSTERS = ListKind("posters", gettext_lazy("Posters"))


def list_contributions(
    edition: Edition, kind: ListKind, timetable: Timetable | None, *, first: int | None = None
) -> list[PlacedContribution]:
    """Published contributions of a list page, with their places in the published `timetable`.

    Posters are ordered by board, those without a board last; others as the organisers chose, or by
    title. Four queries; only the `first` come with contributors, topics and links.
    """
    placements = find_placements(timetable, edition)
    rows = edition.contributions.published().with_content().in_listed_order()
    if kind is POSTERS:
        in_poster_sessions = [
            key
            for key, places in placements.items()
            if any(place.is_at_posters for place in places)
        ]
        rows = rows.filter(Q(kind=Contribution.Kind.POSTER) | Q(pk__in=in_poster_sessions))
    else:
        rows = rows.papers() if kind is PAPERS else rows.talks()
    return _place(rows, placements, by_board=kind is POSTERS, first=first)


def list_of_kind(
    edition: Edition, kind: str, timetable: Timetable | None, *, first: int | None = None
) -> list[PlacedContribution]:
    """Published contributions of one kind, as by `list_contributions`."""
    rows = edition.contributions.published().with_content().in_listed_order()
    placements = find_placements(timetable, edition)
    by_board = kind == Contribution.Kind.POSTER
    return _place(rows.filter(kind=kind), placements, by_board=by_board, first=first)


def list_panels(
    edition: Edition, placements: Mapping[int, list[Placement]]
) -> list[PlacedContribution]:
    """Published panels in the order of the programme, with their contributors; two queries."""
    rows = edition.contributions.published().with_content().filter(kind=Contribution.Kind.PANEL)
    panels = rows.in_listed_order().with_contributors()
    ranks = {key: rank for rank, key in enumerate(placements)}
    placed = [PlacedContribution(row, placements.get(row.pk, [])) for row in panels]
    return sorted(placed, key=lambda panel: ranks.get(panel.contribution.pk, len(ranks)))


def _place(
    rows: Iterable[Contribution],
    placements: Mapping[int, list[Placement]],
    *,
    by_board: bool,
    first: int | None,
) -> list[PlacedContribution]:
    listed = [PlacedContribution(row, placements.get(row.pk, [])) for row in rows]
    if by_board:
        listed.sort(key=lambda poster: (not poster.board, natural_key(poster.board)))
    contributors = Prefetch("contributors", Contributor.objects.select_related("person"))
    shown = [entry.contribution for entry in listed[:first]]
    prefetch_related_objects(shown, contributors, "topics", "links")
    return listed
