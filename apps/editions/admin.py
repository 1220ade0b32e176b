"""Admin of editions: facts, deadlines, call, state, and inlines of other apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from apps.core.admin import (
    ADDRESS_CONTROL,
    ContentAdmin,
    LabelledFormSet,
    MarkdownFieldsMixin,
)
from apps.core.exceptions import NotAllowed
from apps.core.text import read_number
from apps.editions import services
from apps.editions.models import Call, Deadline, Edition


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


class CallForm(ModelForm):
    """Asks for both dates when a call that was open until further notice gets its closing date."""

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        was_open = self.initial.get("is_open_ended") and not cleaned.get("is_open_ended")
        if was_open and cleaned.get("closes_on") and not cleaned.get("opens_on"):
            self.add_error("opens_on", "Enter the day on which the call opened, too.")
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
                "description": "The form opens and closes by itself, in the edition's time zone. "
                "Without both dates it never opens, unless it is open until further notice.",
            },
        ),
        (
            "What is offered",
            {"fields": ["offers_talks", "talk_minutes", "offers_posters", "poster_size"]},
        ),
        (
            "What the form asks",
            {
                "fields": [
                    "abstract_words",
                    "asks_career_stage",
                    "asks_supervisor",
                    "asks_school",
                    "asks_link",
                ]
            },
        ),
        (
            "The choice",
            {"fields": ["is_review_anonymous", "talk_places", "poster_places", "reply_days"]},
        ),
        ("Letters", {"fields": ["sends_receipt", "notice", "sends_reminders", "remind_days"]}),
    ]

    @admin.display(description="now")
    def current_status(self, call: Call) -> str:
        return call.status_in_words if call.pk else Call.Status.UNDATED.label


# Services by the name of the button, with the message of success.
_ACTIONS = {
    "publish": (services.publish_edition, "Published. Everybody can see {edition} now."),
    "current": (services.make_edition_current, "{edition} is the site's home page now."),
    "archive": (services.archive_edition, "{edition} is a past edition now, and still readable."),
    "unpublish": (
        services.unpublish_edition,
        "{edition} is a draft again. Only organisers see it.",
    ),
}


@admin.register(Edition)
class EditionAdmin(ContentAdmin):
    instead_of_deleting = "Press “Back to draft” on its page to hide the edition."
    list_display = ["year", "title", "state", "is_current", "starts_on", "venue"]
    list_display_links = ["year", "title"]
    list_filter = ["state"]
    search_fields = ["title", "short_name", "slug", "venue"]
    markdown_fields = ("venue_access", "code_of_conduct")
    formfield_overrides = ADDRESS_CONTROL
    inlines: list[type[InlineModelAdmin]] = [DeadlineInline, CallInline]
    fieldsets = [
        ("What it is", {"fields": ["title", "short_name", "year", "slug", "summary", "hue"]}),
        (
            "When",
            {
                "fields": [("starts_on", "ends_on"), "date_note", "time_zone", "is_cancelled"],
                "description": "Leave empty what is not known. The page then says “To be announced”.",
            },
        ),
        ("Where", {"fields": ["venue", "venue_address", "venue_map_url", "venue_access"]}),
        (
            "Taking part",
            {
                "fields": [
                    *("registration_url", "registration_closes_on", "contact_email"),
                    "approves_speaker_edits",
                ]
            },
        ),
        (
            "Part of",
            {"fields": [("parent_event_name", "parent_event_url")], "classes": ["collapse"]},
        ),
        ("Code of conduct", {"fields": ["code_of_conduct"], "classes": ["collapse"]}),
    ]
    change_form_template = "admin/editions/edition/change_form.html"
    warnings: list[Callable[[HttpRequest, Edition], str]] = []

    @classmethod
    def add_inline(cls, inline: type[InlineModelAdmin], *, first: bool = False) -> None:
        """Add an inline of another app to the edition's page."""
        cls.inlines = [inline, *cls.inlines] if first else [*cls.inlines, inline]

    @classmethod
    def add_warning(cls, warning: Callable[[HttpRequest, Edition], str]) -> None:
        """Add a sentence of another app, in HTML, to the page of each edition; "" if all is well."""
        cls.warnings = [*cls.warnings, warning]

    def _warnings_of(self, request: HttpRequest, edition: Edition) -> list[str]:
        return [text for warning in self.warnings if (text := warning(request, edition))]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the warnings of other apps about the edition."""
        if edition := kwargs.get("obj"):
            context["warnings"] = self._warnings_of(request, edition)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_change(self, request: HttpRequest, obj: Edition) -> HttpResponse:
        """Tell the warnings where the next page is another one."""
        for text in self._warnings_of(request, obj):
            messages.warning(request, text)
        return super().response_post_save_change(request, obj)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Edition | None = None) -> dict:
        return {} if obj else {"slug": ("year",)}

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

    def get_inlines(self, request: HttpRequest, obj: Edition | None) -> list:
        """No inlines before a new edition is saved."""
        return list(self.inlines) if obj else []

    def get_urls(self) -> list:
        action = path(
            "<int:pk>/<str:action>/now/",
            self.admin_site.admin_view(self.run_action),
            name="editions_edition_action",
        )
        return [action, *super().get_urls()]

    @method_decorator(require_POST)
    def run_action(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Publish, archive or unpublish an edition."""
        edition = get_object_or_404(Edition, pk=pk)
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        service, message = _ACTIONS.get(action, (None, ""))
        if service is None:
            return redirect("admin:editions_edition_change", pk)
        try:
            changed = service(edition=edition)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, message.format(edition=edition))
            if action == "current":
                self._offer_to_archive(request, changed)
        return redirect(reverse("admin:editions_edition_change", args=[pk]))

    def _offer_to_archive(self, request: HttpRequest, current: Edition) -> None:
        """Name the earlier editions that `current` replaces, with links to archive them."""
        for other in Edition.objects.public():
            if other.is_replaced_by(current):
                url = reverse("admin:editions_edition_change", args=[other.pk])
                offer = format_html('If {} is over, <a href="{}">archive it</a>.', other, url)
                messages.info(request, offer)


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

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_edition(request, obj) or super().response_post_save_add(
            request, obj
        )

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._redirect_to_edition(request, obj) or super().response_post_save_change(
            request, obj
        )

    def _redirect_to_edition(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """Redirect to the object's section on its edition's page; None if the list was filtered."""
        if obj.edition_id is None or "_changelist_filters" in request.GET:
            return None
        section = obj._meta.get_field("edition").remote_field.related_name
        edition_url = reverse("admin:editions_edition_change", args=[obj.edition_id])
        return redirect(f"{edition_url}#{section}-group")


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
