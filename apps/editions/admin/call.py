"""The call for expressions of interest on a tab of the edition."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin import (
    MarkdownFieldsMixin,
)
from apps.editions.admin.editions import EditionAdmin, Tab
from apps.editions.models import Call


class CallForm(ModelForm):
    """Asks for both dates when a call that was open until further notice gets its closing date."""

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        was_open = self.initial.get("is_open_ended") and not cleaned.get("is_open_ended")
        if was_open and cleaned.get("closes_on") and not cleaned.get("opens_on"):
            self.add_error("opens_on", "Enter the opening day, too.")
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
                "description": (
                    "The form opens and closes automatically, in the edition's time zone. Without "
                    "both dates it stays closed, unless it is open until further notice."
                ),
            },
        ),
        (
            "Formats",
            {"fields": ["offers_talks", "talk_minutes", "offers_posters", "poster_size"]},
        ),
        (
            "Fields of the form",
            {
                "fields": [
                    "abstract_words",
                    "asks_career_stage",
                    "asks_supervisor",
                    "asks_school",
                    "asks_link",
                    "asks_pdf",
                ]
            },
        ),
        (
            "Selection",
            {
                "fields": [
                    "is_review_anonymous",
                    "has_anonymous_pdfs",
                    "talk_places",
                    "poster_places",
                    "reply_days",
                ]
            },
        ),
        ("Emails", {"fields": ["sends_receipt", "notice", "sends_reminders", "remind_days"]}),
    ]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """An empty form as long as there is no call."""
        return 0 if hasattr(obj, "call") else 1

    @admin.display(description="now")
    def current_status(self, call: Call) -> str:
        return call.status_in_words if call.pk else Call.Status.UNDATED.label


EditionAdmin.add_inline(CallInline, tab=Tab.CALL)
