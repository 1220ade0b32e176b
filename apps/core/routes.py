"""Which words of an address are taken."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

_OF_EDITION = "<slug:edition>/"
# Words kept free at the top of the site and of an edition.
_NOT_ROUTED = {"static", "media", "favicon.ico", "index", "new"}


def _routes(patterns: list, prefix: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^/")
        if isinstance(pattern, URLResolver):
            found += _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.append(route)
    return found


def routed_words(prefix: str = "") -> set[str]:
    """The literal words that stand right after `prefix` in some address of the site.

    `prefix` is a route such as "<slug:edition>/"; a slug equal to one of these words
    would make its page, or the routed one, unreachable.
    """
    rests = [
        route.removeprefix(prefix)
        for route in _routes(get_resolver().url_patterns)
        if route.startswith(prefix)
    ]
    words = {rest.split("/", 1)[0].rstrip("$") for rest in rests}
    served = {settings.STATIC_URL.strip("/"), settings.MEDIA_URL.strip("/")}
    kept = _NOT_ROUTED | served if prefix in {"", _OF_EDITION} else set()
    return {word for word in words if word and "<" not in word and "(" not in word} | kept


def validate_edition_slug(slug: str) -> None:
    """Raises ValidationError if an edition called `slug` would hide another page."""
    _refuse(slug, routed_words())


def validate_page_slug(slug: str) -> None:
    """Raises ValidationError if a free page called `slug` would hide another page of an edition."""
    _refuse(slug, routed_words(_OF_EDITION))


def validate_slug_behind(prefix: str, slug: str) -> None:
    """Raises ValidationError if what is called `slug` behind the route `prefix` would be hidden."""
    _refuse(slug, routed_words(prefix))


def _refuse(slug: str, taken: set[str]) -> None:
    if slug in taken:
        raise ValidationError(f"“{slug}” is an address of the site itself. Choose another word.")
