"""The ways in to the student's page, for those who have not come in yet."""

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
from apps.interest.models import Expression, StudentLink
from apps.interest.services import resend_link
from apps.interest.student_access import find_edition
from apps.interest.student_forms import AddressForm

_asks = require_http_methods(["GET", "HEAD", "POST"])
# Asked for in a window, from one place and for one address. A shared network asks more often.
_FROM_ONE_PLACE, _FOR_ONE_ADDRESS = 30, 3
_MOST_LETTERS = 10


@_asks
@private_page
def link(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """GET shows a button and changes nothing, since mail scanners open links; its POST trades the
    token for a cookie of this browser and goes on to the clean address."""
    found = find_edition(request, edition)
    opened = (
        StudentLink.objects.for_token(token)
        .filter(expression__edition=found)
        .select_related("expression__edition")
        .first()
    )
    if opened is None or not opened.is_open:
        return _refused(request, found, opened)
    if request.method != "POST":
        return render(request, "interest/link.html", {"edition": found})
    response = redirect(opened.expression)
    opened.remember(request, response)
    return response


def _refused(request: HttpRequest, edition: Edition, ended: StudentLink | None) -> HttpResponse:
    """What happened: 404 for one that never was or is another edition's, 410 for one that ended."""
    context = {"edition": edition, "ended": ended}
    status = HTTPStatus.GONE if ended else HTTPStatus.NOT_FOUND
    return render(request, "interest/link_refused.html", context, status=status)


@_asks
@private_page
def new_link(request: HttpRequest, edition: str) -> HttpResponse:
    """Sends a new link; what it answers is the same for a known and an unknown address."""
    found = find_edition(request, edition)
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "interest/new_link.html", {"edition": found, "form": form})
    email = form.cleaned_data["email"]
    if not count(_limits(request, found, email)):
        form.add_error("email", "That was asked for too often. Wait ten minutes, then try again.")
        context = {"edition": found, "form": form}
        response = render(
            request, "interest/new_link.html", context, status=HTTPStatus.TOO_MANY_REQUESTS
        )
        response["Retry-After"] = str(WINDOW)
        return response
    theirs = Expression.objects.for_edition(found).living().filter(email__iexact=email)
    for expression in theirs.select_related("edition")[:_MOST_LETTERS]:
        resend_link(expression=expression)
    return redirect("interest:new-link-sent", found.slug)


def _limits(request: HttpRequest, edition: Edition, email: str) -> list[Limit]:
    address = hashlib.sha256(email.casefold().encode()).hexdigest()
    return [
        Limit(f"new-link:{network_of(request)}", _FROM_ONE_PLACE),
        Limit(f"new-link:{edition.pk}:{address}", _FOR_ONE_ADDRESS),
    ]


@require_safe
@private_page
def new_link_sent(request: HttpRequest, edition: str) -> HttpResponse:
    """What happens now, whoever asked."""
    context = {"edition": find_edition(request, edition), "has_mail": settings.HAS_MAIL}
    return render(request, "interest/new_link_sent.html", context)


@require_safe
@private_page
def erased(request: HttpRequest, edition: str) -> HttpResponse:
    """Where somebody stands whose data was erased."""
    return render(request, "interest/erased.html", {"edition": find_edition(request, edition)})
