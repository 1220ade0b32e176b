"""What is said and shown: one contribution, its slides, the speakers, the posters."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.files import hand_out
from apps.core.markdown import plain_text
from apps.core.page_cache import public_page
from apps.editions.models import Edition, sees_drafts
from apps.pages.contributions import (
    credits_heading,
    marks_of,
    matching,
    posters_of,
    published_talks,
    speakers_of,
)
from apps.pages.frame import find_edition, render_page
from apps.pages.programme import clocks_of, places_of, published_plan
from apps.programme.models import Contribution
from apps.topics.models import Topic

_POSTERS_A_PAGE = 60
_LONGEST_SEARCH = 100
# Signed as papers are, by a list of authors; all others by faces.
_BY_AUTHORS = {Contribution.Kind.LIGHTNING, Contribution.Kind.POSTER, Contribution.Kind.PAPER}


def _find_contribution(request: HttpRequest, edition: Edition, slug: str) -> Contribution:
    """What is published; the rest for those who see drafts."""
    rows = Contribution.objects.for_edition(edition)
    if not sees_drafts(request.user):
        rows = rows.published()
    row = get_object_or_404(rows.with_listing_data(), slug=slug)
    row.edition = edition
    return row


@public_page()
@require_safe
def contribution(request: HttpRequest, edition: str, contribution: str) -> HttpResponse:
    """A talk, a poster, a panel: what it is, by whom, and where it is in the programme."""
    found = find_edition(request, edition)
    row = _find_contribution(request, found, contribution)
    timetable = published_plan(found)
    places = places_of(timetable, found).get(row.pk, [])
    return render_page(
        request,
        found,
        "pages/programme/contribution.html",
        here=row.get_absolute_url(),
        description=plain_text(row.abstract),
        is_preview=not row.is_published,
        contribution=row,
        heading=row.shown_title,
        credits_heading=credits_heading(row),
        is_by_authors=row.kind in _BY_AUTHORS,
        marks=marks_of(row),
        places=places,
        clocks=clocks_of(timetable) if timetable and places else "",
    )


@require_safe
def slides(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """The slides as a file to keep: a PDF is shown in no page of ours."""
    found = find_edition(request, edition)
    row = _find_contribution(request, found, contribution)
    is_public = row.is_published and not found.is_draft
    return hand_out(request, row.slides, filename=f"{row.slug}.pdf", is_public=is_public)


@public_page()
@require_safe
def speakers(request: HttpRequest, edition: str) -> HttpResponse:
    """Keynotes and invited talks by their speakers, in the order of the programme."""
    found = find_edition(request, edition)
    timetable = published_plan(found)
    return render_page(
        request,
        found,
        "pages/programme/speakers.html",
        here=reverse("pages:speakers", args=[found.slug]),
        description=f"The speakers of {found.title}, and what they speak about.",
        groups=speakers_of(published_talks(found), found, timetable),
        clocks=clocks_of(timetable) if timetable else "",
    )


@public_page("topic", "page", unless="q")
@require_safe
def posters(request: HttpRequest, edition: str) -> HttpResponse:
    """All posters by their boards, or those of one topic or with some words."""
    found = find_edition(request, edition)
    words = request.GET.get("q", "")[:_LONGEST_SEARCH].strip()
    topic = request.GET.get("topic", "")
    every = posters_of(found, published_plan(found)).shown
    topics = list(Topic.objects.for_edition(found))
    shown = matching(every, words=words, topic=topic)
    return render_page(
        request,
        found,
        "pages/programme/posters.html",
        here=reverse("pages:posters", args=[found.slug]),
        description=f"The posters of {found.title}.",
        count=len(every),
        shown=len(shown),
        page=Paginator(shown, _POSTERS_A_PAGE).get_page(request.GET.get("page")),
        topics=[row for row in topics if any(row in poster.topics for poster in every)],
        chosen=next((row for row in topics if row.slug == topic), None),
        words=words,
        topic=topic,
    )
