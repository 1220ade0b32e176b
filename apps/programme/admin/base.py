"""Base classes and helpers of the programme's admin, also for apps above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.core.admin import OrderedInline, render_desk_page
from apps.core.text import read_number
from apps.editions.admin import EditionPartAdmin
from apps.editions.models import Edition
from apps.programme.models import Session

AGAIN = "Nothing was changed, because someone else changed it meanwhile. This page shows the current state."

_Urls = Callable[[], list[URLPattern]]
_OverviewContext = Callable[[HttpRequest, Edition], dict[str, Any]]
_registered: list[tuple[_Urls, _OverviewContext]] = []


def register_programme_pages(urls: _Urls, overview_context: _OverviewContext) -> None:
    """Add pages of an app above below the programme, and context for links on its overview."""
    _registered.append((urls, overview_context))


def registered_urls() -> list[URLPattern]:
    """The URLs of all registered pages."""
    return [pattern for urls, _ in _registered for pattern in urls()]


def registered_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """The overview's context from all registered apps."""
    return {
        name: value
        for _, context in _registered
        for name, value in context(request, edition).items()
    }


def below_programme(*routes: tuple[str, Any, str]) -> list[URLPattern]:
    """Staff URLs below `programme/` from route, view and the end of the name."""
    return [
        path(f"programme/{route}", admin.site.admin_view(view), name=f"programme_session_{name}")
        for route, view, name in routes
    ]


def render_programme_page(
    request: HttpRequest,
    template: str,
    edition: Edition,
    *,
    title: str,
    app: str = "programme",
    **context: Any,
) -> TemplateResponse:
    """A page below the programme of `edition`."""
    shared = {"opts": Session._meta, "edition": edition, "title": title}
    return render_desk_page(request, f"admin/{app}/{template}.html", {**shared, **context})


def primary_keys(sent: list[str]) -> list[int]:
    """The primary keys among the values of a form."""
    return [number for key in sent if (number := read_number(key)) is not None]


class ProgrammePartAdmin(EditionPartAdmin):
    """Admin of a part of the programme; leads back to the overview of its edition."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        key = context["adminform"].form.initial.get("edition")
        context["edition"] = obj.edition if obj else Edition.objects.filter(pk=key).first()
        return super().render_change_form(request, context, *args, **kwargs)

    def _redirect_to_edition(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """To the overview; None after a filtered list."""
        if "_changelist_filters" in request.GET:
            return None
        return redirect("admin:programme_session_overview", obj.edition_id)


class CreditInline(OrderedInline):
    """Credits in order."""

    kept_relations = ("person",)
    autocomplete_fields = ["person"]
    select_related = ("person",)
    show_change_link = False
