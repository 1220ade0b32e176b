"""Who may see an expression from outside: a browser that was signed in by its private link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from apps.core.private import private_page
from apps.editions.models import Edition
from apps.interest.models import Expression, StudentLink


def find_edition(request: HttpRequest, slug: str) -> Edition:
    """The edition; 404 for what the user may not see."""
    return get_object_or_404(Edition.objects.visible_to(request.user), slug=slug)


def find_own(request: HttpRequest, edition: Edition, reference: str) -> Expression | None:
    """The expression, if this browser holds a link to it that still works; asked each time."""
    links = StudentLink.objects.open().filter(
        pk__in=StudentLink.remembered(request),
        expression__edition=edition,
        expression__reference=reference,
    )
    return Expression.objects.with_everything().filter(links__in=links).distinct().first()


def own_expression(view: Callable[[HttpRequest, Expression], HttpResponse]):
    """Hands `view` the expression its address names, if it is this browser's own.

    Everybody else, signed-in organisers included, reads one and the same answer whether there is
    such an expression or not: what the page is, and how to ask for a new link.
    """

    @wraps(view)
    @private_page
    def guarded(request: HttpRequest, edition: str, reference: str) -> HttpResponse:
        found = find_edition(request, edition)
        expression = find_own(request, found, reference)
        if expression is None:
            # A link may end while somebody types.
            typed = [words for name in ("title", "abstract") if (words := request.POST.get(name))]
            context = {"edition": found, "typed": typed}
            return render(request, "interest/closed.html", context, status=HTTPStatus.FORBIDDEN)
        return view(request, expression)

    return guarded
