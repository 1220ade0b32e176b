"""Mailings in the admin, and pending decisions on the page of an expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.core.admin import KeptRowsMixin
from apps.interest.admin.changelist import EDITION_PARAMETER
from apps.interest.admin.extensions import ExpressionAdminExtension, register_extension
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions
from apps.mail.models import DUE_LASTS, Letter, Mailing
from apps.selection.decisions import decision_token, possible_choices
from apps.selection.models import PendingDecision


class DecisionExtension(ExpressionAdminExtension):
    """The pending decision and the buttons that decide."""

    def get_page_context(
        self, request: HttpRequest, permissions: ExpressionPermissions, expression: Expression
    ) -> dict[str, Any]:
        if not permissions.sees_private_data:
            return {}
        decisions = PendingDecision.objects.filter(expression=expression)
        pending = decisions.select_related("made_by").first()
        return {
            "pending": pending,
            "choices": possible_choices(expression, pending),
            "row": f"{expression.pk}:{decision_token(expression, pending)}",
            "write_address": "" if expression.is_test else _write_address(expression),
        }


def _write_address(expression: Expression) -> str:
    """The page that writes to a list, of this expression alone."""
    query = {
        EDITION_PARAMETER: str(expression.edition_id),
        "state__exact": expression.state,
        SEARCH_VAR: expression.display_reference,
    }
    return f"{reverse('selection:write')}?{urlencode(query)}"


register_extension(DecisionExtension())


def _number(label: str) -> Callable[[Mailing], str]:
    """Column with the number of a mailing's letters, as annotated by `get_queryset`."""

    @admin.display(description=label)
    def column(mailing: Mailing) -> str:
        return str(getattr(mailing, f"number_{label.partition(' ')[0]}"))

    return column


@admin.register(Mailing)
class MailingAdmin(KeptRowsMixin, admin.ModelAdmin):
    """Read-only: mailings are written from the list of expressions."""

    list_display = [
        *("subject", "edition", "made_at", "made_by"),
        *(_number("letters"), _number("sent"), _number("waiting"), _number("failed or in doubt")),
    ]
    empty_list_text = "No mailings yet. Filter the list of entries, then choose “Write to these”."
    list_filter = ["edition"]
    list_select_related = ["edition", "made_by"]
    search_fields = ["subject"]
    list_per_page = 50
    fields = [
        *("edition", "subject", "text", "chosen"),
        *("made_by", "made_at", "standing"),
    ]
    readonly_fields = ["text", "standing"]
    view_on_site = False

    class Media:
        css = {"all": ["mail/letters.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        state, is_old = Letter.State, Q(letters__due_at__lte=timezone.now() - DUE_LASTS)
        sent = Q(letters__state=state.SENT)
        queued = Q(letters__state=state.QUEUED)
        waiting = (queued & ~is_old) | Q(letters__state=state.SENDING)
        trouble = (queued & is_old) | Q(letters__state__in=[state.FAILED, state.UNCONFIRMED])
        return (
            super()
            .get_queryset(request)
            .annotate(
                number_letters=Count("letters"),
                number_sent=Count("letters", filter=sent),
                number_waiting=Count("letters", filter=waiting),
                number_failed=Count("letters", filter=trouble),
            )
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None
    ) -> HttpResponse:
        context = {"title": "Mailing"} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description="email")
    def text(self, mailing: Mailing) -> SafeString:
        return format_html('<pre class="letter-text" dir="auto">{}</pre>', mailing.body)

    @admin.display(description="status")
    def standing(self, mailing: Any) -> SafeString:
        address = f"{reverse('admin:mail_letter_changelist')}?mailing__id__exact={mailing.pk}"
        return format_html(
            "{} emails: {} sent, {} waiting, {} failed or in doubt. "
            '<a href="{}">All of them</a>, <a href="{}&amp;standing=failed">those that failed</a>',
            mailing.number_letters,
            mailing.number_sent,
            mailing.number_waiting,
            mailing.number_failed,
            address,
            address,
        )
