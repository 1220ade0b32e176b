"""The home page of an edition: its sections, each with a text, a list from the database, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.core.markdown import render
from apps.editions.models import Deadline, Edition
from apps.pages.models import Section
from apps.pages.numbers import list_numbers
from apps.pages.programme import (
    PAPERS,
    POSTERS,
    TALKS,
    ListKind,
    attach_talks,
    describe_clocks,
    find_placements,
    group_speakers,
    list_contributions,
    list_days,
    list_of_kind,
    list_panels,
    open_day,
    published_talks,
)
from apps.pages.selectors import NavigationLink, portraits_of, share_rows
from apps.people.models import Group
from apps.programme.models import INVITED_KINDS, OTHER_TALK_KINDS, Contribution
from apps.programme.releases import published_timetable
from apps.programme.timetable import Timetable
from apps.registration.offer import registration_offer

_Shows = Section.Shows
# Entries of a list, if its section does not say how many.
_NEWS = 3
_CONTRIBUTIONS = 8
_LISTS = {_Shows.PAPERS: PAPERS, _Shows.POSTERS: POSTERS}
_OF_PROGRAMME = {_Shows.PROGRAMME, _Shows.SPEAKERS, _Shows.PANELS, _Shows.CONTRIBUTIONS, *_LISTS}

# The lists that are not drawn by a template of their own name.
_TEMPLATES: dict[str, str] = {
    **dict.fromkeys((*_LISTS, _Shows.CONTRIBUTIONS), "contributions"),
    _Shows.UNDATED_NEWS: "news",
}


_LISTED_FROM = 4  # sections


class HomeSection(NamedTuple):
    """A section of the home page that is not empty: rendered text, the items of its list, or both."""

    slug: str
    heading: str
    body: SafeString | str
    aside: SafeString | str  # shown beside the text on a wide screen
    template: str  # of the list
    items: Sequence[Any]
    more: NavigationLink | None  # to the page of the whole list
    is_by_board: bool  # the items are posters

    group: Group | None  # whose members are the items

    @property
    def portraits(self) -> int:
        """How many portraits it shows, and nothing else; 0 otherwise."""
        is_group = self.group and not (self.body or self.aside)
        return portraits_of(self.group) if self.group and is_group else 0

    @property
    def has_content(self) -> bool:
        return bool(self.body or self.aside or self.items)


def get_home_context(edition: Edition, editions: Sequence[Edition]) -> dict[str, Any]:
    """Context of the home page of `edition`; `editions` are all public ones."""
    rows = list(edition.sections.for_home())
    prefetch_related_objects([row for row in rows if row.shows == _Shows.LINKS], "links")
    for row in rows:
        if row.group:
            row.group.edition = edition
    is_ahead = not (edition.is_past or edition.is_cancelled)
    deadlines = sorted(edition.deadlines.all(), key=lambda deadline: deadline.due_at)
    kinds = {row.shows for row in rows}
    sources: dict[str, Callable[[], Iterable[Any]]] = {
        _Shows.DEADLINES: lambda: _by_group(deadlines),
        _Shows.VENUE: lambda: [edition] if edition.venue else [],
        _Shows.PAST_EDITIONS: lambda: [
            other for other in editions if other.pk != edition.pk and other.year <= edition.year
        ],
        _Shows.TOPICS: edition.topics.all,
        _Shows.AWARDS: edition.awards.published().with_public_recipients,
        _Shows.SPONSORS: edition.sponsor_levels.with_shown_sponsors,
        _Shows.UNDATED_NEWS: edition.news.published().filter(published_at=None).all,
    }
    lists = {kind: list(source()) for kind, source in sources.items() if kind in kinds}
    context: dict[str, Any] = {
        "call": getattr(edition, "call", None) if is_ahead else None,
        "registration": registration_offer(edition),
        "next_deadline": next((row for row in deadlines if is_ahead and not row.is_over), None),
    }
    call = context["call"]
    if call and call.status == call.Status.OPEN:
        # Shown as the end of the call, and not once more as the next deadline.
        closing = [row for row in deadlines if call.closes_with(row)]
        context["closing_deadline"] = closing[0] if closing else None
    timetable = None
    if kinds & _OF_PROGRAMME:
        timetable = published_timetable(edition, with_texts=False)
        _add_programme_lists(edition, timetable, kinds, lists, context)
    sections = [_home_section(row, edition, timetable, lists) for row in rows]
    context["sections"] = [section for section in sections if section.has_content]
    context["rows"] = share_rows(context["sections"], lambda section: section.portraits)
    headed = [section for section in context["sections"] if section.heading]
    # A list of the sections beside the introduction, where a page is long and the place is free.
    context["contents"] = headed if len(headed) >= _LISTED_FROM else []
    dates = {row.slug for row in rows if row.shows == _Shows.DEADLINES}
    anchors = [section.slug for section in context["sections"] if section.slug in dates]
    context["dates_anchor"] = anchors[0] if anchors else ""
    return context


def _by_group(deadlines: Sequence[Deadline]) -> list[Deadline]:
    """Those without a group first, then by group, that with the first date first."""
    groups = ["", *dict.fromkeys(row.group for row in deadlines)]
    return sorted(deadlines, key=lambda row: groups.index(row.group))


def _home_section(
    row: Section, edition: Edition, timetable: Timetable | None, lists: dict[str, list[Any]]
) -> HomeSection:
    items: Sequence[Any] = lists.get(row.shows, ())
    more: NavigationLink | None = None
    shows = row.shows
    if row.group:
        items = list(row.group.memberships.all())
    elif shows == _Shows.LINKS:
        items = list(row.links.all())
    elif shows == _Shows.NUMBERS:
        items = list_numbers(edition, with_acceptance=row.shows_acceptance)
    elif shows == _Shows.NEWS:
        items = list(edition.news.published()[: row.at_most or _NEWS])
    elif shows in {*_LISTS, _Shows.CONTRIBUTIONS}:
        items, more = _contributions(row, edition, timetable)
    return HomeSection(
        slug=row.slug,
        heading=row.shown_heading,
        body=_rendered(row.body, edition),
        aside=_rendered(row.aside, edition),
        template=f"pages/sections/_{_TEMPLATES.get(shows, shows)}.html",
        items=items,
        more=more,
        group=row.group,
        is_by_board=shows == _Shows.POSTERS or row.kind == Contribution.Kind.POSTER,
    )


def _rendered(text: str, edition: Edition) -> SafeString | str:
    return render(text, files=edition.files_in(text)) if text.strip() else ""


def _contributions(
    row: Section, edition: Edition, timetable: Timetable | None
) -> tuple[Sequence[Any], NavigationLink | None]:
    """The contributions that a section shows, and a link to the page with all of them."""
    most: int | None = row.at_most or _CONTRIBUTIONS
    if row.shows in _LISTS:
        listed: ListKind | None = _LISTS[_Shows(row.shows)]
        entries = list_contributions(edition, _LISTS[_Shows(row.shows)], timetable, first=most)
    else:
        listed = _list_with(row.kind)
        # A list without a page of its own is shown as a whole.
        most = row.at_most or (most if listed else None)
        entries = list_of_kind(edition, row.kind, timetable, first=most)
    more = None
    if listed:
        is_part = most is not None and len(entries) > most
        url = reverse(f"pages:{listed.name}", args=[edition.slug])
        if row.shows == _Shows.CONTRIBUTIONS:
            url += f"?kind={row.kind}"
        values = {"count": listed.count_words(len(entries)), "list": listed.title}
        if is_part:
            title = gettext("All %(count)s, by topic and with a search") % values
        else:
            title = gettext("%(list)s by topic and with a search") % values
        more = NavigationLink(title, url)
    return entries[:most], more


def _list_with(kind: str) -> ListKind | None:
    """The page that lists contributions of a kind."""
    if kind in INVITED_KINDS | OTHER_TALK_KINDS:
        return TALKS
    return {Contribution.Kind.PAPER: PAPERS, Contribution.Kind.POSTER: POSTERS}.get(
        Contribution.Kind(kind)
    )


def _add_programme_lists(
    edition: Edition,
    timetable: Timetable | None,
    kinds: set[str],
    lists: dict[str, list[Any]],
    context: dict[str, Any],
) -> None:
    """Add the lists of sessions, speakers and panels as far as sections of `kinds` show them."""
    if kinds & {_Shows.PROGRAMME, _Shows.SPEAKERS}:
        talks = published_talks(edition, timetable)
        lists[_Shows.SPEAKERS] = group_speakers(talks, edition, timetable)
        if timetable:
            attach_talks(timetable, talks)
            lists[_Shows.PROGRAMME] = list_days(timetable, edition)
            context["open_day"] = open_day(lists[_Shows.PROGRAMME])
            context["clocks"] = describe_clocks(timetable)
    if _Shows.PANELS in kinds:
        lists[_Shows.PANELS] = list_panels(edition, find_placements(timetable, edition))
