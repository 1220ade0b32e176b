"""Letters in the admin: sent, waiting, and those that need a decision. For chairs only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core.admin import KeptRowsMixin, render_desk_page
from apps.core.text import count_of
from apps.mail.models import Letter, LetterQuerySet
from apps.mail.services import (
    discard_letters,
    find_letter_subjects,
    mark_arrived,
    queue_again,
    queue_test_letter,
)
from apps.mail.smtp import QR_NAME
from apps.mail.texts import kind_in_words
from apps.mail.views import safe_letter_html

_CONVERSATION_PAGE = 25  # letters
_NO_MAIL = (
    "No mail server is configured, so emails wait: ask the person who runs the server "
    "to set SMTP_URL and MAIL_FROM."
)


class StandingFilter(admin.SimpleListFilter):
    """By state, with those that need a decision first."""

    title = "state"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        unconfirmed = Letter.State.UNCONFIRMED
        return [
            (unconfirmed.value, "In doubt"),
            ("overdue", "Too old to be sent automatically"),
            *[(str(state), str(state.label)) for state in Letter.State if state != unconfirmed],
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        letters: LetterQuerySet = queryset  # type: ignore[assignment]  # of Letter's own manager
        if self.value() == "overdue":
            return letters.overdue()
        return letters.filter(state=self.value()) if self.value() else letters


class KindFilter(admin.AllValuesFieldListFilter):
    """By kind, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": kind_in_words(str(choice["display"]))}


@admin.register(Letter)
class LetterAdmin(KeptRowsMixin, admin.ModelAdmin):
    """Read-only: chairs decide what happens to a letter that was not sent, and edit none."""

    empty_list_text = "No emails yet. Every email of the site is listed here, sent or not."
    list_display = ["subject", "to", "what", "how_it_stands", "created_at", "reason"]
    list_filter = [StandingFilter, ("kind", KindFilter), "edition", "mailing"]
    search_fields = ["subject", "to_name", "to_email"]
    list_per_page = 50
    fieldsets = [
        (None, {"fields": ["to", "subject", "reply_to", "what", "edition"]}),
        (
            "Status",
            {"fields": ["how_it_stands", "reason", "attempts", "created_at", "due_at", "sent_at"]},
        ),
        ("Content", {"fields": ["as_text", "as_page", "attached"]}),
    ]
    readonly_fields = ["to", "what", "how_it_stands", "reason", "as_text", "as_page", "attached"]
    actions = ["send_again", "mark_arrived", "discard"]
    change_list_template = "mail/letter_list.html"
    change_form_template = "mail/letter_page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        letters = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and match.url_name == "mail_letter_changelist"
        return letters.defer("body_text", "body_html", "calendar") if is_list else letters

    @admin.display(description="to", ordering="to_email")
    def to(self, letter: Letter) -> str:
        return f"{letter.to_name} <{letter.to_email}>" if letter.to_name else letter.to_email

    @admin.display(description="kind", ordering="kind")
    def what(self, letter: Letter) -> str:
        return kind_in_words(letter.kind)

    @admin.display(description="state", ordering="state")
    def how_it_stands(self, letter: Letter) -> str:
        return letter.standing

    @admin.display(description="problem", empty_value="–")
    def reason(self, letter: Letter) -> str | None:
        return letter.failure or None

    @admin.display(description="text")
    def as_text(self, letter: Letter) -> SafeString:
        return format_html('<pre class="letter-text" dir="auto">{}</pre>', letter.body_text)

    @admin.display(description="preview")
    def as_page(self, letter: Letter) -> SafeString:
        page = safe_letter_html(letter.body_html)
        return format_html('<div class="letter-page" dir="auto">{}</div>', page)

    @admin.display(description="attached", empty_value="–")
    def attached(self, letter: Letter) -> SafeString | None:
        parts = []
        if letter.calendar:
            parts.append(format_html("<pre>{}</pre>", letter.calendar))
        if letter.qr_text:
            parts.append(format_html("<p>{}: the QR code of the ticket</p>", QR_NAME))
        return format_html_join("", "{}", ([part] for part in parts)) if parts else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Permission to send again, mark as arrived, and discard."""
        return request.user.has_perm("mail.change_letter")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        context = {**self._context(request), "has_menu": True}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None
    ) -> HttpResponse:
        context = self._context(request) | {"title": "Email"} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def _context(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "has_mail": settings.HAS_MAIL,
            "is_local": settings.IS_LOCAL,
            "may_decide": self.has_decide_permission(request),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        test = view(require_POST(self.send_test))
        conversation = view(require_safe(self.conversation_view))
        return [
            path("test/", test, name="mail_letter_test"),
            path("<int:pk>/conversation/", conversation, name="mail_letter_conversation"),
            *super().get_urls(),
        ]

    def conversation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All letters to the address of one letter, oldest first; opens with the latest page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        letter = get_object_or_404(Letter, pk=pk)
        # The address is not in the URL, which servers write to their logs.
        letters = Letter.objects.to_address(letter.to_email).select_related("edition", "mailing")
        pages = Paginator(letters, _CONVERSATION_PAGE)
        page = pages.get_page(request.GET.get("page") or pages.num_pages)
        subjects = find_letter_subjects(list(page))
        context = {
            "opts": self.opts,
            "title": f"Emails to {letter.to_name or letter.to_email}",
            "letter": letter,
            "page": page,
            "rows": [(each, kind_in_words(each.kind), subjects.get(each.pk)) for each in page],
        }
        return render_desk_page(request, "mail/conversation.html", context)

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Queue a letter to the chair who asks for it."""
        user = request.user
        if not self.has_decide_permission(request) or not isinstance(user, User):
            raise PermissionDenied
        if settings.HAS_MAIL:
            queue_test_letter(to=user)
            text = (
                f"A test email to {user.email} is on its way: look for “A test email from "
                f"{settings.SITE_NAME}” in your inbox, and in the spam folder. If it does not "
                "come within minutes, this list says why."
            )
            messages.success(request, text)
        else:
            messages.error(request, f"{_NO_MAIL} Then ask for the test email again.")
        return redirect("admin:mail_letter_changelist")

    @admin.action(description="Send again (failed, in doubt, waiting)", permissions=["decide"])
    def send_again(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        self._decide(request, letters, queue_again, "will be sent again")

    @admin.action(description="It arrived (in doubt)", permissions=["decide"])
    def mark_arrived(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        self._decide(request, letters, mark_arrived, "is marked as sent")

    @admin.action(description="Discard (waiting)", permissions=["decide"])
    def discard(self, request: HttpRequest, letters: QuerySet[Letter]) -> HttpResponseBase | None:
        """A page asks before; its button sends "sure"."""
        waiting = list(letters.filter(state=Letter.State.QUEUED))
        if "sure" in request.POST or not waiting:
            self._decide(request, letters, discard_letters, "will not be sent")
            return None
        title = f"Discard {count_of(len(waiting), 'email')}?"
        context = {"title": title, "waiting": waiting, "chosen": letters}
        return render_desk_page(request, "mail/discard_letters.html", context)

    def _decide(
        self,
        request: HttpRequest,
        letters: QuerySet[Letter],
        service: Callable[..., int],
        result: str,
    ) -> None:
        chosen = list(letters.values_list("pk", flat=True))
        count = service(letters=Letter.objects.filter(pk__in=chosen))
        if count:
            messages.success(request, f"{count_of(count, 'email')}: {result}.")
        if rest := len(chosen) - count:
            text = f"{count_of(rest, 'email')} left unchanged: not possible in the current state."
            messages.warning(request, text)
