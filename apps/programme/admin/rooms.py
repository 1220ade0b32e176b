from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.http import HttpRequest

from apps.core.admin import OrderedInline
from apps.editions.admin import EditionAdmin, EditionPartAdmin
from apps.programme.forms import RoomFormSet
from apps.programme.models import Room


class RoomInline(OrderableAdmin, OrderedInline):
    model = Room
    formset = RoomFormSet
    fields = ["name", "capacity", "ordering"]


EditionAdmin.add_inline(RoomInline)


@admin.register(Room)
class RoomAdmin(EditionPartAdmin):
    """Reached from its edition; here for the way to it and its history."""

    list_display = ["name", "edition", "capacity"]
    list_filter = ["edition"]
    list_select_related = ["edition"]
    search_fields = ["name", "directions"]
    autocomplete_fields = ["edition"]
    markdown_fields = ("directions",)
    fields = ["edition", "name", "capacity", "directions"]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not on the first screen: rooms belong to their edition."""
        return {}
