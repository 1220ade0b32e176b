"""What is refused before anything of ours reads it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


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
