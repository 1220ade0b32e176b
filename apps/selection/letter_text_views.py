"""The words of an edition's letters: which are ours, which are its own, and where they are written."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import admin, messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.decorators import require_GET_POST
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.mail.forms import TextForm
from apps.mail.models import LetterText
from apps.mail.services import choose_text
from apps.mail.texts import TextKind, kind_of, text_kinds, text_of, texts_of
from apps.selection.letter_texts import DECISION_KINDS
from apps.selection.release_views import preview_of

# A longer list to choose from serves nobody; who wants another one comes from its own screen.
_MOST_SAMPLES = 100
_CHANGED = (
    "A colleague changed this text while you wrote. Theirs is what goes out now; save again to "
    "have yours instead."
)


@require_safe
def texts_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All kinds of letters with a text of their own."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    own = texts_of(edition)
    context = {
        "title": "Letter texts",
        "edition": edition,
        "texts": [{"kind": kind, "text": own[kind.kind]} for kind in text_kinds()],
    }
    return _shown(request, "texts", context)


@require_GET_POST
def text_view(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """One text: written, seen on a chosen expression, saved."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    chosen = _kind(kind)
    text = text_of(edition, kind)
    form, is_sent = _form(request, chosen, text)
    if is_sent and form.is_valid() and "save" in request.POST:
        if request.POST.get("seen") == _digest(text):
            choose_text(edition=edition, kind=kind, **form.cleaned_data)
            done = f"“{chosen.label}” is saved. Drafts with the older words are marked as such."
            messages.success(request, done)
            return redirect("selection:texts", pk)
        form.add_error(None, _CHANGED)
    samples = _samples(edition)
    sample = _sample(request, edition, samples)
    words = form.data if is_sent else form.initial
    context = {
        "title": f"Letter text: {chosen.label}",
        "edition": edition,
        "kind": chosen,
        "text": text,
        "seen": _digest(text),
        "form": form,
        "placeholders": chosen.placeholders,
        "samples": samples,
        "sample": sample,
        "preview": preview_of(
            sample,
            subject=chosen.with_samples(words.get("subject", "")),
            body=chosen.with_samples(words.get("body", "")),
            offer=_offer(chosen, sample),
        ),
    }
    return _shown(request, "text", context)


def _form(request: HttpRequest, kind: TextKind, text: LetterText) -> tuple[TextForm, bool]:
    """The form, and whether somebody sent words with it; "ours" asks for our own, not yet saved."""
    if request.method == "POST" and "ours" not in request.POST:
        return TextForm(request.POST, placeholders=kind.placeholders), True
    shown: TextKind | LetterText = text
    if request.method == "POST":
        shown = kind
        messages.info(request, "These are our words. Save to go back to them.")
    initial = {"subject": shown.subject, "body": shown.body}
    return TextForm(initial=initial, placeholders=kind.placeholders), False


def _kind(kind: str) -> TextKind:
    try:
        return kind_of(kind)
    except KeyError:
        raise Http404 from None


def _samples(edition: Edition) -> list[Expression]:
    """Those to choose from: with a pending decision first, then the newest."""
    return list(
        Expression.objects.for_edition(edition)
        .only("name", "email", "reference", "title", "edition", "is_test")
        .order_by(F("pending_decision__made_at").asc(nulls_last=True), "-submitted_at", "-pk")[
            :_MOST_SAMPLES
        ]
    )


def _sample(request: HttpRequest, edition: Edition, samples: list[Expression]) -> Expression:
    asked = request.POST.get("sample") or request.GET.get("expression") or ""
    pk = int(asked) if asked.isdecimal() and len(asked) < 16 else 0
    if not pk and samples:
        pk = samples[0].pk
    chosen = Expression.objects.select_related("edition").filter(edition=edition, pk=pk).first()
    return chosen or _made_up(edition)


def _made_up(edition: Edition) -> Expression:
    """Somebody to preview on where nobody has sent anything yet."""
    now = timezone.now()
    return Expression(
        edition=edition,
        reference="R7K2QD",
        name="Ada Example",
        email="ada@example.org",
        title="Small models for small devices",
        wants_talk=True,
        wants_poster=True,
        submitted_at=now,
        changed_at=now,
    )


def _offer(kind: TextKind, sample: Expression) -> str:
    """What the letter would offer: by its kind, or what was offered or asked for."""
    for (_, offer), name in DECISION_KINDS.items():
        if name == kind.kind:
            return offer
    return sample.offer or sample.requested_format


def _digest(text: LetterText) -> str:
    return hashlib.sha256(f"{text.subject}\n{text.body}".encode()).hexdigest()[:16]


def _shown(request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
    every = {**admin.site.each_context(request), "opts": Expression._meta}
    return TemplateResponse(request, f"selection/{name}.html", every | context)
