"""The list of people who registered: counts, filters, export, and actions on them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.admin import GuardedMixin, log_action, render_desk_page
from apps.core.concurrent_edits import ConcurrentEditsAdmin
from apps.core.exceptions import NotAllowed
from apps.core.forms import sent_data
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.interest.admin.changelist import (
    EDITION_PARAMETER,
    EditionFilter,
    name_listed_edition,
)
from apps.interest.exports import table_response
from apps.registration import services
from apps.registration.attendee_letter_views import write_view
from apps.registration.exports import export_rows
from apps.registration.letters import send_letter
from apps.registration.models import AttendanceKind, Registration, RegistrationPeriod
from apps.registration.places import Places
from apps.registration.preregistration import list_unregistered, register_known

_CODE = re.compile(r"\b([0-9a-z]{3})-([0-9a-z]{3})\b", re.IGNORECASE)


class KnownPeopleForm(forms.Form):
    """How speakers and students take part."""

    speaker_kind = forms.ModelChoiceField(
        AttendanceKind.objects.none(), required=False, label="Speakers take part as"
    )
    student_kind = forms.ModelChoiceField(
        AttendanceKind.objects.none(), required=False, label="Accepted students take part as"
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = edition.attendance_kinds.filter(is_extra=False)
        for field in self.fields.values():
            field.queryset = kinds  # type: ignore[attr-defined]  # a ModelChoiceField
            field.empty_label = "They choose themselves"  # type: ignore[attr-defined]


@admin.register(Registration)
class RegistrationAdmin(GuardedMixin, ConcurrentEditsAdmin):
    """People register themselves; organisers correct names and notes, promote and cancel."""

    empty_list_text = "No one has registered yet."
    list_display = [
        *("shown_code", "name", "affiliation", "kind", "status", "source", "created_at"),
        *("confirmed_at", "checked_in_at"),
    ]
    list_display_links = ["shown_code", "name"]
    list_filter = [EditionFilter, "status", "kind", "source"]
    list_select_related = ["edition", "kind"]
    search_fields = ["name", "email", "affiliation", "code"]
    actions = ["promote", "send_link", "cancel", "erase"]
    view_on_site = False
    fields = [
        *("shown_code", "status", "name", "email", "affiliation", "pronunciation", "badge_note"),
        *("kind", "joins", "diet", "access", "answers", "consents", "source"),
        *("created_at", "waiting_since", "confirmed_at", "cancelled_at", "checked_in_at"),
    ]
    readonly_fields = [
        *("shown_code", "status", "email", "kind", "joins", "diet", "access", "answers"),
        *("consents", "source", "created_at", "waiting_since", "confirmed_at", "cancelled_at"),
        "checked_in_at",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A code is found as it is shown, "R7K-2QD", too."""
        term = _CODE.sub(r"\1\2", search_term)
        return super().get_search_results(request, queryset, term)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the parameters of the filters: `?email__startswith=` would reveal addresses."""
        names = (EDITION_PARAMETER, "status__exact", "kind__id__exact", "kind__isnull")
        return lookup in {*names, "source__exact"}

    # Columns

    @admin.display(description="code", ordering="code")
    def shown_code(self, registration: Registration) -> str:
        return registration.display_code

    @admin.display(description="joins", empty_value="–")
    def joins(self, registration: Registration) -> str:
        return ", ".join(extra.name for extra in registration.extras.all()) or "–"

    @admin.display(description="dietary needs")
    def diet(self, registration: Registration) -> str:
        return getattr(getattr(registration, "needs", None), "diet", "") or "–"

    @admin.display(description="access needs")
    def access(self, registration: Registration) -> str:
        return getattr(getattr(registration, "needs", None), "access", "") or "–"

    @admin.display(description="answers")
    def answers(self, registration: Registration) -> SafeString | str:
        rows = registration.answers.select_related("question")
        pairs = ((row.question.label, row.in_words) for row in rows)
        return format_html_join("", "<p><strong>{}</strong> {}</p>", pairs) or "–"

    @admin.display(description="consents")
    def consents(self, registration: Registration) -> SafeString | str:
        texts = ((each.text,) for each in registration.consents.all())
        return format_html_join("", "<p>{}</p>", texts) or "–"

    # The list

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        name_listed_edition(request)
        key = request.GET.get(EDITION_PARAMETER, "")
        edition = Edition.objects.filter(pk=key).first() if key.isdecimal() else None
        period = RegistrationPeriod.objects.select_related("edition").filter(edition=edition)
        counts = _counts(edition, period.first()) if edition else []
        context = {"listed_edition": edition, "counts": counts}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "registration_registration"
        return [
            path(
                "export/<str:kind>/",
                view(require_POST(self.export_view)),
                name=f"{name}_export",
            ),
            path(
                "known/<int:pk>/",
                view(require_http_methods(["GET", "POST"])(self.known_view)),
                name=f"{name}_known",
            ),
            path("write/<int:pk>/", view(write_view), name=f"{name}_write"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Download the filtered list; the admin log records the user and the number."""
        user = request.user
        if not self.has_change_permission(request) or not isinstance(user, User):
            raise PermissionDenied
        if kind not in {"csv", "xlsx"}:
            raise Http404
        name_listed_edition(request)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.error(request, "This filter does not exist, so nothing was exported.")
            return redirect("admin:registration_registration_changelist")
        registrations = changelist.queryset
        action = f"{registrations.count()} registrations exported as {kind.upper()}"
        log_action(user, CHANGE, action, "", model=Registration)
        name = f"registrations-{timezone.localdate()}"
        return table_response(export_rows(registrations), kind, name)

    def known_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask, then register speakers and accepted students, and write to them."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=pk)
        form = KnownPeopleForm(sent_data(request), edition=edition)
        if form.is_valid():
            registered = register_known(edition=edition, **form.cleaned_data)
            without = sum(not each.email for each in registered)
            text = f"{count_of(len(registered), 'person', 'people')} registered."
            if without:
                text = f"{text} {without} without an address got no email."
            messages.success(request, text)
            url = f"?{EDITION_PARAMETER}={edition.pk}"
            return redirect(f"{self._list_url()}{url}")
        context = {
            "opts": self.opts,
            "title": "Register speakers and accepted students",
            "edition": edition,
            "form": form,
            "people": list_unregistered(edition),
        }
        return render_desk_page(request, "admin/registration/registration/known.html", context)

    def _list_url(self) -> str:
        return reverse("admin:registration_registration_changelist")

    # Actions

    @admin.action(description="Give a place to the selected people", permissions=["change"])
    def promote(self, request: HttpRequest, registrations: QuerySet[Registration]) -> None:
        """Also beyond the capacity: organisers decide."""
        count = 0
        for registration in registrations.filter(status=Registration.Status.WAITING):
            try:
                services.promote(registration=registration)
            except NotAllowed:
                continue
            count += 1
        messages.success(request, f"People who got a place, with an email: {count}.")

    @admin.action(description="Send the selected people their link", permissions=["change"])
    def send_link(self, request: HttpRequest, registrations: QuerySet[Registration]) -> None:
        letters = [send_letter(each, "link") for each in registrations.select_related("edition")]
        messages.success(request, f"Emails queued: {len([*filter(None, letters)])}.")

    @admin.action(description="Cancel the selected registrations", permissions=["change"])
    def cancel(
        self, request: HttpRequest, registrations: QuerySet[Registration]
    ) -> TemplateResponse | None:
        """Ask, then cancel and write to each; free places go to those who wait."""
        if "confirmed" not in request.POST:
            text = (
                "Each person gets an email. Their tickets become invalid, and free places go to "
                "those who wait."
            )
            return self._ask(request, registrations, "cancel", "Cancel", text)
        cancelled = promoted = 0
        for registration in registrations.current():  # type: ignore[attr-defined]
            try:
                promoted += len(services.cancel(registration=registration, is_by_organisers=True))
            except NotAllowed:
                continue
            cancelled += 1
        text = f"Cancelled: {cancelled}. People of the waiting list who got a place: {promoted}."
        messages.success(request, text)
        return None

    @admin.action(description="Erase the selected registrations", permissions=["change"])
    def erase(
        self, request: HttpRequest, registrations: QuerySet[Registration]
    ) -> TemplateResponse | None:
        """Ask, then erase them as their persons could; free places go to those who wait."""
        if "confirmed" not in request.POST:
            text = (
                "Everything about them is erased for good: names, answers, needs, consents, "
                "tickets, check-ins and emails. No one gets an email."
            )
            return self._ask(request, registrations, "erase", "Erase", text)
        count = 0
        for registration in registrations.select_related("edition"):
            services.erase_on_request(registration=registration)
            count += 1
        messages.success(request, f"Erased: {count}.")
        return None

    def _ask(
        self,
        request: HttpRequest,
        registrations: QuerySet[Registration],
        action: str,
        verb: str,
        text: str,
    ) -> TemplateResponse:
        context = {
            "opts": self.opts,
            "title": f"{verb} these registrations?",
            "text": text,
            "verb": verb,
            "action": action,
            "registrations": registrations,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render_desk_page(request, "admin/registration/registration/ask.html", context)


def _counts(edition: Edition, period: RegistrationPeriod | None) -> list[str]:
    """Sentences with the numbers of an edition."""
    if period is None:
        return []
    places = Places.of(period)
    of_all = f" of {period.capacity}" if period.capacity else ""
    checked_in = Registration.objects.for_edition(edition).checked_in().count()
    lines = [
        f"{places.all_taken}{of_all} places taken, {places.waiting} waiting, "
        f"{checked_in} checked in."
    ]
    for kind in places.kinds.values():
        counted = places.extras_taken if kind.is_extra else places.taken
        limit = f" of {kind.capacity}" if kind.capacity else ""
        lines.append(f"{kind.name}: {counted[kind.pk]}{limit}")
    return lines
