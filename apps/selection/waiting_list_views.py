"""After the decisions: the waiting list and its offers, and offers that nobody replied to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.permissions import require_chair
from apps.interest.services import reply_by_on
from apps.interest.workflow import Action, State
from apps.mail.forms import TextForm
from apps.mail.texts import text_of
from apps.selection.capacity import capacity_of
from apps.selection.letter_texts import DECISION_KINDS, OF_AN_OFFER
from apps.selection.release_views import preview_of
from apps.selection.reminders import let_lapse, without_reply
from apps.selection.waiting_list import free_places, in_order, offer_place, offers_for, openings

_MOST_SHOWN = 200


@require_http_methods(["GET"])
def waiting_list_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who waits, next first, and what could be offered to each now."""
    require_chair(request)
    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    capacity = capacity_of(edition)
    free = free_places(edition, capacity)
    waiting = in_order(edition)
    shown = list(waiting.defer("abstract", "technical_needs", "access_needs", "diet")[:_MOST_SHOWN])
    context = {
        "edition": edition,
        "capacity": capacity,
        "openings": openings(edition, capacity),
        "rows": [(expression, offers_for(expression, free)) for expression in shown],
        "number": waiting.count() if len(shown) == _MOST_SHOWN else len(shown),
    }
    return _page(request, "waiting_list", f"Waiting list of {edition.year}", context)


@require_http_methods(["GET", "POST"])
def offer_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A free place for one who waits: the letter as it would go out, and the press that sends it.

    The letter may be given words of its own first, and looked at again.
    """
    by = require_chair(request)
    expression = get_object_or_404(Expression.objects.select_related("edition__call"), pk=pk)
    edition = expression.edition
    back = redirect("selection:waiting-list", edition.pk)
    form = None
    if request.method == "POST" and "body" in request.POST:
        form = TextForm(request.POST, placeholders=OF_AN_OFFER)
    is_pressed = request.method == "POST" and "preview" not in request.POST
    if is_pressed and (form is None or form.is_valid()):
        words = form.cleaned_data if form else {}
        offer = request.POST.get("offer", "")
        try:
            offered = offer_place(expression=expression, offer=offer, by=by, **words)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            what = f"{offered.get_offer_display()} offered to {offered.display_reference}"
            words_of_it = f"{what}: the letter to {offered.email} is on its way."
            messages.success(request, words_of_it)
        return back
    possible = offers_for(expression, free_places(edition))
    if expression.state != State.WAITLISTED or not possible:
        is_waiting = expression.state == State.WAITLISTED
        now = expression.get_state_display().lower()
        why = "no place it asked for is free" if is_waiting else f"it is {now}"
        messages.error(request, f"Nothing can be offered to {expression.display_reference}: {why}.")
        return back
    asked = request.POST.get("offer") or request.GET.get("offer", "")
    return _offer_page(request, expression, possible, asked, form)


def _offer_page(
    request: HttpRequest,
    expression: Expression,
    possible: list[Format],
    asked: str,
    form: TextForm | None,
) -> TemplateResponse:
    edition = expression.edition
    offer = Format(asked) if asked in possible else possible[0]
    text = text_of(edition, DECISION_KINDS[Action.ACCEPT, offer])
    shown = {"subject": text.subject, "body": text.body}
    if form is None:
        form = TextForm(initial=shown, placeholders=OF_AN_OFFER)
    else:
        shown = {name: form.data.get(name, "") for name in shown}
    context = {
        "expression": expression,
        "edition": edition,
        "offer": offer,
        "others": [one for one in possible if one != offer],
        "form": form,
        "placeholders": OF_AN_OFFER,
        "preview": preview_of(expression, offer=offer, **shown),
        "reply_by_on": reply_by_on(edition),
    }
    title = f"Offer a {offer.label.lower()} to {expression.display_reference}"
    return _page(request, "offer", title, context)


@require_http_methods(["GET", "POST"])
def lapse_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ends all offers of an edition whose date has gone by without a reply, after a look at them."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        sent = [key for key in request.POST.getlist("offer") if key.isdecimal() and len(key) < 18]
        try:
            count = let_lapse(edition=edition, keys=[int(key) for key in sent], by=by)
        except (ChangedMeanwhile, NotAllowed):
            words = "Nothing was ended: meanwhile a reply came or another date went by. Look again."
            messages.error(request, words)
            return redirect("selection:lapse", pk)
        messages.success(request, f"Offers that have lapsed: {count}.")
        return redirect("selection:waiting-list", pk)
    found = list(without_reply(edition).defer("abstract"))
    title = "Let the offers without reply lapse"
    return _page(request, "lapse", title, {"edition": edition, "offers": found})


def _page(
    request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> TemplateResponse:
    shared = {
        **admin.site.each_context(request),
        "opts": Expression._meta,
        "title": title,
        "list_url": reverse("admin:interest_expression_changelist"),
    }
    return TemplateResponse(request, f"selection/{template}.html", shared | context)
