"""Letters on the desk: what went out, what waits, what needs a decision. For chairs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.mail.models import Letter, LetterQuerySet, Mailing
from apps.mail.services import discard_letters, mark_arrived, queue_test_letter, send_again
from apps.mail.views import safe_letter_html


class StandingFilter(admin.SimpleListFilter):
    """By how a letter stands, with those that need a decision first."""

    title = "how it stands"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        unconfirmed = Letter.State.UNCONFIRMED
        return [
            (unconfirmed.value, "In doubt"),
            ("overdue", "Too old to go out by itself"),
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
        return (
            {**one, "display": _in_words(str(one["display"]))}
            for one in super().choices(changelist)
        )


class MailingFilter(admin.SimpleListFilter):
    """By mailing; the latest ones to choose from."""

    title = "mailing"
    parameter_name = "mailing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        mailings = Mailing.objects.values_list("pk", "subject")[:20]
        return [(str(pk), subject) for pk, subject in mailings]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(mailing=int(value) if value.isdecimal() and len(value) < 16 else 0)


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin):
    """Letters are read here and decided about, never written, changed or deleted."""

    list_display = ["subject", "to", "what", "how_it_stands", "created_at", "reason"]
    list_filter = [StandingFilter, ("kind", KindFilter), "edition", MailingFilter]
    search_fields = ["subject", "to_name", "to_email"]
    show_full_result_count = False
    list_per_page = 50
    fieldsets = [
        (None, {"fields": ["to", "subject", "reply_to", "what", "edition"]}),
        (
            "What became of it",
            {"fields": ["how_it_stands", "reason", "attempts", "created_at", "due_at", "sent_at"]},
        ),
        ("What it says", {"fields": ["as_text", "as_page"]}),
    ]
    readonly_fields = ["to", "what", "how_it_stands", "reason", "as_text", "as_page"]
    actions = ["send_again", "mark_arrived", "discard"]
    change_list_template = "mail/letter_list.html"
    change_form_template = "mail/letter_page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        letters = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and match.url_name == "mail_letter_changelist"
        return letters.defer("body_text", "body_html") if is_list else letters

    @admin.display(description="to", ordering="to_email")
    def to(self, letter: Letter) -> str:
        return f"{letter.to_name} <{letter.to_email}>" if letter.to_name else letter.to_email

    @admin.display(description="kind", ordering="kind")
    def what(self, letter: Letter) -> str:
        return _in_words(letter.kind)

    @admin.display(description="how it stands", ordering="state")
    def how_it_stands(self, letter: Letter) -> str:
        return letter.standing

    @admin.display(description="why it is not sent", empty_value="–")
    def reason(self, letter: Letter) -> str | None:
        return letter.failure or None

    @admin.display(description="text")
    def as_text(self, letter: Letter) -> SafeString:
        return format_html('<pre class="letter-text" dir="auto">{}</pre>', letter.body_text)

    @admin.display(description="as a page")
    def as_page(self, letter: Letter) -> SafeString:
        return format_html(
            '<div class="letter-page" dir="auto">{}</div>', safe_letter_html(letter.body_html)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may decide what becomes of letters."""
        return request.user.has_perm("mail.change_letter")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        """With the width of the whole window, as the list of expressions."""
        more = {**self._more(request), "is_nav_sidebar_enabled": False, **(extra_context or {})}
        return super().changelist_view(request, more)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None
    ) -> HttpResponse:
        more = self._more(request) | {"title": "Letter"} | (extra_context or {})
        return super().change_view(request, object_id, form_url, more)

    def _more(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "has_mail": settings.HAS_MAIL,
            "is_local": settings.IS_LOCAL,
            "may_decide": self.has_decide_permission(request),
        }

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("test/", self.send_test, "test"),
            ("<int:pk>/send-again/", self._one(send_again, "will be sent again"), "send_again"),
            ("<int:pk>/arrived/", self._one(mark_arrived, "is marked as sent"), "arrived"),
            ("<int:pk>/discard/", self._one(discard_letters, "will not be sent"), "discard"),
        ]
        return [
            *[
                path(
                    where,
                    self.admin_site.admin_view(require_POST(view)),
                    name=f"mail_letter_{name}",
                )
                for where, view, name in own
            ],
            *super().get_urls(),
        ]

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Queues a letter to the person at the desk."""
        self._demand_decide(request)
        if not isinstance(request.user, User):
            raise PermissionDenied
        if not settings.HAS_MAIL:
            messages.error(request, f"{_NO_MAIL} Then ask for the test letter again.")
            return redirect("admin:mail_letter_changelist")
        queue_test_letter(to=request.user)
        words = (
            f"A test letter to {request.user.email} is on its way: look for “A test letter from "
            f"{settings.SITE_NAME}” in your inbox, and in the spam folder. If it does not come "
            "within minutes, this list says why."
        )
        messages.success(request, words)
        return redirect("admin:mail_letter_changelist")

    def _one(
        self, service: Callable[..., int], what: str
    ) -> Callable[[HttpRequest, int], HttpResponse]:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            self._demand_decide(request)
            self._decide(request, Letter.objects.filter(pk=pk), service, what)
            return redirect("admin:mail_letter_change", pk)

        return view

    @admin.action(description="Send again (failed, in doubt, waiting)", permissions=["decide"])
    def send_again(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        self._decide(request, letters, send_again, "will be sent again")

    @admin.action(description="It arrived (in doubt)", permissions=["decide"])
    def mark_arrived(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        self._decide(request, letters, mark_arrived, "is marked as sent")

    @admin.action(description="Discard (waiting)", permissions=["decide"])
    def discard(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        self._decide(request, letters, discard_letters, "will not be sent")

    def _demand_decide(self, request: HttpRequest) -> None:
        if not self.has_decide_permission(request):
            raise PermissionDenied

    def _decide(
        self,
        request: HttpRequest,
        letters: QuerySet[Letter],
        service: Callable[..., int],
        what: str,
    ) -> None:
        chosen = list(letters.values_list("pk", flat=True))
        count = service(letters=Letter.objects.filter(pk__in=chosen))
        if count:
            messages.success(request, f"{_letters(count)}: {what}.")
        if rest := len(chosen) - count:
            words = f"{_letters(rest)} left alone: not possible from where it stands now."
            messages.warning(request, words)


_NO_MAIL = "No mail server is set up, so letters wait: have the host set SMTP_URL and MAIL_FROM."


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"


def _in_words(kind: str) -> str:
    """ "Offer talk" for interest/offer_talk."""
    return kind.rpartition("/")[2].replace("_", " ").capitalize()
