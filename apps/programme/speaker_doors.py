"""The ways in to a speaker's page, for those who have not come in yet."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.private import private_page
from apps.editions.models import Edition
from apps.interest.limits import WINDOW, Limit, count, network_of
from apps.interest.student_access import find_edition
from apps.interest.student_forms import AddressForm
from apps.programme.models import Speaker, SpeakerLink
from apps.programme.speakers import resend_link

_asks = require_http_methods(["GET", "HEAD", "POST"])
# Asked for in a window, from one place and for one address, as of students.
_FROM_ONE_PLACE, _FOR_ONE_ADDRESS = 30, 3
_MOST_LETTERS = 5  # a secretary may have given one address for several


@_asks
@private_page
def link(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """GET shows a button and changes nothing, since mail scanners open links; its POST trades the
    token for a cookie of this browser and goes on to the clean address."""
    found = find_edition(request, edition)
    opened = (
        SpeakerLink.objects.for_token(token)
        .filter(speaker__edition=found)
        .select_related("speaker__edition")
        .first()
    )
    if opened is None or not opened.is_open:
        # 404 for one that never was or is another edition's, 410 for one that ended.
        status = HTTPStatus.GONE if opened else HTTPStatus.NOT_FOUND
        context = {"edition": found, "ended": opened}
        return render(request, "programme/speaker/link_refused.html", context, status=status)
    if request.method != "POST":
        return render(request, "programme/speaker/link.html", {"edition": found})
    response = redirect(opened.speaker)
    opened.remember(request, response)
    return response


@_asks
@private_page
def new_link(request: HttpRequest, edition: str) -> HttpResponse:
    """Sends a new link; what it answers is the same for a known and an unknown address."""
    found = find_edition(request, edition)
    form = AddressForm(request.POST or None)
    context = {"edition": found, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "programme/speaker/new_link.html", context)
    email = form.cleaned_data["email"]
    if not count(_limits(request, found, email)):
        form.add_error("email", "That was asked for too often. Wait ten minutes, then try again.")
        status = HTTPStatus.TOO_MANY_REQUESTS
        response = render(request, "programme/speaker/new_link.html", context, status=status)
        response["Retry-After"] = str(WINDOW)
        return response
    theirs = Speaker.objects.for_edition(found).filter(email__iexact=email)
    for speaker in theirs.select_related("edition", "person")[:_MOST_LETTERS]:
        resend_link(speaker=speaker)
    return redirect("programme:speaker-new-link-sent", found.slug)


def _limits(request: HttpRequest, edition: Edition, email: str) -> list[Limit]:
    address = hashlib.sha256(email.casefold().encode()).hexdigest()
    return [
        Limit(f"speaker-link:{network_of(request)}", _FROM_ONE_PLACE),
        Limit(f"speaker-link:{edition.pk}:{address}", _FOR_ONE_ADDRESS),
    ]


@require_safe
@private_page
def new_link_sent(request: HttpRequest, edition: str) -> HttpResponse:
    """What happens now, whoever asked."""
    context = {"edition": find_edition(request, edition), "has_mail": settings.HAS_MAIL}
    return render(request, "programme/speaker/new_link_sent.html", context)
