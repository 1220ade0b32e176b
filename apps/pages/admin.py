from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest

from apps.core.admin import OrderedInline
from apps.editions.admin import EditionAdmin
from apps.editions.parts import PartAdmin
from apps.pages.models import Page, Section
from apps.pages.site_pages import SITE_PAGES
from apps.people.models import Group


class GroupOfAnyYearField(ModelChoiceField):
    """Groups keep their headings over the years, so the edition is named as well."""

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj}, {obj.edition.slug}" if isinstance(obj, Group) else str(obj)


class SectionInline(OrderableAdmin, OrderedInline):
    model = Section
    verbose_name_plural = "home page, section by section"
    fields = ["heading", "shows", "group", "is_shown", "ordering"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs
    ) -> ModelChoiceField | None:
        """Offers the groups of this edition, and no others."""
        if db_field.name == "group" and request.resolver_match:
            edition = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Group.objects.filter(edition=edition)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        """The group without icons, as it stands on the same page; its choices are read once."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, ModelChoiceField):
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                field.widget = field.widget.widget
            field.choices = [*ModelChoiceIterator(field)]
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Section]:
        """With what each row's name needs."""
        return super().get_queryset(request).select_related("group", "edition")


class PageInline(OrderableAdmin, OrderedInline):
    model = Page
    verbose_name_plural = "free pages"
    fields = ["title", "is_in_navigation", "is_published", "ordering"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A page needs a text, so it is added on a page of its own."""
        return False


EditionAdmin.add_inline(SectionInline, first=True)
EditionAdmin.add_inline(PageInline)


@admin.register(Section)
class SectionAdmin(PartAdmin):
    list_display = ["__str__", "edition", "shows", "is_shown"]
    list_filter = ["edition", "is_shown"]
    list_select_related = ["edition", "group"]
    search_fields = ["heading", "body"]
    autocomplete_fields = ["edition"]
    markdown_fields = ("body",)
    fields = ["edition", "heading", "body", "shows", "group", "is_shown"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs
    ) -> ModelChoiceField | None:
        """Offers the groups of the section's edition; where that is not known, all by their years."""
        if db_field.name == "group" and request.resolver_match:
            groups = Group.objects.select_related("edition")
            at = request.resolver_match.kwargs
            # An older version may be of a section that has been deleted since.
            if "object_id" in at and "version_id" not in at:
                kwargs["queryset"] = groups.filter(edition__sections=at["object_id"])
            else:
                kwargs["queryset"] = groups.order_by("-edition__year", "ordering")
                kwargs["form_class"] = GroupOfAnyYearField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Section | None = None) -> list[str]:
        return ["edition"] if obj else []


@admin.register(Page)
class PageAdmin(PartAdmin):
    list_display = ["title", "edition", "slug", "is_in_navigation", "is_published"]
    list_filter = ["edition", "is_published"]
    list_select_related = ["edition"]
    search_fields = ["title", "body"]
    autocomplete_fields = ["edition"]
    markdown_fields = ("body",)
    fields = ["edition", "title", "slug", "body", "is_in_navigation", "is_published"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs):
        if db_field.name == "is_published":
            kwargs["help_text"] = "Until then only organisers who are signed in can read it."
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """Where a page stands is set once and kept; the site's own pages are always there."""
        if obj and obj.edition is None:
            return ["edition", "slug", "is_in_navigation", "is_published"]
        return ["edition", "slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Page | None = None) -> dict:
        return {} if obj else {"slug": ("title",)}

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """Every footer links to the site's own pages."""
        is_site_page = obj is not None and obj.edition is None and obj.slug in SITE_PAGES
        return not is_site_page and super().has_delete_permission(request, obj)
