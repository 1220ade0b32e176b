"""Admin of rooms, sessions and contributions, and the overview of an edition's programme."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, ManyToManyField, Max, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from apps.core.admin import LabelledFormSet, OrderedInline
from apps.core.search import Fold
from apps.core.text import count_of
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab
from apps.editions.models import Edition
from apps.programme import bulk_edits
from apps.programme.admin import publishing, scheduling
from apps.programme.admin.base import (
    CreditInline,
    ProgrammePartAdmin,
    below_programme,
    registered_context,
    registered_urls,
    render_programme_page,
)
from apps.programme.admin.bulk_edits import (
    ChangeContributionsForm,
    ChangeSessionsForm,
    bulk_edit_urls,
    change_together,
)
from apps.programme.conflicts import find_conflicts
from apps.programme.forms import (
    ContributionForm,
    RoomFormSet,
    SessionForm,
)
from apps.programme.grid import Along, draw_days
from apps.programme.models import (
    MOST_DAYS,
    Contribution,
    ContributionLabel,
    ContributionLink,
    Contributor,
    Room,
    Session,
    SessionChair,
    SessionLabel,
    Slot,
)
from apps.programme.timetable import draft_timetable

_MAX_LINKS = 10  # sessions listed on the edition's page


class SessionLabelInline(admin.TabularInline):
    model = SessionLabel
    formset = LabelledFormSet
    fields = ["kind", "label"]
    extra = 0


class ContributionLabelInline(admin.TabularInline):
    model = ContributionLabel
    formset = LabelledFormSet
    fields = ["kind", "label", "plural"]
    extra = 0


class RoomInline(OrderableAdmin, OrderedInline):
    model = Room
    formset = RoomFormSet
    fields = ["name", "capacity", "ordering"]


def sessions_after_last_day(request: HttpRequest, edition: Edition) -> str:
    """A sentence with links to the sessions on days that the edition does not have, or ""."""
    if not request.user.has_perm("programme.view_session"):
        return ""
    sessions = list(Session.objects.after_last_day(edition))
    if not sessions:
        return ""
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a> (day {})',
        (
            (reverse("admin:programme_session_change", args=[row.pk]), row, row.day)
            for row in sessions[:_MAX_LINKS]
        ),
    )
    more = len(sessions) - _MAX_LINKS
    return format_html(
        "{} after the edition’s last day: {}{}. Move {}, or change the dates; until then the "
        "programme cannot be published.",
        "1 session is" if len(sessions) == 1 else f"{len(sessions)} sessions are",
        links,
        f" and {more} more" if more > 0 else "",
        "it" if len(sessions) == 1 else "them",
    )


EditionAdmin.add_inline(RoomInline, tab=Tab.PROGRAMME)
EditionAdmin.add_inline(SessionLabelInline, tab=Tab.PROGRAMME)
EditionAdmin.add_inline(ContributionLabelInline, tab=Tab.PROGRAMME)
EditionAdmin.add_warning(sessions_after_last_day)


@admin.register(Room)
class RoomAdmin(EditionPartAdmin):
    """Directions and history of a room; its name and order are on the page of its edition."""

    is_on_index = False
    instead_of_deleting = "Choose another room for these sessions first."

    empty_list_text = "No rooms yet. Add them on the page “Rooms, kinds” of the edition."
    list_display = ["name", "edition", "capacity"]
    search_fields = ["name", "directions"]
    markdown_fields = ("directions",)
    fields = ["edition", "name", "capacity", "directions"]


class ContributorInline(OrderableAdmin, CreditInline):
    model = Contributor
    verbose_name_plural = "contributors, in order"
    fields = [
        *("person", "name", "affiliation", "role"),
        *("is_equal_contribution", "is_corresponding", "ordering"),
    ]


class ContributionLinkInline(OrderableAdmin, OrderedInline):
    model = ContributionLink
    verbose_name_plural = "more links and files, in order"
    fields = ["kind", "label", "url", "file", "ordering"]
    show_change_link = False


@admin.register(Contribution)
class ContributionAdmin(ProgrammePartAdmin):
    instead_of_deleting = "Remove it from these awards first, or untick “published” to hide it."
    form = ContributionForm
    formfield_overrides = {ManyToManyField: {"widget": CheckboxSelectMultiple}}
    ordering: Any = ["-edition__year", Fold("title"), "pk"]
    empty_list_text = (
        "No contributions yet. Add a talk here, or add confirmed talks and posters on the page "
        "of the programme."
    )
    list_display = ["__str__", "edition", "kind", "who", "where", "is_published"]
    list_filter = ["edition", "kind", "is_published", "is_remote"]
    search_fields = ["title", "abstract", "contributors__name", "contributors__person__name"]
    markdown_fields = ("abstract",)
    inlines = [ContributorInline, ContributionLinkInline]
    actions = ["publish", "change_together"]
    fieldsets = [
        (None, {"fields": ["edition", "kind", "title", "abstract", "topics", "is_remote"]}),
        ("Shown", {"fields": ["is_published", "list_position"]}),
        (
            "Slides, recording, links",
            {
                "fields": [
                    *("slides", "slides_url", "video_url", "paper_url"),
                    *("arxiv_url", "code_url", "poster_url", "more_url"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contribution]:
        rows = super().get_queryset(request).with_contributors()
        # The edition's names of kinds stand for titles that are not known yet.
        return rows.prefetch_related("slots__session", "edition__contribution_labels")

    @admin.action(description="Publish the selected contributions", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Contribution]) -> None:
        with transaction.atomic():
            rows = list(queryset.filter(is_published=False).select_for_update(of=("self",)))
            for row in rows:
                row.is_published = True
                row.save()  # each with its history
        messages.success(
            request, f"Public now: {len(rows)}. Times and rooms are with the programme."
        )

    @admin.action(
        description="Change kind or topics of the selected contributions", permissions=["change"]
    )
    def change_together(
        self, request: HttpRequest, queryset: QuerySet[Contribution]
    ) -> HttpResponseBase | None:
        """Give the contributions a kind, and add or remove topics."""
        return change_together(
            request,
            queryset.prefetch_related("topics"),
            form_class=ChangeContributionsForm,
            token_of=bulk_edits.contribution_facts,
            change=bulk_edits.change_contributions,
        )

    @admin.display(description="who")
    def who(self, contribution: Contribution) -> str:
        names = [str(credit) for credit in contribution.contributors.all()]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    @admin.display(description="in the sessions", empty_value="none yet")
    def where(self, contribution: Contribution) -> str | None:
        return ", ".join(str(slot.session) for slot in contribution.slots.all()) or None


class SessionChairInline(OrderableAdmin, CreditInline):
    model = SessionChair
    verbose_name = "chair"
    verbose_name_plural = "chairs"
    fields = ["person", "name", "affiliation", "ordering"]


class SlotInline(OrderableAdmin, OrderedInline):
    model = Slot
    kept_relations = ("contribution",)
    verbose_name = "contribution"
    verbose_name_plural = "contributions, in order"
    fields = ["contribution", "kind", "minutes", "starts_after", "board", "ordering"]
    autocomplete_fields = ["contribution"]
    select_related = ("contribution", "session")
    show_change_link = False


@admin.register(Session)
class SessionAdmin(ProgrammePartAdmin):
    form = SessionForm
    ordering = ["-edition__year", "day", "starts_at", "ordering", "pk"]
    empty_list_text = "No sessions yet. Start with a session, such as a keynote, talks or a break."
    list_display = ["__str__", "edition", "kind", "day", "starts_at", "ends_at", "room", "size"]
    list_filter = ["edition", "kind", "day"]
    list_select_related = ["edition", "room"]
    search_fields = ["title", "description", "room__name", "chairs__name", "chairs__person__name"]
    markdown_fields = ("description",)
    inlines = [SessionChairInline, SlotInline]
    actions = ["repeat", "change_together"]
    fieldsets = [
        (None, {"fields": ["edition", "kind", "title", "description", "has_shifts"]}),
        (
            "When and where",
            {
                "fields": ["day", ("starts_at", "ends_at", "minutes"), "room", "ordering"],
                "description": (
                    "Leave unknown values empty. For a session past midnight enter the start and the "
                    "minutes."
                ),
            },
        ),
    ]

    @admin.action(
        description="Change kind, day or room of the selected sessions", permissions=["change"]
    )
    def change_together(
        self, request: HttpRequest, queryset: QuerySet[Session]
    ) -> HttpResponseBase | None:
        """Give the sessions a kind, a day and a room."""
        return change_together(
            request,
            queryset,
            form_class=ChangeSessionsForm,
            token_of=bulk_edits.session_facts,
            change=bulk_edits.change_sessions,
        )

    @admin.action(
        description="Duplicate the selected sessions with their contributions", permissions=["add"]
    )
    def repeat(self, request: HttpRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        """Copy each with its contributions; go to the page of the copy if it is one."""
        copies = [
            bulk_edits.duplicate_session(session=row) for row in queryset.select_related("edition")
        ]
        text = f"{count_of(len(copies), 'session')} added. Give each its day and time."
        messages.success(request, text)
        is_one = len(copies) == 1
        return redirect("admin:programme_session_change", copies[0].pk) if is_one else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start on the day in the URL, or else the last day, after its last session."""
        initial = super().get_changeform_initial_data(request)
        if "edition" in initial:
            sessions = Session.objects.filter(edition=initial["edition"]).order_by()
            if not 1 <= int(initial.get("day", 0)) <= MOST_DAYS:
                initial["day"] = sessions.aggregate(last=Max("day"))["last"] or 1
            initial.setdefault("starts_at", sessions.free_from(int(initial["day"])))
        return initial

    def response_add(
        self, request: HttpRequest, obj: Session, post_url_continue: str | None = None
    ) -> HttpResponse:
        """“Save and add another” stays on the same day."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and "_changelist_filters" not in request.GET:
            query = urlencode({"edition": obj.edition_id, "day": obj.day})
            return redirect(f"{request.path}?{query}")
        return response

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).annotate(slot_count=Count("slots", distinct=True))

    @admin.display(description="slots", ordering="slot_count")
    def size(self, session: Session) -> int:
        return session.slot_count  # type: ignore[attr-defined]  # annotated above

    def get_urls(self) -> list:
        return [
            *below_programme(("<int:pk>/", self.overview, "overview")),
            *publishing.publishing_urls(),
            *scheduling.scheduling_urls(),
            *bulk_edit_urls(),
            *registered_urls(),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def overview(self, request: HttpRequest, pk: int) -> TemplateResponse:
        """The draft of an edition's programme with its conflicts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=pk)
        timetable = draft_timetable(edition)
        conflicts = find_conflicts(timetable, edition=edition)
        page = cast(EditionAdmin, self.admin_site.get_model_admin(Edition))
        unplaced = Contribution.objects.for_edition(edition).filter(slots=None).with_contributors()
        for row in unplaced:
            row.edition = edition  # its names of kinds are read once
        return render_programme_page(
            request,
            "overview",
            edition,
            title=f"Programme of {edition.year}",
            tabs=page.tab_links(request, edition),
            days=draw_days(timetable.days, Room.objects.filter(edition=edition)),
            choices=Along.choices,
            undo=scheduling.undo_data(request, edition),
            conflicts=conflicts,
            in_conflict={pk for conflict in conflicts for pk in conflict.sessions},
            preview=publishing.preview_release(edition, timetable, conflicts),
            may_publish=publishing.may_publish(request),
            unplaced=unplaced,
            may_change=self.has_change_permission(request),
            may_add=self.has_add_permission(request),
            most_days=MOST_DAYS,
            **registered_context(request, edition),
        )
