"""Admin of the pictures and downloads that texts of an edition name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import (
    ContentAdmin,
    LabelledFormSet,
)
from apps.editions.admin.editions import EditionAdmin, Tab
from apps.editions.admin.parts import EditionPartAdmin
from apps.editions.forms import DownloadForm, PictureForm
from apps.editions.models import Download, Picture
from apps.editions.texts import check_files, places_naming


class FileOfTextsInline(admin.TabularInline):
    """A list of files with what to write in texts; each is uploaded on a page of its own."""

    formset = LabelledFormSet
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description="to use it, write in a text")
    def to_write(self, row: Picture | Download) -> SafeString:
        return _to_write(row)


class PictureInline(FileOfTextsInline):
    model = Picture
    verbose_name_plural = "pictures for texts"
    fields = ["preview", "alt", "to_write"]
    readonly_fields = ["preview", "alt", "to_write"]

    @admin.display(description="picture")
    def preview(self, picture: Picture) -> SafeString:
        return _preview(picture)


class DownloadInline(FileOfTextsInline):
    model = Download
    verbose_name_plural = "files for texts"
    fields = ["to_write"]
    readonly_fields = ["to_write"]


class FileOfTextsAdmin(EditionPartAdmin):
    """Files that texts of an edition name."""

    ordering = ["-edition__year", "name", "pk"]
    search_fields = ["name"]
    readonly_fields: Any = ["preview", "to_write"]
    instead_of_deleting = "Remove it from these texts first, or replace its file."

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A stored file keeps its edition and name, by which texts find it."""
        return [*self.readonly_fields, "edition", "name"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields or () if obj or name not in self.readonly_fields]

    def reasons_to_keep(self, row: Any) -> list[str]:
        places = list(places_naming(row))
        if not places:
            return super().reasons_to_keep(row)
        return [f"“{row}” is used by {', '.join(places)}.", self.instead_of_deleting]

    @admin.display(description="to use it, write in a text")
    def to_write(self, row: Picture | Download) -> SafeString:
        return _to_write(row)


@admin.register(Picture)
class PictureAdmin(FileOfTextsAdmin):
    form = PictureForm
    list_display = ["preview", "name", "edition", "to_write"]
    list_display_links = ["preview", "name"]
    search_fields = ["name", "alt", "caption", "credit"]
    fields = [
        *("edition", "preview", "file", "name", "alt", "is_decorative", "caption", "credit"),
        "to_write",
    ]

    @admin.display(description="current picture")
    def preview(self, picture: Picture) -> SafeString:
        return _preview(picture)


@admin.register(Download)
class DownloadAdmin(FileOfTextsAdmin):
    form = DownloadForm
    readonly_fields = ["to_write"]
    list_display = ["name", "edition", "to_write"]
    fields = ["edition", "file", "name", "to_write"]


def _to_write(row: Picture | Download) -> SafeString:
    return format_html('<code class="to-copy">{}</code>', row.markdown)


def _preview(picture: Picture) -> SafeString:
    return format_html(
        '<img class="picture-small" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        *(picture.file.jpeg, picture.file_width, picture.file_height),
    )


ContentAdmin.add_text_check(check_files)
EditionAdmin.add_inline(PictureInline, tab=Tab.FILES)
EditionAdmin.add_inline(DownloadInline, tab=Tab.FILES)
