"""Data for the pages of an edition: the edition, its list pages and the home page's sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.awards.models import Award
from apps.core.markdown import render
from apps.editions.models import Deadline, Edition
from apps.news.models import NewsItem
from apps.pages.models import Section
from apps.pages.programme import (
    PAPERS,
    POSTERS,
    TALKS,
    attach_talks,
    describe_clocks,
    group_speakers,
    list_contributions,
    list_days,
    open_day,
    published_talks,
)
from apps.people.models import Group
from apps.programme.models import (
    INVITED_KINDS,
    OTHER_TALK_KINDS,
    Contribution,
    ContributionQuerySet,
    ProgrammeRelease,
)
from apps.programme.releases import published_timetable
from apps.topics.models import Topic

_NEWS_ON_HOME_PAGE = 3
_POSTERS_ON_HOME_PAGE = 8
_LARGEST_SHARING = 3  # members of a group that shares a row
_PORTRAITS_IN_A_ROW = 6  # on a wide screen; as in site.css


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


def _published_contributions() -> ContributionQuerySet:
    return Contribution.objects.published().with_content()


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
        TALKS.name,
        TALKS.title,
        # Keynotes and invited talks alone are on the speakers' page.
        lambda: _published_contributions().filter(kind__in=OTHER_TALK_KINDS),
    ),
    ListPage(PAPERS.name, PAPERS.title, lambda: _published_contributions().papers()),
    ListPage(POSTERS.name, POSTERS.title, lambda: _published_contributions().posters()),
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


def share_rows(groups: Iterable[Group]) -> list[list[Group]]:
    """The groups in rows: small neighbours shown as portraits share one, as far as it holds them.

    `groups` come with members, as `with_members` loads them.
    """
    rows: list[list[Group]] = []
    places = 0  # left in the last row
    for group in groups:
        size = len(group.memberships.all())
        is_small = size <= _LARGEST_SHARING and group.display == Group.Display.PORTRAITS
        if is_small and size <= places:
            rows[-1].append(group)
            places -= size
        else:
            rows.append([group])
            places = _PORTRAITS_IN_A_ROW - size if is_small else 0
    return rows


class HomeSection(NamedTuple):
    """A section of the home page that is not empty: rendered text, the items of its list, or both."""

    slug: str
    heading: str
    body: SafeString | str
    template: str  # of the list
    items: Sequence[Any]


def get_home_context(edition: Edition, editions: Sequence[Edition]) -> dict[str, Any]:
    """Context of the home page of `edition`; `editions` are all public ones."""
    rows = list(edition.sections.for_home())
    is_ahead = not (edition.is_past or edition.is_cancelled)
    deadlines = sorted(edition.deadlines.all(), key=lambda deadline: deadline.due_at)
    shows, kinds = Section.Shows, {row.shows for row in rows}
    sources: dict[str, Callable[[], Iterable[Any]]] = {
        shows.DEADLINES: lambda: _by_group(deadlines),
        shows.VENUE: lambda: [edition] if edition.venue else [],
        shows.PAST_EDITIONS: lambda: [
            other for other in editions if other.pk != edition.pk and other.year <= edition.year
        ],
        shows.TOPICS: edition.topics.all,
        shows.AWARDS: edition.awards.published().with_public_recipients,
        shows.SPONSORS: edition.sponsor_levels.with_shown_sponsors,
        shows.NEWS: lambda: edition.news.published()[:_NEWS_ON_HOME_PAGE],
    }
    lists = {kind: list(source()) for kind, source in sources.items() if kind in kinds}
    context: dict[str, Any] = {
        "call": getattr(edition, "call", None) if is_ahead else None,
        "next_deadline": next((row for row in deadlines if is_ahead and not row.is_over), None),
    }
    call = context["call"]
    if call and call.status == call.Status.OPEN:
        # Shown as the end of the call, and not once more as the next deadline.
        closing = [row for row in deadlines if call.closes_with(row)]
        context["closing_deadline"] = closing[0] if closing else None
    _add_programme_lists(edition, kinds, lists, context)
    sections = [
        HomeSection(
            row.slug,
            row.shown_heading,
            render(row.body) if row.body.strip() else "",
            f"pages/sections/_{row.shows}.html",
            list(row.group.memberships.all()) if row.group else lists.get(row.shows, ()),
        )
        for row in rows
    ]
    context["sections"] = [section for section in sections if section.body or section.items]
    dates = {row.slug for row in rows if row.shows == shows.DEADLINES}
    anchors = [section.slug for section in context["sections"] if section.slug in dates]
    context["dates_anchor"] = anchors[0] if anchors else ""
    return context


def _by_group(deadlines: Sequence[Deadline]) -> list[Deadline]:
    """Those without a group first, then by group, that with the first date first."""
    groups = ["", *dict.fromkeys(row.group for row in deadlines)]
    return sorted(deadlines, key=lambda row: groups.index(row.group))


def _add_programme_lists(
    edition: Edition, kinds: set[str], lists: dict[str, list[Any]], context: dict[str, Any]
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
            context["open_day"] = open_day(lists[shows.PROGRAMME])
            context["clocks"] = describe_clocks(timetable)
    if shows.POSTERS in kinds:
        posters = list_contributions(edition, POSTERS, timetable, first=_POSTERS_ON_HOME_PAGE)
        lists[shows.POSTERS] = posters[:_POSTERS_ON_HOME_PAGE]
        context["poster_count"] = len(posters)
