"""Letters to many: written to the list as it is filtered, looked at, sent once, and followed."""

from __future__ import annotations

import secrets

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.interest.admin.changelist import (
    ConditionFilter,
    EditionFilter,
    StateFilter,
    name_listed_edition,
)
from apps.interest.models import Expression, ExpressionQuerySet
from apps.interest.permissions import require_chair
from apps.mail.admin import LetterAdmin
from apps.mail.forms import TextForm
from apps.mail.models import CLAIM_LASTS, DUE_LASTS, Letter, Mailing
from apps.selection.mailings import (
    PLACEHOLDERS,
    Selection,
    names_an_expression,
    select,
    send_mailing,
)
from apps.selection.release_views import preview_of

_LIST = "admin:interest_expression_changelist"
_MOST_SAMPLES = 50
_MOST_LISTED = 20
_CHANGED = "Nothing was sent: meanwhile the list shows others than it did. Look at it again."


@require_http_methods(["GET", "POST"])
def write_view(request: HttpRequest) -> HttpResponseBase:
    """The words, how they will be read, the confirmation with its numbers, and the press."""
    by = require_chair(request)
    name_listed_edition(request)
    try:
        changelist = admin.site.get_model_admin(Expression).get_changelist_instance(request)
    except IncorrectLookupParameters:
        messages.error(request, "This filter does not exist: nobody was chosen.")
        return redirect(_LIST)
    back = f"{reverse(_LIST)}?{request.GET.urlencode()}"
    selection = _selection(changelist)
    if selection is None or not selection.expressions:
        why = (
            "Choose one edition first."
            if selection is None
            else "Nobody on this list can be written to."
        )
        messages.error(request, why)
        return redirect(back)
    sent = request.POST if request.method == "POST" else None
    form = TextForm(sent, placeholders=PLACEHOLDERS)
    key = request.POST.get("key", "")[:64] or secrets.token_urlsafe(24)
    chosen = _chosen(changelist)
    is_confirming = False
    if sent is not None and form.is_valid() and {"look", "send"} & set(sent):
        is_confirming = True
        if "send" in sent:
            try:
                mailing, is_new = send_mailing(
                    selection=selection,
                    stamp=sent.get("stamp", ""),
                    key=key,
                    chosen=chosen,
                    by=by,
                    **form.cleaned_data,
                )
            except ChangedMeanwhile:
                messages.error(request, _CHANGED)
            else:
                return _done(request, mailing, is_new)
    words = form.cleaned_data if is_confirming else form.data or {}
    subject, body = words.get("subject", ""), words.get("body", "")
    sample = _sample(request, selection)
    context = {
        **admin.site.each_context(request),
        "opts": Expression._meta,
        "edition": selection.edition,
        "back": back,
        "chosen": chosen,
        "selection": selection,
        "number": len(selection.expressions),
        "letters": len(selection.recipients(subject=subject, body=body)),
        "is_about_one": names_an_expression(subject, body),
        "key": key,
        "form": form,
        "placeholders": PLACEHOLDERS,
        "samples": selection.expressions[:_MOST_SAMPLES],
        "sample": sample,
        "preview": preview_of(sample, subject=subject, body=body, offer=""),
        "title": "Send the letters"
        if is_confirming
        else f"Write to these {len(selection.expressions)}",
    }
    name = "write_now" if is_confirming else "write"
    return TemplateResponse(request, f"selection/{name}.html", context)


def _done(request: HttpRequest, mailing: Mailing, is_new: bool) -> HttpResponseBase:
    number = mailing.letters.count()
    letters = "1 letter is" if number == 1 else f"{number} letters are"
    if is_new:
        messages.success(request, f"{letters} on the way.")
    else:
        messages.info(request, f"This was sent already, by the first press: {letters} on record.")
    return redirect("admin:mail_mailing_change", mailing.pk)


def _selection(changelist: ChangeList) -> Selection | None:
    """What the list shows on all its pages; None unless it is that of one edition."""
    values = {
        type(spec): spec.value()
        for spec in changelist.filter_specs
        if isinstance(spec, ConditionFilter)
    }
    edition = Edition.objects.filter(pk=values.get(EditionFilter) or 0).first()
    if edition is None:
        return None
    found: ExpressionQuerySet = changelist.queryset
    return select(edition, found, is_by_state=values.get(StateFilter) is not None)


def _chosen(changelist: ChangeList) -> str:
    """The filter in words: "Edition: Workshop (2030). State: accepted"."""
    words = []
    for spec in changelist.filter_specs:
        if isinstance(spec, ConditionFilter) and spec.value() is not None:
            label = {str(value): label for value, label in spec.lookup_choices}.get(
                spec.value() or ""
            )
            words.append(f"{str(spec.title).capitalize()}: {label}")
    if changelist.query:
        # An address somebody searched for is not kept beyond the expression it belongs to.
        words.append(f"Search: {'[address]' if '@' in changelist.query else changelist.query}")
    return ". ".join(words)


def _sample(request: HttpRequest, selection: Selection) -> Expression:
    asked = request.POST.get("sample", "")
    return next(
        (one for one in selection.expressions if str(one.pk) == asked), selection.expressions[0]
    )


@admin.register(Mailing)
class MailingAdmin(admin.ModelAdmin):
    """Mailings are read here, with what became of their letters; they are written from the list."""

    list_display = [
        "subject",
        "edition",
        "made_at",
        "made_by",
        "letter_count",
        "went_out",
        "waits",
        "trouble",
    ]
    list_filter = ["edition"]
    list_select_related = ["edition", "made_by"]
    search_fields = ["subject"]
    show_full_result_count = False
    list_per_page = 50
    fields = [
        "edition",
        "subject",
        "text",
        "chosen",
        "made_by",
        "made_at",
        "standing",
        "in_trouble",
    ]
    readonly_fields = ["text", "standing", "in_trouble"]
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Mailing | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Mailing | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        now, state = timezone.now(), Letter.State
        of = "letters"
        waits = Q(**{f"{of}__state": state.QUEUED, f"{of}__due_at__gt": now - DUE_LASTS})
        on_its_way = Q(
            **{f"{of}__state": state.SENDING, f"{of}__claimed_at__gte": now - CLAIM_LASTS}
        )
        trouble = (
            Q(**{f"{of}__state": state.FAILED})
            | Q(**{f"{of}__state": state.QUEUED, f"{of}__due_at__lte": now - DUE_LASTS})
            | Q(**{f"{of}__state": state.SENDING, f"{of}__claimed_at__lt": now - CLAIM_LASTS})
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                written=Count(of),
                sent=Count(of, filter=Q(**{f"{of}__state": state.SENT})),
                waiting=Count(of, filter=waits | on_its_way),
                troubled=Count(of, filter=trouble),
            )
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"title": "Mailing"} | (extra_context or {})
        )

    @admin.display(description="written")
    def letter_count(self, mailing: Mailing) -> int:
        return _number(mailing, "written")

    @admin.display(description="sent")
    def went_out(self, mailing: Mailing) -> int:
        return _number(mailing, "sent")

    @admin.display(description="waiting")
    def waits(self, mailing: Mailing) -> int:
        return _number(mailing, "waiting")

    @admin.display(description="failed or in doubt")
    def trouble(self, mailing: Mailing) -> int:
        return _number(mailing, "troubled")

    @admin.display(description="letter")
    def text(self, mailing: Mailing) -> SafeString:
        return format_html('<pre class="letter-text" dir="auto">{}</pre>', mailing.body)

    @admin.display(description="what became of it")
    def standing(self, mailing: Mailing) -> SafeString:
        words = (
            f"{_number(mailing, 'written')} letters: {_number(mailing, 'sent')} sent, "
            f"{_number(mailing, 'waiting')} waiting, {_number(mailing, 'troubled')} failed or in doubt."
        )
        listed = f"{reverse('admin:mail_letter_changelist')}?mailing={mailing.pk}"
        return format_html('{} <a href="{}">All of them</a>', words, listed)

    @admin.display(description="failed")
    def in_trouble(self, mailing: Mailing) -> SafeString | str:
        failed = mailing.letters.filter(state=Letter.State.FAILED).order_by("pk")
        shown = failed.select_related("expression_link__expression").defer(
            "expression_link__expression__abstract", "body_text", "body_html"
        )[:_MOST_LISTED]
        items = format_html_join(
            "",
            '<li><a href="{}#letters">{}</a>: {}</li>',
            (
                (
                    reverse(
                        "admin:interest_expression_change",
                        args=[letter.expression_link.expression_id],
                    ),
                    letter.expression_link.expression.display_reference,
                    letter.failure,
                )
                for letter in shown
            ),
        )
        return format_html("<ul>{}</ul>", items) if items else "–"


class MailingFilter(admin.SimpleListFilter):
    """By the mailing a letter belongs to; the latest ones to choose from."""

    title = "mailing"
    parameter_name = "mailing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        latest = Mailing.objects.values_list("pk", "subject")[:_MOST_LISTED]
        return [(str(pk), subject) for pk, subject in latest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        value = self.value()
        if value is None:
            return queryset
        asked = int(value) if value.isdecimal() and len(value) < 16 else 0
        return queryset.filter(mailing=asked)


# Letters know nothing of mailings; their list is narrowed by them all the same.
LetterAdmin.list_filter = [*LetterAdmin.list_filter, MailingFilter]


def _number(mailing: Mailing, name: str) -> int:
    number: int = vars(mailing)[name]  # annotated by get_queryset
    return number
