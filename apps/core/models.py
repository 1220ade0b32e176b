"""Slugs that never hide an address of the site, the cache table and rate counters."""

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.text import slugify

from apps.core.inline_markup import plain_title

_EDITION_ROUTE = "<slug:edition>/"
# Reserved at the top of the site and of an edition.
_RESERVED_SEGMENTS = {"static", "media", "favicon.ico", "index", "new"}


def _routes(patterns: list, prefix: str = "") -> list[str]:
    routes = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^/")
        if isinstance(pattern, URLResolver):
            routes += _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            routes.append(route)
    return routes


def routed_segments(prefix: str = "") -> set[str]:
    """First path segments after the route `prefix`, such as "<slug:edition>/", in some URL.

    A slug equal to one of them would make its page, or the routed one, unreachable.
    """
    rests = [
        route.removeprefix(prefix)
        for route in _routes(get_resolver().url_patterns)
        if route.startswith(prefix)
    ]
    segments = {rest.split("/", 1)[0].rstrip("$") for rest in rests}
    served = {settings.STATIC_URL.strip("/"), settings.MEDIA_URL.strip("/")}
    reserved = _RESERVED_SEGMENTS | served if prefix in {"", _EDITION_ROUTE} else set()
    return {each for each in segments if each and not {"<", "("} & set(each)} | reserved


def _validate_slug(slug: str, prefix: str) -> None:
    if slug in routed_segments(prefix):
        raise ValidationError(f"“{slug}” is an address of the site itself. Choose another one.")


def validate_edition_slug(slug: str) -> None:
    """Raise ValidationError if an edition with this slug would hide another page."""
    _validate_slug(slug, "")


def validate_page_slug(slug: str) -> None:
    """Raise ValidationError if a page with this slug would hide another page of its edition."""
    _validate_slug(slug, _EDITION_ROUTE)


def validate_link(value: str) -> None:
    """Raise ValidationError for anything but a web address, or a page of this site (“/2031/…”)."""
    if not (value.startswith("/") and value[1:2] not in {"/", "\\"}):
        URLValidator(schemes=["http", "https"])(value)


class CacheEntry(models.Model):
    """The table of Django's database cache, with the columns `createcachetable` would create.

    As a model its expired rows can be deleted, which Django does only once the table is full.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key


class RateCounter(models.Model):
    """Number of requests for one key in one window (`core/rate_limit.py`)."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


def delete_expired_counters() -> None:
    """Delete expired rate counters and cache entries."""
    now = timezone.now()
    RateCounter.objects.filter(expires_at__lt=now).delete()
    CacheEntry.objects.filter(expires__lt=now).delete()


class Slugged(models.Model):
    """A row with a slug, made once from its name and then kept: other sites link to addresses.

    `slug_source` names the field it is made from; `slug_scope` the foreign key within which it is
    unique, or "" for everywhere; `slug_route` the route it follows in an address of its own.
    """

    slug_source = "heading"
    slug_scope = "edition"
    slug_route = ""

    slug = models.SlugField(max_length=60, editable=False)

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse a slug of the site's own pages, which only an import can bring."""
        super().clean_fields(exclude=exclude)
        if self.slug and self.slug_route and "slug" not in set(exclude or ()):
            try:
                _validate_slug(self.slug, self.slug_route)
            except ValidationError as error:
                raise ValidationError({"slug": error.messages}) from None

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        name = (
            slugify(plain_title(getattr(self, self.slug_source))) or self._meta.model_name or "row"
        )
        base = name[:54].strip("-_") or "row"  # leaves room for a number
        siblings = type(self)._default_manager.all()
        if self.slug_scope:
            column = f"{self.slug_scope}_id"
            siblings = siblings.filter(**{column: getattr(self, column)})
        taken = set(siblings.filter(slug__startswith=base).values_list("slug", flat=True))
        if self.slug_route:
            taken |= routed_segments(self.slug_route)
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        return slug
