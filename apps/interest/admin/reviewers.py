"""Who reviews an edition: chosen on its page, by chairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.admin import LabelledFormSet
from apps.editions.admin import EditionAdmin
from apps.editions.models import Edition
from apps.interest.models import Reviewer
from apps.interest.reviewing import review_counts


class ReviewerFormSet(LabelledFormSet):
    def name_of_row(self, form: ModelForm) -> str:
        return str(form.instance.user) if form.instance.pk else "new reviewer"

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return "Somebody is chosen twice."

    def get_form_error(self) -> str:
        return "This person reviews this edition already."


class ReviewerInline(admin.TabularInline):
    """Taken in and let go, never changed into somebody else; what they said stays.

    One empty row is always there, so that nobody needs scripts to choose.
    """

    model = Reviewer
    formset = ReviewerFormSet
    fields = ["user", "reviewed"]
    readonly_fields = ["reviewed"]
    extra = 1
    verbose_name_plural = "reviewers"

    def has_change_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reviewer]:
        rows = super().get_queryset(request).select_related("user")
        return rows.annotate(reviewed_count=review_counts())

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "user":
            kwargs["queryset"] = who_can_be_chosen()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "user" and field is not None:
            # Django's frame of buttons around it is not wanted, and would keep the row's label.
            field.widget = field.widget.widget
        return field

    @admin.display(description="reviewed so far")
    def reviewed(self, reviewer: Reviewer) -> str:
        return str(vars(reviewer).get("reviewed_count", "–"))


def who_can_be_chosen() -> QuerySet[User]:
    """Staff who hold the role of a reviewer, and chairs."""
    backend = ModelBackend()
    reviewers = backend.with_perm("interest.review_expression")
    found: QuerySet[User] = reviewers | backend.with_perm("interest.decide_expression")
    return found.filter(is_staff=True).distinct().order_by("name", "email")


EditionAdmin.add_inline(ReviewerInline)
