"""Language of public pages, and redirects from former addresses of editions."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import translation

from apps.editions.models import Edition

# Browsers ask again each time: an edition may get its former address back, and the two kept redirects
# would lead to each other for ever.
_CACHE_CONTROL = "no-cache"

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


def sets_language(view: _View) -> _View:
    """Mark a view that calls `activate_language_of` with the edition it loads, which saves a query."""
    view.sets_language = True  # type: ignore[attr-defined]  # read below
    return view


def activate_language_of(edition: Edition | None) -> None:
    """Give the rest of a page the language of its edition, or of the current one if it has none.

    LanguageMiddleware ends this with the response.
    """
    edition = edition or Edition.objects.current().only("language").first()
    translation.activate(edition.language_code if edition else settings.LANGUAGE_CODE)


class LanguageMiddleware:
    """Show public pages in the language of their edition, and the desk in English.

    Public pages without an edition, and addresses that are not found, have the language of the
    current edition.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.desk = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(self._language_code(request)):
            return self.get_response(request)

    def _language_code(self, request: HttpRequest) -> str:
        if request.path_info.startswith(self.desk):
            return settings.LANGUAGE_CODE
        try:
            match: ResolverMatch | None = resolve(request.path_info)
        except Resolver404:
            match = None
        if match and hasattr(match.func, "sets_language"):
            return settings.LANGUAGE_CODE
        slug = match.kwargs.get("edition") if match else None
        if match and not slug and not hasattr(match.func, "public_page"):
            return settings.LANGUAGE_CODE
        try:
            return _language_of(request, slug) or settings.LANGUAGE_CODE
        except DatabaseError:  # the view meets it again, and answers
            return settings.LANGUAGE_CODE


def _language_of(request: HttpRequest, slug: str | None) -> str | None:
    """Language code of the edition at `slug` if the user may see it, else of the current edition."""
    if slug:
        rows = Edition.objects.visible_to(request.user).filter(Q(slug=slug) | Q(is_current=True))
    else:
        rows = Edition.objects.current()
    editions = sorted(rows.only("slug", "language"), key=lambda edition: edition.slug != slug)
    return editions[0].language_code if editions else None


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
