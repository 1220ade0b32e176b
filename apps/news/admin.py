from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest

from apps.core.admin import LabelledFormSet, MarkdownFieldsMixin
from apps.editions.admin import EditionAdmin
from apps.editions.parts import PartAdmin
from apps.news.forms import NewsItemForm
from apps.news.models import LATEST_FIRST, NewsItem


class NewsInline(MarkdownFieldsMixin, admin.TabularInline):
    model = NewsItem
    form = NewsItemForm
    formset = LabelledFormSet
    verbose_name_plural = "news"
    fields = ["title", "is_published"]
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[NewsItem]:
        """With what each row's link to its page needs."""
        return super().get_queryset(request).select_related("edition")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """News need a text, so they are added on a page of their own."""
        return False


EditionAdmin.add_inline(NewsInline)


@admin.register(NewsItem)
class NewsItemAdmin(PartAdmin):
    form = NewsItemForm
    list_display = ["__str__", "edition", "published_at", "is_published"]
    list_filter = ["edition", "is_published"]
    list_select_related = ["edition"]
    search_fields = ["title", "body"]
    ordering = ["-edition__year", LATEST_FIRST, "-pk"]  # type: ignore[list-item]  # as Django takes it
    autocomplete_fields = ["edition"]
    markdown_fields = ("body",)
    fields = ["edition", "title", "body", "is_published", "published_at"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        if db_field.name == "published_at":
            kwargs["help_text"] = (
                f"{db_field.help_text} In the site's time zone, {settings.TIME_ZONE}."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: NewsItem | None = None) -> list[str]:
        return ["edition"] if obj else []
