"""Import of spreadsheets in the admin, for chairs alone: three pages, a confirmation, a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from apps.core.admin import KeptRowsMixin, log_action, render_desk_page
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import error_links, sent_data
from apps.core.text import read_number
from apps.editions.models import Edition
from apps.imports.models import Sheet
from apps.imports.sheets import services
from apps.imports.sheets.checking import CheckedRow, WrongRow
from apps.imports.sheets.forms import AnswersForm, ColumnsForm, UploadForm
from apps.interest.permissions import require_chair, workflow_actor
from apps.interest.workflow import Actor

# Rows on a page of the preview, and the label of their tab.
_TABS = {
    "new": (10, "New"),
    "wrong": (50, "Wrong"),
    "duplicates": (50, "Duplicates, left out"),
    "noted": (50, "Please check"),
}


@admin.register(Sheet)
class SheetAdmin(KeptRowsMixin, admin.ModelAdmin):
    list_display = ["file_name", "edition", "standing", "read_at", "read_by"]
    list_select_related = ["edition", "read_by"]
    list_filter = ["edition"]
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return workflow_actor(request.user) is Actor.CHAIR

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return self.has_module_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the filter of the list alone: others could search the contents of files."""
        return lookup == "edition__id__exact"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sheet]:
        """Those of entries; those of registrations have pages of their own."""
        return Sheet.objects.without_contents().filter(holds=Sheet.Holds.ENTRIES)

    @admin.display(description="standing")
    def standing(self, sheet: Sheet) -> str:
        if sheet.is_imported:
            return f"Imported: {sheet.imported_count}"
        return "Waiting for your confirmation"

    def get_urls(self) -> list[URLPattern]:
        steps: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "add/": ("add", self.upload),
            "<int:pk>/columns/": ("columns", self.columns),
            "<int:pk>/answers/": ("answers", self.answers),
            "<int:pk>/change/": ("change", self.show),
            "<int:pk>/import/": ("import", require_POST(self.import_now)),
            "<int:pk>/discard/": ("discard", require_POST(self.discard)),
            "<int:pk>/take-back/": ("take_back", self.take_back),
        }
        return [
            path(route, self.admin_site.admin_view(view), name=f"imports_sheet_{name}")
            for route, (name, view) in steps.items()
        ] + super().get_urls()

    # The import

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Read the file and store its contents."""
        by = require_chair(request)
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        form.initial["edition"] = _initial_edition(request)
        if is_sent and form.is_valid():
            sheet = services.keep_sheet(
                edition=form.cleaned_data["edition"],
                file_name=form.cleaned_data["file"].name,
                table=form.table,
                by=by,
            )
            return redirect("admin:imports_sheet_columns", sheet.pk)
        return self._page(request, "upload", "Import a spreadsheet", form=form)

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose what each column stands for."""
        sheet = self._sheet(request, pk)
        if sheet.is_imported:
            return redirect(sheet)
        form = ColumnsForm(sent_data(request), checker=services.checker_of(sheet))
        if form.is_bound and form.is_valid():
            is_complete = services.choose_columns(sheet=sheet, checker=form.chosen())
            if not is_complete:
                return redirect("admin:imports_sheet_answers", pk)
            return redirect(sheet)
        title = "Match the columns"
        table = form.checker.table
        return self._page(request, "columns", title, sheet=sheet, form=form, table=table)

    def answers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose what unknown answers stand for."""
        sheet = self._sheet(request, pk)
        if sheet.is_imported or not sheet.choices:
            return redirect(sheet)
        checker = services.checker_of(sheet)
        form = AnswersForm(sent_data(request), checker=checker)
        if not checker.has_valid_columns() or not form.fields:
            return redirect(sheet)
        if form.is_bound and form.is_valid():
            services.choose_answers(sheet=sheet, checker=checker, choices=form.choices())
            return redirect(sheet)
        return self._page(request, "answers", "Match the answers", sheet=sheet, form=form)

    def show(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the preview of a waiting sheet, or the record of an imported one."""
        sheet = self._sheet(request, pk)
        if sheet.is_imported:
            return self._record(request, sheet)
        preview = services.preview_sheet(sheet)
        if preview is None:
            if sheet.choices:
                messages.info(
                    request, "The form of the edition has changed since. Check the columns again."
                )
            return redirect("admin:imports_sheet_columns", pk)
        lists: dict[str, Sequence[CheckedRow | WrongRow]] = {
            "new": preview.new,
            "wrong": preview.wrong,
            "duplicates": preview.duplicates,
            "noted": [row for row in preview.new if row.notes],
        }
        asked = request.GET.get("show", "")
        shown = asked if asked in lists else ("wrong" if preview.wrong else "new")
        per_page, label = _TABS[shown]
        return self._page(
            request,
            "preview",
            f"{sheet.file_name}: what will be imported",
            sheet=sheet,
            count=len(preview.new),
            token=preview.token,
            tabs=[(key, _TABS[key][1], len(rows)) for key, rows in lists.items()],
            shown=shown,
            shown_label=label,
            page=Paginator(lists[shown], per_page).get_page(request.GET.get("page")),
            has_answers=bool(sheet.choices["answers"]),
        )

    def import_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import the new rows, if they are those that the page showed."""
        by = require_chair(request)
        sheet = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            count = services.import_sheet(sheet=sheet, token=request.POST.get("token", ""), by=by)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            exists = Sheet.objects.filter(pk=pk).exists()
            return redirect(sheet if exists else "admin:imports_sheet_changelist")
        except ChangedMeanwhile:
            message = "Nothing was imported, because something changed meanwhile. Check the preview again."
            messages.error(request, message)
            return redirect(sheet)
        what = f"{count} expressions imported from spreadsheet {sheet.pk}"
        log_action(by, ADDITION, what, "Imported.", model=Sheet)
        messages.success(request, f"Imported: {count}. No email was sent.")
        return redirect(sheet)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a waiting sheet."""
        require_chair(request)
        sheet = get_object_or_404(self.get_queryset(request), pk=pk)
        if services.discard_sheet(sheet=sheet):
            messages.success(request, f"{sheet.file_name} is discarded. Nothing was imported.")
            return redirect("admin:imports_sheet_changelist")
        messages.error(request, "It has been imported, so there is nothing to discard.")
        return redirect(sheet)

    # The record

    def _record(self, request: HttpRequest, sheet: Sheet) -> HttpResponse:
        expressions = services.expressions_of(sheet).order_by("sheet_entry__row")
        rows = expressions.values("pk", "reference", "name", "title", "state", "sheet_entry__row")
        list_url = reverse("admin:interest_expression_changelist")
        return self._page(
            request,
            "record",
            f"{sheet.file_name}: imported",
            sheet=sheet,
            page=Paginator(rows, 100).get_page(request.GET.get("page")),
            untouched=services.untouched_of(sheet).count(),
            list_url=f"{list_url}?edition__id__exact={sheet.edition_id}&state__exact=submitted",
        )

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete the untouched expressions of the sheet, if there are as many as the page said."""
        by = require_chair(request)
        sheet = self._sheet(request, pk)
        count = services.untouched_of(sheet).count()
        if not count:
            messages.info(request, "No entry of this import can be erased.")
            return redirect(sheet)
        if request.method != "POST":
            title = "Erase unchanged entries"
            return self._page(request, "take_back", title, sheet=sheet, count=count)
        if request.POST.get("count") != str(count):
            count = -1  # the page showed another number
        try:
            services.take_back_sheet(sheet=sheet, count=count)
        except ChangedMeanwhile:
            messages.error(
                request,
                ("Nothing was erased, because the entries changed meanwhile. Check them again."),
            )
            return redirect("admin:imports_sheet_take_back", pk)
        what = f"{count} expressions of spreadsheet {sheet.pk}"
        log_action(by, DELETION, what, "Import undone.", model=Sheet)
        messages.success(request, f"Erased: {count}.")
        return redirect(sheet)

    def _sheet(self, request: HttpRequest, pk: int) -> Sheet:
        require_chair(request)
        sheets = Sheet.objects.filter(holds=Sheet.Holds.ENTRIES)
        return get_object_or_404(sheets.select_related("edition", "read_by", "imported_by"), pk=pk)

    def _page(
        self, request: HttpRequest, name: str, title: str, **context: Any
    ) -> TemplateResponse:
        form = context.get("form")
        context |= {
            "opts": self.opts,
            "title": title,
            "links": error_links(form) if form is not None and form.is_bound else [],
        }
        return render_desk_page(request, f"imports/sheets/{name}.html", context)


def _initial_edition(request: HttpRequest) -> int | None:
    """The edition whose page leads here, or else the current one, or else the latest."""
    asked = read_number(request.GET.get("edition", ""))
    if asked and Edition.objects.filter(pk=asked).exists():
        return asked
    first = Edition.objects.order_by("-is_current", "-year", "-slug").first()
    return first.pk if first else None
