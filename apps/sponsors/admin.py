"""Sponsors and their levels in the admin; logos are checked and re-encoded on upload."""

from __future__ import annotations

from typing import Any

from admin_ordering.admin import OrderableAdmin
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from apps.core.admin import OrderedInline
from apps.core.image_forms import ImageForm, LogoField, logo_preview
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab
from apps.editions.models import Edition
from apps.sponsors.models import Level, Sponsor


class SponsorForm(ImageForm):
    """Logos of a sponsor; the admin adds the other fields."""

    logo = LogoField(required=False, help_text=Sponsor.logo.field.help_text)
    logo_dark = LogoField(
        required=False,
        label="Logo for dark mode",
        help_text=Sponsor.logo_dark.field.help_text,
    )

    class Meta:
        model = Sponsor
        fields = ["logo", "logo_dark"]


class LevelOfAnyEdition(forms.ModelChoiceField):
    """Names the edition too, because levels have the same names every year."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}, {obj.edition.slug}"


class LevelInline(OrderableAdmin, OrderedInline):
    model = Level
    verbose_name_plural = "sponsors, level by level"
    fields = ["heading", "ordering"]


EditionAdmin.add_inline(LevelInline, tab=Tab.MORE)


class SponsorInline(OrderableAdmin, OrderedInline):
    model = Sponsor
    fields = ["name", "link", "is_shown", "ordering"]


@admin.register(Level)
class LevelAdmin(EditionPartAdmin):
    """Levels, reached from their edition."""

    is_on_index = False
    used_by = ("sponsors",)
    instead_of_deleting = "Choose another level for these first, or untick “shown”."

    list_display = ["__str__", "edition"]
    search_fields = ["heading", "edition__title", "edition__slug"]
    fields = ["edition", "heading"]
    inlines = [SponsorInline]


@admin.register(Sponsor)
class SponsorAdmin(EditionPartAdmin):
    form = SponsorForm
    list_display = ["picture", "name", "level", "edition", "is_shown"]
    list_display_links = ["name"]
    list_filter = ["level__edition", "is_shown"]
    list_select_related = ["level__edition"]
    autocomplete_fields = ()
    search_fields = ["name", "description"]
    ordering = ["-level__edition__year", "level__ordering", "level", "ordering", "pk"]
    fieldsets = [
        (None, {"fields": ["level", "name", "link", "description", "is_shown"]}),
        ("Logo", {"fields": ["picture", "logo", "picture_dark", "logo_dark", "logo_alt"]}),
    ]

    class Media:
        css = {"all": ["people/photo.css", "core/logo.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sponsor]:
        return super().get_queryset(request).select_related("level__edition")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Previews; the level may change."""
        return ["picture", "picture_dark"]

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs) -> Any:
        """Offer the levels of the sponsor's edition; for a new sponsor those of all editions."""
        levels = Level.objects.select_related("edition")
        page = request.resolver_match.kwargs if request.resolver_match else {}
        if "object_id" in page and "version_id" not in page:
            levels = levels.filter(edition__sponsor_levels__sponsors=page["object_id"])
        else:  # a new sponsor, or an older version of one that may be deleted
            levels = levels.order_by("-edition__year", "ordering")
            kwargs["form_class"] = LevelOfAnyEdition
        return super().formfield_for_foreignkey(db_field, request, queryset=levels, **kwargs)

    @admin.display(description="logo now", empty_value="none")
    def picture(self, sponsor: Sponsor) -> SafeString | None:
        """Small preview of the logo."""
        return logo_preview(sponsor, "logo", "logo-light")

    @admin.display(description="logo for dark mode now", empty_value="none")
    def picture_dark(self, sponsor: Sponsor) -> SafeString | None:
        """Small preview of the dark logo on a dark background."""
        return logo_preview(sponsor, "logo_dark", "logo-dark")

    @admin.display(description="edition", ordering="level__edition__year")
    def edition(self, sponsor: Sponsor) -> Edition:
        return sponsor.level.edition

    def _redirect_to_edition(self, request: HttpRequest, obj: Sponsor) -> HttpResponse | None:
        """To the sponsor's level; None after a filtered list, where Django leads back."""
        if "_changelist_filters" in request.GET:
            return None
        return redirect("admin:sponsors_level_change", obj.level_id)
