"""Pages on which chairs draft, read and release the letters of pending decisions."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.interest.services import reply_deadline
from apps.mail import drafts
from apps.mail.drafts import DraftStatus
from apps.mail.models import Letter
from apps.mail.views import handle_draft_form
from apps.selection.capacity import capacity_of
from apps.selection.decisions import (
    draft_decision_letters,
    is_ready,
    pending_decisions,
    release_decisions,
)
from apps.selection.letters import DECISION_KINDS
from apps.selection.models import PendingDecision

_PAGE = 50
# Refusals named after a release; the page lists all of them.
_NAMED = 10
_FILTERS = {
    "all": ("All", lambda decision: True),
    "ready": ("Ready", is_ready),
    "held": ("Held back", lambda decision: decision.is_held),
    "undrafted": ("To be drafted", lambda decision: decision.status != DraftStatus.READY),
}
_NO_MAIL = "No mail server is set up: the letters wait, and go out once there is one."


@require_safe
def release_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The pending decisions: numbers, places, and the letters one by one."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    decisions = pending_decisions(edition)
    show = request.GET.get("show", "all")
    if show not in _FILTERS:
        raise Http404
    counts = _counts(decisions)
    shown = [decision for decision in decisions if _FILTERS[show][1](decision)]
    page = Paginator(shown, _PAGE).get_page(request.GET.get("page"))
    letters_to = Counter(decision.expression.email.casefold() for decision in decisions)
    context = {
        "title": "Release decisions",
        "edition": edition,
        "capacity": list(capacity_of(edition)),
        "verdicts": _verdicts(decisions),
        "total": counts["all"],
        "ready": counts["ready"],
        "held": counts["held"],
        "undrafted": counts["undrafted"],
        "shows": [
            {
                "label": label,
                "count": counts[key],
                "url": f"?{urlencode({'show': key})}",
                "is_now": key == show,
            }
            for key, (label, _) in _FILTERS.items()
        ],
        "show": show,
        "page": page,
        "rows": [(row, letters_to[row.expression.email.casefold()]) for row in page],
        "has_mail": settings.HAS_MAIL,
    }
    return render_desk_page(request, "selection/release.html", context)


@require_POST
def draft_decisions_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draft the letters that are missing or outdated."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if count := draft_decision_letters(edition=edition):
        letters = "1 letter" if count == 1 else f"{count} letters"
        messages.success(request, f"{letters} drafted. Nothing was sent.")
    else:
        messages.info(request, "Every pending decision has its letter already.")
    return _back(edition)


@require_GET_POST
def release_now_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask before a release; a POST releases what the page named."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "").split()
        _report(request, release_decisions(edition=edition, seen=seen, by=by))
        return _back(edition)
    decisions = pending_decisions(edition)
    ready = [decision for decision in decisions if is_ready(decision)]
    if not ready:
        messages.info(request, "No letter is ready to be released.")
        return _back(edition)
    counts = _counts(decisions)
    context = {
        "title": f"Release {len(ready)} decision{'' if len(ready) == 1 else 's'}",
        "edition": edition,
        "seen": " ".join(decision.draft_key for decision in ready),
        "count": len(ready),
        "verdicts": _verdicts(ready),
        "held": counts["held"],
        "undrafted": counts["undrafted"],
        "capacity": [places for places in capacity_of(edition) if places.over],
        "offers": any(decision.offer for decision in ready),
        "reply_by": reply_deadline(edition),
        "has_mail": settings.HAS_MAIL,
    }
    return render_desk_page(request, "selection/release_now.html", context)


@require_GET_POST
def draft_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One draft as the student will read it, with a form for its text."""
    require_chair(request)
    decision = _find(pk)
    if decision is None:
        messages.error(request, drafts.DRAFT_GONE)
        return redirect("admin:index")
    expression, edition = decision.expression, decision.expression.edition
    # The preview shows the reply-by date of a release today; nothing of this is saved.
    expression.reply_by_on = expression.reply_by_on or reply_deadline(edition)
    try:
        form_context = handle_draft_form(request, decision)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _back(edition)
    if form_context is None:
        return redirect("selection:draft", pk)
    context = {
        "title": f"Letter to {expression.name}",
        "edition": edition,
        "pending": decision,
        "status": decision.get_status(),
        **form_context,
        **_neighbours(decision),
    }
    return render_desk_page(request, "selection/draft.html", context)


@require_POST
def draft_step_view(request: HttpRequest, pk: int, step: str) -> HttpResponseBase:
    """Hold one decision back, end that, or discard its letter."""
    require_chair(request)
    decision = _find(pk)
    if decision is None or step not in {"hold", "let-go", "discard"}:
        raise Http404
    name = decision.expression.name
    try:
        if step == "discard":
            drafts.discard(draft=decision)
            done = f"The letter to {name} is discarded. The decision is still pending."
        else:
            drafts.hold(draft=decision, is_held=step == "hold")
            state = "held back" if step == "hold" else "no longer held back"
            done = f"The decision about {name} is {state}."
    except NotAllowed:
        messages.error(request, f"Nothing was changed: the letter to {name} is gone.")
    else:
        messages.success(request, done)
    if "letter" in request.POST and step != "discard":
        return redirect("selection:draft", pk)
    return _back(decision.expression.edition)


def _report(request: HttpRequest, report: drafts.ReleaseReport) -> None:
    for line in report.refused[:_NAMED]:
        messages.warning(request, f"Left as it is: {line}")
    parts = [f"{report.released} released"]
    if report.held:
        parts.append(f"{report.held} held")
    if report.refused:
        parts.append(f"{len(report.refused)} left: changed since")
    if report.gone:
        parts.append(f"{report.gone} no longer pending: released or taken back before")
    level = messages.SUCCESS if report.released else messages.WARNING
    messages.add_message(request, level, f"{'; '.join(parts)}.")
    if report.released and not settings.HAS_MAIL:
        messages.warning(request, _NO_MAIL)


def _counts(decisions: list[PendingDecision]) -> dict[str, int]:
    return {key: sum(map(test, decisions)) for key, (_, test) in _FILTERS.items()}


def _verdicts(decisions: list[PendingDecision]) -> list[tuple[str, int]]:
    """Each verdict with its number: offers first, refusals last."""
    numbers = Counter((decision.verdict, decision.offer) for decision in decisions)
    return [
        (PendingDecision(verdict=verdict, offer=offer).in_words, numbers[verdict, offer])
        for verdict, offer in DECISION_KINDS
        if numbers[verdict, offer]
    ]


def _find(pk: int) -> PendingDecision | None:
    decisions = PendingDecision.objects.select_related("expression__edition", "letter", "made_by")
    return decisions.filter(pk=pk).first()


def _neighbours(decision: PendingDecision) -> dict[str, Any]:
    """Keys of the drafts before and after this one, in the order of the list."""
    keys = list(
        PendingDecision.objects.filter(
            expression__edition=decision.expression.edition_id, letter__state=Letter.State.DRAFT
        ).values_list("pk", flat=True)
    )
    at = keys.index(decision.pk) if decision.pk in keys else len(keys)
    return {"earlier": keys[at - 1] if at else None, "later": next(iter(keys[at + 1 :]), None)}


def _back(edition: Edition) -> HttpResponseBase:
    return redirect("selection:release", edition.pk)
