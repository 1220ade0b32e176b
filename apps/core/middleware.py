"""Middleware: refuses null characters and large public forms, compresses pages."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse

_CHUNK = 1024 * 1024


class RefuseRequestsMiddleware:
    """Refuses requests that no page can use, before they take time.

    400 to a URL or cookie with a null character, which PostgreSQL cannot store; forms are checked
    by their fields. 413 to a form above LARGEST_PUBLIC_FORM, unless it goes to the desk, or brings
    files to a view that takes them: Django has one limit for all, and parsing a form of that size
    takes a second.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.desk = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [
            request.path,
            *request.COOKIES.values(),
            *(text for name, values in request.GET.lists() for text in (name, *values)),
        ]
        if any("\0" in text for text in texts):
            raise BadRequest("There is a null character in the address or in a cookie.")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list, kwargs: dict
    ) -> None:
        text = request.META.get("CONTENT_LENGTH") or ""
        length = int(text) if text.isdecimal() else 0
        if length <= settings.LARGEST_PUBLIC_FORM or request.path.startswith(self.desk):
            return
        takes_files = getattr(view, "takes_files", None)
        has_files = request.content_type == "multipart/form-data"
        if has_files and takes_files and takes_files(**kwargs):
            return
        # A browser, or nginx, that cannot send its whole form never reads the answer.
        while length <= settings.LARGEST_REQUEST and request.read(_CHUNK):
            pass
        raise RequestDataTooBig("The form is larger than LARGEST_PUBLIC_FORM.")


class CompressPagesMiddleware(GZipMiddleware):
    """GZipMiddleware for everything but files: pictures and PDFs are compressed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if isinstance(response, FileResponse):
            return response
        return super().process_response(request, response)
