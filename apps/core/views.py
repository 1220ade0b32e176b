"""Media files, error pages, and the context of all templates."""

import sys
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, SuspiciousFileOperation
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from apps.core.decorators import is_given_back
from apps.core.frozen import is_freezing, is_frozen_alone, is_served_here

_DATABASE_ERRORS = (OperationalError, InterfaceError)
_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}


@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """An uploaded picture, cached for ever: names are random and never used twice."""
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
    except SuspiciousFileOperation:
        raise Http404 from None
    try:
        if path.suffix not in _MEDIA_TYPES or not path.is_file():
            raise Http404
        file = path.open("rb")
    except OSError:  # a name that is too long, or a file deleted a moment ago
        raise Http404 from None
    response = FileResponse(file, content_type=_MEDIA_TYPES[path.suffix])
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
    """Error page that needs neither the database nor a template context.

    If the database is locked or gone, the status is 503 and the page repeats the text in the
    fields that the view names, which is stored nowhere and which the browser may lose.
    """
    if not isinstance(sys.exc_info()[1], _DATABASE_ERRORS):
        return HttpResponse(render(None, "500.html"), status=500)
    response = HttpResponse(render(None, "503.html", {"sent_text": sent_text(request)}), status=503)
    response["Retry-After"] = "30"  # seconds
    response["Cache-Control"] = "no-store, private"
    return response


def sent_text(request: HttpRequest) -> list[str]:
    """Text in the fields that the view names (`gives_back`); no choices, keys or passwords.

    Of a view that names all its fields with "*", only what is_text says is text.
    """
    view = request.resolver_match.func if request.resolver_match else None
    sensitive = getattr(request, "sensitive_post_parameters", ())
    if request.method != "POST" or sensitive == "__ALL__":
        return []
    return [
        value.strip()
        for name, values in request.POST.lists()
        if name not in sensitive and not name.startswith("_")  # buttons, and hashes of the page
        for value in values
        if is_given_back(view, name, value)
    ]


def refuse_with_text(request: HttpRequest, reason: str) -> None:
    """Leave an error message that also holds what was typed, since the next page does not."""
    text = sent_text(request)
    if not text:
        messages.error(request, reason)
        return
    quotes = ((each,) for each in text)
    message = format_html(
        "{} What you typed was not saved. Copy it if you need it: {}",
        reason,
        format_html_join(" ", '<q class="stored-value" dir="auto">{}</q>', quotes),
    )
    messages.error(request, message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form without a valid CSRF token, and repeat the text in the fields its view names.

    The text is shown to copy only, since another site may have sent it. A public form can be
    shown filled in instead (`shows_refused_form`).
    """
    match = request.resolver_match
    show = getattr(match.func, "show_refused_form", None) if match else None
    if match and show and request.method == "POST":
        return show(request, *match.args, **match.kwargs)
    context = {"sent_text": sent_text(request)}
    response = render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)
    response["Cache-Control"] = "no-store, private"
    return response


def site_context(request: HttpRequest) -> dict[str, object]:
    """Context processor for the frame of every page."""
    return {
        "site_name": settings.SITE_NAME,
        "is_copy": is_freezing(),
        "is_copied_alone": is_frozen_alone(),
        "is_served_copy": is_served_here(),
    }
