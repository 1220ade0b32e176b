"""Middleware: refuses null characters and large public forms, compresses pages."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse


class RefuseRequestsMiddleware:
    """Refuses what is no use to any page, before it costs anything.

    400 to a URL or cookie with a null character, which PostgreSQL cannot store; forms are checked
    by their fields. 413, unread, to a form above LARGEST_PUBLIC_FORM, unless it goes to the desk
    or to a view that takes files: Django has one limit for all, and reading a form of that size
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
        length = request.META.get("CONTENT_LENGTH") or ""
        is_large = length.isdecimal() and int(length) > settings.LARGEST_PUBLIC_FORM
        if not is_large or request.path.startswith(self.desk):
            return
        if not getattr(view, "takes_files", False):
            raise RequestDataTooBig("The form is larger than LARGEST_PUBLIC_FORM.")


class CompressPagesMiddleware(GZipMiddleware):
    """GZipMiddleware for everything but files: pictures and PDFs are compressed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if isinstance(response, FileResponse):
            return response
        return super().process_response(request, response)
