"""The edition is the organisers' hub: its facts, and in order all that belongs to it."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.dateformat import format as date_format
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from apps.core.admin import ContentAdmin, LabelledFormSet, MarkdownFieldsMixin
from apps.editions import services
from apps.editions.forms import DeadlineForm
from apps.editions.models import Call, Deadline, Edition
from apps.editions.parts import PartAdmin


class DeadlineInline(MarkdownFieldsMixin, admin.TabularInline):
    model = Deadline
    form = DeadlineForm
    formset = LabelledFormSet
    extra = 0
    show_change_link = True


class CallInline(MarkdownFieldsMixin, admin.StackedInline):
    """The call for expressions of interest: its words, its dates, what its form asks."""

    model = Call
    extra = 0
    min_num = 0
    max_num = 1
    markdown_fields = ("text",)
    readonly_fields = ["where_it_stands"]
    classes = ["call-of-edition"]
    fieldsets = [
        (None, {"fields": ["where_it_stands", "text"]}),
        (
            "When",
            {
                "fields": [
                    ("opens_on", "opens_time"),
                    ("closes_on", "closes_time"),
                    "is_anywhere_on_earth",
                    "edits_close_on",
                    "decisions_on",
                ],
                "description": "The form opens and closes by itself, in the edition's time zone. "
                "Without both dates it never opens.",
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
    def where_it_stands(self, call: Call) -> str:
        """Its state with its next moment, both zones named."""
        if call.pk is None:
            return Call.Status.UNDATED.label
        words = {
            Call.Status.BEFORE: ("opens", call.opens_at),
            Call.Status.OPEN: ("closes", call.closes_at),
            Call.Status.CLOSED: ("closed", call.closes_at),
        }
        status = Call.Status(call.status)
        verb, moment = words.get(status, ("", None))
        return f"{status.label}: {verb} {_moment(moment)}" if moment else status.label


def _moment(moment: datetime) -> str:
    return f"{date_format(moment, 'j F Y, H:i')} {moment.tzname()}"


_STEPS = {
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
    list_display = ["year", "title", "state", "is_current", "starts_on", "venue"]
    list_display_links = ["year", "title"]
    list_filter = ["state"]
    search_fields = ["title", "short_name", "slug", "venue"]
    markdown_fields = ("venue_access", "code_of_conduct")
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
            {"fields": ["registration_url", "registration_closes_on", "contact_email"]},
        ),
        (
            "Part of",
            {"fields": [("parent_event_name", "parent_event_url")], "classes": ["collapse"]},
        ),
        ("Code of conduct", {"fields": ["code_of_conduct"], "classes": ["collapse"]}),
    ]
    change_form_template = "admin/editions/edition/change_form.html"

    @classmethod
    def add_inline(cls, inline: type[InlineModelAdmin], *, first: bool = False) -> None:
        """For the apps above: puts what they keep per edition on the edition's page."""
        cls.inlines = [inline, *cls.inlines] if first else [*cls.inlines, inline]

    def get_readonly_fields(self, request: HttpRequest, obj: Edition | None = None) -> list[str]:
        """An address is set once and kept, so that links to it live."""
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Edition | None = None) -> dict:
        return {} if obj else {"slug": ("year",)}

    def save_model(self, request: HttpRequest, obj: Edition, form: ModelForm, change: bool) -> None:
        """Where an edition stands is changed by its steps alone.

        Neither an older version that is restored nor a page that was opened before a
        colleague's step takes it back.
        """
        now = Edition.objects.select_for_update().filter(pk=obj.pk).first()
        now = now or Edition()  # one that was deleted comes back as a draft
        obj.state, obj.is_current = now.state, now.is_current
        super().save_model(request, obj, form, change)

    def get_inlines(self, request: HttpRequest, obj: Edition | None) -> list:
        """A new edition is saved first; then there is something to put things into."""
        return list(self.inlines) if obj else []

    def get_urls(self) -> list:
        step = path(
            "<int:pk>/<str:step>/now/",
            self.admin_site.admin_view(self.take_step),
            name="editions_edition_step",
        )
        return [step, *super().get_urls()]

    @method_decorator(require_POST)
    def take_step(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """Publishes, archives, … one edition and says what became of it."""
        edition = get_object_or_404(Edition, pk=pk)
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        service, words = _STEPS.get(step, (None, ""))
        if service is None:
            return redirect("admin:editions_edition_change", pk)
        try:
            service(edition=edition)
        except services.WrongState as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, words.format(edition=edition))
        return redirect(reverse("admin:editions_edition_change", args=[pk]))


@admin.register(Deadline)
class DeadlineAdmin(PartAdmin):
    """Reached from the edition; here for its history."""

    form = DeadlineForm
    ordering = ["-edition__year", "due_on", "due_time", "pk"]
    list_display = ["title", "edition", "due_on", "due_time"]
    list_filter = ["edition"]
    list_select_related = ["edition"]
    search_fields = ["title"]
    fields = ["edition", *DeadlineForm.Meta.fields]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not on the first screen: deadlines are edited inside their edition."""
        return {}
