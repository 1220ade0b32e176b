"""The filtered list as a file: as CSV at once, for Excel made beside the server and then fetched.

Somebody else's file is not there, and neither is one's own once it shows what one may not see now.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from apps.accounts.models import User
from apps.interest import files
from apps.interest.admin.filters import settle
from apps.interest.admin.notes import filter_of, note
from apps.interest.exports import csv_chunks, gzipped
from apps.interest.models import Expression, ExpressionFile
from apps.interest.permissions import ExpressionPermissions, permissions_for

_LOOK_AGAIN = 2  # seconds
# A worker looks every second. One that has not begun by now may not be there at all.
_PATIENCE = timedelta(seconds=20)


def export_view(screen: admin.ModelAdmin, request: HttpRequest, kind: str) -> HttpResponseBase:
    """Sends the list, or has it made; who took how many by which filter is noted."""
    by, sight = _exporter(request)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    settle(request)
    try:
        found = screen.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        messages.error(request, "This filter does not exist: nothing was exported.")
        return redirect("admin:interest_expression_changelist")
    count = found.exclude_tests().order_by().count()
    note(by, CHANGE, f"{count} expressions exported as {kind.upper()}", filter_of(request))
    if kind == "xlsx":
        return redirect(files.ask_for_file(by=by, query=request.GET.urlencode(), rows=count))
    name = f"expressions-{timezone.localdate()}.csv"
    is_gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
    chunks = csv_chunks(found, sight)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept-Encoding"}
    return StreamingHttpResponse(
        gzipped(chunks) if is_gzipped else chunks,
        content_type="text/csv; charset=utf-8",
        headers={**headers, "Content-Encoding": "gzip"} if is_gzipped else headers,
    )


def file_view(request: HttpRequest, key: str) -> HttpResponseBase:
    """How far the file is; it looks again by itself, unless somebody asked it not to."""
    file = _own(request, key)
    is_still = "still" in request.GET
    late = file.state == file.State.WAITING and timezone.now() - file.asked_at > _PATIENCE
    context = {
        **admin.site.each_context(request),
        "opts": Expression._meta,
        "title": "The list as an Excel file",
        "file": file,
        "is_still": is_still,
        "seems_forgotten": late,
        "until": file.expires_at,
    }
    response = TemplateResponse(request, "admin/interest/expression/file.html", context)
    if file.is_under_way and not is_still:
        response["Refresh"] = str(_LOOK_AGAIN)
    return response


def fetch_view(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file itself; who took it is noted."""
    file = _own(request, key)
    if file.state != file.State.READY:
        return redirect(file)
    try:
        content = file.path.open("rb")
    except FileNotFoundError:
        files.make_anew(file)
        messages.info(request, "The file was not there any more. It is being made again.")
        return redirect(file)
    note(file.asked_by, CHANGE, f"{file.rows_done} expressions fetched as XLSX", "")
    name = f"expressions-{timezone.localtime(file.made_at).date()}.xlsx"
    return FileResponse(content, as_attachment=True, filename=name)


def stop_view(request: HttpRequest, key: str) -> HttpResponseBase:
    """Leaves off making it, or removes it."""
    files.stop_file(_own(request, key))
    messages.success(request, "The file is removed.")
    return redirect("admin:interest_expression_changelist")


def _exporter(request: HttpRequest) -> tuple[User, ExpressionPermissions]:
    person = request.user
    if (
        not isinstance(person, User)
        or (sight := permissions_for(person)) is None
        or not sight.exports
    ):
        raise PermissionDenied
    return person, sight


def _own(request: HttpRequest, key: str) -> ExpressionFile:
    person, _ = _exporter(request)
    there = ExpressionFile.objects.exclude(expires_at__lte=timezone.now())
    file = there.select_related("asked_by").filter(key=key, asked_by=person).first()
    if file is None or not files.may_fetch(file, person):
        raise Http404
    return file
