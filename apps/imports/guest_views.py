"""Pages at the desk that import people into the registration: upload, preview, import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import error_links
from apps.editions.models import Edition
from apps.imports.models import Sheet
from apps.imports.sheets import services
from apps.imports.sheets.forms import UploadForm
from apps.imports.sheets.guests import MOST_GUESTS, import_guests, preview_guests
from apps.registration.models import Registration

_TABS = {"new": "New", "wrong": "Wrong", "duplicates": "Duplicates, left out"}
_PER_PAGE = 50


class GuestUploadForm(UploadForm):
    """The file; its edition is in the address."""

    edition = None  # type: ignore[assignment]  # removes the field

    def clean_file(self) -> Any:
        file = super().clean_file()
        if len(self.table.rows) > MOST_GUESTS:
            raise forms.ValidationError(
                f"It has more than {MOST_GUESTS:,} rows. Split it into several files."
            )
        return file


def _organiser(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.has_perm("registration.change_registration"):
        raise PermissionDenied
    return user


@require_GET_POST
def upload_guests(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file and store its contents until they are imported or discarded."""
    by = _organiser(request)
    edition = get_object_or_404(Edition, pk=pk)
    is_sent = request.method == "POST"
    form = GuestUploadForm(request.POST, request.FILES) if is_sent else GuestUploadForm()
    if is_sent and form.is_valid():
        sheet = services.keep_sheet(
            edition=edition,
            file_name=form.cleaned_data["file"].name,
            table=form.table,
            by=by,
            holds=Sheet.Holds.REGISTRATIONS,
        )
        return redirect(sheet)
    return _page(request, "upload", "Import registrations", edition=edition, form=form)


@require_GET_POST
def show_guests(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview; its POST imports the new rows, if they are those that the page showed."""
    by = _organiser(request)
    sheet = _sheet(pk)
    listed = reverse("admin:registration_registration_changelist")
    list_url = f"{listed}?edition__id__exact={sheet.edition_id}"
    if sheet.is_imported:
        return redirect(f"{list_url}&source__exact={Registration.Source.IMPORT}")
    if request.method == "POST":
        try:
            count = import_guests(
                sheet=sheet,
                token=request.POST.get("token", ""),
                by=by,
                sends_letters=request.POST.get("letters") == "yes",
            )
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(list_url)
        except ChangedMeanwhile:
            message = "Nothing was imported, because something changed meanwhile. Check the preview again."
            messages.error(request, message)
            return redirect(sheet)
        what = f"{count} registrations imported from spreadsheet {sheet.pk}"
        log_action(by, ADDITION, what, "Imported.", model=Sheet)
        messages.success(request, f"Imported: {count}.")
        return redirect(list_url)
    preview = preview_guests(sheet)
    lists = {"new": preview.new, "wrong": preview.wrong, "duplicates": preview.duplicates}
    asked = request.GET.get("show", "")
    shown = asked if asked in lists else ("wrong" if preview.wrong else "new")
    return _page(
        request,
        "preview",
        f"{sheet.file_name}: what will be imported",
        sheet=sheet,
        edition=sheet.edition,
        preview=preview,
        tabs=[(key, _TABS[key], len(rows)) for key, rows in lists.items()],
        shown=shown,
        shown_label=_TABS[shown],
        page=Paginator(lists[shown], _PER_PAGE).get_page(request.GET.get("page")),
    )


@require_POST
def discard_guests(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a waiting sheet with its contents."""
    _organiser(request)
    sheet = _sheet(pk)
    if services.discard_sheet(sheet=sheet):
        messages.success(request, f"{sheet.file_name} is discarded. Nothing was imported.")
    return redirect("imports:guests", sheet.edition_id)


def _sheet(pk: int) -> Sheet:
    sheets = Sheet.objects.filter(holds=Sheet.Holds.REGISTRATIONS).select_related("edition")
    return get_object_or_404(sheets, pk=pk)


def _page(request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
    form = context.get("form")
    context |= {
        "title": title,
        "links": error_links(form) if form is not None and form.is_bound else [],
    }
    return render_desk_page(request, f"imports/guests/{name}.html", context)
