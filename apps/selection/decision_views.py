"""Pages that make or clear the pending decision of one expression."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from apps.interest.models import Expression, Format
from apps.interest.permissions import require_chair, workflow_actor
from apps.interest.workflow import Action, may
from apps.selection.capacity import capacity_of
from apps.selection.decisions import NotDecidable, decide, take_back
from apps.selection.models import PendingDecision

_PENDING = "Nobody is told, and the student's own page shows nothing of it, until it is released."
_MISSING = "Select what is offered."


class OfferForm(forms.Form):
    """What an acceptance offers; initially what was asked for."""

    offer = forms.ChoiceField(
        label="Offer",
        choices=Format.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _MISSING, "invalid_choice": _MISSING},
    )


@require_http_methods(["GET", "POST"])
def decide_one_view(request: HttpRequest, pk: int, verdict: str) -> HttpResponseBase:
    """Explains one verdict and asks for the offer; a POST makes it pending."""
    by = require_chair(request)
    expression = get_object_or_404(
        Expression.objects.select_related("edition", "pending_decision__made_by"), pk=pk
    )
    if verdict not in PendingDecision.Verdict.values:
        raise Http404
    action = Action(verdict)
    if not may(workflow_actor(by), action, expression.state):
        state = expression.get_state_display().lower()
        messages.error(request, f"“{action.label}” is not possible: it is {state}.")
        return _back(pk)
    is_accept = verdict == PendingDecision.Verdict.ACCEPT
    data = request.POST if request.method == "POST" else None
    form = OfferForm(data, initial={"offer": expression.requested_format}) if is_accept else None
    if data is not None and (form is None or form.is_valid()):
        offer = form.cleaned_data["offer"] if form else ""
        try:
            decision = decide(expression=expression, verdict=verdict, offer=offer, by=by)
        except NotDecidable as refusal:
            messages.error(request, str(refusal))
        else:
            text = f"{expression.display_reference}: {decision.pending_words}."
            messages.success(request, f"{text} Nobody is told until it is released.")
        return _back(pk)
    notes = [_PENDING]
    pending: PendingDecision | None = getattr(expression, "pending_decision", None)
    if pending:
        notes.insert(0, f"It takes the place of what {pending.made_by} made pending: {pending}.")
    if is_accept:
        notes.append(f"Places now: {capacity_of(expression.edition).in_words}.")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Expression._meta,
        "title": action.label,
        "notes": notes,
        "expression": expression,
        "form": form,
    }
    return TemplateResponse(request, "admin/interest/expression/step.html", context)


@require_POST
def clear_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ends the pending decision of one expression, with the draft of its letter."""
    by = require_chair(request)
    expression = get_object_or_404(Expression, pk=pk)
    if take_back(expression=expression, by=by):
        messages.success(request, "Nothing is pending any more; its draft is discarded.")
    else:
        messages.info(request, "Nothing was pending.")
    return _back(pk)


def _back(pk: int) -> HttpResponseBase:
    return redirect("admin:interest_expression_change", pk)
