"""Chairs' page about feedback: settings, numbers, and sentences to approve or hide."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.search import Fold
from apps.core.text import count_of, read_number
from apps.editions.models import Edition
from apps.feedback.forms import SettingsForm
from apps.feedback.models import LEAST_SHOWN, Feedback, FeedbackSettings
from apps.feedback.services import moderate
from apps.feedback.summaries import Summary, summarise
from apps.interest.exports import csv_lines, defuse
from apps.interest.permissions import require_chair
from apps.programme.models import Contribution

_MOST_SENTENCES = 100  # on a page


@require_GET_POST
def feedback_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All feedback of an edition."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    settings = FeedbackSettings.of(edition)
    form = SettingsForm(request.POST or None, instance=settings)
    if request.method == "POST" and form.is_valid():
        FeedbackSettings.objects.update_or_create(edition=edition, defaults=form.cleaned_data)
        is_on = form.cleaned_data["is_on"]
        messages.success(request, f"Saved. Feedback is {'on' if is_on else 'off'}.")
        return redirect("feedback:desk", pk)
    state = request.GET.get("state", Feedback.State.WAITING)
    talk = read_number(request.GET.get("contribution", ""))
    sentences = Feedback.objects.for_edition(edition).with_sentence()
    numbers = dict(sentences.order_by().values_list("state").annotate(Count("pk")))
    if state in Feedback.State.values:
        sentences = sentences.filter(state=state)
    if talk:
        sentences = sentences.filter(contribution=talk)
    shown = sentences.select_related("contribution").order_by("contribution", "sentence", "pk")
    context = {
        "title": "Feedback",
        "edition": edition,
        "settings": settings,
        "form": form,
        "summaries": list_summaries(edition),
        "least": LEAST_SHOWN,
        "ratings": [rating.label for rating in Feedback.Rating],
        "sentences": shown[:_MOST_SENTENCES],
        "number": sentences.count(),
        "state": state,
        "states": [(each, each.label, numbers.get(each, 0)) for each in Feedback.State],
        "talk": talk,
    }
    return render_desk_page(request, "feedback/desk.html", context)


def list_summaries(edition: Edition) -> list[Summary]:
    """Contributions of an edition with feedback, by title, with the sentences that are not hidden."""
    rows = Contribution.objects.filter(edition=edition, feedback__isnull=False).distinct()
    rows = rows.prefetch_related("contributors__person").order_by(Fold("title"), "pk")
    hidden = Feedback.State.HIDDEN
    return summarise(rows, Feedback.objects.with_sentence().exclude(state=hidden))


@require_POST
def moderate_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Approve or hide a sentence."""
    require_chair(request)
    feedback = get_object_or_404(Feedback.objects.select_related("contribution"), pk=pk)
    state = request.POST.get("state", "")
    if state in {Feedback.State.APPROVED, Feedback.State.HIDDEN}:
        try:
            moderate(feedback=feedback, state=state, token=request.POST.get("seen", ""))
        except ChangedMeanwhile:
            text = "Nothing was done: the sentence was changed or removed meanwhile. Read it again."
            messages.error(request, text)
        else:
            messages.success(request, f"{Feedback.State(state).label}.")
    shown = request.POST.get("shown", Feedback.State.WAITING)
    filter_ = f"?state={shown}" if shown in {*Feedback.State.values, "all"} else ""
    edition = feedback.contribution.edition_id
    return redirect(f"{reverse('feedback:desk', args=[edition])}{filter_}#sentences")


@require_POST
def export_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Numbers and sentences per contribution as CSV; the admin's log records who took it."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    summaries = list_summaries(edition)
    action = f"Feedback on {count_of(len(summaries), 'contribution')} exported as CSV"
    log_action(by, CHANGE, action, str(edition), model=Edition)
    rows = ([defuse(cell) for cell in row] for row in _rows(summaries))
    return HttpResponse(
        "".join(csv_lines(rows)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{edition.slug}-feedback.csv"',
            "Cache-Control": "no-store, private",
        },
    )


def _rows(summaries: list[Summary]) -> Iterator[list[str]]:
    yield [
        "Contribution",
        "Presenters",
        *(str(each.label) for each in Feedback.Rating),
        "Sentences",
    ]
    for summary in summaries:
        row = summary.contribution
        names = ", ".join(credit.shown_name for credit in row.presenters)
        few = f"fewer than {LEAST_SHOWN}"
        numbers = [str(number) if summary.is_shown else few for _, number in summary.numbers]
        yield [str(row), names, *numbers, "\n".join(summary.sentences)]
