"""The desk's pages about what belongs to one edition: its deadlines, groups, topics, sections."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.admin import ContentAdmin
from apps.editions.models import Edition


class PartAdmin(ContentAdmin):
    """An admin whose rows have an `edition`: begins in the right one, and leads back to its page."""

    ordering = ["-edition__year", "ordering", "pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A stored row keeps its edition."""
        return ["edition"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new row belongs to the edition its list was narrowed to, or else to the current one."""
        narrowed = QueryDict(request.GET.get("_changelist_filters", ""))
        chosen = narrowed.get("edition__id__exact", "")
        edition = Edition.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
        edition = edition or Edition.objects.current().first()
        begun = {"edition": edition.pk} if edition else {}
        return begun | super().get_changeform_initial_data(request)

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._back(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._back(request, obj) or super().response_post_save_change(request, obj)

    def _back(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """To where the row stands on its edition's page; None for who came from a narrowed list."""
        if obj.edition_id is None or "_changelist_filters" in request.GET:
            return None
        place = obj._meta.get_field("edition").remote_field.related_name
        hub = reverse("admin:editions_edition_change", args=[obj.edition_id])
        return redirect(f"{hub}#{place}-group")
