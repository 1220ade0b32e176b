"""Who may see an expression from outside: a browser that was signed in by its private link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase

from apps.core.decorators import private_page
from apps.editions.models import Edition
from apps.interest.doors import Door, find_edition
from apps.interest.models import Expression, StudentLink
from apps.interest.services import resend_link

_MOST_LETTERS = 10


def _send_links(edition: Edition, email: str) -> None:
    theirs = Expression.objects.for_edition(edition).living().filter(email__iexact=email)
    for expression in theirs.select_related("edition")[:_MOST_LETTERS]:
        resend_link(expression=expression)


DOOR = Door(
    link=StudentLink,
    leads_to="expression",
    base="interest/student_base.html",
    folder="interest",
    new_link="interest:new-link",
    sent_at="interest:new-link-sent",
    counted_as="new-link",
    send=_send_links,
)


def find_own(request: HttpRequest, edition: Edition, reference: str) -> Expression | None:
    """The expression, if this browser holds a link to it that still works; asked each time."""
    links = StudentLink.objects.open().filter(
        pk__in=StudentLink.remembered(request),
        expression__edition=edition,
        expression__reference=reference,
    )
    return Expression.objects.with_everything().filter(links__in=links).distinct().first()


def own_expression(view: Callable[[HttpRequest, Expression], HttpResponseBase]):
    """Hands `view` the expression its address names, if it is this browser's own.

    Everybody else, signed-in organisers included, reads one and the same answer whether there is
    such an expression or not: what the page is, and how to ask for a new link.
    """

    @wraps(view)
    @private_page
    def guarded(request: HttpRequest, edition: str, reference: str) -> HttpResponseBase:
        found = find_edition(request, edition)
        expression = find_own(request, found, reference)
        if expression is None:
            return DOOR.closed(request, found, "title", "abstract")
        return view(request, expression)

    return guarded
