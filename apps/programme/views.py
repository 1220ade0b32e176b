"""Views of the feeds. The app `pages` shows the programme as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.core.feeds import feed_response, unchanged_since
from apps.core.text import read_numbers
from apps.editions.models import Edition
from apps.programme.calendars import CALENDAR_TYPE, contribution_calendar, make_calendar
from apps.programme.cancelled import ReleasedItem, hidden_contribution, released_items
from apps.programme.citations import BIBTEX_TYPE, is_citable, write_bibtex
from apps.programme.dates_calendar import make_dates_calendar
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.releases import published_timetable
from apps.programme.schedule import make_schedule
from apps.programme.timetable import load_texts


@public_page()
@require_safe
def programme_ics(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The calendar to subscribe to: all sessions, and cancelled ones until the edition is past."""
    found, releases = _released_or_404(request, edition)
    items = [item for item in released_items(releases) if item.slot is None]
    title = gettext("%(edition)s: programme") % {"edition": found.title_with_year}
    return _session_calendar(
        request, found, items, title=title, released_at=releases[0].published_at
    )


@public_page()
@require_safe
def dates_ics(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The days and deadlines of an edition, to subscribe to before there is a programme."""
    found = _edition_or_404(request, edition)
    body = make_dates_calendar(found)
    if body is None:
        raise Http404("It has no dates yet.")
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def session_ics(request: HttpRequest, edition: str, session: str) -> HttpResponseBase:
    """The calendar of one session; cancelled after a later release left it out."""
    found, releases = _released_or_404(request, edition)
    # A new session may have the address of a cancelled one.
    items = [
        item
        for item in released_items(releases)
        if item.slot is None and item.session.slug == session and item.session.starts
    ][:1]
    if not items:
        raise Http404("It is not published, or has no date yet.")
    return _session_calendar(request, found, items, released_at=releases[0].published_at)


@public_page()
@require_safe
def contribution_ics(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """The calendar of one contribution with all its slots; cancelled after it was hidden."""
    found, releases = _released_or_404(request, edition)
    rows = Contribution.objects.for_edition(found).published().with_content().with_contributors()
    row = rows.filter(slug=contribution).first()
    if row:
        row.edition = found
        key = row.pk
    elif not found.is_past and (hidden := hidden_contribution(found, contribution)):
        key = hidden.id
        releases = [item for item in releases if item.published_at < hidden.history_date]
    else:
        raise Http404("It is not published.")
    items = []
    for item in released_items(releases):
        if item.slot and item.slot.contribution_id == key and item.slot.starts:
            item.slot.contribution = row
            items.append(replace(item, is_cancelled=item.is_cancelled or row is None))
    if not items:
        raise Http404("It is in no release, or has no date yet.")
    body = contribution_calendar(
        found,
        items,
        title=row.shown_title if row else items[0].session.title,
        released_at=releases[0].published_at,
    )
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def my_ics(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The calendar of the contributions whose keys the address has, as ?talks=12,7.

    It can be subscribed to: slots that a later release left out are cancelled.
    """
    found, releases = _released_or_404(request, edition)
    keys = read_numbers(request.GET.get("talks", ""))
    shown = Contribution.objects.for_edition(found).published().with_content()
    rows = shown.with_contributors().in_bulk(keys)
    items = []
    for item in released_items(releases):
        if item.slot and item.slot.starts and (row := rows.get(item.slot.contribution_id)):
            row.edition = found
            item.slot.contribution = row
            items.append(item)
    if not items:
        raise Http404("None of them is in a release and has a date.")
    title = gettext("%(edition)s: my programme") % {"edition": found.title_with_year}
    body = contribution_calendar(found, items, title=title, released_at=releases[0].published_at)
    return _respond(request, found, body, content_type=CALENDAR_TYPE)


@public_page()
@require_safe
def contribution_bib(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """The BibTeX entry of one contribution with a title and authors."""
    found = _edition_or_404(request, edition)
    rows = _citable_rows(found, slug=contribution)
    if not rows:
        raise Http404("It is not published, or has no title or no authors.")
    return _respond(request, found, write_bibtex(rows), content_type=BIBTEX_TYPE)


@public_page()
@require_safe
def edition_bib(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The BibTeX entries of all contributions of an edition with a title and authors."""
    found = _edition_or_404(request, edition)
    body = write_bibtex(_citable_rows(found))
    return _respond(request, found, body, content_type=BIBTEX_TYPE)


def _citable_rows(edition: Edition, **conditions: str) -> list[Contribution]:
    rows = Contribution.objects.for_edition(edition).published().filter(**conditions)
    contributions = list(rows.with_contributors().prefetch_related("links"))
    for row in contributions:
        row.edition = edition
    return [row for row in contributions if is_citable(row)]


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
    found = _edition_or_404(request, edition)
    timetable = published_timetable(found)
    schedule = make_schedule(found, timetable) if timetable else None
    if schedule is None:
        raise Http404("No programme is published yet, or none of it has a date.")
    return _respond(request, found, write(found, schedule), content_type=content_type)


def _released_or_404(request: HttpRequest, slug: str) -> tuple[Edition, list[ProgrammeRelease]]:
    """The edition with its releases, the latest first; a past one has only the latest.

    So cancelled items are in calendars until the edition is past.
    """
    edition = _edition_or_404(request, slug)
    releases = list(ProgrammeRelease.objects.for_edition(edition)[: 1 if edition.is_past else None])
    if not releases:
        raise Http404("No programme is published yet.")
    return edition, releases


def _edition_or_404(request: HttpRequest, slug: str) -> Edition:
    return get_object_or_404(Edition.objects.visible_to(request.user), slug=slug)


def _session_calendar(
    request: HttpRequest,
    edition: Edition,
    items: Sequence[ReleasedItem],
    *,
    title: str = "",
    released_at: datetime,
) -> HttpResponseBase:
    """The calendar of sessions with today's texts; its title is that of the first by default."""
    sessions = [item.session for item in items if not item.is_cancelled]
    load_texts(sessions, edition=edition, only_published=True)
    title = title or items[0].session.headline
    body = make_calendar(edition, items, title=title, released_at=released_at)
    return _respond(request, edition, body, content_type=CALENDAR_TYPE)


def _respond(
    request: HttpRequest, edition: Edition, body: bytes, *, content_type: str
) -> HttpResponseBase:
    return feed_response(
        request,
        body,
        content_type=content_type,
        changed_at=unchanged_since(request.get_full_path(), body),
        is_public=not edition.is_draft,
    )
