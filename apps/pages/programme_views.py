"""Public pages of the programme: days, current sessions, sessions, contributions, posters."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from apps.core.files import file_response
from apps.core.markdown import plain_text
from apps.core.search import fold, has_words
from apps.editions.models import Edition, sees_drafts
from apps.pages.lines import SessionLine
from apps.pages.programme import (
    PAPERS,
    POSTERS,
    TALKS,
    ListKind,
    PlacedContribution,
    describe_clocks,
    find_now_and_next,
    find_placements,
    group_speakers,
    list_contributions,
    list_days,
    published_talks,
)
from apps.pages.programme_search import (
    LONGEST_SEARCH,
    ProgrammeSearch,
    list_search_fields,
    searched_texts,
)
from apps.pages.selectors import find_edition
from apps.pages.views import edition_page, page_detail, render_page
from apps.pages.visitor_views import show_search
from apps.programme.citations import is_citable
from apps.programme.models import Contribution, Contributor
from apps.programme.releases import published_timetable
from apps.programme.timetable import ScheduledSession, Timetable, draft_timetable, load_texts

_ENTRIES_PER_PAGE = 100
_MOST_OPEN_TALKS = 4  # on the speakers' page; of more, abstracts and biographies are folded
_LISTED_FROM = 5  # sessions of a programme with a list of them beside it
# Kinds that name authors in a list, as papers do; others show portraits.
_KINDS_WITH_AUTHORS = {
    Contribution.Kind.LIGHTNING,
    Contribution.Kind.POSTER,
    Contribution.Kind.PAPER,
}


@edition_page("topic", "kind", "day", "room")
def programme(request: HttpRequest, edition: Edition) -> HttpResponse:
    """All days of the latest release, or what of it a visitor searches for."""
    timetable, search = published_timetable(edition), ProgrammeSearch.read(request.GET)
    if timetable and search.is_active:
        return show_search(request, edition, timetable, search)
    return _render_days(request, edition, timetable)


@require_safe
def programme_draft(request: HttpRequest, edition: str) -> HttpResponse:
    """Preview of the draft for users who may see drafts."""
    if not sees_drafts(request.user):
        raise Http404
    draft = find_edition(request, edition)
    return _render_days(request, draft, draft_timetable(draft), is_preview=True)


def _render_days(
    request: HttpRequest, edition: Edition, timetable: Timetable | None, *, is_preview: bool = False
) -> HttpResponse:
    days = list_days(timetable, edition) if timetable else []
    return render_page(
        request,
        edition,
        "pages/programme/programme.html",
        description=gettext("The programme of %(edition)s: sessions, speakers, times and rooms.")
        % {"edition": edition.title},
        is_preview=is_preview,
        days=days,
        # Parallel sessions take the whole width.
        has_day_list=len([line for day in days for line in day.lines]) >= _LISTED_FROM
        and not any(block.is_parallel for day in days for block in day.blocks),
        clocks=describe_clocks(timetable) if timetable and days else "",
        fields=list_search_fields(timetable, ProgrammeSearch()) if timetable else [],
        sessions=[line for day in days for line in day.lines],
        sees_drafts=sees_drafts(request.user),
    )


@edition_page("still")
def now(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Current and next sessions.

    It reloads every minute, unless the address has ?still or nothing more can change.
    """
    time = timezone.now()
    timetable = published_timetable(edition, with_texts=False)
    if timetable is None:
        raise Http404
    is_over = edition.is_past or edition.is_cancelled
    is_still = is_over or "still" in request.GET
    running, following = ([], []) if edition.is_cancelled else find_now_and_next(timetable, time)
    load_texts([*running, *following], edition=edition, only_published=True)
    response = render_page(
        request,
        edition,
        "pages/programme/now.html",
        description=gettext("Now and next at %(edition)s.") % {"edition": edition.title},
        running=[SessionLine(entry, edition, is_now=True) for entry in running],
        following=[SessionLine(entry, edition) for entry in following],
        first=next((entry for entry in timetable.sessions() if entry.starts), None),
        clocks=describe_clocks(timetable),
        is_still=is_still,
        is_over=is_over,
    )
    if not is_still:
        response["Refresh"] = "60"  # seconds
    return response


@edition_page()
def session(request: HttpRequest, edition: Edition, session: str) -> HttpResponse:
    """A published session; a drafted one for users who may see drafts."""
    is_preview = False
    timetable = published_timetable(edition, with_texts=False)
    entry = _find_entry(timetable, session)
    if entry is not None:
        load_texts([entry], edition=edition, only_published=True)
    elif sees_drafts(request.user):
        timetable, is_preview = draft_timetable(edition), True
        entry = _find_entry(timetable, session)
    if timetable is None or entry is None:
        raise Http404
    line = SessionLine(entry, edition)
    day = next(day for day in timetable.days if entry in day.sessions)
    return render_page(
        request,
        edition,
        "pages/programme/session.html",
        description=plain_text(entry.description),
        is_preview=is_preview,
        line=line,
        sessions=[line],  # as data for programs
        day=day,
        heading=line.heading,
        clocks=describe_clocks(Timetable(timetable.zone, timetable.first_day, [day])),
    )


def _find_entry(timetable: Timetable | None, slug: str) -> ScheduledSession | None:
    entries = timetable.sessions() if timetable else ()
    return next((entry for entry in entries if entry.slug == slug), None)


@edition_page()
def contribution(request: HttpRequest, edition: Edition, contribution: str) -> HttpResponse:
    """A talk, poster or panel with its authors and its places in the programme."""
    row = _find_contribution(request, edition, contribution)
    timetable = published_timetable(edition, with_texts=False)
    places = find_placements(timetable, edition).get(row.pk, [])
    return render_page(
        request,
        edition,
        "pages/programme/contribution.html",
        description=_describe(row),
        is_preview=not row.is_published or row.is_empty,
        contribution=row,
        heading=row.shown_title,
        page_title=_page_title(row),
        credits_heading=_credits_heading(row),
        is_citable=is_citable(row),
        is_by_authors=row.kind in _KINDS_WITH_AUTHORS,
        marks=_list_marks(row),
        places=places,
        held_in=[place.entry for place in places],
        # A paper that is in no session has no time to announce.
        awaits_place=not places and not edition.is_past and row.slots.exists(),
        clocks=describe_clocks(timetable) if timetable and places else "",
    )


def _page_title(contribution: Contribution) -> str:
    """The title; names follow if it has none, or several pages had the same title."""
    if contribution.title:
        return contribution.title
    names = ", ".join(credit.shown_name for credit in contribution.presenters)
    return ": ".join(filter(None, [contribution.shown_title, names]))


def _describe(contribution: Contribution) -> str:
    """Names, then the abstract, for search engines and shared links."""
    names = ", ".join(credit.shown_name for credit in contribution.contributors.all())
    return ". ".join(filter(None, [names, plain_text(contribution.abstract)]))


@require_safe
def slides(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """The slides as a download; a PDF is never shown inside a page."""
    row = _find_contribution(request, find_edition(request, edition), contribution)
    is_public = row.is_published and not row.edition.is_draft
    return file_response(request, row.slides, filename=f"{row.slug}.pdf", is_public=is_public)


@require_safe
def attachment(
    request: HttpRequest, edition: str, contribution: str, link: int
) -> HttpResponseBase:
    """A file of a contribution as a download."""
    row = _find_contribution(request, find_edition(request, edition), contribution)
    file = get_object_or_404(row.links.exclude(file=""), pk=link)
    return file_response(
        request,
        file.file,
        filename=f"{row.slug}-{file.kind}{file.suffix}",
        content_type=file.content_type,
        is_public=row.is_published and not row.edition.is_draft,
    )


def _find_contribution(request: HttpRequest, edition: Edition, slug: str) -> Contribution:
    """Return a contribution that the user may see; raise Http404."""
    rows = edition.contributions.with_listing_data()
    if not sees_drafts(request.user):
        rows = rows.published().with_content()
    row: Contribution = get_object_or_404(rows, slug=slug)
    return row


def _list_marks(contribution: Contribution) -> list[dict[str, str]]:
    """Signs beside the names of some contributors, with their meanings."""
    contributors = contribution.contributors.all()
    marks = []
    if any(contributor.is_equal_contribution for contributor in contributors):
        marks.append({"sign": "*", "words": gettext("contributed equally")})
    if any(contributor.is_corresponding for contributor in contributors):
        marks.append({"sign": "†", "words": gettext("corresponding")})
    return marks


def _credits_heading(contribution: Contribution) -> str:
    """Heading of the list of contributors, by their roles; a poster has no speakers."""
    contributors = contribution.contributors.all()
    roles = {contributor.role for contributor in contributors}
    if roles & {Contributor.Role.PANELLIST, Contributor.Role.MODERATOR}:
        return gettext("Panel") if Contributor.Role.PANELLIST in roles else gettext("People")
    has_authors = Contributor.Role.AUTHOR in roles or contribution.kind == Contribution.Kind.POSTER
    if has_authors:
        return ngettext("Author", "Authors", len(contributors))
    return ngettext("Speaker", "Speakers", len(contributors))


@edition_page()
def speakers(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keynotes and invited talks by speaker, in the order of the programme."""
    timetable = published_timetable(edition, with_texts=False)
    groups = group_speakers(published_talks(edition), edition, timetable)
    return render_page(
        request,
        edition,
        "pages/programme/speakers.html",
        description=gettext("The speakers of %(edition)s, and the titles of their talks.")
        % {"edition": edition.title},
        groups=groups,
        has_open_texts=sum(len(group.talks) for group in groups) <= _MOST_OPEN_TALKS,
        clocks=describe_clocks(timetable) if timetable else "",
    )


@edition_page("topic", "kind", "page")
def papers(request: HttpRequest, edition: Edition) -> HttpResponse:
    """All papers in the organisers' order or by title, or those that match a search."""
    return _render_list(request, edition, PAPERS)


@edition_page("topic", "kind", "page")
def talks(request: HttpRequest, edition: Edition) -> HttpResponse:
    """All talks, as papers."""
    return _render_list(request, edition, TALKS)


@edition_page("topic", "kind", "page")
def posters(request: HttpRequest, edition: Edition) -> HttpResponse:
    """All posters by board, or those that match a search."""
    return _render_list(request, edition, POSTERS)


def _render_list(request: HttpRequest, edition: Edition, listed: ListKind) -> HttpResponse:
    """A list of contributions; a page with its address, from before 0.3.0, stands in its place."""
    if edition.pages.published().filter(slug=listed.name).exists():
        return page_detail(request, edition=edition.slug, slug=listed.name)
    words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    topic, kind = request.GET.get("topic", ""), request.GET.get("kind", "")
    timetable = published_timetable(edition, with_texts=False)
    entries = list_contributions(edition, listed, timetable)
    matches = [entry for entry in entries if _matches(entry, words=words, topic=topic, kind=kind)]
    used_topics = {row for entry in entries for row in entry.contribution.topics.all()}
    used_kinds = {
        entry.contribution.kind: entry.contribution.kind_label or gettext("Other")
        for entry in entries
    }
    topics = edition.topics.all()
    return render_page(
        request,
        edition,
        "pages/programme/contributions.html",
        description=f"{listed.title} – {edition.title}",
        listed=listed,
        heading=str(listed.title),
        count=len(entries),
        count_words=listed.count_words(len(entries)),
        shown=len(matches),
        page=Paginator(matches, _ENTRIES_PER_PAGE).get_page(request.GET.get("page")),
        topics=[row for row in topics if row in used_topics],
        chosen=next((row for row in topics if row.slug == topic), None),
        kinds=sorted(used_kinds.items(), key=lambda kind: fold(kind[1])),
        kind=kind,
        words=words,
        topic=topic,
        clocks=describe_clocks(timetable) if timetable else "",
    )


def _matches(entry: PlacedContribution, *, words: str, topic: str, kind: str) -> bool:
    """Whether the entry has that kind and topic and contains all `words` in its texts."""
    row = entry.contribution
    if kind and row.kind != kind:
        return False
    if topic and all(other.slug != topic for other in row.topics.all()):
        return False
    return has_words(" ".join([entry.board, *searched_texts(row)]), words)
