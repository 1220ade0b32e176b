"""Admin pages that copy a session, and that change several sessions or contributions at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.decorators import permission_required
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import RowsField, sent_data
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.programme import bulk_edits
from apps.programme.admin.base import AGAIN, render_programme_page
from apps.programme.bulk_edits import MOST_ROWS
from apps.programme.models import MOST_DAYS, Contribution, Room, Session

_AS_IT_IS = ("", "Leave as it is")


def bulk_edit_urls() -> list[URLPattern]:
    """URLs below the list of sessions."""
    view = admin.site.admin_view(require_GET_POST(duplicate_view))
    return [path("<int:pk>/duplicate/", view, name="programme_session_duplicate")]


class DuplicateForm(forms.Form):
    """The days and the time of copies of a session."""

    days = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Days",
        error_messages={"required": "Tick at least one day."},
    )
    starts_at = forms.TimeField(
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"size": 8}),
        label="Starts at",
        help_text="Empty if it is not known.",
        error_messages={"invalid": "Write the time like 23:59."},
    )
    has_contributions = forms.BooleanField(
        required=False, label="Copy its chairs and contributions, with minutes and boards"
    )

    def __init__(self, data: Any, *, session: Session) -> None:
        super().__init__(data, initial={"starts_at": session.starts_at})
        days: Any = self.fields["days"]
        days.choices = _days(session.edition)


def _days(edition: Edition) -> list[tuple[int, str]]:
    """The days that can be chosen: those of the edition, or one more than its sessions have."""
    last = edition.sessions.aggregate(last=Max("day"))["last"] or 1
    last = max(last, edition.day_count or last + 1)
    return [(day, f"Day {day}") for day in range(1, min(MOST_DAYS, last) + 1)]


@permission_required("programme.add_session", raise_exception=True)
def duplicate_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Copy a session to other days or times."""
    session = get_object_or_404(Session.objects.select_related("edition", "room"), pk=pk)
    form = DuplicateForm(sent_data(request), session=session)
    if form.is_bound and form.is_valid():
        try:
            copies = bulk_edits.duplicate_on_days(
                session=session, token=request.POST.get("token", ""), **form.cleaned_data
            )
        except ChangedMeanwhile:
            messages.error(request, AGAIN)
            return redirect(request.path)
        messages.success(request, f"{count_of(len(copies), 'session')} added.")
        if len(copies) == 1:
            return redirect("admin:programme_session_change", copies[0].pk)
        return redirect("admin:programme_session_overview", session.edition_id)
    return render_programme_page(
        request,
        "duplicate",
        session.edition,
        title=f"Duplicate “{session}”",
        session=session,
        form=form,
        token=bulk_edits.sessions_token(session.edition),
    )


class RoomChoiceField(forms.TypedChoiceField):
    """A room of an edition; None leaves the rooms as they are, "" means no room."""

    NO_ROOM = "none"

    def show_rooms(self, edition: Edition) -> None:
        rooms = {str(room.pk): room for room in Room.objects.filter(edition=edition)}
        names = [(key, str(room)) for key, room in rooms.items()]
        self.choices = [_AS_IT_IS, *names, (self.NO_ROOM, "No room")]
        self.coerce = lambda key: rooms.get(key, "")


class BulkForm(forms.Form):
    """Facts to give to several rows of one edition; what is empty stays as it is."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_empty = all(
            value is None or (name != "room" and not value) for name, value in cleaned.items()
        )
        if not self.errors and is_empty:
            raise forms.ValidationError("Choose what to change.", code="empty")
        return cleaned


class ChangeSessionsForm(BulkForm):
    kind = forms.ChoiceField(choices=[_AS_IT_IS, *Session.Kind.choices], required=False)
    day = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    room = RoomChoiceField(required=False, empty_value=None)

    def __init__(self, data: Any, *, edition: Edition) -> None:
        super().__init__(data)
        day: Any = self.fields["day"]
        day.choices = [_AS_IT_IS, *_days(edition)]
        room: Any = self.fields["room"]
        room.show_rooms(edition)


class ChangeContributionsForm(BulkForm):
    kind = forms.ChoiceField(choices=[_AS_IT_IS, *Contribution.Kind.choices], required=False)
    add_topics = RowsField(queryset=None, required=False)
    remove_topics = RowsField(queryset=None, required=False)

    def __init__(self, data: Any, *, edition: Edition) -> None:
        super().__init__(data)
        for name in ("add_topics", "remove_topics"):
            field: Any = self.fields[name]
            field.queryset = edition.topics.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        both = set(cleaned.get("add_topics") or ()) & set(cleaned.get("remove_topics") or ())
        if both:
            names = ", ".join(sorted(map(str, both)))
            self.add_error("remove_topics", f"You chose to add and to remove: {names}.")
        return cleaned


def change_together(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    form_class: Callable[..., BulkForm],
    token_of: Callable[[Sequence[Any]], str],
    change: Callable[..., int],
) -> HttpResponseBase | None:
    """Ask what to change of the selected rows, then change it; for an action of a list.

    None leads back to the list.
    """
    noun = str(rows.model._meta.verbose_name)
    selected = list(rows.order_by("pk")[: MOST_ROWS + 1])
    if len(selected) > MOST_ROWS:
        messages.error(request, f"Select at most {MOST_ROWS} {noun}s at a time.")
        return None
    if not selected:  # deleted meanwhile
        messages.error(request, AGAIN)
        return None
    if len({row.edition_id for row in selected}) > 1:
        messages.error(request, f"Select {noun}s of one edition: filter the list by edition first.")
        return None
    edition = selected[0].edition
    is_sent = "change" in request.POST
    form = form_class(request.POST if is_sent else None, edition=edition)
    if is_sent and form.is_valid():
        keys = [row.pk for row in selected]
        token = request.POST.get("token", "")
        try:
            count = change(keys=keys, token=token, **form.cleaned_data)
        except ChangedMeanwhile:
            messages.error(request, AGAIN)
            form = form_class(None, edition=edition)
        else:
            messages.success(request, f"{count_of(count, noun)} changed.")
            return None
    return render_programme_page(
        request,
        "change_together",
        edition,
        title=f"Change {count_of(len(selected), noun)}",
        rows=selected,
        form=form,
        token=token_of(selected),
        action=request.POST.get("action", ""),
        checkbox_name=ACTION_CHECKBOX_NAME,
    )
