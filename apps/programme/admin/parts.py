"""What sessions and contributions share: both lead back to the programme of their edition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.core.admin import OrderedInline
from apps.editions.admin import EditionPartAdmin
from apps.editions.models import Edition
from apps.programme.models import Session

AGAIN = "Nothing was changed: it is not as you saw it any more. Here is how it stands now."


_page_urls: list[Callable[[], list[URLPattern]]] = []
_overview_contexts: list[Callable[[HttpRequest, Edition], dict[str, Any]]] = []


def register_programme_pages(
    urls: Callable[[], list[URLPattern]],
    overview_context: Callable[[HttpRequest, Edition], dict[str, Any]],
) -> None:
    """Add pages of an app above below the programme, and context for links on its overview."""
    _page_urls.append(urls)
    _overview_contexts.append(overview_context)


def registered_urls() -> list[URLPattern]:
    """Return the URLs of all registered pages."""
    return [pattern for urls in _page_urls for pattern in urls()]


def registered_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """Return the overview's context from all registered apps."""
    return {
        name: value
        for context in _overview_contexts
        for name, value in context(request, edition).items()
    }


def below_programme(*steps: tuple[str, Any, str]) -> list[URLPattern]:
    """For the staff alone: routes below `programme/`, each with its view and the end of its name."""
    return [
        path(f"programme/{route}", admin.site.admin_view(view), name=f"programme_session_{name}")
        for route, view, name in steps
    ]


def page_of(
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
    return TemplateResponse(
        request,
        f"admin/{app}/{template}.html",
        {**admin.site.each_context(request), **shared, **context},
    )


def numbers(sent: list[str]) -> list[int]:
    """The keys among what a form sent."""
    return [int(key) for key in sent if key.isascii() and key.isdecimal() and len(key) < 18]


class _WithYear:
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}, {obj.edition.slug}"


class OfAnyYear(_WithYear, ModelChoiceField):
    """Rooms are called the same every year, so the edition is named as well."""


class SomeOfAnyYear(_WithYear, ModelMultipleChoiceField):
    """Likewise of topics."""


def is_of_one_row(request: HttpRequest) -> bool:
    """Whether the page is about a row of today; an older version may be of one that is gone."""
    at = request.resolver_match.kwargs if request.resolver_match else {}
    return "object_id" in at and "version_id" not in at


class ProgrammePartAdmin(EditionPartAdmin):
    """An admin of what stands on an edition's programme."""

    autocomplete_fields: Any = ["edition"]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """The page knows its edition, so that it leads back to the programme also without saving."""
        if obj is None:
            key = context["adminform"].form.initial.get("edition")
            edition = Edition.objects.filter(pk=key).first() if key else None
        else:
            edition = obj.edition
        return super().render_change_form(
            request, context | {"edition": edition}, add, change, form_url, obj
        )

    def _back(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """To the programme; None for who came from a narrowed list."""
        if "_changelist_filters" in request.GET:
            return None
        return redirect("admin:programme_session_overview", obj.edition_id)


class CreditInline(OrderedInline):
    """Names in an order of their own."""

    autocomplete_fields = ["person"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("person")
