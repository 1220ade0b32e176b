"""A lightning round that fills itself, and posters that get their boards: seen first, then pressed."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from apps.core.decorators import require_GET_POST
from apps.editions.models import Call
from apps.programme.admin.parts import numbers, page_of
from apps.programme.models import LONGEST_MINUTES, Session
from apps.programme.scheduling import lightning_rounds, poster_boards
from apps.programme.scheduling.lightning_rounds import MOST_SEEDS, Order


def urls() -> list[URLPattern]:
    """Below a session."""
    return [
        path(f"<int:pk>/{name}/", admin.site.admin_view(view), name=f"programme_session_{name}")
        for name, view in (
            ("round", require_GET_POST(round_view)),
            ("boards", require_GET_POST(boards_view)),
        )
    ]


class RoundForm(forms.Form):
    """In which order talks join, and how long each has."""

    order = forms.ChoiceField(choices=Order.choices)
    minutes = forms.IntegerField(
        label="Minutes each",
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        error_messages={"required": "Write how many minutes each talk has."},
    )
    seed = forms.IntegerField(
        label="Number of the shuffle",
        required=False,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_SEEDS)],
        help_text="The same number shuffles the same talks in the same way.",
    )


class BoardsForm(forms.Form):
    """How boards are called."""

    before = forms.CharField(
        label="Before each number", required=False, max_length=poster_boards.LONGEST_PREFIX
    )
    has_shifts = forms.BooleanField(label="In two shifts", required=False)
    is_anew = forms.BooleanField(label="Number anew what is not published", required=False)


def round_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The running order as it would be; the press adds those it names and moves nobody."""
    session = _session(request, pk, Session.Kind.LIGHTNING)
    if request.method == "POST":
        return _filled(request, session)
    given = request.GET.copy()
    call = Call.objects.filter(edition=session.edition_id).first()
    given.setdefault("order", Order.SUBMITTED)
    given.setdefault("minutes", str(call.talk_minutes if call else 3))
    if given["order"] == Order.SHUFFLED and not given.get("seed"):
        given["seed"] = str(secrets.randbelow(MOST_SEEDS))
    form = RoundForm(given, auto_id="round-%s")
    plan = None
    if form.is_valid():
        asked = form.cleaned_data
        plan = lightning_rounds.plan_round(
            session,
            order=Order(asked["order"]),
            minutes=asked["minutes"],
            seed=asked["seed"] or 0,
        )
    return page_of(
        request,
        "round",
        session.edition,
        title=f"Fill “{session}”",
        session=session,
        form=form,
        plan=plan,
        shown=_as_asked(form) if plan else "",
    )


def _filled(request: HttpRequest, session: Session) -> HttpResponseBase:
    form = RoundForm(request.POST, auto_id="round-%s")
    if not form.is_valid():
        if "show" in request.POST:  # the page says beside each field what is wrong with it
            typed = {name: request.POST.get(name, "") for name in form.fields}
            return redirect(f"{request.path}?{urlencode(typed)}")
        messages.error(request, "Nothing was added: choose an order and the minutes of each talk.")
        return redirect("admin:programme_session_round", session.pk)
    if shown_first := _shown_first(request, form):
        return shown_first
    talks = numbers(request.POST.getlist("talk"))
    added = lightning_rounds.fill_round(
        session=session, talks=talks, minutes=form.cleaned_data["minutes"]
    )
    if added:
        count = len(added)
        words = f"{count} talk{'' if count == 1 else 's'} added to “{session}”."
        messages.success(request, f"{words} Drag them into another order where you like.")
    if left := len(set(talks)) - len(added):
        messages.warning(request, f"{left} not added: in a round already, or out of time.")
    if added:
        return redirect("admin:programme_session_change", session.pk)
    return redirect("admin:programme_session_round", session.pk)


def _as_asked(form: forms.Form) -> str:
    """What a sound form asks for, as the query of a page that shows it."""
    asked = {name: "on" if value is True else value for name, value in form.cleaned_data.items()}
    return urlencode(
        {name: value for name, value in asked.items() if value is not None and value is not False}
    )


def _shown_first(request: HttpRequest, form: forms.Form) -> HttpResponseBase | None:
    """Shows what is asked for, unless it is what was looked at: pressing does what is seen."""
    asked = _as_asked(form)
    if "show" not in request.POST:
        if request.POST.get("shown") == asked:
            return None
        words = "Nothing was done yet: you had asked for something else than was shown."
        messages.warning(request, f"{words} This is what you asked for.")
    return redirect(f"{request.path}?{asked}")


def boards_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The boards as they would be; the press gives them, and none that was published moves."""
    session = _session(request, pk, Session.Kind.POSTERS)
    asked: dict[str, Any] = {"before": _prefix_of(session), "has_shifts": session.has_shifts}
    sent = request.POST if request.method == "POST" else request.GET
    form = BoardsForm(sent if "before" in sent else asked, auto_id="boards-%s")
    context: dict[str, Any] = {"title": f"Boards of “{session}”", "session": session, "form": form}
    if not form.is_valid():
        return page_of(request, "boards", session.edition, **context)
    asked = form.cleaned_data
    if request.method == "POST":
        if shown_first := _shown_first(request, form):
            return shown_first
        seen = numbers(request.POST.getlist("poster"))
        changed = poster_boards.number_boards(
            session=session,
            prefix=asked["before"],
            has_shifts=asked["has_shifts"],
            is_anew=asked["is_anew"],
            seen=seen,
        )
        if changed:
            count = len(changed)
            words = f"{count} poster{' has its board' if count == 1 else 's have their boards'} now"
            messages.success(request, f"{words}. Boards are public with the next release.")
        else:
            messages.info(request, "Every poster has its board already.")
        return redirect("admin:programme_session_boards", pk)
    plan = poster_boards.plan_boards(
        session,
        prefix=asked["before"],
        waiting=poster_boards.posters_to_place(session.edition),
        is_anew=asked["is_anew"],
    )
    context |= {
        "shown": _as_asked(form),
        "rows": [(one, _shift(session, one, asked["has_shifts"])) for one in plan],
        "count": sum(one.is_changed for one in plan),
        "fixed": sum(one.is_fixed for one in plan),
        "is_other": asked["has_shifts"] != session.has_shifts,
    }
    return page_of(request, "boards", session.edition, **context)


def _session(request: HttpRequest, pk: int, kind: str) -> Session:
    """For those who may write the programme; 404 for a session of another kind."""
    if not request.user.has_perms(["programme.change_session", "programme.add_slot"]):
        raise PermissionDenied
    return get_object_or_404(Session.objects.select_related("edition"), pk=pk, kind=kind)


def _prefix_of(session: Session) -> str:
    """The one its boards have now."""
    board = session.slots.exclude(board="").order_by("ordering").values_list("board", flat=True)
    return (board.first() or "").rstrip("0123456789")


def _shift(session: Session, one: poster_boards.Placed, has_shifts: bool) -> str:
    """ "16:00–16:45", "first half" while times are unknown, nothing without shifts."""
    if not has_shifts:
        return ""
    span = poster_boards.shift_of(session.span, one.board)
    if span is not None:
        return f"{span.starts_at:%H:%M}–{span.ends_at:%H:%M}"
    return poster_boards.half_of(one.board)
