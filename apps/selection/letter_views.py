"""Pages on which chairs release decisions with their letters, edit texts, and write to a list."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import sent_data
from apps.core.text import count_of, read_number
from apps.core.views import refuse_with_text
from apps.editions.models import Edition
from apps.interest.admin.changelist import name_listed_edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.interest.services import reply_deadline
from apps.interest.workflow import Action, State
from apps.mail.drafts import ReleaseReport
from apps.mail.models import Letter, Mailing
from apps.mail.services import choose_text
from apps.mail.texts import TextKind, kind_of, text_kinds, text_of, text_token, texts_of
from apps.mail.views import DraftPages, TextForm, describe_test, letter_preview
from apps.selection.capacity import capacity_of
from apps.selection.decisions import draft_decision_letters, pending_decisions, release_decisions
from apps.selection.letters import (
    BULK_LETTER,
    DECISION_KINDS,
    LETTER_PLACEHOLDERS,
    Recipients,
    build_text_letter,
    choose_recipients,
    names_one_expression,
    queue_test,
    send_mailing,
)
from apps.selection.models import PendingDecision

_MOST_SAMPLES = 500
_LIST = "admin:interest_expression_changelist"
_LIST_CHANGED = "Nothing was sent, because the list changed meanwhile. Check it again."


@require_safe
def texts_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All kinds of letters with a text to choose."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    texts = texts_of(edition)
    context = {
        "title": "Email texts",
        "edition": edition,
        "texts": [{"kind": kind, "text": texts[kind.kind]} for kind in text_kinds()],
    }
    return render_desk_page(request, "selection/texts.html", context)


@gives_back("subject", "body")
@require_GET_POST
def text_view(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Edit one text beside its preview for a sample expression."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    try:
        text_kind = kind_of(kind)
    except KeyError:
        raise Http404 from None
    text = text_of(edition, kind)
    seen = request.POST.get("seen", text_token(text))
    is_default = "ours" in request.POST
    is_sent = request.method == "POST" and not is_default
    subject, body = text_kind.default_for(edition) if is_default else (text.subject, text.body)
    if is_default:
        messages.info(request, "This is the default text. Save to use it again.")
    form = TextForm(
        request.POST if is_sent else None,
        initial={"subject": subject, "body": body},
        placeholders=text_kind.placeholders,
    )
    if is_sent and form.is_valid() and "save" in request.POST:
        try:
            choose_text(edition=edition, kind=kind, seen=seen, **form.cleaned_data)
        except ChangedMeanwhile:
            text = text_of(edition, kind)
            form.add_conflict(subject=text.subject, body=text.body)
            seen = text_token(text)
        else:
            done = f"“{text_kind.label}” is saved. Drafts with the earlier text are marked."
            messages.success(request, done)
            return redirect("selection:texts", pk)
    samples = _samples(edition)
    sample = _chosen_sample(request, edition, samples)
    letter = _build_sample(text_kind, sample, form.data if is_sent else form.initial)
    preview = letter_preview(letter)
    if is_sent and "test" in request.POST and form.is_valid():
        queue_test(letter, expression=sample, to=by)
        messages.success(request, describe_test(by))
    context = {
        "title": f"Email text: {text_kind.label}",
        "edition": edition,
        "kind": text_kind,
        "text": text,
        "seen": seen,
        "form": form,
        "placeholders": text_kind.placeholders,
        "samples": samples,
        "sample": sample,
        "preview": preview,
    }
    return render_desk_page(request, "selection/text.html", context)


def _build_sample(kind: TextKind, sample: Expression, text: Mapping[str, str]) -> Letter:
    """The letter to `sample` with the subject and body in `text`, unsaved."""
    return build_text_letter(
        sample,
        kind=kind.kind,
        subject=kind.with_samples(text.get("subject", "")),
        body=kind.with_samples(text.get("body", "")),
        offer=_offer_of(kind, sample),
        reply_by_on=sample.reply_by_on or reply_deadline(sample.edition),
    )


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
    pk = read_number(request.POST.get("sample") or request.GET.get("expression") or "") or 0
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


@gives_back("subject", "body")
@require_GET_POST
def write_view(request: HttpRequest) -> HttpResponseBase:
    """Write the text beside its preview, confirm the number of letters, and send them."""
    by = require_chair(request)
    name_listed_edition(request)
    try:
        changelist = admin.site.get_model_admin(Expression).get_changelist_instance(request)
    except IncorrectLookupParameters:
        messages.error(request, "This filter does not exist, so no one was selected.")
        return redirect(_LIST)
    back = f"{reverse(_LIST)}?{request.GET.urlencode()}"
    recipients = _recipients(changelist)
    if recipients is None or not recipients.expressions:
        no_one = "This list has no one to write to."
        refuse_with_text(request, "Choose one edition first." if recipients is None else no_one)
        return redirect(back)
    data = sent_data(request)
    initial = _first_text(request, recipients.edition) if data is None else {}
    form = TextForm(data, initial=initial, placeholders=LETTER_PLACEHOLDERS)
    key = request.POST.get("key", "")[:64] or secrets.token_urlsafe(24)
    chosen = _describe_list(changelist)
    is_confirming = data is not None and form.is_valid() and bool({"look", "send"} & set(data))
    if is_confirming and "send" in request.POST:
        try:
            mailing, is_new = send_mailing(
                recipients=recipients,
                token=request.POST.get("version_token", ""),
                key=key,
                chosen=chosen,
                by=by,
                **form.cleaned_data,
            )
        except ChangedMeanwhile:
            messages.error(request, _LIST_CHANGED)
        else:
            _report_mailing(request, mailing, is_new=is_new)
            return redirect("selection:sent", mailing.pk)
    values = form.cleaned_data if is_confirming else form.data or initial
    subject, body = values.get("subject", ""), values.get("body", "")
    number = len(recipients.expressions)
    by_key = {str(expression.pk): expression for expression in recipients.expressions}
    sample = by_key.get(request.POST.get("sample", ""), recipients.expressions[0])
    if data is not None and "test" in data and form.is_valid():
        test = build_text_letter(sample, kind=BULK_LETTER, **form.cleaned_data)
        queue_test(test, expression=sample, to=by)
        messages.success(request, describe_test(by))
    letter = build_text_letter(sample, kind=BULK_LETTER, subject=subject, body=body)
    title = "Write an email" if number == 1 else f"Write to these {number}"
    addressed = recipients.for_text(subject=subject, body=body)
    context = {
        "title": "Send the emails" if is_confirming else title,
        "edition": recipients.edition,
        "back": back,
        "chosen": chosen,
        "left_out": recipients.left_out,
        "is_by_state": recipients.is_by_state,
        "version_token": recipients.token,
        "number": number,
        "letters": len(addressed),
        "addressed": addressed if is_confirming else [],
        "is_about_one": names_one_expression(subject, body),
        "key": key,
        "form": form,
        "placeholders": LETTER_PLACEHOLDERS,
        "samples": recipients.expressions[:_MOST_SAMPLES],
        "sample": sample,
        "preview": letter_preview(letter),
    }
    template = "selection/write_now.html" if is_confirming else "selection/write.html"
    return render_desk_page(request, template, context)


@require_safe
def sent_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one mailing sent so far, and what an organiser does next."""
    require_chair(request)
    mailing = get_object_or_404(Mailing.objects.select_related("edition"), pk=pk)
    states = mailing.letters.order_by().values_list("state").annotate(number=Count("pk"))
    numbers = dict(states)
    context = {
        "title": f"{count_of(sum(numbers.values()), 'email')} written",
        "mailing": mailing,
        "edition": mailing.edition,
        "list_url": reverse(_LIST),
        "has_mail": settings.HAS_MAIL,
        "states": [
            (numbers[state], state.label.lower()) for state in Letter.State if state in numbers
        ],
    }
    return render_desk_page(request, "selection/sent.html", context)


def _first_text(request: HttpRequest, edition: Edition) -> dict[str, str]:
    """Thanks to those who confirmed, after the last day; no text otherwise."""
    if not edition.is_past or request.GET.get("state__exact") != State.CONFIRMED:
        return {}
    text = text_of(edition, "interest/thanks")
    return {"subject": text.subject, "body": text.body}


def _report_mailing(request: HttpRequest, mailing: Mailing, *, is_new: bool) -> None:
    count = mailing.letters.count()
    letters = f"{count_of(count, 'email')} {'is' if count == 1 else 'are'}"
    if is_new:
        messages.success(request, f"{letters} on the way.")
    else:
        text = f"This was sent already, when you first pressed the button: {letters} on record."
        messages.info(request, text)


def _recipients(changelist: ChangeList) -> Recipients | None:
    """Recipients on all pages of the list; None unless it is that of one edition."""
    key = read_number(changelist.params.get("edition__id__exact", "")) or 0
    edition = Edition.objects.filter(pk=key).first()
    if edition is None:
        return None
    is_by_state = "state__exact" in changelist.params
    return choose_recipients(edition, changelist.queryset, is_by_state=is_by_state)


def _describe_list(changelist: ChangeList) -> str:
    """The filter in words: "Edition: Workshop (2030). State: accepted"."""
    parts = []
    for spec in changelist.filter_specs:
        _, *choices = spec.choices(changelist)  # the first is "All"
        chosen = [str(choice["display"]) for choice in choices if choice["selected"]]
        parts += [f"{str(spec.title).capitalize()}: {label}" for label in chosen]
    if changelist.query:
        # The words may be a person's, and mailings are kept after that person's data are erased.
        parts.append("Found by a search")
    return ". ".join(parts)


# The result of a released decision, in words.
_DONE = {
    Action.ACCEPT: "accepted",
    Action.WAITLIST: "put on the waiting list",
    Action.DECLINE: "declined",
}


class DecisionPages(DraftPages):
    permission = "interest.decide_expression"
    title = "Release decisions"
    noun = "decision"
    url_name = "selection:release"
    list_template = "selection/release.html"
    release_template = "selection/release_now.html"
    about_template = "selection/_decision.html"

    def get_drafts(self, edition: Edition) -> list[PendingDecision]:
        decisions, reply_by_on = pending_decisions(edition), reply_deadline(edition)
        for decision in decisions:
            # The preview shows the date of a release today; nothing of this is saved.
            decision.expression.reply_by_on = decision.expression.reply_by_on or reply_by_on
        return decisions

    def draft(self, edition: Edition) -> int:
        return draft_decision_letters(edition=edition)

    def release(self, edition: Edition, *, seen: Sequence[str], by: User) -> ReleaseReport:
        return release_decisions(edition=edition, seen=seen, by=by)

    def describe_release(self, edition: Edition, report: ReleaseReport) -> list[str]:
        numbers: Counter[str] = Counter()
        for (verdict, _), kind in DECISION_KINDS.items():
            numbers[verdict] += report.released_kinds[kind]
        parts = [
            f"{numbers[verdict]} {done}" for verdict, done in _DONE.items() if numbers[verdict]
        ]
        sentences = [f"The students' own pages show it: {', '.join(parts)}."]
        if numbers[Action.ACCEPT]:
            day = date_format(reply_deadline(edition), "j F Y")
            sentences.append(
                f"Offers can be answered until {day}; the overview says when replies are due."
            )
        return sentences

    def get_context(self, edition: Edition, drafts: Sequence[PendingDecision]) -> dict[str, Any]:
        numbers = Counter((decision.verdict, decision.offer) for decision in drafts)
        return {
            "capacity": list(capacity_of(edition)),
            # Offers first, refusals last.
            "verdicts": [
                (PendingDecision(verdict=verdict, offer=offer).in_words, numbers[verdict, offer])
                for verdict, offer in DECISION_KINDS
                if numbers[verdict, offer]
            ],
            "reply_by_on": next((row.expression.reply_by_on for row in drafts if row.offer), None),
        }
