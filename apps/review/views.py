"""Reviewers' pages in the admin: the queue, one expression to score, and their own reviews."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.text import read_number
from apps.core.views import refuse_with_text
from apps.editions.models import Edition
from apps.interest.models import NEEDS, Answer, Expression, Question
from apps.interest.permissions import (
    ADDRESS_FIELDS,
    ExpressionPermissions,
    may_review,
    permissions_for,
)
from apps.review import services
from apps.review.models import Criterion, Review

_CONFLICT = "0"


class ReviewForm(forms.Form):
    """A score or a conflict of interest, as one choice, so that both is impossible."""

    verdict = forms.ChoiceField(
        label="Your score",
        choices=[
            *((str(score.value), score.label) for score in Review.Score),
            (_CONFLICT, "Conflict of interest"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a score, or “Conflict of interest”."},
    )
    remark = forms.CharField(
        label="Remark (optional)",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Chairs see it immediately, other reviewers after the decision, students never.",
        error_messages={"max_length": "Shorten the remark to 5,000 characters."},
    )
    # version_token of the review that the page showed, and the expression skipped last.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = {f"criterion-{row.pk}": row for row in edition.review_criteria.all()}
        for name, criterion in self.criteria.items():
            self.fields[name] = forms.TypedChoiceField(
                label=criterion.label,
                help_text=criterion.description,
                choices=Review.Score.choices,
                coerce=int,
                required=False,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the score of each criterion, unless there is a conflict of interest."""
        cleaned = super().clean() or {}
        if cleaned.get("verdict") not in {None, _CONFLICT}:
            for name in self.criteria:
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, "Choose a score.")
        return cleaned

    def criterion_fields(self) -> list[tuple[Criterion, forms.BoundField]]:
        """Each criterion with its field, for the template."""
        return [(criterion, self[name]) for name, criterion in self.criteria.items()]

    @property
    def review_fields(self) -> dict[str, Any]:
        """Keyword arguments for `save_review`."""
        verdict = self.cleaned_data["verdict"]
        has_conflict = verdict == _CONFLICT
        return {
            "has_conflict": has_conflict,
            "score": None if has_conflict else int(verdict),
            "remark": self.cleaned_data["remark"],
            "criteria": {
                criterion.pk: self.cleaned_data[name]
                for name, criterion in self.criteria.items()
                if not has_conflict
            },
            "seen": self.cleaned_data["seen"],
        }


@require_safe
def queues_view(request: HttpRequest) -> HttpResponseBase:
    """The editions this person reviews; straight to the queue if there is only one."""
    reviewer = _require_reviewer(request)
    editions = services.editions_to_review(reviewer)
    if len(editions) == 1:
        return redirect("review:queue", editions[0].pk)
    progress = services.progress(reviewer, *editions)
    context = {
        "title": "Review",
        "editions": [(edition, progress[edition.pk]) for edition in editions],
        "is_chair": reviewer.has_perm("interest.decide_expression"),
        "chairs": [] if editions else services.chair_names(),
    }
    return render_desk_page(request, "review/queues.html", context)


@require_safe
def queue_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The next expression to review, or the reviewer's own reviews if none is left."""
    reviewer, edition = _reviewer_of(request, pk)
    after = read_number(request.GET.get("after", ""))
    waiting = _readable(services.queue(edition, reviewer), _require_permissions(request))
    expression = services.next_in_queue(waiting, after)
    if expression is None:
        return _render_own_reviews(request, edition, reviewer)
    return _render_review(
        request, expression, ReviewForm(initial={"after": after}, edition=edition)
    )


@require_safe
def own_reviews_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The reviewer's own reviews of an edition, each with a link to change it."""
    reviewer, edition = _reviewer_of(request, pk)
    return _render_own_reviews(request, edition, reviewer)


@gives_back("remark")
@require_http_methods(["GET", "POST"])
def review_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One expression to read and score; saving leads to the next in the queue."""
    reviewer, permissions = _require_reviewer(request), _require_permissions(request)
    expressions = _readable(permissions.visible(Expression.objects.all()), permissions)
    expression = get_object_or_404(expressions, pk=pk)
    edition = expression.edition
    if not may_review(reviewer, edition):
        raise PermissionDenied
    if refusal := services.why_not(expression, reviewer):
        refuse_with_text(request, refusal)
        return redirect("admin:interest_expression_change", pk)
    if request.method != "POST":
        own = Review.objects.filter(expression=expression, reviewer=reviewer).first()
        return _render_review(
            request, expression, ReviewForm(initial=_initial(own), edition=edition)
        )
    form = ReviewForm(request.POST, edition=edition)
    if not form.is_valid():
        return _render_review(request, expression, form)
    try:
        review = services.save_review(
            expression=expression, reviewer=reviewer, **form.review_fields
        )
    except NotAllowed as refusal:
        refuse_with_text(request, str(refusal))
        return redirect("admin:interest_expression_change", pk)
    except ChangedMeanwhile:
        return _render_both(request, expression, reviewer)
    messages.success(request, f"{expression.display_reference}: {review.in_words}. Saved.")
    if form.cleaned_data["seen"]:
        return redirect("review:own-reviews", edition.pk)
    after = form.cleaned_data["after"]
    return redirect(
        reverse("review:queue", args=[edition.pk]) + (f"?after={after}" if after else "")
    )


def _render_review(
    request: HttpRequest, expression: Expression, form: ReviewForm, other: Review | None = None
) -> HttpResponseBase:
    edition = expression.edition
    permissions = _require_permissions(request)
    context = {
        "title": f"Review {expression.display_reference}",
        "expression": expression,
        "edition": edition,
        "sees_author": permissions.sees_author_of(expression),
        "sees_pdf": permissions.sees_pdf_of(expression),
        "far": services.progress(_require_reviewer(request), edition)[edition.pk],
        "form": form,
        "other": other,
        "not_mine": _CONFLICT,
        "reviewer_row": services.reviewer_of(edition, _require_reviewer(request)),
    }
    return render_desk_page(request, "review/review.html", context)


def _render_both(request: HttpRequest, expression: Expression, reviewer: User) -> HttpResponseBase:
    """The form as it was sent, beside what the reviewer saved in another tab (409)."""
    other = Review.objects.filter(expression=expression, reviewer=reviewer).first()
    data = request.POST.copy()
    data["seen"] = other.version_token if other else ""
    response = _render_review(
        request, expression, ReviewForm(data, edition=expression.edition), other
    )
    response.status_code = HTTPStatus.CONFLICT
    return response


def _render_own_reviews(request: HttpRequest, edition: Edition, reviewer: User) -> HttpResponseBase:
    progress = services.progress(reviewer, edition)[edition.pk]
    reviews = services.own_reviews(edition, reviewer)
    page = Paginator(reviews, 100).get_page(request.GET.get("page"))
    if not progress.total:
        title = "There is nothing to review"
    elif progress.is_done:
        title = f"You have reviewed all {progress.total}"
    else:
        title = f"Your reviews: {progress.done} of {progress.total}"
    context = {
        "title": title,
        "edition": edition,
        "far": progress,
        "waiting": services.queue(edition, reviewer).only("title", "reference", "edition"),
        "page": page,
        "reviewer_row": services.reviewer_of(edition, reviewer),
    }
    return render_desk_page(request, "review/own_reviews.html", context)


def _require_reviewer(request: HttpRequest) -> User:
    """Return a user with the role, chosen for an edition or not; helpdesk and editors lack it."""
    user = request.user
    roles = ("interest.review_expression", "interest.decide_expression")
    if not isinstance(user, User) or not any(user.has_perm(role) for role in roles):
        raise PermissionDenied
    return user


def _reviewer_of(request: HttpRequest, pk: int) -> tuple[User, Edition]:
    reviewer, edition = _require_reviewer(request), get_object_or_404(Edition, pk=pk)
    if not may_review(reviewer, edition):
        raise PermissionDenied
    return reviewer, edition


def _require_permissions(request: HttpRequest) -> ExpressionPermissions:
    permissions = permissions_for(request.user)
    if permissions is None:
        raise PermissionDenied
    return permissions


def _readable(
    expressions: QuerySet[Expression], permissions: ExpressionPermissions
) -> QuerySet[Expression]:
    """Expressions with everything a reviewer reads; chairs too see no more on these pages."""
    answers = Answer.objects.filter(question__asked_at=Question.AskedAt.SUBMISSION)
    return (
        expressions.select_related("edition", "pdf")
        .defer(*ADDRESS_FIELDS, *NEEDS, *permissions.hidden_fields)
        .prefetch_related(
            "topics", "coauthors", Prefetch("answers", answers.select_related("question"))
        )
    )


def _initial(review: Review | None) -> dict[str, Any]:
    if review is None:
        return {}
    return {
        "verdict": _CONFLICT if review.has_conflict else str(review.score),
        "remark": review.remark,
        "seen": review.version_token,
        **{
            f"criterion-{criterion_pk}": score
            for criterion_pk, score in review.criterion_scores.values_list("criterion", "score")
        },
    }
