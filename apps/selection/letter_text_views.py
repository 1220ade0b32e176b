"""Pages on which chairs choose an edition's own text for its letters."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.version_token import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.interest.services import reply_by_on
from apps.mail.services import choose_text
from apps.mail.texts import TextKind, kind_of, text_kinds, text_of, texts_of
from apps.mail.views import TextForm, preview_of
from apps.selection.letters import DECISION_KINDS, build_text_letter

_MOST_SAMPLES = 100
_CHANGED = (
    "A colleague changed this text while you wrote. Theirs is what goes out now; save again to "
    "have yours instead."
)


@require_safe
def texts_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All kinds of letters with a text to choose."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    texts = texts_of(edition)
    context = {
        "title": "Letter texts",
        "edition": edition,
        "texts": [{"kind": kind, "text": texts[kind.kind]} for kind in text_kinds()],
    }
    return render_desk_page(request, "selection/texts.html", context)


@require_GET_POST
def text_view(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Edit one text beside its preview for a sample expression."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    try:
        text_kind = kind_of(kind)
    except KeyError:
        raise Http404 from None
    text = text_of(edition, kind)
    token = version_token(text.subject, text.body)
    is_default = "ours" in request.POST
    is_sent = request.method == "POST" and not is_default
    default = text_kind if is_default else text
    if is_default:
        messages.info(request, "These are our words. Save to go back to them.")
    form = TextForm(
        request.POST if is_sent else None,
        initial={"subject": default.subject, "body": default.body},
        placeholders=text_kind.placeholders,
    )
    if is_sent and form.is_valid() and "save" in request.POST:
        if request.POST.get("seen") == token:
            choose_text(edition=edition, kind=kind, **form.cleaned_data)
            done = f"“{text_kind.label}” is saved. Drafts with the older words are marked as such."
            messages.success(request, done)
            return redirect("selection:texts", pk)
        form.add_error(None, _CHANGED)
    samples = _samples(edition)
    sample = _chosen_sample(request, edition, samples)
    values = form.data if is_sent else form.initial
    letter = build_text_letter(
        sample,
        kind=kind,
        subject=text_kind.with_samples(values.get("subject", "")),
        body=text_kind.with_samples(values.get("body", "")),
        offer=_offer_of(text_kind, sample),
        reply_by_on=sample.reply_by_on or reply_by_on(edition),
    )
    context = {
        "title": f"Letter text: {text_kind.label}",
        "edition": edition,
        "kind": text_kind,
        "text": text,
        "seen": token,
        "form": form,
        "placeholders": text_kind.placeholders,
        "samples": samples,
        "sample": sample,
        "preview": preview_of(letter),
    }
    return render_desk_page(request, "selection/text.html", context)


def _samples(edition: Edition) -> list[Expression]:
    """Expressions to preview with: those with a pending decision first, then the newest."""
    return list(
        Expression.objects.for_edition(edition)
        .only("name", "email", "reference", "title", "edition", "is_test")
        .order_by(F("pending_decision__made_at").asc(nulls_last=True), "-submitted_at", "-pk")[
            :_MOST_SAMPLES
        ]
    )


def _chosen_sample(request: HttpRequest, edition: Edition, samples: list[Expression]) -> Expression:
    asked = request.POST.get("sample") or request.GET.get("expression") or ""
    pk = int(asked) if asked.isdecimal() and len(asked) < 16 else 0
    if not pk and samples:
        pk = samples[0].pk
    sample = Expression.objects.select_related("edition").filter(edition=edition, pk=pk).first()
    return sample or _invented_sample(edition)


def _invented_sample(edition: Edition) -> Expression:
    """An unsaved expression, for editions that have none."""
    now = timezone.now()
    return Expression(
        pk=0,
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


def _offer_of(kind: TextKind, sample: Expression) -> str:
    """The offer that the preview names: that of the kind, or what was offered or asked for."""
    offers = {name: offer for (_, offer), name in DECISION_KINDS.items()}
    return offers.get(kind.kind, sample.offer or sample.requested_format)
