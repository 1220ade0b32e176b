"""Admin of editions: tabs with facts, deadlines and call, inlines of other apps, and the state."""

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
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.core.admin import (
    ADDRESS_CONTROL,
    ContentAdmin,
    LabelledFormSet,
    MarkdownFieldsMixin,
)
from apps.core.exceptions import NotAllowed
from apps.core.image_forms import BannerField, ImageForm, logo_preview
from apps.core.markdown import markdown_columns
from apps.core.text import read_number
from apps.editions import services
from apps.editions.forms import DownloadForm, PictureForm
from apps.editions.models import Call, Deadline, Download, Edition, Picture
from apps.editions.texts import check_files, places_naming

ContentAdmin.add_text_check(check_files)


class Tab(TextChoices):
    """Pages of an edition at the desk: the end of their address, and their name."""

    DETAILS = "change", "Details"
    HOME = "home", "Home page"
    PEOPLE = "people", "People"
    TOPICS = "topics", "Topics"
    DATES = "dates", "Dates"
    CALL = "call", "Call"
    REVIEW = "review", "Review"
    PROGRAMME = "programme", "Programme"
    FILES = "files", "Pictures, files"
    MORE = "more", "Awards, sponsors, news, pages"

    def url(self, edition_pk: int) -> str:
        return reverse(f"admin:editions_edition_{self}", args=[edition_pk])


class TabLink(NamedTuple):
    """Link from one page of an edition to another."""

    label: str
    url: str
    is_current: bool


class DeadlineForm(ModelForm):
    """Keeps the old date when a deadline is extended, so that the page shows it struck through."""

    class Meta:
        model = Deadline
        fields = [
            *("group", "title", "due_on", "due_time"),
            *("is_anywhere_on_earth", "extended_from_on"),
        ]

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        old, new = self.initial.get("due_on"), cleaned.get("due_on")
        was_moved_later = self.instance.pk and old and new and new > old
        if was_moved_later and "extended_from_on" not in self.changed_data:
            # The first date is kept, however often the deadline is extended.
            cleaned["extended_from_on"] = cleaned.get("extended_from_on") or old
        kept = cleaned.get("extended_from_on")
        if kept and new and new <= kept and "extended_from_on" not in self.changed_data:
            cleaned["extended_from_on"] = None
        return cleaned


class DeadlineInline(MarkdownFieldsMixin, admin.TabularInline):
    model = Deadline
    form = DeadlineForm
    formset = LabelledFormSet
    extra = 0
    show_change_link = True


class EditionForm(ImageForm):
    """Logo of an edition; the admin adds the other fields."""

    logo = BannerField(
        required=False, label="Logo or banner", help_text=Edition.logo.field.help_text
    )

    class Meta:
        model = Edition
        fields = ["logo"]


class CallForm(ModelForm):
    """Asks for both dates when a call that was open until further notice gets its closing date."""

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        was_open = self.initial.get("is_open_ended") and not cleaned.get("is_open_ended")
        if was_open and cleaned.get("closes_on") and not cleaned.get("opens_on"):
            self.add_error("opens_on", "Enter the opening day, too.")
        return cleaned


class CallInline(MarkdownFieldsMixin, admin.StackedInline):
    """The call for expressions of interest."""

    model = Call
    form = CallForm
    extra = 0
    min_num = 0
    max_num = 1
    markdown_fields = ("text",)
    readonly_fields = ["current_status"]
    classes = ["call-of-edition"]
    fieldsets = [
        (None, {"fields": ["current_status", "text"]}),
        (
            "When",
            {
                "fields": [
                    ("opens_on", "opens_time"),
                    ("closes_on", "closes_time"),
                    "is_open_ended",
                    "is_anywhere_on_earth",
                    "edits_close_on",
                    "decisions_on",
                ],
                "description": (
                    "The form opens and closes automatically, in the edition's time zone. Without "
                    "both dates it stays closed, unless it is open until further notice."
                ),
            },
        ),
        (
            "Formats",
            {"fields": ["offers_talks", "talk_minutes", "offers_posters", "poster_size"]},
        ),
        (
            "Fields of the form",
            {
                "fields": [
                    "abstract_words",
                    "asks_career_stage",
                    "asks_supervisor",
                    "asks_school",
                    "asks_link",
                    "asks_pdf",
                ]
            },
        ),
        (
            "Selection",
            {
                "fields": [
                    "is_review_anonymous",
                    "has_anonymous_pdfs",
                    "talk_places",
                    "poster_places",
                    "reply_days",
                ]
            },
        ),
        ("Emails", {"fields": ["sends_receipt", "notice", "sends_reminders", "remind_days"]}),
    ]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """An empty form as long as there is no call."""
        return 0 if hasattr(obj, "call") else 1

    @admin.display(description="now")
    def current_status(self, call: Call) -> str:
        return call.status_in_words if call.pk else Call.Status.UNDATED.label


class FileOfTextsInline(admin.TabularInline):
    """A list of files with what to write in texts; each is uploaded on a page of its own."""

    formset = LabelledFormSet
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description="to use it, write in a text")
    def to_write(self, row: Picture | Download) -> SafeString:
        return _to_write(row)


class PictureInline(FileOfTextsInline):
    model = Picture
    verbose_name_plural = "pictures for texts"
    fields = ["preview", "alt", "to_write"]
    readonly_fields = ["preview", "alt", "to_write"]

    @admin.display(description="picture")
    def preview(self, picture: Picture) -> SafeString:
        return _preview(picture)


class DownloadInline(FileOfTextsInline):
    model = Download
    verbose_name_plural = "files for texts"
    fields = ["to_write"]
    readonly_fields = ["to_write"]


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
    text = '{} If that is not meant, correct them on its <a href="{}#id_year">details</a>.'
    return format_html(text, edition.year_difference, Tab.DETAILS.url(edition.pk))


@admin.register(Edition)
class EditionAdmin(ContentAdmin):
    """The details of an edition; its other tabs are `EditionTabAdmin`."""

    tab = Tab.DETAILS
    tab_inlines: dict[Tab, list[type[InlineModelAdmin]]] = {
        Tab.DATES: [DeadlineInline],
        Tab.CALL: [CallInline],
        Tab.FILES: [PictureInline, DownloadInline],
    }
    warnings: list[Callable[[HttpRequest, Edition], str]] = [year_difference]
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
    def tab_of(cls, model: type[Model]) -> Tab:
        """The tab that lists the rows of `model`; the details if there is none."""
        tabs = (tab for tab, inlines in cls.tab_inlines.items() if _has_model(inlines, model))
        return next(tabs, Tab.DETAILS)

    def warnings_of(self, request: HttpRequest, edition: Edition) -> list[str]:
        return [text for warning in self.warnings if (text := warning(request, edition))]

    def tab_links(self, request: HttpRequest, edition: Edition) -> list[TabLink]:
        """Links to the overview and to the tabs that show the user anything."""
        overview = reverse("admin:edition-overview", args=[edition.pk])
        links = [TabLink("Overview", overview, request.path == overview)]
        for tab in Tab:
            page = self if tab == self.tab else EditionTabAdmin(Edition, self.admin_site, tab)
            if tab == Tab.DETAILS or page.get_inline_instances(request, edition):
                url = tab.url(edition.pk)
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
        """Publish, archive or unpublish an edition; publish it as the home page with `home`."""
        edition = get_object_or_404(Edition, pk=pk)
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        overview = redirect("admin:edition-overview", pk)
        if action == "publish" and "home" in request.POST:
            action = "current"
        service, message = _ACTIONS.get(action, (None, ""))
        if service is None:
            return overview
        try:
            changed = service(edition=edition)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, message.format(edition=edition))
            if action == "current":
                self._offer_to_archive(request, changed)
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
        """Add the edition whose pictures the texts of the row can show."""
        if any(markdown_columns(self.model)):
            context["edition_of_texts"] = getattr(kwargs.get("obj"), "edition_id", None)
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
        """Redirect to the object's kind on a tab of its edition; None if the list was filtered."""
        if obj.edition_id is None or "_changelist_filters" in request.GET:
            return None
        section = obj._meta.get_field("edition").remote_field.related_name
        tab_url = EditionAdmin.tab_of(type(obj)).url(obj.edition_id)
        return redirect(f"{tab_url}#{section}-group")


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


@admin.register(Deadline)
class DeadlineAdmin(EditionPartAdmin):
    """Linked from the edition, for the history."""

    form = DeadlineForm
    ordering = ["-edition__year", "due_on", "due_time", "pk"]
    is_on_index = False
    list_display = ["__str__", "edition", "due_on", "due_time"]
    search_fields = ["title", "group"]
    fields = ["edition", *DeadlineForm.Meta.fields]


class FileOfTextsAdmin(EditionPartAdmin):
    """Files that texts of an edition name."""

    ordering = ["-edition__year", "name", "pk"]
    search_fields = ["name"]
    readonly_fields: Any = ["preview", "to_write"]
    instead_of_deleting = "Remove it from these texts first, or replace its file."

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A stored file keeps its edition and name, by which texts find it."""
        return [*self.readonly_fields, "edition", "name"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields or () if obj or name not in self.readonly_fields]

    def reasons_to_keep(self, row: Any) -> list[str]:
        places = list(places_naming(row))
        if not places:
            return super().reasons_to_keep(row)
        return [f"“{row}” is used by {', '.join(places)}.", self.instead_of_deleting]

    @admin.display(description="to use it, write in a text")
    def to_write(self, row: Picture | Download) -> SafeString:
        return _to_write(row)


@admin.register(Picture)
class PictureAdmin(FileOfTextsAdmin):
    form = PictureForm
    list_display = ["preview", "name", "edition", "to_write"]
    list_display_links = ["preview", "name"]
    search_fields = ["name", "alt", "caption", "credit"]
    fields = [
        *("edition", "preview", "file", "name", "alt", "is_decorative", "caption", "credit"),
        "to_write",
    ]

    @admin.display(description="current picture")
    def preview(self, picture: Picture) -> SafeString:
        return _preview(picture)


@admin.register(Download)
class DownloadAdmin(FileOfTextsAdmin):
    form = DownloadForm
    readonly_fields = ["to_write"]
    list_display = ["name", "edition", "to_write"]
    fields = ["edition", "file", "name", "to_write"]


def _to_write(row: Picture | Download) -> SafeString:
    return format_html('<code class="to-copy">{}</code>', row.markdown)


def _preview(picture: Picture) -> SafeString:
    return format_html(
        '<img class="picture-small" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        *(picture.file.jpeg, picture.file_width, picture.file_height),
    )
