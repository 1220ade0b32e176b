"""Redirects from former addresses of editions."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from apps.editions.models import Edition

# Browsers ask again each time: an edition may get its former address back, and the two kept redirects
# would lead to each other for ever.
_CACHE_CONTROL = "no-cache"


class FormerAddressMiddleware:
    """Redirect what is not found to the present address of a public edition.

    Forms are sent on with what was typed (308 keeps the method).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404:
            return response
        slug, _, rest = request.path_info.lstrip("/").partition("/")
        edition = Edition.objects.public().filter(former_addresses__slug=slug).first()
        if edition is None:
            return response
        query = request.META.get("QUERY_STRING", "")
        location = reverse("pages:edition-home", args=[edition.slug]) + quote(rest)
        status = 301 if request.method in {"GET", "HEAD"} else 308
        return HttpResponse(
            status=status,
            headers={
                "Location": location + (f"?{query}" if query else ""),
                "Cache-Control": _CACHE_CONTROL,
            },
        )
