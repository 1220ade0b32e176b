"""The page that moves a session, and what follows it if wished."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from apps.programme.models import Session
from apps.programme.moving import MOST_MINUTES, Along, NotMoved, following, move_session


class MoveForm(forms.Form):
    """By how much, and with what."""

    minutes = forms.IntegerField(
        label="By how many minutes",
        min_value=-MOST_MINUTES,
        max_value=MOST_MINUTES,
        initial=15,
        help_text="With a minus sign: earlier.",
    )
    along = forms.ChoiceField(
        label="With it", choices=Along.choices, initial=Along.NOTHING, widget=forms.RadioSelect
    )
    # When it started as the page was shown.
    seen_at = forms.TimeField(widget=forms.HiddenInput)

    def clean_minutes(self) -> int:
        minutes: int = self.cleaned_data["minutes"]
        if minutes == 0:
            raise forms.ValidationError("By no minute at all, nothing moves.")
        return minutes


def urls() -> list[URLPattern]:
    """Below the list of sessions."""
    view = require_http_methods(["GET", "HEAD", "POST"])(move_view)
    move = admin.site.admin_view(view)
    return [path("<int:pk>/move/", move, name="programme_session_move")]


def move_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What would move along; then it moves."""
    if not request.user.has_perm("programme.change_session"):
        raise PermissionDenied
    session = get_object_or_404(Session.objects.select_related("edition", "room"), pk=pk)
    if session.starts_at is None:
        messages.info(request, f"“{session}” has no time yet: give it one on its page.")
        return _back(session)
    form = MoveForm(
        request.POST if request.method == "POST" else None,
        initial={"seen_at": session.starts_at.isoformat()},
    )
    if form.is_bound and form.is_valid():
        answers = form.cleaned_data
        try:
            moved = move_session(
                session=session,
                minutes=answers["minutes"],
                along=Along(answers["along"]),
                seen_at=answers["seen_at"],
            )
        except NotMoved as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _said(moved, answers["minutes"]))
        return _back(session)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Session._meta,
        "edition": session.edition,
        "title": f"Move “{session}”",
        "session": session,
        "form": form,
        "along": [
            (along.label, rows) for along, rows in following(session).items() if along != "nothing"
        ],
    }
    return TemplateResponse(request, "admin/programme/move.html", context)


def _said(moved: list[Session], minutes: int) -> str:
    others = len(moved) - 1
    more = f" and {others} other{'s' if others > 1 else ''} with it" if others else ""
    many = f"{abs(minutes)} minute{'s' if abs(minutes) > 1 else ''}"
    way = "later" if minutes > 0 else "earlier"
    return f"“{moved[0]}”{more} moved {many} {way}: it starts at {moved[0].starts_at:%H:%M}."


def _back(session: Session) -> HttpResponseBase:
    return redirect("admin:programme_session_overview", session.edition_id)
