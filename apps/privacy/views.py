"""Pages of chairs about personal data: storage periods of an edition, what is stored and erased."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import private_page, require_GET_POST
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.privacy.figures import figures_of
from apps.privacy.models import RetentionPeriods, RetentionRun
from apps.privacy.retention import list_data

_MOST_RUNS = 20


class RetentionPeriodsForm(forms.ModelForm):
    """Days per class of data."""

    class Meta:
        model = RetentionPeriods
        fields = ["needs_days", "unconfirmed_days", "letters_days", "reviews_days"]


@require_GET_POST
@private_page
def edition_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Storage periods of an edition, what is stored, due and erased, and its figures."""
    by = require_chair(request)
    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    periods = RetentionPeriods.of(edition)
    form = RetentionPeriodsForm(request.POST or None, instance=periods)
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            form.save()
            log_action(by, CHANGE, str(edition), "Storage periods changed.", model=Edition)
        messages.success(request, "The storage periods are saved. The privacy page shows them.")
        return redirect("privacy:edition", pk)
    context = {
        "title": f"Privacy: {edition}",
        "edition": edition,
        "form": form,
        "data": list_data(edition),
        "counts_from": periods.counts_from,
        "runs": RetentionRun.objects.filter(edition=edition, erased__gt=0)[:_MOST_RUNS],
        "figures": figures_of(edition),
    }
    status = 422 if form.errors else 200
    return render_desk_page(request, "privacy/edition.html", context, status=status)
