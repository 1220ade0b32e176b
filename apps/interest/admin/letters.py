"""The letters about one expression, beside it: how each stands, and the press that mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.interest.models import Expression
from apps.interest.permissions import workflow_actor
from apps.mail.models import Letter
from apps.mail.services import discard, mark_arrived, send_again

_MOST_OTHERS = 20
# What is pressed, what it does, and what is said of it.
_STEPS: dict[str, tuple[Callable[..., int], str]] = {
    "again": (send_again, "will be sent again"),
    "arrived": (mark_arrived, "is marked as sent"),
    "discard": (discard, "will not be sent"),
}


def letters_beside(expression: Expression) -> dict[str, Any]:
    """All letters about `expression`, and the latest others to the same address."""
    others: QuerySet[Letter] = Letter.objects.filter(to_email=expression.email)
    others = others.exclude(expression_link__expression=expression)
    links = expression.letter_links.select_related("letter")
    return {
        "letters": list(links.defer("letter__body_text", "letter__body_html")),
        "other_letters": list(
            others.select_related("expression_link__expression").defer(
                *("body_text", "body_html", "expression_link__expression__abstract")
            )[:_MOST_OTHERS]
        ),
    }


@require_POST
def decide_letter(request: HttpRequest, pk: int, letter: int, step: str) -> HttpResponseBase:
    """One press on one letter of one expression; chairs alone. Back to the letters it stands among."""
    user = request.user
    if not isinstance(user, User) or workflow_actor(user) is None:
        raise PermissionDenied
    if step not in _STEPS:
        raise Http404
    service, what = _STEPS[step]
    chosen = Letter.objects.filter(pk=letter, expression_link__expression=pk)
    subject = chosen.values_list("subject", flat=True).first()
    if subject is None:
        raise Http404
    if service(letters=Letter.objects.filter(pk__in=chosen.values("pk"))):
        messages.success(request, f"“{subject}” {what}.")
    else:
        messages.warning(request, f"“{subject}” is left alone: it stands otherwise by now.")
    return redirect(f"{reverse('admin:interest_expression_change', args=[pk])}#letters")
