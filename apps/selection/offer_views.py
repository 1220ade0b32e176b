"""Pages that offer free places, and let offers lapse."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.text import read_number
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.selection.capacity import capacity_of
from apps.selection.offers import (
    free_places,
    let_lapse,
    offer_place,
    offers_for,
    openings,
    overdue_offers,
    waiting_list,
)

_MOST_SHOWN = 200


@require_safe
def waiting_list_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The waiting list in its order, with the offers possible for each now."""
    require_chair(request)
    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    capacity = capacity_of(edition)
    free = free_places(edition, capacity)
    waiting = waiting_list(edition)
    context = {
        "edition": edition,
        "capacity": capacity,
        "openings": openings(edition, capacity),
        "rows": [(row, offers_for(row, free)) for row in waiting[:_MOST_SHOWN]],
        "number": waiting.count(),
    }
    return _render(request, "waiting_list", f"Waiting list of {edition.year}", context)


@require_POST
def offer_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer a free place to a waiting expression, and show the letter, from where it is released."""
    by = require_chair(request)
    expression = get_object_or_404(Expression, pk=pk)
    try:
        offer = request.POST.get("offer", "")
        decision = offer_place(expression=expression, offer=offer, by=by)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("selection:waiting-list", expression.edition_id)
    return redirect("selection:release-letter", expression.edition_id, decision.pk)


@require_GET_POST
def lapse_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the offers without a reply after their date; a POST lets them lapse."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        keys = [key for sent in request.POST.getlist("offer") if (key := read_number(sent))]
        try:
            count = let_lapse(edition=edition, keys=keys, by=by)
        except (ChangedMeanwhile, NotAllowed):
            text = (
                "No offer was ended, because a reply arrived or another date passed meanwhile. "
                "Check again."
            )
            messages.error(request, text)
            return redirect("selection:lapse", pk)
        messages.success(request, f"Offers that have lapsed: {count}.")
        return redirect("selection:waiting-list", pk)
    offers = list(overdue_offers(edition).defer("abstract"))
    title = "Let the offers without reply lapse"
    return _render(request, "lapse", title, {"edition": edition, "offers": offers})


def _render(
    request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> HttpResponseBase:
    shared = {"title": title, "list_url": reverse("admin:interest_expression_changelist")}
    return render_desk_page(request, f"selection/{template}.html", shared | context)
