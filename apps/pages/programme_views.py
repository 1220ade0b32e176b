"""The programme's public pages: its days, what is on now, one session."""

from __future__ import annotations

from itertools import chain

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.markdown import plain_text
from apps.core.page_cache import public_page
from apps.editions.models import Edition, sees_drafts
from apps.pages.frame import find_edition, render_page
from apps.pages.programme import clocks_of, days_of, line_of, now_and_next
from apps.programme.releases import published_timetable
from apps.programme.timetable import ScheduledSession, Timetable, draft_timetable


@public_page()
@require_safe
def programme(request: HttpRequest, edition: str) -> HttpResponse:
    """All days of the latest release."""
    found = find_edition(request, edition)
    return _days(
        request,
        found,
        published_timetable(found),
        here=reverse("pages:programme", args=[found.slug]),
    )


@require_safe
def programme_draft(request: HttpRequest, edition: str) -> HttpResponse:
    """The same page as the draft would make it, for those who see drafts."""
    found = find_edition(request, edition)
    if not sees_drafts(request.user):
        raise Http404
    return _days(
        request,
        found,
        draft_timetable(found),
        here=reverse("pages:programme-draft", args=[found.slug]),
        is_preview=True,
    )


def _days(
    request: HttpRequest,
    edition: Edition,
    timetable: Timetable | None,
    *,
    here: str,
    is_preview: bool = False,
) -> HttpResponse:
    days = days_of(timetable, edition) if timetable else []
    return render_page(
        request,
        edition,
        "pages/programme/programme.html",
        here=here,
        description=f"The programme of {edition.title}: sessions, speakers, times and rooms.",
        is_preview=is_preview,
        days=days,
        clocks=clocks_of(timetable) if timetable and days else "",
        sessions=[line for day in days for line in day.lines],
        sees_drafts=sees_drafts(request.user),
    )


@public_page("still")
@require_safe
def now(request: HttpRequest, edition: str) -> HttpResponse:
    """What is on and what is next; loads itself anew each minute unless asked not to."""
    found = find_edition(request, edition)
    moment = timezone.now()
    timetable = published_timetable(
        found, texts_of=lambda whole: chain(*now_and_next(whole, moment))
    )
    if timetable is None:
        raise Http404
    is_still = "still" in request.GET
    running, following = ([], []) if found.is_cancelled else now_and_next(timetable, moment)
    response = render_page(
        request,
        found,
        "pages/programme/now.html",
        here=reverse("pages:programme-now", args=[found.slug]),
        description=f"What is on now at {found.title}, and what is next.",
        running=[line_of(entry, found, is_now=True) for entry in running],
        following=[line_of(entry, found) for entry in following],
        first=next((entry for entry in timetable.sessions() if entry.starts), None),
        clocks=clocks_of(timetable),
        is_still=is_still,
    )
    if not is_still:
        response["Refresh"] = "60"  # seconds; as the meta element does
    return response


@public_page()
@require_safe
def session(request: HttpRequest, edition: str, session: str) -> HttpResponse:
    """One session as it is published; one that is only drafted, those who see drafts may read."""
    found = find_edition(request, edition)
    is_preview = False
    timetable = published_timetable(
        found,
        texts_of=lambda whole: (entry for entry in whole.sessions() if entry.slug == session),
    )
    entry = _entry_of(timetable, session)
    if entry is None and sees_drafts(request.user):
        timetable, is_preview = draft_timetable(found), True
        entry = _entry_of(timetable, session)
    if timetable is None or entry is None:
        raise Http404
    line = line_of(entry, found)
    day = next(day for day in timetable.days if entry in day.sessions)
    return render_page(
        request,
        found,
        "pages/programme/session.html",
        here=line.session_url,
        description=plain_text(entry.description),
        is_preview=is_preview,
        line=line,
        day=day,
        heading=line.heading,
        clocks=clocks_of(Timetable(timetable.zone, [day])),
    )


def _entry_of(timetable: Timetable | None, slug: str) -> ScheduledSession | None:
    entries = timetable.sessions() if timetable else ()
    return next((entry for entry in entries if entry.slug == slug), None)
