"""Reviews in the admin: reviewers on a tab of an edition, scores beside the expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.core.admin import LabelledFormSet, OrderedInline
from apps.editions.admin import EditionAdmin, Tab
from apps.editions.models import Edition
from apps.interest.admin.extensions import ExpressionAdminExtension, register_extension
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions
from apps.review import services
from apps.review.committee import possible_reviewers
from apps.review.discussion import may_discuss, shown_comments
from apps.review.discussion_views import CommentForm
from apps.review.models import Criterion, Review, Reviewer


class ReviewerFormSet(LabelledFormSet):
    def name_of_row(self, form: ModelForm) -> str:
        return str(form.instance.user) if form.instance.pk else "new reviewer"


class ReviewerInline(admin.TabularInline):
    """Reviewers are added and removed, never changed into another person; their reviews stay.

    One empty row is always there, so that choosing works without scripts.
    """

    model = Reviewer
    formset = ReviewerFormSet
    fields = ["user", "affiliation", "assigned", "reviewed", "details"]
    readonly_fields = ["assigned", "reviewed", "details"]
    extra = 1
    verbose_name_plural = "reviewers"

    def has_change_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reviewer]:
        reviewers = super().get_queryset(request).select_related("user")
        return reviewers.annotate(
            reviewed_count=services.review_counts(), assigned_count=services.assignment_counts()
        )

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "user":
            kwargs["queryset"] = possible_reviewers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "user" and field is not None:
            # Without Django's buttons around the select box, which would keep the row's label.
            field.widget = field.widget.widget
        return field

    @admin.display(description="assigned")
    def assigned(self, reviewer: Reviewer) -> str:
        return str(getattr(reviewer, "assigned_count", "–"))

    @admin.display(description="topics and conflicts")
    def details(self, reviewer: Reviewer) -> str | SafeString:
        if reviewer.pk is None:
            return "–"
        return format_html(
            '<a href="{}">Details<span class="visually-hidden"> of {}</span></a>',
            reverse("review:reviewer", args=[reviewer.pk]),
            reviewer.user,
        )

    @admin.display(description="reviewed so far")
    def reviewed(self, reviewer: Reviewer) -> str:
        return str(getattr(reviewer, "reviewed_count", "–"))


@admin.display(description="mean", ordering=services.BY_MEAN)
def mean(expression: Expression) -> str:
    figures = services.figures(_listed_reviews(expression))
    return "" if figures.mean is None else f"{figures.mean:.1f} ({figures.count})"


@admin.display(description="spread", ordering=services.BY_SPREAD)
def spread(expression: Expression) -> str:
    """The standard deviation of the scores."""
    figures = services.figures(_listed_reviews(expression))
    return "" if figures.spread is None else f"± {figures.spread:.1f}"


@admin.display(description="criteria", ordering=services.BY_CRITERIA)
def criteria(expression: Expression) -> str:
    """The weighted mean of the scores of criteria."""
    value: float | None = getattr(expression, "criteria_mean", None)
    return "" if value is None else f"{value:.1f}"


@admin.display(description="your score")
def own_score(expression: Expression) -> str:
    return ", ".join(review.in_words for review in _listed_reviews(expression))


def _listed_reviews(expression: Expression) -> list[Review]:
    """Reviews prefetched by `ReviewExtension.get_list_queryset`."""
    reviews: list[Review] = getattr(expression, "listed_reviews", [])
    return reviews


def _has_criteria(request: Any) -> bool:
    """Whether any edition has criteria; asked once for each request."""
    if not hasattr(request, "has_criteria"):
        request.has_criteria = Criterion.objects.exists()
    return bool(request.has_criteria)


class ReviewExtension(ExpressionAdminExtension):
    """Scores in the list of expressions, reviews on the page of one."""

    def get_columns(
        self, request: HttpRequest, permissions: ExpressionPermissions
    ) -> list[Callable[[Expression], Any]]:
        if permissions.sees_reviews:
            return [mean, spread, *[criteria] * _has_criteria(request)]
        return [] if permissions.helps else [own_score]

    def get_list_queryset(
        self,
        request: HttpRequest,
        permissions: ExpressionPermissions,
        expressions: QuerySet[Expression],
    ) -> QuerySet[Expression]:
        reviews = Review.objects.defer("remark")
        if not permissions.sees_reviews:
            reviews = reviews.filter(reviewer=request.user.pk)
        elif _has_criteria(request):
            expressions = expressions.annotate(criteria_mean=services.CRITERIA_MEAN)
        return expressions.prefetch_related(Prefetch("reviews", reviews, to_attr="listed_reviews"))

    def get_list_context(
        self, request: HttpRequest, permissions: ExpressionPermissions
    ) -> dict[str, Any]:
        is_unassigned = permissions.editions is not None and not permissions.editions
        return {
            "reviews": permissions.sees_reviews or bool(permissions.editions),
            "not_chosen": is_unassigned,
            "chairs": services.chair_names() if is_unassigned else [],
        }

    def get_page_context(
        self, request: HttpRequest, permissions: ExpressionPermissions, expression: Expression
    ) -> dict[str, Any]:
        user = request.user
        if not isinstance(user, User):
            return {}
        reviews = list(services.visible_reviews(expression, user))
        return {
            "reviews": reviews,
            "figures": services.figures(reviews),
            "criteria_mean": services.criteria_mean(reviews),
            "own_review": next((row for row in reviews if row.reviewer_id == user.pk), None),
            "can_review": not services.why_not(expression, user),
            "assignments": expression.assignments.select_related("reviewer__user")
            if permissions.sees_reviews
            else [],
            "can_discuss": may_discuss(expression, user),
            "comments": shown_comments(expression, user, permissions),
            "comment_form": CommentForm(),
            "can_assign": permissions.sees_reviews and services.is_reviewable(expression),
        }


class CriterionFormSet(LabelledFormSet):
    def clean(self) -> None:
        """Keep scored criteria. Checked before Django's own refusal, which lists the scores."""
        pks = [form.instance.pk for form in self.deleted_forms if form.instance.pk]
        if scored := Criterion.objects.filter(pk__in=pks, scores__isnull=False).first():
            raise ValidationError(
                "“%(criterion)s” was scored in a review already, so it stays. Reword it instead.",
                params={"criterion": scored},
            )
        super().clean()


class CriterionInline(OrderableAdmin, OrderedInline):
    """The criteria of an edition, in order; without any, reviewers give the overall score alone.

    One empty row is always there, so that adding works without scripts.
    """

    model = Criterion
    formset = CriterionFormSet
    verbose_name_plural = "criteria beside the overall score"
    fields = ["label", "description", "weight", "ordering"]
    show_change_link = False
    extra = 1


EditionAdmin.add_inline(ReviewerInline, tab=Tab.REVIEW)
EditionAdmin.add_inline(CriterionInline, tab=Tab.REVIEW)
register_extension(ReviewExtension())
