"""Sections and free pages in the admin."""

from __future__ import annotations

from typing import Any

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, Model
from django.forms import ModelChoiceField, ModelForm
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest

from apps.core.admin import ContentAdmin, OrderedInline
from apps.editions.admin import EditionAdmin, EditionPartAdmin, EditionPartForm, Tab
from apps.pages import on_the_day  # noqa: F401  (registers its pages)
from apps.pages.dead_links import check_links
from apps.pages.models import Page, Section, SectionLink
from apps.pages.site_pages import SITE_PAGES, is_first_text
from apps.people.models import Group

ContentAdmin.add_text_check(check_links)


class SectionInline(OrderableAdmin, OrderedInline):
    model = Section
    verbose_name_plural = "home page, section by section"
    fields = ["heading", "shows", "group", "kind", "is_shown", "ordering"]
    select_related = ("group", "edition")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs
    ) -> ModelChoiceField | None:
        """Offer the groups of this edition."""
        if db_field.name == "group" and request.resolver_match:
            edition = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Group.objects.filter(edition=edition)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        """Show the group without links to add or edit; read its choices once for all rows."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, ModelChoiceField):
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                field.widget = field.widget.widget
            field.choices = [*ModelChoiceIterator(field)]
        return field


class PageInline(OrderableAdmin, OrderedInline):
    model = Page
    verbose_name_plural = "free pages"
    fields = ["title", "is_in_navigation", "menu", "is_published", "ordering"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Pages need a text, so they are added on their own page."""
        return False


EditionAdmin.add_inline(SectionInline, tab=Tab.HOME)
EditionAdmin.add_inline(PageInline, tab=Tab.MORE)


class SectionForm(EditionPartForm):
    of_edition = ("group",)


class SectionLinkInline(OrderableAdmin, OrderedInline):
    model = SectionLink
    verbose_name_plural = "links"
    show_change_link = False
    fields = ["label", "url", "is_button", "ordering"]


@admin.register(Section)
class SectionAdmin(EditionPartAdmin):
    inlines = [SectionLinkInline]
    form = SectionForm
    list_display = ["__str__", "edition", "shows", "is_shown"]
    list_filter = ["edition", "is_shown"]
    list_select_related = ["edition", "group"]
    search_fields = ["heading", "body", "aside"]
    markdown_fields = ("body", "aside")
    fields = [
        "edition",
        "heading",
        "body",
        "aside",
        "shows",
        "group",
        "kind",
        "at_most",
        "shows_acceptance",
        "is_shown",
    ]


@admin.register(Page)
class PageAdmin(EditionPartAdmin):
    list_display = ["__str__", "edition", "slug", "is_in_navigation", "is_published"]
    list_filter = ["edition", "is_published"]
    search_fields = ["title", "body"]
    markdown_fields = ("body",)
    fields = ["edition", "title", "slug", "body", "is_in_navigation", "menu", "is_published"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        if db_field.name == "is_published":
            kwargs["help_text"] = "Until then only signed-in organisers see it."
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if isinstance(obj, Page) and obj.edition is None and is_first_text(obj.slug, obj.body):
            kwargs["help_texts"] = {
                "body": (
                    "Markdown. This is the text that comes with the software. While you do not "
                    "change it, a German or French site shows its translation. If you change it, "
                    "every visitor reads your text."
                )
            }
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """Edition and address never change; the pages of the whole site stay published."""
        if obj and obj.edition is None:
            return ["edition", "slug", "is_in_navigation", "menu", "is_published"]
        return ["edition", "slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Page | None = None) -> dict:
        return {} if obj else {"slug": ("title",)}

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """Keep the pages of the whole site: every footer links to them."""
        is_site_page = obj is not None and obj.edition is None and obj.slug in SITE_PAGES
        return not is_site_page and super().has_delete_permission(request, obj)
