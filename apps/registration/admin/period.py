"""The registration of an edition on a tab of its own: dates, kinds, questions and consents."""

from __future__ import annotations

from typing import Any

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import TextField
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from apps.core.admin import LabelledFormSet, MarkdownFieldsMixin, OrderedInline
from apps.editions.admin import EditionAdmin, Tab
from apps.registration.models import (
    AttendanceKind,
    RegistrationConsent,
    RegistrationPeriod,
    RegistrationQuestion,
)
from apps.registration.places import Places
from apps.registration.services import promote_waiting


class PeriodFormSet(BaseInlineFormSet):
    def save(self, commit: bool = True) -> list:
        """Give places that a larger capacity makes free to those who wait."""
        saved = super().save(commit)
        if commit and self.has_changed():
            promote_waiting(edition=self.instance)
        return saved


class RegistrationPeriodInline(MarkdownFieldsMixin, admin.StackedInline):
    model = RegistrationPeriod
    formset = PeriodFormSet
    extra = 0
    min_num = 0
    max_num = 1
    markdown_fields = ("introduction",)
    formfield_overrides = {TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}
    readonly_fields = ["current_status"]
    fieldsets = [
        (None, {"fields": [("current_status", "is_public"), "introduction", "payment_note"]}),
        (
            "When",
            {
                "fields": [("opens_on", "opens_time"), ("closes_on", "closes_time")],
                "description": "The form opens and closes automatically, in the edition's time "
                "zone. Without both dates it stays closed.",
            },
        ),
        ("Places", {"fields": [("capacity", "has_waiting_list")]}),
        ("Fields of the form", {"fields": [("asks_diet", "asks_access")]}),
    ]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """An empty form as long as there is no registration."""
        return 0 if hasattr(obj, "registration_period") else 1

    @admin.display(description="now")
    def current_status(self, period: RegistrationPeriod) -> str:
        if not period.pk:
            return RegistrationPeriod.Status.UNDATED.label
        places = Places.of(period)
        of_all = f" of {period.capacity}" if period.capacity else ""
        return (
            f"{period.status.label}. {places.all_taken}{of_all} places taken, "
            f"{places.waiting} waiting."
        )


class UsedRowsFormSet(LabelledFormSet):
    """Keeps rows that registrations use. Checked before Django's own refusal, which lists them."""

    used_by: tuple[str, ...] = ()

    def clean(self) -> None:
        for form in self.deleted_forms:
            row = form.instance
            if row.pk and any(getattr(row, name).exists() for name in self.used_by):
                raise ValidationError(
                    "“%(row)s” is used by registrations, so it stays. Reword it instead.",
                    params={"row": row},
                )
        super().clean()


class KindFormSet(UsedRowsFormSet):
    used_by = ("registrations", "extra_registrations")

    def save(self, commit: bool = True) -> list:
        """Give places that a larger capacity makes free to those who wait."""
        saved = super().save(commit)
        if commit and self.has_changed():
            promote_waiting(edition=self.instance)
        return saved


class QuestionFormSet(UsedRowsFormSet):
    used_by = ("answers",)


class AttendanceKindInline(OrderableAdmin, OrderedInline):
    model = AttendanceKind
    formset = KindFormSet
    fields = [
        *("name", "description", "price_note", "is_extra", "capacity", "takes_place", "ordering"),
    ]
    show_change_link = False


class RegistrationQuestionInline(OrderableAdmin, OrderedInline):
    model = RegistrationQuestion
    formset = QuestionFormSet
    verbose_name_plural = "extra questions"
    fields = ["label", "help_text", "kind", "choices", "is_required", "ordering"]
    show_change_link = False


class RegistrationConsentInline(OrderableAdmin, OrderedInline):
    model = RegistrationConsent
    formfield_overrides = {TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})}}
    fields = ["text", "is_required", "ordering"]
    show_change_link = False


for _inline in (
    *(RegistrationPeriodInline, AttendanceKindInline),
    *(RegistrationQuestionInline, RegistrationConsentInline),
):
    EditionAdmin.add_inline(_inline, tab=Tab.REGISTRATION)
