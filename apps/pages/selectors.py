"""Data for the pages of an edition: the edition, its list pages and the home page's sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.awards.models import Award
from apps.core.markdown import render
from apps.editions.models import Edition
from apps.news.models import NewsItem
from apps.pages.models import Section
from apps.pages.programme import (
    INVITED_KINDS,
    attach_talks,
    describe_clocks,
    group_speakers,
    list_days,
    list_posters,
    published_talks,
)
from apps.people.models import Group
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.releases import published_timetable
from apps.topics.models import Topic

_NEWS_ON_HOME_PAGE = 3
_POSTERS_ON_HOME_PAGE = 8


class NavigationLink(NamedTuple):
    title: str
    url: str


class ListPage(NamedTuple):
    """A page that an edition's header and the sitemap name if it has rows to show."""

    name: str  # of its URL, "pages:<name>"
    title: str
    rows: Callable[[], QuerySet]  # of all editions

    @property
    def flag(self) -> str:
        """Name of the annotation that `with_list_pages` sets."""
        return f"has_{self.name}"


LIST_PAGES = (
    ListPage("programme", "Programme", lambda: ProgrammeRelease.objects.all()),
    ListPage(
        "speakers",
        "Speakers",
        lambda: Contribution.objects.published().filter(
            kind__in=INVITED_KINDS, contributors__isnull=False
        ),
    ),
    ListPage(
        "posters",
        "Posters",
        lambda: Contribution.objects.published().filter(kind=Contribution.Kind.POSTER),
    ),
    ListPage("topics", "Topics", lambda: Topic.objects.all()),
    ListPage("people", "People", lambda: Group.objects.filter(memberships__isnull=False)),
    ListPage("awards", "Awards", lambda: Award.objects.published()),
    ListPage("news", "News", lambda: NewsItem.objects.published()),
)


def with_list_pages(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Annotate each edition with a flag for each of its list pages (`has_news`), in one query."""
    return editions.annotate(
        **{page.flag: Exists(page.rows().filter(edition=OuterRef("pk"))) for page in LIST_PAGES}
    )


def list_page_links(edition: Edition) -> list[NavigationLink]:
    """Links to the list pages of an edition from `with_list_pages`."""
    return [
        NavigationLink(page.title, reverse(f"pages:{page.name}", args=[edition.slug]))
        for page in LIST_PAGES
        if getattr(edition, page.flag)
    ]


def editions_for_pages(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Editions with the data of every page's frame: list pages, call, introduction; one query."""
    texts = Section.objects.filter(edition=OuterRef("pk"), is_shown=True).exclude(body="")
    return (
        with_list_pages(editions)
        .select_related("call")
        .annotate(introduction=texts.values("body")[:1])
    )


def find_edition(request: HttpRequest, slug: str) -> Edition:
    """Return an edition for a page; raise Http404 if the user may not see it."""
    return get_object_or_404(
        editions_for_pages(Edition.objects.visible_to(request.user)), slug=slug
    )


@dataclass(frozen=True)
class HomeSection:
    """A section of the home page that is not empty: rendered text, the items of its list, or both."""

    section: Section
    body: SafeString | str
    items: Sequence[Any]

    @property
    def slug(self) -> str:
        return self.section.slug

    @property
    def heading(self) -> str:
        return self.section.shown_heading

    @property
    def template(self) -> str:
        """Template of the list, or "" without items."""
        return f"pages/sections/_{self.section.shows}.html" if self.items else ""


def get_home_context(edition: Edition, editions: Sequence[Edition]) -> dict[str, Any]:
    """Context of the home page of `edition`; `editions` are all public ones."""
    rows = list(edition.sections.for_home())
    is_ahead = not (edition.is_past or edition.is_cancelled)
    call = getattr(edition, "call", None) if is_ahead else None
    deadlines = sorted(edition.deadlines.all(), key=lambda deadline: deadline.due_at)
    context: dict[str, Any] = {
        "call": call,
        "next_deadline": next(
            (deadline for deadline in deadlines if is_ahead and not deadline.is_over), None
        ),
    }
    kinds = {row.shows for row in rows}
    lists: dict[str, Sequence[Any]] = {
        Section.Shows.DEADLINES: deadlines,
        Section.Shows.VENUE: [edition] if edition.venue else [],
        Section.Shows.PAST_EDITIONS: [
            other for other in editions if other.pk != edition.pk and other.year <= edition.year
        ],
    }
    if Section.Shows.TOPICS in kinds:
        lists[Section.Shows.TOPICS] = list(edition.topics.all())
    if Section.Shows.AWARDS in kinds:
        lists[Section.Shows.AWARDS] = list(edition.awards.published().with_public_recipients())
    if Section.Shows.SPONSORS in kinds:
        lists[Section.Shows.SPONSORS] = list(edition.sponsor_levels.with_shown_sponsors())
    if Section.Shows.NEWS in kinds:
        lists[Section.Shows.NEWS] = list(edition.news.published()[:_NEWS_ON_HOME_PAGE])
    _add_programme_lists(edition, kinds, lists, context)
    sections = [
        HomeSection(
            row,
            render(row.body) if row.body.strip() else "",
            list(row.group.memberships.all()) if row.group else lists.get(row.shows, ()),
        )
        for row in rows
    ]
    context["sections"] = [section for section in sections if section.body or section.items]
    dates = [row for row in context["sections"] if row.section.shows == Section.Shows.DEADLINES]
    context["dates_anchor"] = dates[0].slug if dates else ""
    return context


def _add_programme_lists(
    edition: Edition, kinds: set[str], lists: dict[str, Sequence[Any]], context: dict[str, Any]
) -> None:
    """Add the lists of sessions, speakers and posters as far as sections of `kinds` show them."""
    shows = Section.Shows
    if not kinds & {shows.PROGRAMME, shows.SPEAKERS, shows.POSTERS}:
        return
    timetable = published_timetable(edition, with_texts=False)
    if kinds & {shows.PROGRAMME, shows.SPEAKERS}:
        talks = published_talks(edition, timetable)
        lists[shows.SPEAKERS] = group_speakers(talks, edition, timetable)
        if timetable:
            attach_talks(timetable, talks)
            lists[shows.PROGRAMME] = list_days(timetable, edition)
            context["clocks"] = describe_clocks(timetable)
    if shows.POSTERS in kinds:
        posters = list_posters(edition, timetable, first=_POSTERS_ON_HOME_PAGE)
        lists[shows.POSTERS] = posters[:_POSTERS_ON_HOME_PAGE]
        context["poster_count"] = len(posters)
