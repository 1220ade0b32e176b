"""What stands between the server and every page: what is refused unread, what is compressed."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class RefuseNullCharactersMiddleware:
    """Answers 400 to an address or a cookie with a null character in it.

    No browser sends one, PostgreSQL keeps none, and an answer of 500 would be a fault of
    ours. What is typed into forms is checked by their fields.
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


class CompressWordsMiddleware(GZipMiddleware):
    """Django's compression, for all but files.

    Pictures and PDFs are compressed already, and a part of a file is one of its bytes as they lie
    (RFC 9110, 14.4).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Leaves files as they are."""
        if isinstance(response, FileResponse):
            return response
        return super().process_response(request, response)
