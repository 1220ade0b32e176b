"""Admin of the call: questions of the organisers, and access links for late applicants."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from admin_ordering.admin import OrderableAdmin
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet, TextField
from django.forms import ModelForm, Textarea
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from apps.core.admin import KeptRowsMixin, LabelledFormSet, OrderedInline, render_desk_page
from apps.core.tokens import hash_token, new_token
from apps.editions.admin import EditionAdmin, Tab
from apps.editions.models import Edition
from apps.interest.models import AccessLink, Question


class QuestionFormSet(LabelledFormSet):
    def clean(self) -> None:
        """Keep answered questions. Checked before Django's own refusal, which lists the answers."""
        pks = [form.instance.pk for form in self.deleted_forms if form.instance.pk]
        if answered := Question.objects.filter(pk__in=pks, answers__isnull=False).first():
            raise ValidationError(
                "“%(question)s” was answered already, so it stays. Reword it instead.",
                params={"question": answered},
            )
        super().clean()


class QuestionInline(OrderableAdmin, OrderedInline):
    """The questions of one edition, in order."""

    model = Question
    formset = QuestionFormSet
    verbose_name_plural = "extra questions"
    fields = ["label", "help_text", "kind", "choices", "is_required", "asked_at", "ordering"]
    show_change_link = False

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        if isinstance(db_field, TextField):
            kwargs["widget"] = Textarea(attrs={"rows": 2, "cols": 24})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


EditionAdmin.add_inline(QuestionInline, tab=Tab.CALL)


class AccessLinkForm(ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One label cannot name two controls (WCAG 4.1.2).
        date, time = self.fields["expires_at"].widget.widgets
        date.attrs["aria-label"] = "Expires at: date"
        time.attrs["aria-label"] = "Expires at: time"
        edition = self.fields["edition"].widget
        # No links to add, change or view an edition.
        edition.can_add_related = edition.can_change_related = edition.can_view_related = False

    def clean_expires_at(self) -> datetime:
        expires_at: datetime = self.cleaned_data["expires_at"]
        if expires_at <= timezone.now():
            raise ValidationError("Enter a time in the future.")
        return expires_at


@admin.register(AccessLink)
class AccessLinkAdmin(KeptRowsMixin, admin.ModelAdmin):
    """Links that let one person use the closed form. A link is shown once, after its creation."""

    form = AccessLinkForm
    empty_list_text = (
        "No access links yet. Add one to let one person send an entry after the call has closed."
    )
    list_display = ["for_whom", "edition", "expires_at", "standing"]
    list_display_links = None
    list_filter = ["edition"]
    list_select_related = ["edition"]
    search_fields = ["for_whom"]
    fields = ["edition", "for_whom", "expires_at"]
    actions = ["end"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Expiry in a week, and the current edition."""
        week = (timezone.localtime() + timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
        current = Edition.objects.current().values_list("pk", flat=True).first()
        given = super().get_changeform_initial_data(request)
        return {"expires_at": week, "edition": current, **given}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One button, since the link is shown next."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        context |= {"title": "Allow a late entry"}
        return super().render_change_form(request, context, *args, **kwargs)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("interest.change_accesslink")

    @admin.display(description="status")
    def standing(self, link: AccessLink) -> str:
        if link.used_by_id:
            return "used"
        if link.revoked_at:
            return "ended"
        return "open" if link.expires_at > timezone.now() else "expired"

    @admin.action(description="End the selected links", permissions=["end"])
    def end(self, request: HttpRequest, links: QuerySet[AccessLink]) -> None:
        count = links.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, f"Links ended: {count}.")

    def save_model(
        self, request: HttpRequest, obj: AccessLink, form: ModelForm, change: bool
    ) -> None:
        obj.plain_token = new_token()
        obj.token_hash = hash_token(obj.plain_token)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: AccessLink, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the link in the response itself: a message would be stored in the session."""
        path = reverse("interest:let-in", args=[obj.edition.slug, obj.plain_token])
        context = {
            "opts": self.opts,
            "title": "A link for a late entry",
            "link": obj,
            "address": f"{settings.SITE_URL}{path}",
        }
        return render_desk_page(request, "admin/interest/accesslink/made.html", context)
