"""Pages that belong to no noun: media files, and what is said when something fails."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
}


@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """An uploaded picture, or slides as a file to keep: a PDF runs in no page of ours.

    Names are random and never used twice, so it may be kept for ever.
    """
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
    except SuspiciousFileOperation:
        raise Http404 from None
    try:
        if path.suffix not in _MEDIA_TYPES or not path.is_file():
            raise Http404
        file = path.open("rb")
    except OSError:  # a name that is too long, or a file removed a moment ago
        raise Http404 from None
    is_download = path.suffix == ".pdf"
    response = FileResponse(file, as_attachment=is_download, content_type=_MEDIA_TYPES[path.suffix])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither the database nor a template context."""
    return HttpResponse(render(None, "500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
