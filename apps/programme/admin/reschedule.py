"""The page that moves a session, and what follows it if wished; a drop in the drawn day is the same press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from apps.core.decorators import require_GET_POST
from apps.editions.models import Edition
from apps.programme.models import Room, Session
from apps.programme.scheduling.reschedule import (
    MOST_MINUTES,
    Along,
    NotMoved,
    Place,
    Step,
    following,
    move_session,
    put_back,
)

_SALT = "programme.moving"
_NAMED = 2  # of those that moved along


class MoveForm(forms.Form):
    """To where, and with what."""

    minutes = forms.IntegerField(
        label="By how many minutes",
        min_value=-MOST_MINUTES,
        max_value=MOST_MINUTES,
        initial=15,
        help_text="With a minus sign: earlier.",
    )
    starts_at = forms.TimeField(
        label="Starts at",
        error_messages={"invalid": "Write the time like 23:59."},
    )
    room = forms.ModelChoiceField(
        queryset=Room.objects.none(), required=False, empty_label="No room", label="Room"
    )
    along = forms.ChoiceField(
        label="With it", choices=Along.choices, initial=Along.NOTHING, widget=forms.RadioSelect
    )
    # Where it stood as the page was shown.
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, data: Any, *, session: Session) -> None:
        place = Place.of(session)
        super().__init__(data, initial={"seen": str(place), "room": place.room})
        self.session = session
        # What has no time yet cannot move by minutes, and what has one moves by nothing else.
        for name in ("minutes", "along") if session.starts_at is None else ("starts_at",):
            del self.fields[name]
        rooms = self.fields["room"]
        assert isinstance(rooms, forms.ModelChoiceField)  # noqa: S101  (for the types)  # nosec
        rooms.queryset = Room.objects.for_edition(session.edition)

    def clean_seen(self) -> Place:
        try:
            return Place.read(self.cleaned_data["seen"])
        except ValueError as fault:
            raise forms.ValidationError("Look at the session once more.") from fault

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if at := cleaned.get("starts_at"):
            cleaned |= {"minutes": at.hour * 60 + at.minute, "along": Along.NOTHING}
        room = cleaned["room"].pk if cleaned["room"] else None
        if cleaned["minutes"] == 0 and "starts_at" not in cleaned and room == cleaned["seen"].room:
            self.add_error("minutes", "By no minute and into no other room, nothing moves.")
        return cleaned


def urls() -> list[URLPattern]:
    """Below the list of sessions."""
    move, back = (
        admin.site.admin_view(view) for view in (require_GET_POST(move_view), put_back_view)
    )
    return [
        path("<int:pk>/move/", move, name="programme_session_move"),
        path("programme/<int:pk>/put-back/", back, name="programme_session_put_back"),
    ]


def move_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What would move along; then it moves."""
    _refuse_readers(request)
    session = get_object_or_404(Session.objects.select_related("edition", "room"), pk=pk)
    form = MoveForm(request.POST if request.method == "POST" else None, session=session)
    if form.is_bound and form.is_valid():
        answers = form.cleaned_data
        try:
            steps = move_session(
                session=session,
                minutes=answers["minutes"],
                room=answers["room"],
                along=Along(answers["along"]),
                seen=answers["seen"],
            )
        except NotMoved as refusal:
            messages.error(request, str(refusal))
            return _back(session.edition)
        messages.success(request, _said(steps))
        return _back(session.edition, steps)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Session._meta,
        "edition": session.edition,
        "title": f"Move “{session}”",
        "session": session,
        "form": form,
        "along": [
            (along.label, rows)
            for along, rows in following(session).items()
            if along != Along.NOTHING and session.starts_at
        ],
    }
    return TemplateResponse(request, "admin/programme/move.html", context)


@require_POST
def put_back_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Takes the move back that was just made, as long as all of it stands where it was put."""
    _refuse_readers(request)
    edition = get_object_or_404(Edition, pk=pk)
    done = _read(edition, request.POST.get("steps", ""))
    if not done:
        messages.error(request, "Nothing was moved: it is not known any more what was.")
        return _back(edition)
    try:
        steps = put_back(edition=edition, steps=done)
    except NotMoved as refusal:
        messages.error(request, str(refusal))
        return _back(edition)
    messages.success(request, f"Undone. {_said(steps)}")
    return _back(edition, steps)


def way_back(request: HttpRequest, edition: Edition) -> str:
    """For the programme's page after a move: what its *Undo* sends; nothing without one."""
    words = request.GET.get("moved", "")
    return words if _read(edition, words) else ""


def _read(edition: Edition, words: str) -> list[tuple[int, Place, Place]]:
    """What `_written` made of a move in `edition`; nothing of anything else."""
    try:
        of, *rows = signing.loads(words, salt=_SALT)
    except signing.BadSignature:
        return []
    if of != edition.pk:
        return []
    return [(pk, Place.read(there), Place.read(back)) for pk, there, back in rows]


def _written(edition: Edition, steps: Sequence[Step]) -> str:
    rows = [(step.session.pk, str(Place.of(step.session)), str(step.before)) for step in steps]
    return signing.dumps([edition.pk, *rows], salt=_SALT, compress=True)


def _refuse_readers(request: HttpRequest) -> None:
    if not request.user.has_perm("programme.change_session"):
        raise PermissionDenied


def _said(steps: Sequence[Step]) -> str:
    first, *others = steps
    names = [f"“{step.session}”" for step in others[:_NAMED]]
    if others[_NAMED:]:
        names.append(f"{len(others) - _NAMED} more")
    listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    more = f" With it moved {listed}." if names else ""
    return f"“{first.session}” {_how(first)}.{more}"


def _how(step: Step) -> str:
    now, before = Place.of(step.session), step.before
    said = []
    if now.starts_at is None:
        said.append("has no time again")
    elif before.starts_at is None:
        said.append(f"starts at {now.starts_at:%H:%M}")
    elif now.starts_at != before.starts_at:
        many = _minutes(now) - _minutes(before)
        said.append(
            f"moved {abs(many)} minute{'s' if abs(many) > 1 else ''} "
            f"{'later' if many > 0 else 'earlier'}: it starts at {now.starts_at:%H:%M}"
        )
    if now.room != before.room:
        said.append(f"is in “{step.session.room}”" if step.session.room else "is in no room")
    return " and ".join(said)


def _minutes(place: Place) -> int:
    return place.starts_at.hour * 60 + place.starts_at.minute if place.starts_at else 0


def _back(edition: Edition, steps: Sequence[Step] = ()) -> HttpResponseBase:
    address = reverse("admin:programme_session_overview", args=[edition.pk])
    if steps:
        address += "?" + urlencode({"moved": _written(edition, steps)})
    return redirect(address)
