"""Desk pages for the day: addresses of the screens, and the slides of each lightning round."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.views.decorators.http import require_safe

from apps.core.decorators import private_page
from apps.editions.models import Edition
from apps.pages.presenter import presenter_url
from apps.pages.screens import rooms_of
from apps.printing.slides.merging import MergeError
from apps.printing.slides.rounds import Round, find_round, list_rounds
from apps.printing.slides.services import file_name, merge_slides
from apps.programme.admin.base import (
    below_programme,
    register_programme_pages,
    render_programme_page,
)
from apps.programme.releases import published_timetable

_writer_required = permission_required("programme.change_contribution", raise_exception=True)
_REASONS = {
    "damaged": "damaged: ask for another file",
    "encrypted": "has a password: ask for a file without one",
    "empty": "has no page",
    "missing": "the file is missing on the server",
    "too large": "too large for one PDF: open it on its own",
}


def urls() -> list[URLPattern]:
    """URLs below the programme of an edition."""
    return below_programme(
        ("<int:pk>/day/", day_view, "day"),
        ("<int:pk>/day/<int:session_pk>/", round_view, "slides"),
        ("<int:pk>/day/<int:session_pk>/slides.pdf", merged_view, "merged_slides"),
    )


register_programme_pages(urls=urls, overview_context=lambda request, edition: {})


@require_safe
@_writer_required
def day_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The addresses of the screens, and the lightning rounds."""
    edition = get_object_or_404(Edition, pk=pk)
    timetable = published_timetable(edition, with_texts=False)
    screen = settings.SITE_URL + reverse("pages:screen", args=[edition.slug])
    rooms = rooms_of(timetable) if timetable else {}
    return render_programme_page(
        request,
        "day",
        edition,
        title="Screens and slides",
        app="pages",
        is_published=timetable is not None,
        screen=screen,
        doors=[(name, f"{screen}?room={key}") for key, name in rooms.items()],
        rounds=list_rounds(edition),
    )


@require_safe
@private_page
@_writer_required
def round_view(request: HttpRequest, pk: int, session_pk: int) -> HttpResponseBase:
    """A lightning round: its slides in running order, and the presenter's page.

    With ?check the slides are merged, to name those that cannot be.
    """
    found = _find(pk, session_pk)
    reasons = [""] * len(found.turns)
    if is_checked := "check" in request.GET:
        reasons = _check(request, found)
    return render_programme_page(
        request,
        "round",
        found.edition,
        title=f"Slides of “{found.session}”",
        app="pages",
        round=found,
        turns=[
            (turn, _REASONS.get(reason, reason))
            for turn, reason in zip(found.turns, reasons, strict=True)
        ],
        is_checked=is_checked,
        hidden=sum(
            1 for turn in found.turns if turn.contribution and not turn.contribution.is_published
        ),
        presenter=settings.SITE_URL + presenter_url(found.edition, found.session.pk),
    )


@require_safe
@private_page
@_writer_required
def merged_view(request: HttpRequest, pk: int, session_pk: int) -> HttpResponseBase:
    """Title cards and slides of a round as one PDF."""
    found = _find(pk, session_pk)
    try:
        merged = merge_slides(found)
    except MergeError as error:
        messages.error(request, str(error))
        return redirect("admin:programme_session_slides", pk, session_pk)
    return FileResponse(
        merged.file,
        as_attachment=True,
        filename=file_name(found),
        content_type="application/pdf",
    )


def _check(request: HttpRequest, found: Round) -> list[str]:
    """Why the slides of each talk cannot be merged, or ""."""
    try:
        merged = merge_slides(found)
    except MergeError as error:
        messages.error(request, str(error))
        return [""] * len(found.turns)
    merged.file.close()
    return merged.reasons


def _find(pk: int, session_pk: int) -> Round:
    """A lightning round of an edition; raises Http404."""
    found = find_round(get_object_or_404(Edition, pk=pk), session_pk)
    if found is None:
        raise Http404
    return found
