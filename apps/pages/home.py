"""What the home page of an edition shows, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone
from django.utils.safestring import SafeString

from apps.awards.shown import ShownAward, shown_awards
from apps.core.markdown import render
from apps.core.questions import Question
from apps.editions.models import Call, Deadline, Edition
from apps.interest.moments import Moment, moment_of
from apps.news.models import NewsItem
from apps.pages.contributions import Posters, posters_of, published_talks, speakers_of
from apps.pages.models import Section
from apps.pages.programme import (
    DayLines,
    attach_soles,
    clocks_of,
    days_of,
    published_plan,
    soles_in,
)
from apps.people.models import Membership
from apps.programme.models import Contribution
from apps.programme.timetable import Timetable
from apps.sponsors.shown import ShownLevel, shown_levels
from apps.topics.models import Topic

NEWEST_NEWS = 3
_FIRST_POSTERS = 8

_SECTIONS: Question[Section] = Question(Section.objects.for_home, edition=int)
_MEMBERS: Question[Membership] = Question(
    lambda edition: Membership.objects.filter(
        group__in=Section.objects.for_home(edition)
        .filter(shows=Section.Shows.GROUP)
        .values("group")
    ).select_related("person"),
    edition=int,
)
_TOPICS: Question[Topic] = Question(
    lambda edition: Topic.objects.filter(edition=edition), edition=int
)
_DEADLINES: Question[Deadline] = Question(
    lambda edition: Deadline.objects.filter(edition=edition), edition=int
)
_NEWS: Question[NewsItem] = Question(
    lambda edition, now: NewsItem.objects.filter(edition=edition).published(now)[:NEWEST_NEWS],
    edition=int,
    now=datetime,
)


@dataclass(frozen=True)
class Block:
    """A section that has something to show."""

    section: Section
    body: SafeString | str
    template: str
    items: Sequence

    @property
    def heading(self) -> str:
        return self.section.shown_heading


class Home:
    """The home page of `edition`. Each list is asked of the database once, and only if shown."""

    def __init__(self, edition: Edition, editions: Sequence[Edition]) -> None:
        self.edition = edition
        self._editions = editions

    @cached_property
    def blocks(self) -> list[Block]:
        """The shown sections in order, without the empty ones."""
        blocks = []
        for section in _SECTIONS(edition=self.edition.pk):
            items = self._items(section)
            body = render(section.body) if section.body.strip() else ""
            if body or items:
                template = f"pages/sections/_{section.shows}.html" if items else ""
                blocks.append(Block(section, body, template, items))
        return blocks

    @property
    def call(self) -> Call | None:
        """What students are asked for, while there is something to say of it."""
        if self.edition.is_past or self.edition.is_cancelled:
            return None
        return getattr(self.edition, "call", None)

    @property
    def call_opens(self) -> Moment | None:
        return moment_of(self.call.opens_at) if self.call else None

    @property
    def call_closes(self) -> Moment | None:
        return moment_of(self.call.closes_at) if self.call else None

    @property
    def dates_anchor(self) -> str:
        """The anchor of the section that lists the deadlines; "" if none does."""
        shows = Section.Shows.DEADLINES
        return next(
            (block.section.slug for block in self.blocks if block.section.shows == shows), ""
        )

    def _items(self, section: Section) -> Sequence:
        match section.shows:
            case Section.Shows.TOPICS:
                return self.topics
            case Section.Shows.GROUP if section.group:
                return self.members.get(section.group.pk, [])
            case Section.Shows.PROGRAMME:
                return self.days
            case Section.Shows.SPEAKERS:
                return speakers_of(self.talks, self.edition, self.plan)
            case Section.Shows.POSTERS:
                return self.posters.shown
            case Section.Shows.DEADLINES:
                return self.deadlines
            case Section.Shows.VENUE:
                return [self.edition] if self.edition.venue else []
            case Section.Shows.AWARDS:
                return self.awards
            case Section.Shows.SPONSORS:
                return self.sponsor_levels
            case Section.Shows.NEWS:
                return self.newest_news
            case Section.Shows.PAST_EDITIONS:
                return [
                    other
                    for other in self._editions
                    if other.pk != self.edition.pk and other.year <= self.edition.year
                ]
        return []

    @cached_property
    def plan(self) -> Timetable | None:
        """What is published of the programme, in days, times and rooms."""
        return published_plan(self.edition)

    @cached_property
    def talks(self) -> list[Contribution]:
        """Of speakers, and of sessions that have one each."""
        return published_talks(self.edition, soles_in(self.plan) if self.plan else ())

    @cached_property
    def days(self) -> list[DayLines]:
        """The programme in short: its sessions, without what is in them."""
        if self.plan is None:
            return []
        attach_soles(self.plan, self.talks)
        return days_of(self.plan, self.edition)

    @property
    def clocks(self) -> str:
        """On whose clock the programme's times are read."""
        return clocks_of(self.plan) if self.plan else ""

    @cached_property
    def posters(self) -> Posters:
        """The first few, and how many there are."""
        return posters_of(self.edition, self.plan, first=_FIRST_POSTERS)

    @cached_property
    def members(self) -> dict[int, list[Membership]]:
        """Of all groups that a section shows, by the group's key."""
        members: dict[int, list[Membership]] = {}
        for membership in _MEMBERS(edition=self.edition.pk):
            members.setdefault(membership.group_id, []).append(membership)
        return members

    @cached_property
    def topics(self) -> list[Topic]:
        return _TOPICS(edition=self.edition.pk)

    @cached_property
    def awards(self) -> list[ShownAward]:
        return shown_awards(self.edition)

    @cached_property
    def sponsor_levels(self) -> list[ShownLevel]:
        """Those with somebody to show."""
        return shown_levels(self.edition)

    @cached_property
    def newest_news(self) -> list[NewsItem]:
        """As many as a home page has room for."""
        items = _NEWS(edition=self.edition.pk, now=timezone.now())
        for item in items:
            item.edition = self.edition
        return items

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """By moment, so that "anywhere on Earth" comes after the same clock time in the zone."""
        deadlines = _DEADLINES(edition=self.edition.pk)
        for deadline in deadlines:
            deadline.edition = self.edition
        return sorted(deadlines, key=lambda deadline: deadline.due_at)

    @cached_property
    def next_deadline(self) -> Deadline | None:
        """The first one still ahead; none once the edition is over or cancelled."""
        if self.edition.is_past or self.edition.is_cancelled:
            return None
        return next((deadline for deadline in self.deadlines if not deadline.is_over), None)
