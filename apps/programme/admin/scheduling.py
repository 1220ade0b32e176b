"""Pages that place sessions and contributions: reschedule, lightning rounds, poster boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST

from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import sent_data
from apps.core.text import count_of
from apps.editions.models import Call, Edition
from apps.programme import placements
from apps.programme.admin.base import AGAIN, primary_keys, render_programme_page
from apps.programme.grid import (
    MINUTES_OF_DAY,
    Along,
    SessionMove,
    SessionPlace,
    following,
    move_session,
    undo_moves,
)
from apps.programme.models import LONGEST_MINUTES, Room, Session
from apps.programme.placements import Order

_SALT = "programme.reschedule"
_SESSIONS = Session.objects.select_related("edition", "room")
_PERMISSIONS = ["programme.change_session", "programme.add_slot"]  # to place contributions
_MAX_NAMED = 2  # sessions that moved along


def scheduling_urls() -> list[URLPattern]:
    """URLs below the list of sessions."""
    return [
        path(route, admin.site.admin_view(view), name=f"programme_session_{name}")
        for route, view, name in (
            ("<int:pk>/move/", require_GET_POST(move_view), "move"),
            ("programme/<int:pk>/put-back/", require_POST(undo_view), "put_back"),
            ("<int:pk>/round/", require_GET_POST(round_view), "round"),
            ("<int:pk>/boards/", require_GET_POST(boards_view), "boards"),
        )
    ]


class RescheduleForm(forms.Form):
    """The new time and room of a session, and the sessions that move along."""

    minutes = forms.IntegerField(
        label="By how many minutes",
        min_value=1 - MINUTES_OF_DAY,
        max_value=MINUTES_OF_DAY - 1,
        initial=15,
        help_text="With a minus sign: earlier.",
    )
    starts_at = forms.TimeField(
        label="Starts at", error_messages={"invalid": "Write the time like 23:59."}
    )
    room = forms.ModelChoiceField(
        queryset=Room.objects.none(), required=False, empty_label="No room", label="Room"
    )
    along = forms.TypedChoiceField(
        label="Also move",
        choices=Along.choices,
        coerce=Along,
        initial=Along.NOTHING,
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100)  # a SessionPlace

    def __init__(self, data: Any, *, session: Session) -> None:
        self.session = session
        place = SessionPlace.of(session)
        super().__init__(data, initial={"seen": str(place), "room": place.room})
        # A session without a time gets one; any other moves by minutes.
        for name in ("minutes", "along") if session.starts_at is None else ("starts_at",):
            del self.fields[name]
        rooms: Any = self.fields["room"]
        rooms.queryset = Room.objects.filter(edition=session.edition)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if start := cleaned.get("starts_at"):
            cleaned |= {"minutes": start.hour * 60 + start.minute, "along": Along.NOTHING}
        elif cleaned["minutes"] == 0 and cleaned["room"] == self.session.room:
            self.add_error("minutes", "Enter a number other than 0, or choose another room.")
        return cleaned


@gives_back("minutes", "starts_at")
@permission_required("programme.change_session", raise_exception=True)
def move_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the sessions that would move along, then move. A drop in the grid sends the same POST."""
    session = get_object_or_404(_SESSIONS, pk=pk)
    form = RescheduleForm(sent_data(request), session=session)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        fields = {name: data[name] for name in ("minutes", "room", "along", "seen")}
        try:
            moves = move_session(session=session, **fields)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return _to_overview(session.edition)
        messages.success(request, _describe(moves))
        return _to_overview(session.edition, moves)
    along = [
        (along.label, rows)
        for along, rows in following(session).items()
        if along != Along.NOTHING and session.starts_at
    ]
    title = f"Move “{session}”"
    return render_programme_page(
        request, "move", session.edition, title=title, session=session, form=form, along=along
    )


@permission_required("programme.change_session", raise_exception=True)
def undo_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Undo the last move, unless one of its sessions was moved again."""
    edition = get_object_or_404(Edition, pk=pk)
    sent = _read_moves(edition, request.POST.get("steps", ""))
    if not sent:
        messages.error(request, "Nothing was undone, because the last move is no longer stored.")
        return _to_overview(edition)
    try:
        moves = undo_moves(edition=edition, moves=sent)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _to_overview(edition)
    messages.success(request, f"Undone. {_describe(moves)}")
    return _to_overview(edition, moves)


def undo_data(request: HttpRequest, edition: Edition) -> str:
    """The signed moves that the overview's *Undo* sends, or ""."""
    signed = request.GET.get("moved", "")
    return signed if _read_moves(edition, signed) else ""


def _read_moves(edition: Edition, signed: str) -> list[tuple[int, str, str]]:
    """The moves that `_to_overview` signed for this edition; none for any other text."""
    try:
        edition_pk, *moves = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        return []
    return moves if edition_pk == edition.pk else []


def _to_overview(edition: Edition, moves: Sequence[SessionMove] = ()) -> HttpResponseBase:
    url = reverse("admin:programme_session_overview", args=[edition.pk])
    if moves:
        rows = [
            (row.session.pk, str(SessionPlace.of(row.session)), str(row.before)) for row in moves
        ]
        signed = signing.dumps([edition.pk, *rows], salt=_SALT, compress=True)
        url += "?" + urlencode({"moved": signed})
    return redirect(url)


def _describe(moves: Sequence[SessionMove]) -> str:
    first, *others = moves
    names = [f"“{move.session}”" for move in others[:_MAX_NAMED]]
    if others[_MAX_NAMED:]:
        names.append(f"{len(others) - _MAX_NAMED} more")
    more = f" Also moved: {get_text_list(names, 'and')}." if names else ""
    return f"“{first.session}” {_describe_one(first)}.{more}"


def _describe_one(move: SessionMove) -> str:
    after, before = SessionPlace.of(move.session), move.before
    parts = []
    if after.starts_at is None:
        parts.append("has no time again")
    elif before.starts_at is None:
        parts.append(f"starts at {after.starts_at:%H:%M}")
    elif after.starts_at != before.starts_at:
        minutes = after.minute - before.minute
        parts.append(
            f"moved {abs(minutes)} minute{'s' if abs(minutes) > 1 else ''} "
            f"{'later' if minutes > 0 else 'earlier'}: it starts at {after.starts_at:%H:%M}"
        )
    if after.room != before.room:
        room = move.session.room
        parts.append(f"is in “{room}”" if room else "has no room")
    return " and ".join(parts)


class RoundForm(forms.Form):
    """The order in which talks are added to a round, and the minutes of each."""

    order = forms.ChoiceField(choices=Order.choices)
    minutes = forms.IntegerField(
        label="Minutes each",
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        error_messages={"required": "Write how many minutes each talk has."},
    )


class BoardsForm(forms.Form):
    """How boards are numbered."""

    before = forms.CharField(
        label="Before each number", required=False, max_length=placements.MAX_PREFIX
    )
    has_shifts = forms.BooleanField(label="In two shifts", required=False)
    renumbers = forms.BooleanField(label="Renumber boards that are not published", required=False)


@permission_required(_PERMISSIONS, raise_exception=True)
def round_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Preview the running order; a POST adds the talks that were previewed."""
    session = get_object_or_404(_SESSIONS, pk=pk, kind=Session.Kind.LIGHTNING)
    call = Call.objects.filter(edition=session.edition_id).first()
    default = {"order": Order.SUBMITTED.value, "minutes": call.talk_minutes if call else 3}
    query = default | request.GET.dict()
    form = RoundForm(query, auto_id="round-%s")
    plan = None
    if form.is_valid():
        order, minutes = Order(form.cleaned_data["order"]), form.cleaned_data["minutes"]
        if request.method == "POST":
            return _fill_round(request, session, minutes)
        plan = placements.plan_round(session, order=order, minutes=minutes)
    return render_programme_page(
        request,
        "round",
        session.edition,
        title=f"Fill “{session}”",
        session=session,
        form=form,
        plan=plan,
        query=urlencode(query),
    )


def _fill_round(request: HttpRequest, session: Session, minutes: int) -> HttpResponseBase:
    talks = primary_keys(request.POST.getlist("talk"))
    added = placements.fill_round(session=session, talks=talks, minutes=minutes)
    if added:
        text = f"{count_of(len(added), 'talk')} added to “{session}”."
        messages.success(request, f"{text} You can drag them into another order.")
    if left := len(set(talks)) - len(added):
        messages.warning(request, f"{left} not added: already in a round, or no time left.")
    return redirect(f"admin:programme_session_{'change' if added else 'round'}", session.pk)


@permission_required(_PERMISSIONS, raise_exception=True)
def boards_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Preview the boards; a POST stores those that were previewed."""
    session = get_object_or_404(_SESSIONS, pk=pk, kind=Session.Kind.POSTERS)
    boards = session.slots.exclude(board="").order_by("ordering").values_list("board", flat=True)
    query = request.GET.dict()
    if "before" not in query:
        query = {"before": (boards.first() or "").rstrip("0123456789")}
        query |= {"has_shifts": "on"} if session.has_shifts else {}
    form = BoardsForm(query, auto_id="boards-%s")
    context: dict[str, Any] = {
        "title": f"Boards of “{session}”",
        "session": session,
        "form": form,
        "query": urlencode(query),
    }
    if not form.is_valid():
        return render_programme_page(request, "boards", session.edition, **context)
    data = form.cleaned_data
    if request.method == "POST":
        return _number_boards(request, session, data)
    plan = placements.plan_boards(
        session,
        prefix=data["before"],
        waiting=placements.posters_to_place(session.edition),
        renumbers=data["renumbers"],
    )
    context |= {
        "rows": [(row, _shift(session, row.board) if data["has_shifts"] else "") for row in plan],
        "count": sum(row.is_changed for row in plan),
        "fixed": sum(row.is_published for row in plan),
        "is_other": data["has_shifts"] != session.has_shifts,
        "shown": placements.boards_token(session),
    }
    return render_programme_page(request, "boards", session.edition, **context)


def _number_boards(
    request: HttpRequest, session: Session, data: dict[str, Any]
) -> HttpResponseBase:
    try:
        changed = placements.number_boards(
            session=session,
            prefix=data["before"],
            has_shifts=data["has_shifts"],
            renumbers=data["renumbers"],
            seen=primary_keys(request.POST.getlist("poster")),
            shown=request.POST.get("shown", ""),
        )
    except ChangedMeanwhile:
        messages.error(request, AGAIN)
        return redirect(request.get_full_path())
    if changed:
        count = len(changed)
        text = f"{count} poster{' has its board' if count == 1 else 's have their boards'} now"
        messages.success(request, f"{text}. Boards are public with the next release.")
    else:
        messages.info(request, "Every poster has its board already.")
    return redirect("admin:programme_session_boards", session.pk)


def _shift(session: Session, board: str) -> str:
    """ "16:00–16:45", or "first half" while times are unknown."""
    span = placements.shift_of(session.span, board)
    return span.hours if span else placements.half_of(board)
