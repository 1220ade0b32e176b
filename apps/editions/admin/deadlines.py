"""Admin of deadlines, on a tab of the edition and by themselves."""

from __future__ import annotations

from django.contrib import admin
from django.forms import ModelForm

from apps.core.admin import (
    LabelledFormSet,
    MarkdownFieldsMixin,
)
from apps.editions.admin.editions import EditionAdmin, Tab
from apps.editions.admin.parts import EditionPartAdmin
from apps.editions.models import Deadline


class DeadlineForm(ModelForm):
    """Keeps the old date when a deadline is extended, so that the page shows it struck through."""

    class Meta:
        model = Deadline
        fields = [
            *("group", "title", "due_on", "due_time"),
            *("is_anywhere_on_earth", "extended_from_on"),
        ]

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        old, new = self.initial.get("due_on"), cleaned.get("due_on")
        was_moved_later = self.instance.pk and old and new and new > old
        if was_moved_later and "extended_from_on" not in self.changed_data:
            # The first date is kept, however often the deadline is extended.
            cleaned["extended_from_on"] = cleaned.get("extended_from_on") or old
        kept = cleaned.get("extended_from_on")
        if kept and new and new <= kept and "extended_from_on" not in self.changed_data:
            cleaned["extended_from_on"] = None
        return cleaned


class DeadlineInline(MarkdownFieldsMixin, admin.TabularInline):
    model = Deadline
    form = DeadlineForm
    formset = LabelledFormSet
    extra = 0
    show_change_link = True


@admin.register(Deadline)
class DeadlineAdmin(EditionPartAdmin):
    """Linked from the edition, for the history."""

    form = DeadlineForm
    ordering = ["-edition__year", "due_on", "due_time", "pk"]
    is_on_index = False
    list_display = ["__str__", "edition", "due_on", "due_time"]
    search_fields = ["title", "group"]
    fields = ["edition", *DeadlineForm.Meta.fields]


EditionAdmin.add_inline(DeadlineInline, tab=Tab.DATES)
