"""Views of the decision board: decisions on one card or in bulk. For chairs only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.admin import render_desk_page
from apps.core.exceptions import NotAllowed
from apps.core.text import count_of, read_number
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.permissions import require_chair
from apps.selection.board import (
    BoardFilter,
    BoardOrder,
    ColumnKey,
    decidable_rows,
    load_board,
    load_card,
)
from apps.selection.capacity import Capacity, capacity_of, kinds_of
from apps.selection.decisions import BulkConflict, BulkPlan, Choice, decide_many, plan_bulk
from apps.selection.models import PendingDecision
from apps.topics.models import Topic

_TICKED = "chosen"
_BULK_TITLES = {
    Choice.AS_ASKED: "Accept {} as asked",
    Choice.TALK: "Accept {} for a lightning talk",
    Choice.POSTER: "Accept {} for a poster",
    Choice.BOTH: "Accept {} for a lightning talk and a poster",
    Choice.WAITLIST: "Put {} on the waiting list",
    Choice.DECLINE: "Decline {}",
    Choice.CLEAR: "Undo the pending decision on {}",
}
_OFFERS = {Choice.AS_ASKED, Choice.TALK, Choice.POSTER, Choice.BOTH}


class BoardFilterForm(forms.Form):
    """Filters of the board; invalid values are ignored."""

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
        label="Decisions",
        required=False,
        choices=[("", "Pending or not"), ("yes", "Pending only"), ("no", "Not pending")],
    )
    sort = forms.ChoiceField(label="Order", required=False, choices=BoardOrder.choices)
    column = forms.ChoiceField(
        required=False, choices=[("", ""), *ColumnKey.choices], widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, edition: Edition) -> None:
        super().__init__(data, auto_id="board-%s")
        topics = Topic.objects.filter(edition=edition)
        field = self.fields["topic"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  (as above)  # nosec
        field.choices = [("", "All topics"), *((topic.pk, str(topic)) for topic in topics)]
        self.is_valid()

    @property
    def board_filter(self) -> BoardFilter:
        values = self.cleaned_data
        return BoardFilter(
            topic=values.get("topic"),
            formats=values.get("format", ""),
            pending=values.get("pending", ""),
            order=values.get("sort") or BoardOrder.MEAN,
            column=values.get("column", ""),
            page=self.data.get("page", "1"),
        )


@require_safe
def board_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The board of one edition."""
    require_chair(request)
    edition = _get_edition(pk)
    form = BoardFilterForm(request.GET, edition)
    board = load_board(edition, form.board_filter)
    context = {"form": form, "board": board, "choices": Choice.choices}
    return _render(request, edition, "board", "Decision board", context)


@require_POST
def decide_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One button of one card, or of an expression's own page, as "12:<token>:decline".

    Answers scripts in JSON, and browsers with a redirect to where the button is.
    """
    by, edition = require_chair(request), _get_edition(pk)
    row, _, choice = request.POST.get("press", "").rpartition(":")
    rows = _parse_rows([row])
    is_done = False
    try:
        if not rows or choice not in Choice.values:
            raise NotAllowed("Nothing was decided: press a button on a card.")
        decide_many(edition=edition, rows=rows, choice=choice, by=by)
    except BulkConflict as conflict:
        text = _refusal(conflict.plan)
    except NotAllowed as refusal:
        text = str(refusal)
    else:
        is_done, text = True, ""
    (key,) = rows or (0,)
    if is_done:
        text = _describe_decision(edition, key, choice)
    if request.accepts("text/html"):
        (messages.success if is_done else messages.error)(request, text)
        if "on_expression" in request.POST:
            return redirect("admin:interest_expression_change", key)
        return redirect(f"{_board_address(request, edition)}#card-{key}")
    board_filter = BoardFilterForm(request.GET, edition).board_filter
    board = load_board(edition, board_filter)
    card = load_card(edition, board_filter, key)
    shown = {column.key for column in board.shown}
    return JsonResponse(
        {
            "done": is_done,
            "message": text,
            "column": card.column if card and card.column in shown else "",
            "card": render_to_string("selection/_board_card.html", {"card": card}) if card else "",
            "columns": {
                key: [str(len(column.pks)), column.pending_words, column.bulk_label]
                for key, column in board.columns.items()
            },
            "capacity": render_to_string(
                "selection/_board_capacity.html", {"capacity": board.capacity}
            ),
        }
    )


def _describe_decision(edition: Edition, pk: int, choice: str) -> str:
    """Describe what was decided: "R7K-2QD: Pending: accept, poster. 1 of 2 posters, 1 pending."."""
    expression = Expression.objects.select_related("pending_decision").get(pk=pk)
    pending: PendingDecision | None = getattr(expression, "pending_decision", None)
    standing = pending.pending_words if pending else "No decision is pending any more"
    text = f"{expression.display_reference}: {standing}."
    return f"{text} {capacity_of(edition).in_words}." if choice in _OFFERS else text


@require_POST
def bulk_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page before a bulk decision: how many, which, and the places afterwards."""
    require_chair(request)
    edition = _get_edition(pk)
    whom, choice = request.POST.get("whom", _TICKED), request.POST.get("choice", "")
    if whom in ColumnKey.values:
        board_filter = BoardFilterForm(request.GET, edition).board_filter
        rows = decidable_rows(edition, board_filter, whom)
    else:
        rows = _parse_rows(request.POST.getlist("row"))
    if choice not in Choice.values:
        problem = "select a decision"
    elif not rows:
        is_ticked = whom == _TICKED
        problem = "tick the cards to decide" if is_ticked else "there are no such cards"
    else:
        plan = plan_bulk(edition=edition, rows=rows, choice=choice)
        return _render_plan(request, edition, Choice(choice), rows, plan)
    messages.error(request, f"Nothing was decided: {problem}.")
    return redirect(_board_address(request, edition))


@require_POST
def bulk_decide_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make the decision that the page before named, for all or for none."""
    by, edition = require_chair(request), _get_edition(pk)
    rows = _parse_rows(request.POST.get("rows", "").split())
    choice = request.POST.get("choice", "")
    try:
        count = decide_many(edition=edition, rows=rows, choice=choice, by=by)
    except BulkConflict as conflict:
        plan = conflict.plan
        return _render_plan(request, edition, Choice(choice), rows, plan, is_refused=True)
    except NotAllowed as refusal:
        messages.error(request, f"Nothing was decided. {refusal}")
        return redirect(_board_address(request, edition))
    if count and choice == Choice.CLEAR:
        messages.success(
            request, f"The pending decision was undone: {count_of(count, 'entry', 'entries')}."
        )
    elif count:
        title = _BULK_TITLES[Choice(choice)].format(count_of(count, "entry", "entries"))
        text = f"Pending: {title[0].lower()}{title[1:]}. Applicants are not told until the release."
        messages.success(request, f"{text} {capacity_of(edition).in_words}.")
    else:
        messages.info(request, "Nothing changed, because this is already the decision.")
    return redirect(_board_address(request, edition))


def _render_plan(
    request: HttpRequest,
    edition: Edition,
    choice: Choice,
    rows: dict[int, str],
    plan: BulkPlan,
    *,
    is_refused: bool = False,
) -> HttpResponseBase:
    ready = [expression for expression, _ in plan.ready]
    context = {
        "choice": choice,
        "back": _board_address(request, edition),
        "plan": plan,
        "is_refused": is_refused,
        "count": count_of(len(ready), "entry", "entries"),
        "listed": [(row, plan.pending.get(row.pk)) for row in ready],
        # With the tokens that were read: a change made while this page is open is refused, too.
        "rows": " ".join(f"{expression.pk}:{rows[expression.pk]}" for expression in ready),
        "capacity": _capacity_after(edition, plan) if choice in _OFFERS else None,
    }
    title = (
        _BULK_TITLES[choice].format(count_of(len(ready), "entry", "entries"))
        if ready
        else "Nothing to decide"
    )
    status = 409 if is_refused else 200
    return _render(request, edition, "board_bulk", title, context, status=status)


def _capacity_after(edition: Edition, plan: BulkPlan) -> Capacity:
    change = dict.fromkeys((Format.TALK, Format.POSTER), 0)
    for expression, decision in plan.ready:
        pending = plan.pending.get(expression.pk)
        for kind in kinds_of(decision.offer):
            change[kind] += 1
        for kind in kinds_of(pending.offer if pending else ""):
            change[kind] -= 1
    return capacity_of(edition).with_pending(
        talks=change[Format.TALK], posters=change[Format.POSTER]
    )


def _get_edition(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.select_related("call"), pk=pk)


def _render(
    request: HttpRequest,
    edition: Edition,
    template: str,
    title: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponseBase:
    # The columns need the width of the window: the links are in a menu.
    frame = {"title": title, "edition": edition, "has_menu": True}
    return render_desk_page(request, f"selection/{template}.html", frame | context, status=status)


def _board_address(request: HttpRequest, edition: Edition) -> str:
    """The board with the filter of this request."""
    return f"{reverse('selection:board', args=[edition.pk])}?{request.GET.urlencode()}"


def _parse_rows(values: list[str]) -> dict[int, str]:
    """Parse "12:<token>" into keys and tokens; skips anything else."""
    pairs = [value.partition(":") for value in values]
    return {
        number: token
        for key, _, token in pairs
        if token and (number := read_number(key)) is not None
    }


def _refusal(plan: BulkPlan) -> str:
    for expression, why in plan.refused:
        return f"Nothing was decided: {expression.display_reference} {why}"
    return "Nothing was decided, because this entry was deleted."
