"""The admin site: its overview, the colour of the current edition, the Markdown preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from apps.core.admin import render_desk_page
from apps.core.markdown import render
from apps.core.text import read_number

_MOST_PREVIEWED_CHARACTERS = 100_000
# Lists that a role works with although it may not change their rows at the desk.
_READ = {"interest.Expression", "mail.Letter"}
# Links of the sidebar to the lists that organisers use; the others are behind “All records”.
_SIDEBAR = {
    "editions.Edition": "Editions",
    "people.Person": "People",
    "topics.Topic": "Topics",
    "interest.Expression": "Entries",
    "mail.Letter": "Emails",
    "programme.Session": "Programme",
    "pages.Page": "Pages",
    "news.NewsItem": "News",
    "sponsors.Sponsor": "Sponsors",
    "awards.Award": "Awards",
    "accounts.User": "Accounts",
}


def is_reviewer(user: Any) -> bool:
    """Whether the user reviews and does not decide."""
    may_review = user.has_perm("interest.review_expression")
    return bool(may_review and not user.has_perm("interest.decide_expression"))


class SidebarLink(NamedTuple):
    label: str
    url: str
    is_current: bool  # whether the shown page is below it


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
        # Before Django's own, which redirects all staff.
        on_site = path(
            "r/<path:content_type_id>/<path:object_id>/",
            self.admin_view(view_on_site),
            name="view_on_site",
        )
        overview = path(
            "editions/edition/<int:pk>/overview/",
            self.admin_view(edition_overview),
            name="edition-overview",
        )
        confirm = path(
            "editions/edition/<int:pk>/confirm/<str:action>/",
            self.admin_view(confirm_change),
            name="edition-confirm",
        )
        preview_home = path(
            "editions/edition/<int:pk>/home/preview/",
            self.admin_view(home_preview),
            name="edition-home-preview",
        )
        figures = path(
            "editions/edition/<int:pk>/figures/<str:page>/",
            self.admin_view(edition_figures),
            name="edition-figures",
        )
        figures_csv = path(
            "editions/edition/<int:pk>/figures/<str:page>/<str:slug>.csv",
            self.admin_view(edition_figures_csv),
            name="edition-figures-csv",
        )
        records = path("all-records/", self.admin_view(all_records), name="all-records")
        programme = path(
            "current-programme/", self.admin_view(current_programme), name="current-programme"
        )
        return [
            *(preview, hue, on_site, overview, confirm, preview_home, records, programme),
            *(figures, figures_csv),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "sidebar": _sidebar_links(request, context["available_apps"])}

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

        return super().index(request, {**overview_for(request), **(extra_context or {})})


@require_safe
@permission_required("editions.view_edition", raise_exception=True)
def edition_overview(request: HttpRequest, pk: int) -> TemplateResponse:
    """The year of one edition, its state and to-do items."""
    from apps.dashboard.overview import overview_for  # models load after this site is made

    context = overview_for(request, pk)
    if not context:
        raise Http404
    title = str(context["edition"])
    return render_desk_page(request, "dashboard/overview.html", {"title": title, **context})


@require_safe
def edition_figures(request: HttpRequest, pk: int, page: str) -> HttpResponseBase:
    """Charts of an edition, for chairs."""
    from apps.dashboard.figures.views import figures_view  # models load after this site is made

    return figures_view(request, pk, page)


@require_safe
def edition_figures_csv(request: HttpRequest, pk: int, page: str, slug: str) -> HttpResponseBase:
    """The numbers of one chart."""
    from apps.dashboard.figures.views import csv_view  # models load after this site is made

    return csv_view(request, pk, page, slug)


def _sidebar_links(request: HttpRequest, apps: Sequence[dict[str, Any]]) -> list[SidebarLink]:
    """Links to the lists that the user works with, in one order for all; “All records” has those
    that the user may only read."""
    may_check_in = request.user.has_perm("registration.check_in_registration")
    if not apps and not may_check_in:
        return []
    index, records = reverse("admin:index"), reverse("admin:all-records")
    programme = reverse("admin:current-programme")
    urls = {
        label: model["admin_url"]
        for app in apps
        for model in app["models"]
        for label in [model["model"]._meta.label]
        if label in _READ or any(model["perms"][name] for name in ("add", "change", "delete"))
    }
    pages = [
        (label, programme if name == "programme.Session" else urls[name], urls[name])
        for name, label in _SIDEBAR.items()
        if urls.get(name)
    ]
    if is_reviewer(request.user):
        queues = reverse("review:queues")
        pages.insert(0, ("Review", queues, f"{index}review/"))
    if may_check_in:
        check_in = reverse("check-in:current")
        pages.append(("Check-in", check_in, check_in))
    if request.user.has_perm("interest.decide_expression"):
        person = reverse("privacy:person")
        pages.append(("Personal data", person, person))
    if request.user.has_perm("accounts.make_backup"):
        backups = reverse("ops:backups")
        pages.append(("Backups", backups, backups))
    return [
        SidebarLink("Overview", index, request.path == index),
        *(SidebarLink(label, url, request.path.startswith(top)) for label, url, top in pages),
        *([SidebarLink("All records", records, request.path == records)] if apps else []),
    ]


@require_safe
def all_records(request: HttpRequest) -> TemplateResponse:
    """Lists of all models that the user may see, by app."""
    return render_desk_page(request, "dashboard/all_records.html", {"title": "All records"})


@require_safe
@permission_required("programme.view_session", raise_exception=True)
def current_programme(request: HttpRequest) -> HttpResponse:
    """Redirect to the programme of the current edition, or of the latest."""
    from apps.editions.models import Edition  # models load after this site is made

    edition = Edition.objects.order_by("-is_current", "-year").first()
    if edition is None:
        return redirect("admin:index")
    return redirect("admin:programme_session_overview", edition.pk)


@require_safe
@permission_required("editions.change_edition", raise_exception=True)
def confirm_change(request: HttpRequest, pk: int, action: str) -> HttpResponseBase:
    """What publishing, archiving or hiding an edition changes, with the button that does it."""
    # Models load after this site is made.
    from apps.dashboard.publishing import CHAIRS_ACTIONS, describe_change
    from apps.editions.models import Edition

    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    is_chair = request.user.has_perm("interest.decide_expression")
    if action in CHAIRS_ACTIONS and not is_chair:
        raise PermissionDenied
    change = describe_change(edition, action, is_chair=is_chair)
    if change is None:
        messages.info(request, "The edition has changed: this is how it is now.")
        return redirect("admin:edition-overview", pk)
    context = {"title": change.title, "edition": edition, "action": action, "change": change}
    return render_desk_page(request, "dashboard/confirm.html", context)


@require_safe
@permission_required("editions.view_edition", raise_exception=True)
@csp_replace({"frame-ancestors": [SELF]})
@xframe_options_sameorigin
def home_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The home page of an edition as visitors see it, for the frame beside its sections."""
    # Models load after this site is made.
    from apps.editions.models import Edition
    from apps.pages.views import edition_home

    edition = get_object_or_404(Edition, pk=pk)
    with override(edition.language_code):
        response = edition_home(request, edition=edition.slug)
    # Links open outside of the frame, in which no other page may be shown.
    response.content = response.content.replace(b"<head>", b'<head><base target="_blank">', 1)
    return response


@require_safe
def view_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponseBase:
    """Redirect to the public page of an object that the user may see at the desk; else 404.

    The address of an object may hold a reference, or the name of a draft.
    """
    # Models load after this site is made.
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.contenttypes.views import shortcut

    try:
        content_type = ContentType.objects.get(pk=content_type_id)
        row = content_type.get_object_for_this_type(pk=object_id)
        model_admin = admin.site.get_model_admin(type(row))
    except (ObjectDoesNotExist, ValueError, AttributeError, OverflowError, NotRegistered):
        raise Http404 from None
    if not model_admin.has_view_permission(request, row):
        raise Http404
    return shortcut(request, content_type_id, object_id)


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
    """HTML of the Markdown in `text`, as the public page of the `edition` renders it."""
    from apps.editions.models import Edition  # models load after this site is made

    text = request.POST.get("text", "")[:_MOST_PREVIEWED_CHARACTERS]
    key = read_number(request.POST.get("edition", ""))
    edition = Edition.objects.filter(pk=key).first() if key else None
    return HttpResponse(render(text, files=edition.files_in(text) if edition else ()))
