"""Topics in the admin: rows of an edition, and a page for each."""

from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin

from apps.core.admin import OrderedInline
from apps.editions.admin import EditionAdmin, EditionPartAdmin
from apps.topics.models import Topic


class TopicInline(OrderableAdmin, OrderedInline):
    model = Topic
    fields = ["heading", "ordering"]


EditionAdmin.add_inline(TopicInline)


@admin.register(Topic)
class TopicAdmin(EditionPartAdmin):
    list_display = ["heading", "edition"]
    list_filter = ["edition"]
    list_select_related = ["edition"]
    search_fields = ["heading", "description"]
    autocomplete_fields = ["edition"]
    markdown_fields = ("description",)
    fields = ["edition", "heading", "description"]
