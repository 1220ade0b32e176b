"""Awards in the admin, each with its recipients as rows."""

from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from apps.awards.models import Award, Recipient
from apps.core.admin import OrderedInline
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab


class AwardInline(OrderableAdmin, OrderedInline):
    model = Award
    fields = ["heading", "kind", "is_published", "ordering"]
    select_related = ("edition",)


EditionAdmin.add_inline(AwardInline, tab=Tab.MORE)


class RecipientInline(OrderableAdmin, OrderedInline):
    model = Recipient
    kept_relations = ("contribution", "person")
    select_related = ("contribution", "person", "award")
    verbose_name = "recipient"
    verbose_name_plural = "goes to"
    fields = ["contribution", "person", "title", "authors", "link", "ordering"]
    autocomplete_fields = ["contribution", "person"]
    show_change_link = False


@admin.register(Award)
class AwardAdmin(EditionPartAdmin):
    list_display = ["__str__", "edition", "kind", "size", "is_published"]
    list_filter = ["edition", "is_published"]
    search_fields = ["heading", "description"]
    markdown_fields = ("description",)
    fields = ["edition", "heading", "kind", "description", "is_published"]
    inlines = [RecipientInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Award]:
        return super().get_queryset(request).annotate(recipient_count=Count("recipients"))

    @admin.display(description="goes to", ordering="recipient_count")
    def size(self, award: Award) -> int:
        return award.recipient_count
