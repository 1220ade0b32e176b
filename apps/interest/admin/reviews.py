"""The reviewers' screens: their queue, one expression to read and score, what they said so far."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role, User
from apps.editions.models import Edition
from apps.interest import reviewing
from apps.interest.admin.forms import NOT_MINE, ReviewForm
from apps.interest.models import Answer, Expression, Question, Review
from apps.interest.sight import AUTHOR_FIELDS, Sight, may_review, sight_of

_PRIVATE = ("email", "technical_needs", "access_needs", "diet")


class ReviewScreens(admin.ModelAdmin):
    """The addresses and views of reviewing."""

    def get_urls(self) -> list[URLPattern]:
        def screen(route: str, view: Any, name: str) -> URLPattern:
            name = f"interest_expression_{name}"
            return path(route, self.admin_site.admin_view(view), name=name)

        reads, saves = require_safe, require_http_methods(["GET", "POST"])
        return [
            screen("queue/", reads(self.queues_view), "queues"),
            screen("queue/<int:pk>/", reads(self.queue_view), "queue"),
            screen("queue/<int:pk>/mine/", reads(self.own_reviews_view), "own_reviews"),
            screen("<int:pk>/review/", saves(self.review_view), "review"),
            *super().get_urls(),
        ]

    def queues_view(self, request: HttpRequest) -> HttpResponseBase:
        """The editions this person reviews; straight to the queue where there is only one."""
        reviewer = _reviewer(request)
        editions = reviewing.editions_to_review(reviewer)
        if len(editions) == 1:
            return redirect("admin:interest_expression_queue", editions[0].pk)
        far = reviewing.progress(reviewer, *editions)
        context = {
            "title": "Review",
            "editions": [(edition, far[edition.pk]) for edition in editions],
            "is_chair": reviewer.has_perm("interest.decide_expression"),
            "chairs": [] if editions else chairs(),
        }
        return self._answer(request, "queues", context)

    def queue_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The next expression to read, or that there is none left."""
        reviewer, edition = _reviewer(request), get_object_or_404(Edition, pk=pk)
        if not may_review(reviewer, edition):
            raise PermissionDenied
        asked = request.GET.get("after", "")
        after = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        waiting = _to_read(reviewing.queue(edition, reviewer), _sight(request))
        expression = reviewing.next_in_queue(waiting, after)
        if expression is None:
            return self._own_reviews(request, edition, reviewer)
        return self._screen_of(request, expression, ReviewForm(initial={"after": after}))

    def own_reviews_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What this person said so far, to change it."""
        reviewer, edition = _reviewer(request), get_object_or_404(Edition, pk=pk)
        if not may_review(reviewer, edition):
            raise PermissionDenied
        return self._own_reviews(request, edition, reviewer)

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """One expression to read and score, or to score anew; a press saves and leads on."""
        reviewer = _reviewer(request)
        sight = _sight(request)
        expression = get_object_or_404(
            _to_read(sight.visible(Expression.objects.all()), sight), pk=pk
        )
        if not may_review(reviewer, expression.edition):
            raise PermissionDenied
        if refusal := reviewing.why_not(expression, reviewer):
            messages.error(request, refusal)
            return redirect("admin:interest_expression_change", pk)
        if request.method != "POST":
            own = Review.objects.filter(expression=expression, reviewer=reviewer).first()
            return self._screen_of(request, expression, ReviewForm(initial=_as_said(own)))
        form = ReviewForm(request.POST)
        if not form.is_valid():
            return self._screen_of(request, expression, form)
        try:
            saved = reviewing.save_review(expression=expression, reviewer=reviewer, **form.said)
        except reviewing.NotReviewable as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:interest_expression_change", pk)
        messages.success(request, f"{expression.spoken_reference}: {_words(saved.review)}.")
        _tell_replaced(request, saved, form.cleaned_data["seen"])
        edition = expression.edition.pk
        if form.cleaned_data["seen"]:
            return redirect("admin:interest_expression_own_reviews", edition)
        answer = redirect("admin:interest_expression_queue", edition)
        if after := form.cleaned_data["after"]:
            answer["Location"] += f"?after={after}"
        return answer

    def _screen_of(
        self, request: HttpRequest, expression: Expression, form: ReviewForm
    ) -> TemplateResponse:
        edition = expression.edition
        context = {
            "title": f"Review {expression.spoken_reference}",
            "expression": expression,
            "edition": edition,
            "sees_author": _sight(request).sees_author_of(expression),
            "far": reviewing.progress(_reviewer(request), edition)[edition.pk],
            "form": form,
            "is_change": bool(form["seen"].value()),
            "not_mine": NOT_MINE,
        }
        return self._answer(request, "review", context)

    def _own_reviews(
        self, request: HttpRequest, edition: Edition, reviewer: User
    ) -> TemplateResponse:
        far = reviewing.progress(reviewer, edition)[edition.pk]
        own = reviewing.own_reviews(edition, reviewer)
        page = Paginator(own, 100).get_page(request.GET.get("page"))
        if not far.total:
            title = "There is nothing to review"
        elif far.is_done:
            title = f"You have reviewed all {far.total}"
        else:
            title = f"Your reviews: {far.done} of {far.total}"
        context = {"title": title, "edition": edition, "far": far, "page": page}
        return self._answer(request, "own_reviews", context)

    def _answer(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        name = f"admin/interest/expression/{template}.html"
        return TemplateResponse(request, name, frame | context)


def chairs() -> list[str]:
    """Whom a reviewer asks: the names of those who choose reviewers."""
    return [str(user) for user in User.objects.filter(is_active=True, groups__name=Role.CHAIR)]


def _reviewer(request: HttpRequest) -> User:
    """Whoever holds the role, chosen for an edition or not; helpdesk and editors do not."""
    user = request.user
    roles = ("interest.review_expression", "interest.decide_expression")
    if not isinstance(user, User) or not any(user.has_perm(role) for role in roles):
        raise PermissionDenied
    return user


def _sight(request: HttpRequest) -> Sight:
    sight = sight_of(request.user)
    if sight is None:
        raise PermissionDenied
    return sight


def _to_read(expressions: QuerySet[Expression], sight: Sight) -> QuerySet[Expression]:
    """With what a reader needs, and without what this one is not to see."""
    early = Answer.objects.filter(question__asked_at=Question.AskedAt.SUBMISSION)
    answers = Prefetch("answers", early.select_related("question"))
    hidden = [*_PRIVATE, *[*AUTHOR_FIELDS] * (not sight.sees_authors)]
    found = expressions.select_related("edition").defer(*hidden)
    return found.prefetch_related("topics", "coauthors", answers)


def _as_said(review: Review | None) -> dict[str, Any]:
    """A review as the form has it."""
    if review is None:
        return {}
    verdict = NOT_MINE if review.has_conflict else str(review.score)
    seen = review.changed_at.isoformat()
    return {"verdict": verdict, "remark": review.remark, "seen": seen}


def _words(review: Review) -> str:
    return "not yours to judge" if review.has_conflict else review.in_words


def _tell_replaced(request: HttpRequest, saved: reviewing.Saved, seen: str) -> None:
    """That somebody overwrote what they had said in another tab."""
    now, before = saved
    if before is None or before.changed_at.isoformat() == seen:
        return
    if (before.score, before.remark) != (now.score, now.remark):
        words = f"In another tab you had said “{_words(before)}”. What you sent last counts."
        messages.warning(request, words)
