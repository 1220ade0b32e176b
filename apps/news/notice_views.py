"""Pages at the desk on which organisers show, change and end change notices of an edition."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.timezone import override
from django.views.decorators.http import require_POST

from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import LineField, sent_data
from apps.editions.models import Edition
from apps.news.models import WITHIN_CALENDAR, Notice
from apps.news.notices import change_notice, end_notice, show_notice

USUAL_TIME = timedelta(hours=2)
_MOST_ENDED = 20  # in the list of a page
_needs_permission = permission_required("news.change_notice", raise_exception=True)


class MomentField(forms.DateTimeField):
    """A day and time in the active time zone, written in the browser's own control."""

    default_validators = WITHIN_CALENDAR
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class NoticeForm(forms.ModelForm):
    """A notice; without times it begins now and ends after two hours."""

    text = LineField(
        label="Message",
        missing="Write the message",
        help_text=Notice.text.field.help_text,
        widget=forms.TextInput({"class": "vTextField"}),
    )
    starts_at = MomentField(label="From", required=False, help_text="If empty, now.")
    ends_at = MomentField(label="Until", required=False, help_text="If empty, for two hours.")

    class Meta:
        model = Notice
        fields = ["text", "url", "link_label", "starts_at", "ends_at"]
        widgets = {
            "url": forms.TextInput({"class": "vTextField"}),
            "link_label": forms.TextInput({"class": "vTextField"}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "starts_at" in self.errors or "ends_at" in self.errors:
            return cleaned
        starts_at = cleaned["starts_at"] = cleaned.get("starts_at") or timezone.now()
        ends_at: datetime | None = cleaned.get("ends_at")
        ends_at = cleaned["ends_at"] = ends_at or starts_at + USUAL_TIME
        if ends_at <= max(starts_at, timezone.now()):
            self.add_error("ends_at", "Choose an end that is later than now and than the start.")
        return cleaned


@gives_back("text")
@require_GET_POST
@_needs_permission
def notices_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The notices of an edition, and a form to show another one at once."""
    edition = get_object_or_404(Edition, pk=pk)
    with override(edition.zone):
        data = sent_data(request)
        if data is not None and "now" in data:  # the other button is for the times below it
            data = data.copy()
            data.update({"starts_at": "", "ends_at": ""})
        form = NoticeForm(data, instance=Notice(edition=edition))
        if form.is_bound and form.is_valid():
            notice, is_new = show_notice(notice=form.save(commit=False))
            _report_shown(request, notice, is_new=is_new)
            return redirect("news:notices", pk)
        now = timezone.now()
        notices = edition.notices.all()
        context = {
            "title": "Change notices",
            "edition": edition,
            "form": form,
            "shown": list(notices.shown_at(now)),
            "later": list(notices.filter(starts_at__gt=now).order_by("starts_at", "pk")),
            "ended": list(notices.filter(ends_at__lte=now)[:_MOST_ENDED]),
        }
        return render_desk_page(request, "news/notices.html", context).render()


@gives_back("text")
@require_GET_POST
@_needs_permission
def notice_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the words and times of a notice."""
    notice = get_object_or_404(Notice.objects.select_related("edition"), pk=pk)
    token = request.POST.get("version_token", notice.version_token)
    with override(notice.edition.zone):
        form = NoticeForm(sent_data(request), instance=notice)
        if form.is_bound and form.is_valid():
            try:
                change_notice(notice=form.save(commit=False), token=token)
            except ChangedMeanwhile:
                text = "Someone changed this notice while you had the page open. This is how it is now."
                messages.error(request, text)
                return redirect("news:notices", notice.edition_id)
            messages.success(request, f"Saved. {_when(notice)}")
            return redirect("news:notices", notice.edition_id)
        context = {
            "title": "Change a notice",
            "edition": notice.edition,
            "form": form,
            "version_token": token,
        }
        return render_desk_page(request, "news/notice.html", context).render()


@require_POST
@_needs_permission
def end_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End a notice now, or delete one that has not started."""
    notice = get_object_or_404(Notice, pk=pk)
    try:
        was_shown = end_notice(notice=notice)
    except NotAllowed as refusal:
        messages.info(request, str(refusal))
    else:
        done = "Ended. Pages that are open show it until they are loaded again."
        messages.success(request, done if was_shown else f"Deleted: “{notice}”.")
    return redirect("news:notices", notice.edition_id)


def _report_shown(request: HttpRequest, notice: Notice, *, is_new: bool) -> None:
    if not is_new:
        messages.info(request, f"This notice is there already. {_when(notice)}")
    elif notice.edition.is_draft:
        messages.warning(
            request, f"{_when(notice)} The edition is a draft, so only organisers see it."
        )
    else:
        messages.success(request, _when(notice))


def _when(notice: Notice) -> str:
    """ "Shown until 3 May, 14:30 BST."."""
    end = _moment(notice.ends_at)
    if notice.starts_at > timezone.now():
        return f"It will be shown from {_moment(notice.starts_at)} until {end}."
    return f"It is shown until {end}."


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M} {local.tzname()} on {local.day} {local:%B}"
