"""The feeds. The pages stand in the frame of the public site, so `pages` has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.core.feeds import feed_response, given_since
from apps.core.page_cache import public_page
from apps.editions.models import Edition
from apps.programme.cancelled import earlier_sessions, visibility_of, withdrawn_slots
from apps.programme.feeds import calendar
from apps.programme.feeds import schedule_json as json
from apps.programme.feeds import schedule_xml as xml
from apps.programme.feeds.schedule import schedule_of
from apps.programme.models import Contribution
from apps.programme.releases import PublishedProgramme, published_programme, published_slots
from apps.programme.timetable import ScheduledSession, Timetable


@public_page()
@require_safe
def programme_ics(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The calendar to subscribe to."""
    found, published = _published_or_404(request, edition, with_topics=False)
    body = calendar.programme_calendar(found, published)
    return _answer(request, found, body, content_type=calendar.CONTENT_TYPE)


@public_page()
@require_safe
def session_ics(request: HttpRequest, edition: str, session: str) -> HttpResponseBase:
    """One session, to put into a calendar; cancelled once a later release has it no more."""
    found, published = _published_or_404(
        request,
        edition,
        texts_of=lambda whole: (entry for entry in whole.sessions() if entry.slug == session),
        with_topics=False,
    )
    body = calendar.session_calendar(found, published, session)
    if body is None:
        keys = earlier_sessions(found, session)
        body = calendar.gone_session_calendar(found, published, keys)
    return _answer(request, found, body, content_type=calendar.CONTENT_TYPE)


@public_page()
@require_safe
def contribution_ics(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """One contribution with all its places, likewise; cancelled once nobody may read of it."""
    found = _edition_or_404(request, edition)
    talks = Contribution.objects.for_edition(found).published().with_contributors()
    talk = talks.filter(slug=contribution).first()
    published = published_slots(found, talk)
    if published is None:
        raise Http404("No programme is published yet.")
    if talk is None:
        gone = withdrawn_slots(found, published.timetable, published.cancelled, contribution)
        body = calendar.gone_contribution_calendar(found, published, *gone)
    else:
        talk.edition = found
        visibility = visibility_of(talk.pk, is_shown=True)
        body = calendar.contribution_calendar(found, published, talk, visibility)
    return _answer(request, found, body, content_type=calendar.CONTENT_TYPE)


@public_page()
@require_safe
def schedule_xml(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The schedule for programs."""
    found, published = _published_or_404(request, edition)
    schedule = schedule_of(found, published)
    body = xml.schedule_xml(found, schedule) if schedule else None
    return _answer(request, found, body, content_type=xml.CONTENT_TYPE)


@public_page()
@require_safe
def schedule_json(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The same in the newer form."""
    found, published = _published_or_404(request, edition)
    schedule = schedule_of(found, published)
    body = json.schedule_json(found, schedule) if schedule else None
    return _answer(request, found, body, content_type=json.CONTENT_TYPE)


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


def _answer(
    request: HttpRequest, edition: Edition, body: bytes | None, *, content_type: str
) -> HttpResponseBase:
    """`body` as a feed; 404 if there is nothing to tell."""
    if body is None:
        raise Http404("Nothing of it has a date yet.")
    return feed_response(
        request,
        body,
        content_type=content_type,
        changed_at=given_since(request.path, body),
        is_public=not edition.is_draft,
    )
