"""Chairs' pages that assign expressions to reviewers, and the details of one reviewer."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.accounts.models import User
from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import sent_data
from apps.core.text import count_of, read_number
from apps.core.tokens import version_token
from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.interest.models import Expression, ExpressionQuerySet
from apps.interest.permissions import may_review, require_chair
from apps.review.assignment import (
    MOST_EACH,
    AssignmentReport,
    assign_automatically,
    assign_to,
    assign_topic,
    assignable,
    assignment_token,
    clear_assignments,
    reviewers_of,
    set_reviewers,
)
from apps.review.conflicts import find_conflicts_of_interest
from apps.review.models import Assignment, Review, Reviewer
from apps.topics.models import Topic

_PER_PAGE = 50
_NAMED = 5  # expressions that a message names
_NUMBER_ERRORS = dict.fromkeys(
    ("required", "invalid", "min_value", "max_value"), f"Enter a number from 1 to {MOST_EACH}."
)


class AutomaticForm(forms.Form):
    each = forms.IntegerField(
        label="Reviewers for each entry",
        min_value=1,
        max_value=MOST_EACH,
        initial=3,
        error_messages=_NUMBER_ERRORS,
    )


class TopicForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.none(), error_messages={"required": "Choose one."})
    to = forms.ModelChoiceField(
        Reviewer.objects.none(), label="Reviewer", error_messages={"required": "Choose one."}
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topic"]
        topics.queryset = Topic.objects.filter(edition=edition)
        topics.label_from_instance = lambda topic: str(topic)
        _offer_reviewers(self.fields["to"], edition)


class ChosenForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        Reviewer.objects.none(),
        label="Assign the ticked ones to",
        error_messages={"required": "Choose a reviewer."},
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_reviewers(self.fields["reviewer"], edition)


def _offer_reviewers(field: Any, edition: Edition) -> None:
    reviewers = Reviewer.objects.filter(edition=edition, user__is_active=True)
    field.queryset = reviewers.select_related("user")
    field.label_from_instance = lambda reviewer: str(reviewer.user)


class ReviewerForm(forms.ModelForm):
    """What decides about the assignments of a reviewer; for chairs, and for the reviewer."""

    class Meta:
        model = Reviewer
        fields = ["affiliation", "topics", "conflicts"]
        widgets = {
            "affiliation": forms.TextInput(attrs={"class": "vTextField"}),
            "topics": forms.CheckboxSelectMultiple,
            "conflicts": forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topics"]
        topics.queryset = Topic.objects.filter(edition=self.instance.edition_id)


@require_GET_POST
def assign_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The expressions of an edition with their reviewers, and the ways to assign them."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    press = request.POST.get("press")
    automatic = AutomaticForm(request.POST if press == "automatic" else None)
    by_topic = TopicForm(request.POST if press == "topic" else None, edition=edition)
    by_hand = ChosenForm(request.POST if press == "chosen" else None, edition=edition)
    if press == "clear":
        count = clear_assignments(edition=edition)
        messages.success(request, f"{count_of(count, 'assignment')} without a review removed.")
        return redirect("review:assign", pk)
    keys = [read_number(key) or 0 for key in request.POST.getlist("expression")]
    if report := _assign(edition, automatic, by_topic, by_hand, keys):
        _show_report(request, report)
        query = request.GET.urlencode()
        return redirect(reverse("review:assign", args=[pk]) + (f"?{query}" if query else ""))
    context = {
        "title": "Assign reviewers",
        "automatic": automatic,
        "by_topic": by_topic,
        "by_hand": by_hand,
        **_list_context(request, edition),
    }
    return render_review_page(request, edition, "review/assign.html", context)


def _assign(
    edition: Edition,
    automatic: AutomaticForm,
    by_topic: TopicForm,
    by_hand: ChosenForm,
    keys: Collection[int],
) -> AssignmentReport | None:
    """Assign as the form that was sent asks, by hand the expressions with `keys`; None if none is valid."""
    if automatic.is_bound and automatic.is_valid():
        return assign_automatically(edition=edition, each=automatic.cleaned_data["each"])
    if by_topic.is_bound and by_topic.is_valid():
        chosen = by_topic.cleaned_data
        return assign_topic(reviewer=chosen["to"], topic=chosen["topic"])
    if by_hand.is_bound and by_hand.is_valid():
        return assign_to(
            reviewer=by_hand.cleaned_data["reviewer"],
            expressions=assignable(edition).filter(pk__in=keys),
        )
    return None


def _list_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """The list of expressions, filtered by topic and by whether they have reviewers."""
    everything = assignable(edition)
    shown = _filtered(request, everything)
    rows = shown.only("reference", "title", "edition").prefetch_related(
        Prefetch("assignments", Assignment.objects.select_related("reviewer__user")),
        Prefetch("reviews", Review.objects.select_related("reviewer").defer("remark")),
    )
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    counts = Assignment.objects.filter(expression__in=everything.order_by().values("pk"))
    return {
        "page": page,
        "rows": [(row, _reviewers_in_words(row)) for row in page],
        "topics": Topic.objects.filter(edition=edition),
        "topic": request.GET.get("topic", ""),
        "only": request.GET.get("only", ""),
        "total": everything.count(),
        "unassigned": everything.filter(assignments=None, reviews=None).count(),
        "assignments": counts.count(),
        "reviewers": Reviewer.objects.filter(edition=edition, user__is_active=True).count(),
        "loads": _loads(edition),
    }


def _reviewers_in_words(expression: Expression) -> list[tuple[str, bool]]:
    """Names of those who are to review an expression or have, and whether they have."""
    reviewed = {review.reviewer_id: str(review.reviewer) for review in expression.reviews.all()}
    assigned = {
        row.reviewer.user_id: str(row.reviewer.user) for row in expression.assignments.all()
    }
    return [(name, pk in reviewed) for pk, name in (assigned | reviewed).items()]


def _filtered(request: HttpRequest, expressions: ExpressionQuerySet) -> ExpressionQuerySet:
    if topic := read_number(request.GET.get("topic", "")):
        expressions = expressions.filter(topics=topic)
    if request.GET.get("only") == "unassigned":
        expressions = expressions.filter(assignments=None, reviews=None)
    return expressions


def _loads(edition: Edition) -> str:
    """ "29 to 30 each"; empty without reviewers."""
    reviewers = Reviewer.objects.filter(edition=edition, user__is_active=True)
    loads = reviewers.annotate(load=Count("assignments")).values_list("load", flat=True)
    if not loads:
        return ""
    low, high = min(loads), max(loads)
    return f"{low} each" if low == high else f"{low} to {high} each"


def _show_report(request: HttpRequest, report: AssignmentReport) -> None:
    if report.created:
        messages.success(request, f"{count_of(report.created, 'assignment')} made.")
    else:
        messages.info(request, "There was nothing to assign.")
    if not report.left_out:
        return
    named = ", ".join(
        f"{expression.display_reference} ({reason})"
        for expression, reason in report.left_out[:_NAMED]
    )
    more = len(report.left_out) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    messages.warning(request, f"Too few reviewers without a conflict of interest: {named}{rest}.")


@require_GET_POST
def expression_reviewers_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The reviewers of one expression as ticks; those with a conflict of interest cannot be ticked."""
    require_chair(request)
    expressions = Expression.objects.select_related("edition").prefetch_related(
        "coauthors", "topics"
    )
    expression = get_object_or_404(expressions, pk=pk)
    edition = expression.edition
    if not assignable(edition).filter(pk=pk).exists():
        messages.error(request, f"{expression.display_reference} is no longer reviewed.")
        return redirect("admin:interest_expression_change", pk)
    status = HTTPStatus.OK
    if request.method == "POST":
        keys = {read_number(key) or 0 for key in request.POST.getlist("reviewer")}
        seen = request.POST.get("seen", "")
        try:
            set_reviewers(expression=expression, reviewers=keys, seen=seen)
        except ChangedMeanwhile:
            messages.error(
                request, "Not saved: these assignments were changed meanwhile. They are shown now."
            )
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, f"The reviewers of {expression.display_reference} are saved.")
            return redirect("review:assign", edition.pk)
    context = {
        "title": f"Reviewers of {expression.display_reference}",
        "expression": expression,
        "seen": assignment_token(expression),
        "choices": _reviewer_choices(expression),
    }
    return render_review_page(request, edition, "review/expression_reviewers.html", context, status)


def _reviewer_choices(expression: Expression) -> list[dict[str, Any]]:
    """The reviewers of the edition with what speaks for and against each, for the template."""
    reviewers = reviewers_of(expression.edition)
    conflicts = find_conflicts_of_interest(reviewers, [expression])
    assigned = set(expression.assignments.values_list("reviewer", flat=True))
    topics = set(expression.topics.all())
    rows = Reviewer.objects.filter(edition=expression.edition)
    loads = dict(rows.annotate(load=Count("assignments")).values_list("pk", "load"))
    return [
        {
            "reviewer": reviewer,
            "is_assigned": reviewer.pk in assigned,
            "load": loads.get(reviewer.pk, 0),
            "topics": [topic for topic in reviewer.topics.all() if topic in topics],
            "conflict": conflicts.get((expression.pk, reviewer.pk), ""),
        }
        for reviewer in reviewers
    ]


@gives_back("affiliation", "conflicts")
@require_GET_POST
def reviewer_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Affiliation, topics and conflicts of interest of a reviewer, for chairs and the reviewer."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    is_chair = user.has_perm("interest.decide_expression")
    rows = Reviewer.objects.select_related("user", "edition")
    reviewer = rows.filter(pk=pk).first()
    is_own = reviewer is not None and reviewer.user_id == user.pk
    if not is_chair and not (is_own and reviewer and may_review(user, reviewer.edition)):
        raise PermissionDenied
    reviewer = reviewer or get_object_or_404(rows, pk=pk)
    form = ReviewerForm(sent_data(request), instance=reviewer)
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        if _save_details(form, seen=request.POST.get("seen", "")):
            messages.success(request, "Saved.")
            if is_chair and not is_own:
                return redirect(Tab.REVIEW.url(reviewer.edition_id))
            return redirect("review:queue", reviewer.edition_id)
        form.add_error(
            None,
            "These details were changed while you had the page open. Save again to keep what is "
            "in the form.",
        )
        status = HTTPStatus.CONFLICT
    context = {
        "title": "Your details as a reviewer" if is_own else f"Reviewer {reviewer.user}",
        "reviewer": reviewer,
        "form": form,
        "seen": _details_token(reviewer.pk),
        "is_own": is_own,
    }
    return render_review_page(request, reviewer.edition, "review/reviewer.html", context, status)


def _save_details(form: ReviewerForm, *, seen: str) -> bool:
    """Save a valid form; False if the stored details are no longer those that its page showed."""
    with transaction.atomic():
        # The lock makes two tabs save one after the other.
        reviewer = Reviewer.objects.select_for_update().get(pk=form.instance.pk)
        if _details_token(reviewer.pk) != seen:
            return False
        form.save()
    return True


def _details_token(reviewer_pk: int) -> str:
    """Token of the stored details: the form has changed its own instance."""
    stored = Reviewer.objects.get(pk=reviewer_pk)
    topics = sorted(stored.topics.values_list("pk", flat=True))
    return version_token(stored.affiliation, stored.conflicts, topics)


def render_review_page(
    request: HttpRequest,
    edition: Edition,
    template: str,
    context: dict[str, Any],
    status: int = HTTPStatus.OK,
) -> HttpResponseBase:
    """A page below the Review tab of an edition."""
    shared = {"edition": edition, "review_tab": Tab.REVIEW.url(edition.pk)}
    return render_desk_page(request, template, shared | context, status=status)
