"""The presenter's computer in a lightning round: the current talk, the next one and the time left.

The page has an address that cannot be guessed, so that a helper at the laptop needs no account. It works
until the edition is over, and shows the published programme; to organisers who are signed in also the
draft, and talks that are not published.
"""

from __future__ import annotations

from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.decorators import private_page
from apps.editions.middleware import sets_language
from apps.editions.models import Edition, sees_drafts
from apps.pages.selectors import find_edition
from apps.printing.slides.merging import MergeError
from apps.printing.slides.rounds import Round, find_round
from apps.printing.slides.services import file_name, merge_slides

_signer = signing.Signer(salt="apps.pages.presenter", sep=".")


def presenter_url(edition: Edition, session: int, name: str = "presenter") -> str:
    """The address of the presenter's page of a round."""
    return reverse(f"pages:{name}", args=[edition.slug, _signer.sign(str(session))])


@sets_language
@private_page
@require_safe
def presenter(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """The talks of a round: the current one, the next one, and how much time is left."""
    found = _find(request, edition, token)
    now = timezone.now()
    current = next((turn for turn in found.turns if turn.span.contains(now)), None)
    context = {
        "edition": found.edition,
        "round": found,
        "heading": str(found.session),
        "current": current or next(iter(found.turns), None),
        "is_running": current is not None,
        "now": now.astimezone(found.edition.zone).replace(microsecond=0),
        "slides_url": presenter_url(found.edition, found.session.pk, "presenter-slides"),
    }
    return render(request, "pages/screens/presenter.html", context)


@sets_language
@private_page
@require_safe
def presenter_slides(request: HttpRequest, edition: str, token: str) -> HttpResponseBase:
    """Title cards and slides of a round as one PDF."""
    found = _find(request, edition, token)
    try:
        merged = merge_slides(found)
    except MergeError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    name = file_name(found)
    # A name with the quotes and slashes of hostile titles cannot occur: it is made of two slugs.
    return FileResponse(
        merged.file, as_attachment=True, filename=name, content_type="application/pdf"
    )


def _find(request: HttpRequest, slug: str, token: str) -> Round:
    """The round of a token; raises Http404."""
    try:
        key = int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    edition = find_edition(request, slug)
    is_organiser = sees_drafts(request.user)
    if edition.is_past and not is_organiser:
        raise Http404
    found = find_round(edition, key, only_published=not is_organiser)
    if found is None:
        raise Http404
    return found
