"""Views of the feeds. The app `pages` shows the programme as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.core.feeds import feed_response, unchanged_since
from apps.editions.models import Edition
from apps.programme.calendars import CALENDAR_TYPE, ProgrammeCalendars
from apps.programme.cancelled import earlier_sessions, visibility_of, withdrawn_slots
from apps.programme.models import Contribution
from apps.programme.releases import PublishedProgramme, published_programme, published_slots
from apps.programme.schedule import make_schedule
from apps.programme.timetable import ScheduledSession, Timetable


@public_page()
@require_safe
def programme_ics(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The calendar to subscribe to."""
    found, published = _published_or_404(request, edition, with_topics=False)
    body = ProgrammeCalendars(found, published).programme()
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def session_ics(request: HttpRequest, edition: str, session: str) -> HttpResponseBase:
    """The calendar of one session; cancelled after a later release left it out."""
    found, published = _published_or_404(
        request,
        edition,
        texts_of=lambda whole: (row for row in whole.sessions() if row.slug == session),
        with_topics=False,
    )
    calendars = ProgrammeCalendars(found, published)
    body = calendars.session(session)
    if body is None:
        body = calendars.cancelled_session(earlier_sessions(found, session))
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def contribution_ics(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """The calendar of one contribution with all its slots; cancelled after it was hidden."""
    found = _edition_or_404(request, edition)
    rows = Contribution.objects.for_edition(found).published().with_contributors()
    row = rows.filter(slug=contribution).first()
    published = published_slots(found, row)
    if published is None:
        raise Http404("No programme is published yet.")
    if row is None:
        slots, visibility = withdrawn_slots(
            found, published.timetable, published.cancelled, contribution
        )
        body = ProgrammeCalendars(found, published, visibility).withdrawn_contribution(slots)
    else:
        row.edition = found
        visibility = visibility_of(row.pk, is_shown=True)
        body = ProgrammeCalendars(found, published, visibility).contribution(row)
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def schedule_feed(
    request: HttpRequest,
    edition: str,
    *,
    write: Callable[[Edition, dict[str, Any]], bytes],
    content_type: str,
) -> HttpResponseBase:
    """schedule.xml or schedule.json."""
    found, published = _published_or_404(request, edition)
    schedule = make_schedule(found, published)
    body = write(found, schedule) if schedule else None
    return _respond(request, found, body, content_type=content_type)


def _published_or_404(
    request: HttpRequest,
    slug: str,
    *,
    texts_of: Callable[[Timetable], Iterable[ScheduledSession]] = Timetable.sessions,
    with_topics: bool = True,
) -> tuple[Edition, PublishedProgramme]:
    edition = _edition_or_404(request, slug)
    published = published_programme(edition, texts_of=texts_of, with_topics=with_topics)
    if published is None:
        raise Http404("No programme is published yet.")
    return edition, published


def _edition_or_404(request: HttpRequest, slug: str) -> Edition:
    return get_object_or_404(Edition.objects.visible_to(request.user), slug=slug)


def _respond(
    request: HttpRequest, edition: Edition, body: bytes | None, *, content_type: str
) -> HttpResponseBase:
    """`body` as a feed; 404 without one."""
    if body is None:
        raise Http404("Nothing of it has a date yet.")
    return feed_response(
        request,
        body,
        content_type=content_type,
        changed_at=unchanged_since(request.path, body),
        is_public=not edition.is_draft,
    )
