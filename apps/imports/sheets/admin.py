"""Spreadsheets on the desk, for chairs alone: brought in step by step, and on record afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import error_links
from apps.editions.models import Edition
from apps.imports.models import Sheet, SheetQuerySet
from apps.imports.sheets import services
from apps.imports.sheets.checking import CheckedRow, Reader, Report, entries_of
from apps.imports.sheets.forms import AnswersForm, ColumnsForm, UploadForm
from apps.imports.sheets.row_form import RowForm
from apps.interest.admin.notes import note
from apps.interest.models import Expression
from apps.interest.permissions import require_chair, workflow_actor
from apps.interest.workflow import Actor

_CHANGED = "Nothing was imported: something changed meanwhile. This is how it stands now."
_SHOWN = {"new": 10, "wrong": 50, "duplicates": 50, "noted": 50}


@admin.register(Sheet)
class SheetAdmin(admin.ModelAdmin):
    """A spreadsheet comes in by three pages and one press; its record stays."""

    list_display = ["file_name", "edition", "standing", "read_at", "read_by"]
    list_select_related = ["edition", "read_by"]
    list_filter = ["edition"]
    show_full_result_count = False
    actions = None

    # Who

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_chair(request)

    def has_view_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return _is_chair(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_chair(request)

    def has_change_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return False

    # The list

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filter the list has: an address could ask for what stands in a file."""
        return lookup == "edition__id__exact"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sheet]:
        sheets: SheetQuerySet = Sheet.objects.all()
        return sheets.without_contents()

    @admin.display(description="standing")
    def standing(self, sheet: Sheet) -> str:
        if sheet.is_imported:
            return f"Imported: {sheet.imported_count}"
        return "Waits for you to confirm"

    def get_urls(self) -> list[URLPattern]:
        def step(route: str, view: Any, name: str, *, asks: bool = True) -> URLPattern:
            only = require_http_methods(["GET", "POST"]) if asks else require_POST
            return path(route, self.admin_site.admin_view(only(view)), name=f"imports_sheet_{name}")

        return [
            step("add/", self.upload, "add"),
            step("<int:pk>/columns/", self.columns, "columns"),
            step("<int:pk>/answers/", self.answers, "answers"),
            step("<int:pk>/import/", self.import_now, "import", asks=False),
            step("<int:pk>/discard/", self.discard, "discard", asks=False),
            step("<int:pk>/take-back/", self.take_back, "take_back"),
            step("<int:pk>/history/", self.to_itself, "history"),
            step("<int:pk>/change/", self.show, "change"),
            *super().get_urls(),
        ]

    # Bringing one in

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Asks for the file, and keeps what stands in it if it can be read."""
        by = require_chair(request)
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        form.initial["edition"] = _edition_asked(request)
        if is_sent and form.is_valid():
            sheet = services.keep_sheet(
                edition=form.cleaned_data["edition"],
                file_name=form.cleaned_data["file"].name,
                table=form.table,
                by=by,
            )
            return redirect("admin:imports_sheet_columns", sheet.pk)
        return self._page(request, "upload", "Bring in a spreadsheet", form=form)

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks what each column stands for."""
        sheet = self._waiting(request, pk)
        if sheet.is_imported:
            return redirect(sheet)
        table, row_form = services.table_of(sheet), RowForm(sheet.edition)
        said = services.choices_of(sheet)
        form = ColumnsForm(_sent(request), table=table, row_form=row_form, said=said)
        if form.is_bound and form.is_valid():
            choices = services.say_columns(
                sheet=sheet, table=table, choices=form.choices(), form=row_form
            )
            if Reader(table, choices, row_form).is_open():
                return redirect("admin:imports_sheet_answers", pk)
            return redirect(sheet)
        title = "What the columns stand for"
        return self._page(request, "columns", title, sheet=sheet, form=form, table=table)

    def answers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks what words stand for that our form does not know, and how dates are written."""
        sheet = self._waiting(request, pk)
        choices = services.choices_of(sheet)
        if sheet.is_imported or choices is None:
            return redirect(sheet)
        table, row_form = services.table_of(sheet), RowForm(sheet.edition)
        reader = Reader(table, choices, row_form)
        if not reader.is_right():
            return redirect("admin:imports_sheet_columns", pk)
        form = AnswersForm(_sent(request), reader=reader, said=choices)
        if not form.fields:
            return redirect(sheet)
        if form.is_bound and form.is_valid():
            services.say_answers(sheet=sheet, table=table, choices=form.choices(), form=row_form)
            return redirect(sheet)
        return self._page(request, "answers", "What the answers stand for", sheet=sheet, form=form)

    def show(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What importing it would do; afterwards the record of what it did."""
        sheet = self._waiting(request, pk)
        if sheet.is_imported:
            return self._record(request, sheet)
        row_form = RowForm(sheet.edition)
        report = services.report_of(sheet, row_form)
        if report is None:
            if sheet.checked:
                messages.info(
                    request, "The edition's form was changed since. Look the columns over."
                )
            return redirect("admin:imports_sheet_columns", pk)
        return self._preview(request, sheet, report, row_form)

    def _preview(
        self, request: HttpRequest, sheet: Sheet, report: Report, row_form: RowForm
    ) -> HttpResponse:
        noted = [row for row in report.new if row.notes]
        lists: dict[str, list] = {
            "new": report.new,
            "wrong": report.wrong,
            "duplicates": report.duplicates,
            "noted": noted,
        }
        labels = {
            "new": "New",
            "wrong": "Wrong",
            "duplicates": "Left out as duplicates",
            "noted": "Worth a look",
        }
        asked = request.GET.get("show", "")
        shown = asked if asked in lists else ("wrong" if report.wrong else "new")
        page = Paginator(lists[shown], _SHOWN[shown]).get_page(request.GET.get("page"))
        rows = list(page.object_list)
        if shown == "new":
            rows = _as_they_will_be(rows, row_form)
        return self._page(
            request,
            "preview",
            f"{sheet.file_name}: what will be imported",
            sheet=sheet,
            count=len(report.new),
            digest=report.digest,
            tabs=[(key, labels[key], len(found)) for key, found in lists.items()],
            shown=shown,
            shown_label=labels[shown],
            page=page,
            rows=rows,
            has_answers=bool(sheet.choices["answers"] or sheet.choices["order"]),
            is_blank=not any((report.new, report.wrong, report.duplicates)),
        )

    def import_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Puts the new rows on record, if they are those that the page named."""
        by = require_chair(request)
        sheet = get_object_or_404(Sheet.objects.without_contents().select_related("edition"), pk=pk)
        try:
            count = services.import_sheet(sheet=sheet, digest=request.POST.get("digest", ""), by=by)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            is_there = Sheet.objects.filter(pk=pk).exists()
            return redirect(sheet if is_there else "admin:imports_sheet_changelist")
        except ChangedMeanwhile:
            messages.error(request, _CHANGED)
            return redirect(sheet)
        note(
            by,
            ADDITION,
            f"{count} expressions imported from {sheet.file_name}",
            "Imported.",
            about=Sheet,
        )
        messages.success(request, f"Imported: {count}. No letter was sent.")
        return redirect(sheet)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Erases one that waits."""
        require_chair(request)
        sheet = get_object_or_404(Sheet.objects.without_contents(), pk=pk)
        if services.discard_sheet(sheet=sheet):
            messages.success(request, f"{sheet.file_name} is discarded. Nothing was imported.")
            return redirect("admin:imports_sheet_changelist")
        messages.error(request, "It was imported already, so there is nothing to discard.")
        return redirect(sheet)

    # One that was imported

    def _record(self, request: HttpRequest, sheet: Sheet) -> HttpResponse:
        there = services.expressions_of(sheet).order_by("sheet_entry__row")
        named = there.values("pk", "reference", "name", "title", "state", "sheet_entry__row")
        page = Paginator(named, 100).get_page(request.GET.get("page"))
        listed = reverse("admin:interest_expression_changelist")
        return self._page(
            request,
            "record",
            f"{sheet.file_name}: imported",
            sheet=sheet,
            page=page,
            untouched=services.untouched_of(sheet).count(),
            list_url=f"{listed}?edition__id__exact={sheet.edition_id}&state__exact=submitted",
        )

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Erases what came out of it and nobody has touched, if there are as many as the page said."""
        by = require_chair(request)
        sheet = self._waiting(request, pk)
        count = services.untouched_of(sheet).count()
        if not sheet.is_imported or not count:
            messages.info(request, "There is nothing of it that could be erased.")
            return redirect(sheet)
        if request.method == "POST":
            try:
                services.take_back_sheet(sheet=sheet, count=_number(request.POST.get("count", "")))
            except ChangedMeanwhile:
                messages.error(request, "Nothing was erased: meanwhile there are others.")
                return redirect("admin:imports_sheet_take_back", pk)
            note(
                by,
                DELETION,
                f"{count} expressions of {sheet.file_name}",
                "Import taken back.",
                about=Sheet,
            )
            messages.success(request, f"Erased: {count}.")
            return redirect(sheet)
        return self._page(
            request, "take_back", "Erase what nobody has touched", sheet=sheet, count=count
        )

    def to_itself(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its record is its history."""
        require_chair(request)
        return redirect("admin:imports_sheet_change", pk)

    # What they share

    def _waiting(self, request: HttpRequest, pk: int) -> Sheet:
        require_chair(request)
        return get_object_or_404(
            Sheet.objects.select_related("edition", "read_by", "imported_by"), pk=pk
        )

    def _page(
        self, request: HttpRequest, name: str, title: str, **context: Any
    ) -> TemplateResponse:
        form = context.get("form")
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "links": error_links(form) if form is not None and form.is_bound else [],
        }
        return TemplateResponse(request, f"imports/sheets/{name}.html", context)


def _besides(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    stage = fields.get("career_stage", "")
    besides = [
        ("Career stage", str(Expression.CareerStage(stage).label) if stage else ""),
        ("Supervisor", fields.get("supervisor", "")),
        ("School or lab", fields.get("school", "")),
        ("Link", fields.get("link", "")),
    ]
    return [(label, words) for label, words in besides if words]


def _as_they_will_be(rows: list[CheckedRow], form: RowForm) -> list[dict[str, Any]]:
    """What the page shows of each: the expression, not yet saved, and what belongs to it."""
    return [
        {
            "number": row.number,
            "expression": Expression(
                edition=form.edition, submitted_at=entry.submitted_at, **entry.fields
            ),
            "is_timed": bool(row.sent),
            "is_late": entry.is_late,
            "topics": ", ".join(topic.heading for topic in entry.topics),
            "coauthors": [
                f"{name} ({affiliation})" if affiliation else name
                for name, affiliation in entry.coauthors
            ],
            "more": [
                *_besides(entry.fields),
                *((question.words, question.say(said)) for question, said in entry.answers.items()),
            ],
            "notes": row.notes,
        }
        for row, entry in zip(rows, entries_of(rows, form), strict=True)
    ]


def _is_chair(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and workflow_actor(user) is Actor.CHAIR


def _sent(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def _edition_asked(request: HttpRequest) -> int | None:
    """The edition its page came from, or else the current one, or else the latest."""
    asked = request.GET.get("edition", "")
    if asked.isdecimal() and Edition.objects.filter(pk=asked).exists():
        return int(asked)
    first = Edition.objects.order_by("-is_current", "-year", "-slug").first()
    return first.pk if first else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1
