"""Admin base classes of models with an edition."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from apps.core.admin import (
    ContentAdmin,
)
from apps.core.markdown import markdown_columns
from apps.core.text import read_number
from apps.editions.admin.editions import EditionAdmin, Tab, TabLink
from apps.editions.models import Edition


class EditionPartAdmin(ContentAdmin):
    """Admin of a model with an `edition`: preselects it, and returns to its page."""

    ordering: Any = ["-edition__year", "ordering", "pk"]
    list_filter: Any = ["edition"]
    list_select_related: Any = ["edition"]
    autocomplete_fields: Any = ["edition"]
    is_on_index = True  # of the admin; False for rows that are edited in their edition

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return super().get_model_perms(request) if self.is_on_index else {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A stored row keeps its edition."""
        return ["edition"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The edition that the list was filtered by, or the current one."""
        filters = QueryDict(request.GET.get("_changelist_filters", ""))
        key = read_number(filters.get("edition__id__exact", ""))
        edition = Edition.objects.filter(pk=key).first() if key else None
        edition = edition or Edition.objects.current().first()
        initial = {"edition": edition.pk} if edition else {}
        return initial | super().get_changeform_initial_data(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the way back to the edition, and that whose pictures the texts of the row can show."""
        obj: Any = kwargs.get("obj")
        tab = EditionAdmin.tab_of(self.model)
        edition = getattr(obj, "edition_id", None)  # a sponsor has that of its level
        if edition and tab != Tab.DETAILS:
            context["tab_of_edition"] = TabLink(tab.label, tab.url(edition), False)
        if any(markdown_columns(self.model)):
            context["edition_of_texts"] = edition
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_edition(request, obj) or super().response_post_save_add(
            request, obj
        )

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_edition(request, obj) or super().response_post_save_change(
            request, obj
        )

    def _redirect_to_edition(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """Redirect to the object's kind on a tab of its edition; None if the list was filtered.

        A tab of one kind opens at its top, where the message is.
        """
        if obj.edition_id is None or "_changelist_filters" in request.GET:
            return None
        tab = EditionAdmin.tab_of(type(obj))
        url = tab.url(obj.edition_id)
        if len(EditionAdmin.tab_inlines.get(tab, [])) > 1:
            section = obj._meta.get_field("edition").remote_field.related_name
            url = f"{url}#{section}-group"
        return redirect(url)


class EditionPartForm(ModelForm):
    """Offers only rows of its edition in the fields `of_edition`.

    That is the edition that was sent or, when the form of a new row is first shown, preselected.
    """

    of_edition: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data.get("edition") or self.initial.get("edition") or ""
        key = self.instance.edition_id or read_number(str(sent)) or 0
        for name in self.of_edition:
            field: Any = self.fields.get(name)  # absent for readers
            if field:
                field.queryset = field.queryset.filter(edition=key)
