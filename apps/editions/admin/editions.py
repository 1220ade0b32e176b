"""Admin of an edition: its details, its tabs, and the actions that change its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, TextChoices
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.core.admin import (
    ADDRESS_CONTROL,
    ContentAdmin,
)
from apps.core.exceptions import NotAllowed
from apps.core.frozen import is_frozen
from apps.core.image_forms import BannerField, ImageForm, logo_preview
from apps.editions import services
from apps.editions.models import Edition


class Tab(TextChoices):
    """Pages of an edition at the desk: the end of their address, and their name."""

    DETAILS = "change", "Details"
    HOME = "home", "Home page"
    PEOPLE = "people", "People"
    TOPICS = "topics", "Topics"
    DATES = "dates", "Dates"
    CALL = "call", "Call"
    REVIEW = "review", "Review"
    REGISTRATION = "registration", "Registration"
    PROGRAMME = "programme", "Rooms, kinds"
    FILES = "files", "Pictures, files"
    MORE = "more", "Awards, sponsors, news, pages"

    def url(self, edition_pk: int) -> str:
        return reverse(f"admin:editions_edition_{self}", args=[edition_pk])


class TabLink(NamedTuple):
    """Link from one page of an edition to another."""

    label: str
    url: str
    is_current: bool


class EditionForm(ImageForm):
    """Logo of an edition; the admin adds the other fields."""

    logo = BannerField(
        required=False, label="Logo or banner", help_text=Edition.logo.field.help_text
    )

    class Meta:
        model = Edition
        fields = ["logo"]
        error_messages = {
            "slug": {"invalid": "Use letters, digits and hyphens only, for example 2027."}
        }


# Services by the name of the button, with the message of success.
_ACTIONS = {
    "publish": (services.publish_edition, "Published. {edition} is now public."),
    "current": (services.make_edition_current, "{edition} is now the site's home page."),
    "archive": (
        services.archive_edition,
        ("{edition} is now archived as a past edition. Visitors can still read it."),
    ),
    "unpublish": (
        services.unpublish_edition,
        "{edition} is a draft again. Only organisers see it.",
    ),
}


def year_difference(request: HttpRequest, edition: Edition) -> SafeString | str:
    """A warning if the year or the address of the edition does not fit its first day."""
    if not edition.year_difference:
        return ""
    text = '{} If that is not meant, correct it on the <a href="{}#id_year">details</a>.'
    return format_html(text, edition.year_difference, Tab.DETAILS.url(edition.pk))


class MoreAction(NamedTuple):
    """An action of another app, which leaves its own message, and the permission it needs."""

    run: Callable[[HttpRequest, Edition], None]
    permission: str


@admin.register(Edition)
class EditionAdmin(ContentAdmin):
    """The details of an edition; its other tabs are `EditionTabAdmin`."""

    tab = Tab.DETAILS
    tab_inlines: dict[Tab, list[type[InlineModelAdmin]]] = {}
    warnings: list[Callable[[HttpRequest, Edition], str]] = [year_difference]
    more_actions: dict[str, MoreAction] = {}
    instead_of_deleting = "Press “Back to draft” on its overview to hide the edition."
    form: type[ModelForm] = EditionForm
    readonly_fields: Any = ["picture"]
    list_display = ["year", "title", "state", "is_current", "starts_on", "venue"]
    list_display_links = ["year", "title"]
    list_filter = ["state"]
    search_fields = ["title", "short_name", "slug", "venue"]
    markdown_fields: tuple[str, ...] = ("venue_access", "code_of_conduct")
    formfield_overrides = ADDRESS_CONTROL
    fieldsets: Any = [
        (
            "Name and address",
            {"fields": ["title", "short_name", "year", "slug", "summary", "language", "hue"]},
        ),
        (
            "Logo",
            {
                "fields": ["picture", "logo", "logo_alt", "has_logo_plate"],
                "classes": ["collapse"],
            },
        ),
        (
            "When",
            {
                "fields": [("starts_on", "ends_on"), "date_note", "time_zone", "is_cancelled"],
                "description": "Leave unknown fields empty. The page then says “To be announced”.",
            },
        ),
        ("Where", {"fields": ["venue", "venue_address", "venue_map_url", "venue_access"]}),
        ("Contact", {"fields": ["contact_email"]}),
        ("Registration", {"fields": ["registration_url", "registration_closes_on"]}),
        ("Speakers", {"fields": ["approves_speaker_edits"]}),
        (
            "Part of",
            {"fields": [("parent_event_name", "parent_event_url")], "classes": ["collapse"]},
        ),
        ("Code of conduct", {"fields": ["code_of_conduct"], "classes": ["collapse"]}),
    ]
    change_form_template = "admin/editions/edition/change_form.html"

    class Media:
        css = {"all": ["people/photo.css", "core/logo.css"]}

    @admin.display(description="logo now", empty_value="none")
    def picture(self, edition: Edition) -> SafeString | None:
        """Small preview of the logo on its background."""
        return logo_preview(
            edition, "logo", "logo-light" if edition.has_logo_plate else "logo-dark"
        )

    @classmethod
    def add_inline(cls, inline: type[InlineModelAdmin], *, tab: Tab) -> None:
        """Add an inline of another app to a tab of the edition."""
        cls.tab_inlines.setdefault(tab, []).append(inline)

    @classmethod
    def add_warning(cls, warning: Callable[[HttpRequest, Edition], str]) -> None:
        """Add a sentence of another app, in HTML, to the pages of each edition; "" if all is well."""
        cls.warnings = [*cls.warnings, warning]

    @classmethod
    def add_action(
        cls, name: str, run: Callable[[HttpRequest, Edition], None], *, permission: str
    ) -> None:
        """Add an action of another app, also to be run after one that succeeded (`then`)."""
        cls.more_actions[name] = MoreAction(run, permission)

    @classmethod
    def tab_of(cls, model: type[Model]) -> Tab:
        """The tab that lists the rows of `model`; the details if there is none."""
        tabs = (tab for tab, inlines in cls.tab_inlines.items() if _has_model(inlines, model))
        return next(tabs, Tab.DETAILS)

    def warnings_of(self, request: HttpRequest, edition: Edition) -> list[str]:
        return [text for warning in self.warnings if (text := warning(request, edition))]

    def tab_links(self, request: HttpRequest, edition: Edition) -> list[TabLink]:
        """Links to the overview and to the tabs that show the user anything."""
        overview = reverse("admin:edition-overview", args=[edition.pk])
        is_overview = request.path in {overview, reverse("admin:index")}  # both show it
        links = [TabLink("Overview", overview, is_overview)]
        for tab in Tab:
            page = self if tab == self.tab else EditionTabAdmin(Edition, self.admin_site, tab)
            if tab == Tab.DETAILS or page.get_inline_instances(request, edition):
                url = tab.url(edition.pk)
                if tab == Tab.PROGRAMME:
                    programme = reverse("admin:programme_session_overview", args=[edition.pk])
                    links.append(TabLink("Programme", programme, request.path == programme))
                links.append(TabLink(tab.label, url, request.path == url))
        return links

    def get_inlines(self, request: HttpRequest, obj: Edition | None) -> list:
        return self.tab_inlines.get(self.tab, [])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the tabs, warnings of other apps, and links to add rows without scripts.

        One button saves: every tab is shown again after it.
        """
        if edition := kwargs.get("obj"):
            context |= {
                "edition_of_texts": edition.pk,
                "tab": self.tab,
                "tabs": self.tab_links(request, edition),
                "warnings": self.warnings_of(request, edition),
                "add_links": self._add_links(request, edition),
                "show_save_and_add_another": False,
                "show_save_and_continue": False,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _add_links(self, request: HttpRequest, edition: Edition) -> list[tuple[str, str]]:
        """Name and address of a form for each kind of row that has a page of its own."""
        return [
            (
                f"a {inline.model._meta.verbose_name}",
                reverse(f"admin:{inline.model._meta.label_lower.replace('.', '_')}_add")
                + f"?edition={edition.pk}",
            )
            for inline in self.get_inline_instances(request, edition)
            if inline.has_add_permission(request, edition)
            and self.admin_site.is_registered(inline.model)
        ]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A new edition has a form of its own, which can copy another one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("imports:new-edition")

    def response_post_save_change(self, request: HttpRequest, obj: Edition) -> HttpResponse:
        """Show the tab again, with its warnings."""
        return redirect(self.tab.url(obj.pk))

    def save_model(self, request: HttpRequest, obj: Edition, form: ModelForm, change: bool) -> None:
        """Keep the state, which only the actions change, and a redirect from a changed address.

        Neither a restored version nor a form opened before an action sets it back.
        """
        stored = Edition.objects.select_for_update().filter(pk=obj.pk).first()
        stored = stored or Edition()  # a deleted one is restored as a draft
        obj.state, obj.is_current = stored.state, stored.is_current
        super().save_model(request, obj, form, change)
        is_moved = stored.pk is not None and stored.slug != obj.slug
        if is_moved and services.keep_former_address(edition=obj, slug=stored.slug):
            text = f"The address is /{obj.slug}/ now. Links to /{stored.slug}/ lead there."
            if is_frozen(stored.slug):
                text = f"{text} Its pages are no longer frozen: freeze them again on the overview."
            messages.info(request, text)

    def reasons_to_keep(self, row: Model) -> list[str]:
        """Keep also a public edition: visitors read it, and other sites link to it."""
        reasons = super().reasons_to_keep(row)
        if not reasons and isinstance(row, Edition) and not row.is_draft:
            return [f"“{row}” is public.", self.instead_of_deleting]
        return reasons

    def get_urls(self) -> list:
        action = path(
            "<int:pk>/<str:action>/now/",
            self.admin_site.admin_view(self.run_action),
            name="editions_edition_action",
        )
        # The home page is shown beside its sections.
        framing = csp_update({"frame-src": [SELF]})
        views = {tab: EditionTabAdmin(self.model, self.admin_site, tab).change_view for tab in Tab}
        tabs = [
            path(
                f"<str:object_id>/{tab}/",
                self.admin_site.admin_view(framing(views[tab]) if tab == Tab.HOME else views[tab]),
                name=f"editions_edition_{tab}",
            )
            for tab in Tab
            if tab != Tab.DETAILS
        ]
        return [action, *tabs, *super().get_urls()]

    @method_decorator(require_POST)
    def run_action(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Publish, archive or unpublish an edition; publish it as the home page with `home`.

        `then` names an action of another app to run afterwards.
        """
        edition = get_object_or_404(Edition, pk=pk)
        wanted = [self.more_actions.get(name) for name in (action, request.POST.get("then", ""))]
        more, then = wanted
        allowed = [request.user.has_perm(each.permission) for each in wanted if each]
        if not self.has_change_permission(request, edition) or not all(allowed):
            raise PermissionDenied
        overview = redirect("admin:edition-overview", pk)
        if action == "publish" and "home" in request.POST:
            action = "current"
        service, message = _ACTIONS.get(action, (None, ""))
        if service is None:
            if more:
                more.run(request, edition)
            return overview
        try:
            changed = service(edition=edition)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, message.format(edition=edition))
            if action == "current":
                self._offer_to_archive(request, changed)
            if then:
                then.run(request, changed)
        return overview

    def _offer_to_archive(self, request: HttpRequest, current: Edition) -> None:
        """Name the earlier editions that `current` replaces, with links to archive them."""
        for other in Edition.objects.public():
            if other.is_replaced_by(current):
                url = reverse("admin:edition-overview", args=[other.pk])
                offer = format_html('If {} is over, <a href="{}">archive it</a>.', other, url)
                messages.info(request, offer)


def _has_model(inlines: list[type[InlineModelAdmin]], model: type[Model]) -> bool:
    return any(inline.model is model for inline in inlines)


class EditionTabAdmin(EditionAdmin):
    """A tab of an edition with rows of one kind, saved by themselves."""

    form = ModelForm
    readonly_fields = ()
    fieldsets = [(None, {"fields": []})]
    markdown_fields = ()

    def __init__(self, model: type[Edition], admin_site: admin.AdminSite, tab: Tab) -> None:
        super().__init__(model, admin_site)
        self.tab = tab

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """An edition is deleted on its details; its files are saved on pages of their own."""
        context |= {"show_delete": False, "show_save": self.tab != Tab.FILES}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Edition, form: ModelForm, change: bool) -> None:
        """The rows are saved; the edition is as it was."""
