"""The page on which visitors give feedback on a contribution."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from apps.core import rate_limit
from apps.core.decorators import gives_back, private_page, require_GET_POST
from apps.core.rate_limit import Limit
from apps.core.text import read_number
from apps.core.tokens import new_token
from apps.editions.models import Edition
from apps.feedback.forms import SentenceForm
from apps.feedback.models import Feedback, FeedbackSettings
from apps.feedback.services import (
    asks_for_feedback,
    find_own,
    is_open,
    rate,
    sessions_of,
    write_sentence,
)
from apps.programme.models import Contribution

_COOKIE = f"feedback{settings.COOKIE_SUFFIX}"
_COOKIE_AGE = timedelta(days=60)
# A whole lecture hall may have one address, and presses a button for each talk.
_PER_NETWORK = 10


@private_page
@gives_back("sentence")
@require_GET_POST
def give_feedback(request: HttpRequest, edition: str, contribution: str) -> HttpResponseBase:
    """Three buttons; then thanks, with a form for a sentence."""
    rows = Contribution.objects.published().select_related("edition")
    editions = Edition.objects.visible_to(request.user)
    row = get_object_or_404(rows, edition__in=editions, edition__slug=edition, slug=contribution)
    if not asks_for_feedback(row.edition):
        raise Http404
    is_asked = is_open(FeedbackSettings.of(row.edition), sessions_of(row))
    cookie = request.get_signed_cookie(_COOKIE, default=None, salt=_COOKIE, max_age=_COOKIE_AGE)
    own = find_own(row, cookie)
    form = SentenceForm(initial={"sentence": own.sentence if own else ""})
    if request.method == "POST":
        if own and "remove" in request.POST:  # also when it is over
            own.delete()
            messages.success(request, gettext("Your feedback is removed."))
            return redirect(request.path)
        if is_asked and not rate_limit.count(_limits(request)):
            return _refuse(request)
        if is_asked and "rating" in request.POST:
            return _rate(request, row, cookie)
        if is_asked and own:
            form = SentenceForm(request.POST)
            if form.is_valid():
                write_sentence(feedback=own, sentence=form.cleaned_data["sentence"])
                messages.success(request, gettext("Thank you. Your sentence is stored."))
                return redirect(request.path)
    context = {
        "edition": row.edition,
        "contribution": row,
        "is_asked": is_asked,
        "own": own,
        "form": form,
        "ratings": Feedback.Rating,
    }
    return render(request, "feedback/give.html", context)


def _rate(request: HttpRequest, row: Contribution, cookie: str | None) -> HttpResponse:
    """Store the rating; the browser gets a cookie with its first one."""
    rating = read_number(request.POST["rating"])
    if rating not in Feedback.Rating.values:
        return redirect(request.path)
    value = cookie or new_token()
    rate(contribution=row, cookie=value, rating=rating)
    response = redirect(request.path)
    response.set_signed_cookie(
        _COOKIE,
        value,
        salt=_COOKIE,
        max_age=_COOKIE_AGE,
        path=f"/{row.edition.slug}/contributions/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _limits(request: HttpRequest) -> list[Limit]:
    most = _PER_NETWORK * settings.SUBMISSION_LIMIT
    network = Limit(f"feedback:network:{rate_limit.network_of(request)}", most)
    return [Limit("feedback:all", rate_limit.OVERALL * most), network]


def _refuse(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(rate_limit.WINDOW)
    return response
