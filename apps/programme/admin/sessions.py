"""Sessions with their chairs and slots on one page, and the programme of an edition."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, ForeignKey, Max, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from apps.core.admin import OrderedInline
from apps.editions.models import Edition
from apps.programme.admin import (
    change_emails,
    publishing,
    reschedule,
    rounds,
)
from apps.programme.admin.parts import (
    CreditInline,
    OfAnyYear,
    ProgrammePartAdmin,
    is_of_one_row,
    registered_context,
    registered_urls,
)
from apps.programme.conflicts import find_conflicts
from apps.programme.forms import CreditFormSet, SessionChairForm, SessionForm, SlotForm, SlotFormSet
from apps.programme.models import MOST_DAYS, Contribution, Room, Session, SessionChair, Slot
from apps.programme.scheduling.grid import draw_days
from apps.programme.scheduling.reschedule import Along
from apps.programme.timetable import draft_timetable


class SessionChairInline(OrderableAdmin, CreditInline):
    model = SessionChair
    form = SessionChairForm
    formset = CreditFormSet
    verbose_name = "chair"
    verbose_name_plural = "chairs"
    fields = ["person", "name", "affiliation", "ordering"]


class SlotInline(OrderableAdmin, OrderedInline):
    model = Slot
    form = SlotForm
    formset = SlotFormSet
    verbose_name = "contribution"
    verbose_name_plural = "what is in it, in order"
    fields = ["contribution", "kind", "minutes", "board", "ordering"]
    autocomplete_fields = ["contribution"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        return super().get_queryset(request).select_related("contribution", "session")


@admin.register(Session)
class SessionAdmin(ProgrammePartAdmin):
    form = SessionForm
    ordering = ["-edition__year", "day", "starts_at", "ordering", "pk"]
    list_display = ["__str__", "edition", "kind", "day", "starts_at", "ends", "room", "size"]
    list_filter = ["edition", "kind", "day"]
    list_select_related = ["edition", "room"]
    search_fields = ["title", "description", "room__name", "chairs__name", "chairs__person__name"]
    markdown_fields = ("description",)
    inlines = [SessionChairInline, SlotInline]
    fieldsets = [
        (None, {"fields": ["edition", "kind", "title", "description", "has_shifts"]}),
        (
            "When and where",
            {
                "fields": ["day", ("starts_at", "ends_at", "minutes"), "room", "ordering"],
                "description": "Leave empty what is not known. A session that passes midnight is "
                "given by its start and its minutes.",
            },
        ),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new session begins on the day it is added from, or else the last there is, when
        everything on that day is over."""
        initial = super().get_changeform_initial_data(request)
        if "edition" in initial:
            there = Session.objects.filter(edition=initial["edition"]).order_by()
            if not 1 <= int(initial.get("day", 0)) <= MOST_DAYS:
                initial["day"] = there.aggregate(last=Max("day"))["last"] or 1
            initial.setdefault("starts_at", there.free_from(int(initial["day"])))
        return initial

    def response_add(
        self, request: HttpRequest, obj: Session, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Another one is added on the same day."""
        answer = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and "_changelist_filters" not in request.GET:
            begun = urlencode({"edition": obj.edition_id, "day": obj.day})
            return redirect(f"{request.path}?{begun}")
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        found = super().get_queryset(request)
        return found.annotate(slot_count=Count("slots", distinct=True))

    @admin.display(description="ends at")
    def ends(self, session: Session):
        return session.ends_at

    @admin.display(description="slots", ordering="slot_count")
    def size(self, session: Session) -> int:
        return session.slot_count  # type: ignore[attr-defined]  # counted above

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs
    ) -> ModelChoiceField | None:
        """Offers the rooms of the session's edition; where that is not known, all by their years."""
        if db_field.name == "room" and request.resolver_match:
            rooms = Room.objects.select_related("edition")
            if is_of_one_row(request):
                session = request.resolver_match.kwargs["object_id"]
                kwargs["queryset"] = rooms.filter(edition__sessions=session)
            else:
                kwargs["queryset"] = rooms.order_by("-edition__year", "ordering")
                kwargs["form_class"] = OfAnyYear
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list:
        overview = path(
            "programme/<int:pk>/",
            self.admin_site.admin_view(self.overview),
            name="programme_session_overview",
        )
        own = [
            *publishing.urls(),
            *change_emails.urls(),
            *reschedule.urls(),
            *rounds.urls(),
            *registered_urls(),
        ]
        return [overview, *own, *super().get_urls()]

    @method_decorator(require_safe)
    def overview(self, request: HttpRequest, pk: int) -> TemplateResponse:
        """The programme of one edition as it is planned now, and what cannot be right in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=pk)
        timetable = draft_timetable(edition)
        warnings = find_conflicts(timetable, edition=edition)
        rooms = Room.objects.for_edition(edition)
        unplaced = Contribution.objects.for_edition(edition).filter(slots=None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Programme of {edition.year}",
            "opts": Session._meta,
            "edition": edition,
            "days": draw_days(timetable.days, rooms),
            "choices": Along.choices,
            "way_back": reschedule.way_back(request, edition),
            "warned": {pk for warned in warnings for pk in warned.sessions},
            "warnings": warnings,
            "outlook": publishing.outlook_of(edition, timetable, warnings),
            "may_publish": publishing.may_publish(request),
            "unplaced": unplaced.with_contributors(),
            "may_change": self.has_change_permission(request),
            "may_add": self.has_add_permission(request),
            "most_days": MOST_DAYS,
            **registered_context(request, edition),
        }
        return TemplateResponse(request, "admin/programme/overview.html", context)
