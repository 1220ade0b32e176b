"""Pending decisions become letters: drafted, read one by one, released. For chairs alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.interest.services import reply_by_on
from apps.mail.forms import TextForm
from apps.mail.shown import shown_page
from apps.mail.texts import kind_of
from apps.selection import drafts
from apps.selection.capacity import capacity_of
from apps.selection.drafts import NoDraft, Standing, pending_of
from apps.selection.letter_texts import DECISION_KINDS
from apps.selection.models import PendingDecision
from apps.selection.release import Report, ready_of, release

_PAGE = 50
_ACCEPT = PendingDecision.Verdict.ACCEPT.label
# At most so many of those left behind are named; the list has them all.
_NAMED = 10
_UNREAD = (
    *("abstract", "access_needs", "technical_needs", "diet", "supervisor", "school", "link"),
    "fingerprint",
)
_SHOWS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "ready": ("Ready", Q(standing=Standing.READY, is_held=False)),
    "held": ("Held back", Q(is_held=True)),
    "undrafted": ("To be drafted", ~Q(standing=Standing.READY)),
}


@dataclass
class _Numbers:
    """How many decisions are pending, by what they say and how their letters stand."""

    verdicts: Counter[str] = field(default_factory=Counter)
    shows: Counter[str] = field(default_factory=Counter)

    def in_order(self) -> list[tuple[str, int]]:
        """Offers first, refusals last."""
        every = [_in_words(verdict, offer) for verdict, offer in DECISION_KINDS]
        return [(words, self.verdicts[words]) for words in every if self.verdicts[words]]


@require_safe
def release_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Numbers, places, and the letters one by one."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    pending = pending_of(edition)
    numbers = _count(pending)
    show = request.GET.get("show", "all")
    if show not in _SHOWS:
        raise Http404
    pages = max(1, -(-numbers.shows[show] // _PAGE))
    page = min(_number(request.GET.get("page"), 1), pages)
    rows = list(_rows(pending.filter(_SHOWS[show][1]))[(page - 1) * _PAGE : page * _PAGE])
    context = {
        "title": "Release decisions",
        "edition": edition,
        "capacity": list(capacity_of(edition)),
        "verdicts": numbers.in_order(),
        "total": numbers.shows["all"],
        "ready": numbers.shows["ready"],
        "held": numbers.shows["held"],
        "undrafted": numbers.shows["undrafted"],
        "shows": [
            {
                "label": label,
                "count": numbers.shows[key],
                "url": _at(show=key),
                "is_now": key == show,
            }
            for key, (label, _) in _SHOWS.items()
        ],
        "rows": [
            {"pending": row, "standing": Standing(row.standing), "same": same}
            for row, same in zip(rows, _at_one_address(edition, rows), strict=True)
        ],
        "page": page,
        "pages": pages,
        "earlier": _at(show=show, page=page - 1) if page > 1 else "",
        "later": _at(show=show, page=page + 1) if page < pages else "",
        "has_mail": settings.HAS_MAIL,
    }
    return _shown(request, "release", context)


@require_POST
def draft_letters_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Drafts what is to be drafted; if there is much, over several answers."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    outcome = drafts.draft_letters(edition=edition)
    done = _number(request.POST.get("done"), 0) + outcome.count
    if outcome.left and outcome.count:
        context = {
            "title": "Drafting the letters",
            "edition": edition,
            "words": f"{_letters(done)} drafted so far, {outcome.left} to go.",
            "go_on": reverse("selection:draft-letters", args=[pk]),
            "carried": {"done": done},
        }
        return _shown(request, "release_going_on", context)
    if done:
        messages.success(request, f"{_letters(done)} drafted. Nothing was sent.")
    else:
        messages.info(request, "Every pending decision has its letter already.")
    return _back(edition)


@require_GET_POST
def release_now_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page before a release: what will happen; then the release, over several answers if long."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "").split()
        return _released(request, edition, release(edition=edition, seen=seen, by=by))
    seen = ready_of(edition)
    if not seen:
        messages.info(request, "No letter is ready to be released.")
        return _back(edition)
    pending = pending_of(edition)
    numbers, going = _count(pending), _count(pending.filter(_SHOWS["ready"][1]))
    context = {
        "title": f"Release {_decisions(len(seen))}",
        "edition": edition,
        "seen": " ".join(seen),
        "count": len(seen),
        "verdicts": going.in_order(),
        "held": numbers.shows["held"],
        "undrafted": numbers.shows["undrafted"],
        "capacity": [places for places in capacity_of(edition) if places.over],
        "offers": any(verdict.startswith(_ACCEPT) for verdict in going.verdicts),
        "reply_by": reply_by_on(edition),
        "has_mail": settings.HAS_MAIL,
    }
    return _shown(request, "release_now", context)


@require_GET_POST
def draft_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One draft: read as it will be read, and given words of its own."""
    require_chair(request)
    pending = _found(pk)
    if pending is None or pending.standing == Standing.UNDRAFTED:
        return _no_draft(request, pk)
    kind = kind_of(drafts.kind_of(pending))
    initial = {"subject": pending.draft_subject, "body": pending.draft_body}
    is_sent = request.method == "POST"
    form = TextForm(
        request.POST if is_sent else None, initial=initial, placeholders=kind.placeholders
    )
    stamp = request.POST.get("stamp", "") if is_sent else pending.draft_stamp
    if is_sent and form.is_valid() and "preview" not in request.POST:
        try:
            drafts.edit_draft(pending=pending, stamp=stamp, **form.cleaned_data)
        except NoDraft:
            return _no_draft(request, pk)
        except ChangedMeanwhile:
            form.add_error(
                None, "The draft was changed in another window. Copy your words and open it anew."
            )
        else:
            messages.success(request, "Saved. This letter has words of its own now.")
            return redirect("selection:draft", pk)
    words = form.data if is_sent else initial
    context = {
        "title": f"Letter to {pending.expression.name}",
        "edition": pending.expression.edition,
        "pending": pending,
        "standing": Standing(pending.standing),
        "form": form,
        "stamp": stamp,
        "placeholders": kind.placeholders,
        "preview": preview_of(
            pending.expression,
            subject=words.get("subject", ""),
            body=words.get("body", ""),
            offer=pending.offer,
        ),
        **_beside(pending),
    }
    return _shown(request, "draft", context)


@require_POST
def draft_step_view(request: HttpRequest, pk: int, step: str) -> HttpResponseBase:
    """Holds one decision back, lets it go, or discards its letter."""
    require_chair(request)
    pending = get_object_or_404(
        PendingDecision.objects.select_related("expression__edition"), pk=pk
    )
    who = pending.expression.name
    match step:
        case "hold" | "let-go":
            is_done = drafts.hold(pending=pending, is_held=step == "hold")
            words = "held back" if step == "hold" else "no longer held back"
            words = f"The decision about {who} is {words}."
        case "discard":
            is_done = drafts.discard_letter(pending=pending)
            words = f"The letter to {who} is discarded. The decision is still pending."
        case _:
            raise Http404
    if is_done:
        messages.success(request, words)
    else:
        messages.error(request, f"Nothing was changed: the letter to {who} is gone.")
    if "letter" in request.POST and step != "discard":
        return redirect("selection:draft", pk)
    return _back(pending.expression.edition)


def preview_of(expression: Expression, *, subject: str, body: str, offer: str) -> dict[str, Any]:
    """A letter as it would be read if it were released today."""
    edition = expression.edition
    written = drafts.write(
        expression,
        subject=subject,
        body=body,
        offer=offer,
        reply_by_on=expression.reply_by_on or reply_by_on(edition),
    )
    return {
        "to": f"{expression.name} <{expression.email}>",
        "subject": written.subject,
        "text": written.body_text,
        "page": shown_page(written.body_html),
    }


def _released(request: HttpRequest, edition: Edition, report: Report) -> HttpResponseBase:
    done = {
        name: _number(request.POST.get(name), 0) + getattr(report, name)
        for name in ("released", "held", "gone")
    }
    refused = _number(request.POST.get("refused"), 0) + len(report.refused)
    for line in report.refused[:_NAMED]:
        messages.warning(request, f"Left as it is: {line}")
    if report.left:
        context = {
            "title": "Releasing the decisions",
            "edition": edition,
            "words": f"{_decisions(done['released'])} released so far, {len(report.left)} to go.",
            "go_on": reverse("selection:release-now", args=[edition.pk]),
            "carried": {**done, "refused": refused, "seen": " ".join(report.left)},
        }
        return _shown(request, "release_going_on", context)
    parts = [f"{done['released']} released"]
    if done["held"]:
        parts.append(f"{done['held']} held")
    if refused:
        parts.append(f"{refused} left: changed since")
    if done["gone"]:
        parts.append(f"{done['gone']} no longer pending: released or taken back before")
    say = messages.success if done["released"] else messages.warning
    say(request, f"{'; '.join(parts)}.")
    if done["released"] and not settings.HAS_MAIL:
        messages.warning(request, _NO_MAIL)
    return _back(edition)


_NO_MAIL = "No mail server is set up: the letters wait, and go out once there is one."


def _count(pending: QuerySet[Any]) -> _Numbers:
    numbers = _Numbers()
    groups = (
        pending.order_by()
        .values_list("verdict", "offer", "standing", "is_held")
        .annotate(number=Count("pk"))
    )
    for verdict, offer, standing, is_held, number in groups:
        is_ready = standing == Standing.READY
        numbers.verdicts[_in_words(verdict, offer)] += number
        numbers.shows["all"] += number
        numbers.shows["ready"] += number * (is_ready and not is_held)
        numbers.shows["held"] += number * is_held
        numbers.shows["undrafted"] += number * (not is_ready)
    return numbers


def _in_words(verdict: str, offer: str) -> str:
    return PendingDecision(verdict=verdict, offer=offer).in_words


def _rows(pending: QuerySet[Any]) -> QuerySet[Any]:
    return pending.select_related("expression", "letter", "made_by").defer(
        *("draft_subject", "draft_body", "letter__body_text", "letter__body_html"),
        *(f"expression__{name}" for name in _UNREAD),
    )


def _at_one_address(edition: Edition, rows: list[PendingDecision]) -> list[int]:
    """Of each row, how many letters of this release go to its address."""
    emails = {row.expression.email.casefold() for row in rows}
    found = (
        PendingDecision.objects.filter(expression__edition=edition)
        .order_by()
        .values_list(Lower("expression__email"))
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
    )
    several = {email: number for email, number in found if email in emails} if emails else {}
    return [several.get(row.expression.email.casefold(), 1) for row in rows]


def _found(pk: int) -> PendingDecision | None:
    edition = Edition.objects.filter(expressions__pending_decision=pk).first()
    if edition is None:
        return None
    pending = pending_of(edition).select_related("expression", "letter", "made_by").filter(pk=pk)
    found: PendingDecision | None = pending.first()
    if found:
        found.expression.edition = edition
    return found


def _beside(pending: PendingDecision) -> dict[str, int | None]:
    """The letters before and after it, in the list's order."""
    others = PendingDecision.objects.filter(
        expression__edition=pending.expression.edition_id, letter__isnull=False
    ).values_list("pk", flat=True)
    at, pk = pending.made_at, pending.pk
    return {
        "earlier": others.filter(Q(made_at__lt=at) | Q(made_at=at, pk__lt=pk))
        .order_by("-made_at", "-pk")
        .first(),
        "later": others.filter(Q(made_at__gt=at) | Q(made_at=at, pk__gt=pk))
        .order_by("made_at", "pk")
        .first(),
    }


def _no_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    messages.error(request, "This draft is gone: it was released, discarded or taken back.")
    pending = PendingDecision.objects.filter(pk=pk).select_related("expression__edition").first()
    return _back(pending.expression.edition) if pending else redirect("admin:index")


def _back(edition: Edition) -> HttpResponseBase:
    return redirect("selection:release", edition.pk)


def _shown(request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
    every = {**admin.site.each_context(request), "opts": Expression._meta}
    return TemplateResponse(request, f"selection/{name}.html", every | context)


def _at(**asked: Any) -> str:
    return f"?{urlencode(asked)}"


def _number(words: str | None, otherwise: int) -> int:
    return int(words) if words and words.isdecimal() and len(words) < 8 else otherwise


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"


def _decisions(count: int) -> str:
    return "1 decision" if count == 1 else f"{count} decisions"
