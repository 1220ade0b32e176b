"""Registration at the desk."""

from __future__ import annotations

from django.contrib import admin

from apps.registration.models import Registration


@admin.register(Registration)
class RegistrationAdmin(admin.ModelAdmin):
    list_display = ["name", "affiliation", "edition", "kind", "status", "created_at"]
    list_filter = ["edition", "status"]
    list_select_related = ["edition", "kind"]
    view_on_site = False
    search_fields = ["name", "email", "affiliation", "code"]
