"""The admin site: its first screen, the colour of the current edition, the Markdown preview."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from apps.core.markdown import render

_MOST_PREVIEWED_CHARACTERS = 100_000


class DashboardSite(admin.AdminSite):
    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = "The organisers' desk"
    index_template = "dashboard/index.html"

    def get_urls(self) -> list:
        preview = path(
            "markdown-preview/", self.admin_view(markdown_preview), name="markdown-preview"
        )
        hue = path("hue.css", self.admin_view(current_hue), name="hue")
        return [preview, hue, *super().get_urls()]

    def password_change(  # type: ignore[override]  # a redirect instead of a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the page of the account, which also sends a notification."""
        return redirect("account_change_password")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Sign out; without `site_name` the page would show the name of the host."""
        return super().logout(request, {"site_name": settings.SITE_NAME, **(extra_context or {})})

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from apps.dashboard.overview import overview_for  # models load after this site is made

        return super().index(request, {**overview_for(request.user), **(extra_context or {})})


@require_safe
def current_hue(request: HttpRequest) -> HttpResponse:
    """The colour of the current edition as a stylesheet; the policy forbids inline styles."""
    from apps.editions.models import Edition  # models load after this site is made

    hue = Edition.objects.current().values_list("hue", flat=True).first()
    rule = "" if hue is None else f":root {{ --hue: {hue}; }}\n"
    return HttpResponse(rule, content_type="text/css")


@require_POST
@permission_required("editions.view_edition", raise_exception=True)
def markdown_preview(request: HttpRequest) -> HttpResponse:
    """HTML of the Markdown in `text`, as the public page renders it."""
    return HttpResponse(render(request.POST.get("text", "")[:_MOST_PREVIEWED_CHARACTERS]))
