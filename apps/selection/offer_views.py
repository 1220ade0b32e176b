"""Pages that offer free places, and let offers lapse."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.permissions import require_chair
from apps.interest.services import reply_deadline
from apps.interest.workflow import Action, State
from apps.mail.texts import text_of
from apps.mail.views import TextForm, letter_preview
from apps.selection.capacity import capacity_of
from apps.selection.letters import DECISION_KINDS, OF_AN_OFFER, build_text_letter
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


@require_GET_POST
def offer_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer a free place to a waiting expression: the letter with its text to edit; a POST sends it."""
    by = require_chair(request)
    expression = get_object_or_404(Expression.objects.select_related("edition__call"), pk=pk)
    edition = expression.edition
    back = redirect("selection:waiting-list", edition.pk)
    form = None
    if request.method == "POST" and "body" in request.POST:
        form = TextForm(request.POST, placeholders=OF_AN_OFFER)
    is_pressed = request.method == "POST" and "preview" not in request.POST
    if is_pressed and (form is None or form.is_valid()):
        text = form.cleaned_data if form else {}
        offer = request.POST.get("offer", "")
        try:
            offered = offer_place(expression=expression, offer=offer, by=by, **text)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            done = f"{offered.get_offer_display()} offered to {offered.display_reference}"
            messages.success(request, f"{done}: the letter to {offered.email} is on its way.")
        return back
    is_waiting = expression.state == State.WAITLISTED
    possible = offers_for(expression, free_places(edition))
    if not is_waiting or not possible:
        state = expression.get_state_display().lower()
        why = "no place it asked for is free" if is_waiting else f"it is {state}"
        messages.error(request, f"Nothing can be offered to {expression.display_reference}: {why}.")
        return back
    asked = request.POST.get("offer") or request.GET.get("offer", "")
    offer = Format(asked) if asked in possible else possible[0]
    return _render_offer(request, expression, offer, possible, form)


def _render_offer(
    request: HttpRequest,
    expression: Expression,
    offer: Format,
    possible: list[Format],
    form: TextForm | None,
) -> HttpResponseBase:
    edition = expression.edition
    kind = DECISION_KINDS[Action.ACCEPT, offer]
    if form is None:
        text = text_of(edition, kind)
        initial = {"subject": text.subject, "body": text.body}
        form = TextForm(initial=initial, placeholders=OF_AN_OFFER)
    values = form.data if form.is_bound else form.initial
    reply_by = reply_deadline(edition)
    letter = build_text_letter(
        expression,
        kind=kind,
        subject=values.get("subject", ""),
        body=values.get("body", ""),
        offer=offer,
        reply_by_on=reply_by,
    )
    context = {
        "expression": expression,
        "edition": edition,
        "offer": offer,
        "others": [other for other in possible if other != offer],
        "form": form,
        "placeholders": OF_AN_OFFER,
        "preview": letter_preview(letter),
        "reply_by_on": reply_by,
    }
    title = f"Offer a {offer.label.lower()} to {expression.display_reference}"
    return _render(request, "offer", title, context)


@require_GET_POST
def lapse_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the offers without a reply after their date; a POST lets them lapse."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        keys = [key for key in request.POST.getlist("offer") if key.isdecimal() and len(key) < 18]
        try:
            count = let_lapse(edition=edition, keys=[int(key) for key in keys], by=by)
        except (ChangedMeanwhile, NotAllowed):
            text = "Nothing was ended: meanwhile a reply came or another date went by. Look again."
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
