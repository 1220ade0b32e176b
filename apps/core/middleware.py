"""Middleware: refuses null characters, compresses pages."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class RefuseNullCharactersMiddleware:
    """Answers 400 to a URL or cookie with a null character, which PostgreSQL cannot store.

    Forms are checked by their fields.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [
            request.path,
            *request.COOKIES.values(),
            *(text for name, values in request.GET.lists() for text in (name, *values)),
        ]
        if any("\0" in text for text in texts):
            raise BadRequest("There is a null character in the address or in a cookie.")
        return self.get_response(request)


class CompressPagesMiddleware(GZipMiddleware):
    """GZipMiddleware for everything but files: pictures and PDFs are compressed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if isinstance(response, FileResponse):
            return response
        return super().process_response(request, response)
