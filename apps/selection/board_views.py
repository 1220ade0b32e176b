"""The triage board on the desk: read, decided card by card, and in bulk after a page that names the
count. Chairs alone: what is pending is nobody else's to see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.permissions import require_chair
from apps.selection import board_queries
from apps.selection.board import Asked, Column, Pending, Sort
from apps.selection.capacity import Capacity, capacity_of, kinds_of
from apps.selection.decisions import (
    Choice,
    Hindered,
    NotDecidable,
    Sorting,
    decide_many,
    sort_rows,
)

_CHOSEN = "chosen"
# How many of a bulk its page lists by name before it only counts.
_LISTED = 200
# "Decline 14 expressions": one and many.
_BULK_TITLES = {
    Choice.AS_ASKED: "Accept {} as asked",
    Choice.TALK: "Accept {} for a lightning talk",
    Choice.POSTER: "Accept {} for a poster",
    Choice.BOTH: "Accept {} for a lightning talk and a poster",
    Choice.WAITLIST: "Put {} on the waiting list",
    Choice.DECLINE: "Decline {}",
    Choice.TAKE_BACK: "Take back what is pending of {}",
}


class AskedForm(forms.Form):
    """What the board is narrowed to; what makes no sense is left out."""

    topic = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    format = forms.ChoiceField(
        required=False,
        choices=[
            ("", "All formats"),
            (Format.TALK, "Lightning talk only"),
            (Format.POSTER, "Poster only"),
            (Format.BOTH, "Both"),
        ],
    )
    pending = forms.ChoiceField(
        label="Decisions", required=False, choices=[("", "Pending or not"), *Pending.choices]
    )
    sort = forms.ChoiceField(label="Order", required=False, choices=Sort.choices)
    column = forms.ChoiceField(
        required=False, choices=[("", ""), *Column.choices], widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, topics: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="board-%s")
        choices = [("", "All topics"), *topics]
        topic = self.fields["topic"]
        if isinstance(topic, forms.TypedChoiceField):
            topic.choices = choices
        self.is_valid()

    @property
    def asked(self) -> Asked:
        said = self.cleaned_data
        return Asked(
            topic=said.get("topic"),
            formats=said.get("format", ""),
            pending=said.get("pending", ""),
            sort=said.get("sort") or Sort.MEAN,
            column=said.get("column", ""),
            pages={column.value: _page(self.data, column) for column in Column},
        )


@require_safe
def board_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The board of one edition."""
    _, edition = _chair_of(request, pk)
    form = AskedForm(request.GET, board_queries.topics_of(edition))
    shown = board_queries.board_of(edition, form.asked)
    context = {
        "form": form,
        "board": shown,
        "capacity": shown.capacity,
        "choices": Choice.choices,
    }
    return _page_of(request, edition, "board", "Triage board", context)


@require_POST
def decide_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One press on one card: "12:<stamp>:decline". Answers a script in JSON, a browser with the
    board at that card."""
    by, edition = _chair_of(request, pk)
    row, _, choice = request.POST.get("press", "").rpartition(":")
    rows = _rows([row])
    try:
        if not rows or choice not in Choice.values:
            raise NotDecidable("Nothing was decided: press a button of a card.")
        decide_many(edition=edition, rows=rows, choice=choice, by=by)
    except Hindered as hindered:
        is_done, words = False, _why(hindered.sorting)
    except NotDecidable as refusal:
        is_done, words = False, str(refusal)
    else:
        is_done, words = True, ""
    (key,) = rows or (0,)
    card = board_queries.card_of(edition, key)
    if card and is_done:
        standing = card.pending.pending_words if card.pending else "Nothing is pending any more"
        words = f"{card.expression.display_reference}: {standing}."
    capacity = capacity_of(edition)
    if is_done and choice in {Choice.AS_ASKED, Choice.TALK, Choice.POSTER, Choice.BOTH}:
        words += f" {capacity.in_words}."
    form = AskedForm(request.GET, board_queries.topics_of(edition))
    if request.accepts("text/html"):
        (messages.success if is_done else messages.error)(request, words)
        return redirect(f"{_address(edition, form.asked)}#card-{key}")
    heads = board_queries.heads_of(edition, form.asked)
    is_found = board_queries.found(edition, form.asked).filter(pk=key).exists()
    stack = next(stack for stack in heads if card and stack.column == card.column) if card else None
    inside = {"edition": edition, "asked": form.asked}
    return JsonResponse(
        {
            "done": is_done,
            "words": words,
            "column": stack.column if stack and stack.is_shown and is_found else "",
            "card": _part("card", {**inside, "card": card}) if card else "",
            "heads": {
                stack.column: [str(stack.count), stack.pending_words, stack.bulk_label]
                for stack in heads
            },
            "capacity": _part("capacity", {**inside, "capacity": capacity}),
        }
    )


@require_POST
def bulk_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page before many are decided: how many, which, and what becomes of the places."""
    _, edition = _chair_of(request, pk)
    form = AskedForm(request.GET, board_queries.topics_of(edition))
    whom, choice = request.POST.get("whom", _CHOSEN), request.POST.get("choice", "")
    if whom in Column.values:
        rows = board_queries.rows_of(edition, form.asked, whom)
    else:
        rows = _rows(request.POST.getlist("row"))
    if choice not in Choice.values:
        messages.error(request, "Nothing was decided: select a verdict.")
        return redirect(_address(edition, form.asked))
    if not rows:
        none = "tick the cards it is meant for" if whom == _CHOSEN else "there is none of these"
        messages.error(request, f"Nothing was decided: {none}.")
        return redirect(_address(edition, form.asked))
    sorting = sort_rows(edition=edition, rows=rows, choice=choice)
    return _confirm(request, edition, form.asked, Choice(choice), rows, sorting)


@require_POST
def bulk_decide_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Decides what the page before named, all of it or nothing."""
    by, edition = _chair_of(request, pk)
    form = AskedForm(request.GET, board_queries.topics_of(edition))
    rows = _rows(request.POST.get("rows", "").split())
    try:
        choice = Choice(request.POST.get("choice", ""))
        count = decide_many(edition=edition, rows=rows, choice=choice, by=by)
    except ValueError:
        messages.error(request, "Nothing was decided: select a verdict.")
        return redirect(_address(edition, form.asked))
    except Hindered as hindered:
        return _confirm(
            request, edition, form.asked, choice, rows, hindered.sorting, is_refused=True
        )
    if count and choice == Choice.TAKE_BACK:
        messages.success(request, f"Nothing is pending any more of {_expressions(count)}.")
    elif count:
        title = _BULK_TITLES[choice].format(_expressions(count))
        words = f"Pending: {title[0].lower()}{title[1:]}. Nobody is told until it is released."
        messages.success(request, f"{words} {capacity_of(edition).in_words}.")
    else:
        messages.info(request, "Nothing changed: it was decided so already.")
    return redirect(_address(edition, form.asked))


def _confirm(
    request: HttpRequest,
    edition: Edition,
    asked: Asked,
    choice: Choice,
    rows: dict[int, str],
    sorting: Sorting,
    *,
    is_refused: bool = False,
) -> HttpResponseBase:
    ready = [expression for expression, _ in sorting.ready]
    listed = [(expression, sorting.pending.get(expression.pk)) for expression in ready[:_LISTED]]
    context = {
        "choice": choice,
        "asked": asked,
        "back": _address(edition, asked),
        "sorting": sorting,
        "is_refused": is_refused,
        "count": _expressions(len(ready)),
        "listed": listed,
        "more": max(0, len(ready) - _LISTED),
        # With the stamps of what was seen: what changes while this page is read is refused, too.
        "rows": " ".join(f"{expression.pk}:{rows[expression.pk]}" for expression in ready),
        "capacity": _afterwards(edition, sorting) if choice not in _WITHOUT_OFFER else None,
    }
    title = _BULK_TITLES[choice].format(_expressions(len(ready))) if ready else "Nothing to decide"
    response = _page_of(request, edition, "board_bulk", title, context)
    response.status_code = 409 if is_refused else 200
    return response


_WITHOUT_OFFER = {Choice.WAITLIST, Choice.DECLINE, Choice.TAKE_BACK}


def _afterwards(edition: Edition, sorting: Sorting) -> Capacity:
    """The places as they will be."""
    more = dict.fromkeys(kinds_of(Format.BOTH), 0)
    for expression, wish in sorting.ready:
        pending = sorting.pending.get(expression.pk)
        for kind in kinds_of(wish.offer):
            more[kind] += 1
        for kind in kinds_of(pending.offer if pending else ""):
            more[kind] -= 1
    return capacity_of(edition).with_pending(talks=more[Format.TALK], posters=more[Format.POSTER])


def _chair_of(request: HttpRequest, pk: int) -> tuple[User, Edition]:
    return require_chair(request), get_object_or_404(Edition.objects.select_related("call"), pk=pk)


def _page_of(
    request: HttpRequest, edition: Edition, template: str, title: str, context: dict[str, Any]
) -> TemplateResponse:
    context = {
        **admin.site.each_context(request),
        "opts": Expression._meta,
        "title": title,
        "edition": edition,
        # Five columns need the width of the window.
        "is_nav_sidebar_enabled": False,
        **context,
    }
    return TemplateResponse(request, f"selection/{template}.html", context)


def _part(name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"selection/_board_{name}.html", context)


def _address(edition: Edition, asked: Asked) -> str:
    return reverse("selection:board", args=[edition.pk]) + asked.query


def _rows(values: list[str]) -> dict[int, str]:
    """ "12:<stamp>" as a key and a stamp each; what is none is left out."""
    pairs = [value.partition(":") for value in values]
    return {
        int(key): stamp
        for key, _, stamp in pairs
        if key.isascii() and key.isdecimal() and len(key) < 16 and stamp
    }


def _page(data: Any, column: Column) -> int:
    number = data.get(f"page-{column}", "")
    return max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 7 else 1


def _why(sorting: Sorting) -> str:
    for expression, why in sorting.refused:
        return f"Nothing was decided: {expression.display_reference} {why}"
    return "Nothing was decided: this expression is not there any more."


def _expressions(count: int) -> str:
    return "1 expression" if count == 1 else f"{count} expressions"
