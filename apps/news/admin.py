"""News items in the admin: rows of an edition, and a page for each."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.core.admin import LabelledFormSet, MarkdownFieldsMixin
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab
from apps.news.models import LATEST_FIRST, NewsItem


class NewsItemForm(forms.ModelForm):
    """A news item: publishing sets its date, and a changed text its time of update."""

    class Meta:
        model = NewsItem
        fields = ["title", "body", "is_published", "published_at"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        published_at = self.fields.get("published_at")
        if published_at and isinstance(published_at.widget, forms.MultiWidget):
            # One label cannot name two inputs (WCAG 4.1.2).
            for widget, part in zip(published_at.widget.widgets, ("day", "time"), strict=True):
                widget.attrs["aria-label"] = f"{published_at.label}: {part}"

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        now = timezone.now()
        is_newly_published = cleaned.get("is_published") and "is_published" in self.changed_data
        if is_newly_published and not cleaned.get("published_at", self.instance.published_at):
            cleaned["published_at"] = self.instance.published_at = now
        if self.instance.pk and {"title", "body"} & set(self.changed_data):
            self.instance.changed_at = now
        return cleaned


class NewsInline(MarkdownFieldsMixin, admin.TabularInline):
    model = NewsItem
    form = NewsItemForm
    formset = LabelledFormSet
    verbose_name_plural = "news"
    fields = ["title", "is_published"]
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[NewsItem]:
        """Load the edition for each row's link."""
        return super().get_queryset(request).select_related("edition")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Items need a text, so they are added on their own page."""
        return False


EditionAdmin.add_inline(NewsInline, tab=Tab.MORE)


@admin.register(NewsItem)
class NewsItemAdmin(EditionPartAdmin):
    form = NewsItemForm
    list_display = ["__str__", "edition", "published_at", "is_published"]
    list_filter = ["edition", "is_published"]
    search_fields = ["title", "body"]
    ordering = ["-edition__year", LATEST_FIRST, "-pk"]
    markdown_fields = ("body",)
    fields = ["edition", "title", "body", "is_published", "published_at"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        if db_field.name == "published_at":
            kwargs["help_text"] = (
                f"{db_field.help_text} In the site's time zone, {settings.TIME_ZONE}."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)
