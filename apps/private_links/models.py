"""Private links: access to one object without an account.

A GET of the link shows a page and changes nothing, since mail scanners open links; a POST from
that page exchanges the token for a cookie and redirects to a URL without it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.core.tokens import hash_token, new_token
from apps.editions.models import Edition

VALID_AFTER_EVENT = timedelta(days=60)  # there are slides to hand in and talks to thank for
ADDRESS_CHANGED = "The address was changed after this letter was written. Send a new link."
_VALID_WHILE_UNDATED = timedelta(days=400)
_COOKIE_AGE = 90 * 24 * 3600  # seconds
_MAX_LINKS_PER_COOKIE = 10


def link_expiry(edition: Edition) -> datetime:
    """Return when a link made now expires: sixty days after the event, or from now if it is past.

    The event ends with its last day in the edition's time zone. Without a date it is 400 days.
    """
    now, day = timezone.now(), edition.last_day
    if day is None:
        return now + _VALID_WHILE_UNDATED
    end = datetime.combine(day, datetime.max.time(), tzinfo=edition.zone)
    return max(end, now) + VALID_AFTER_EVENT


def is_same_address(one: str, other: str) -> bool:
    """Whether two email addresses are the same in any case, so that a link may go to either."""
    return one.strip().casefold() == other.strip().casefold()


class PrivateLinkQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Return the links that are neither expired nor revoked."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def for_token(self, token: str) -> Self:
        """Return the link with this token, open or not."""
        return self.filter(token_hash=hash_token(token))

    def revoke(self) -> int:
        """Revoke the open links; return how many these were."""
        return self.open().update(revoked_at=timezone.now())


class PrivateLink(models.Model):
    """A link to one object; the concrete model adds the foreign key to it and `cookie_name`.

    The foreign key has `related_name="links"`.
    """

    cookie_name = ""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PrivateLinkQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def mint(cls, *, expires_at: datetime, **fields: Any) -> tuple[Self, str]:
        """Create a link; return it and its token, which cannot be read again later."""
        token = new_token()
        link = cls(token_hash=hash_token(token), expires_at=expires_at, **fields)
        link.save(force_insert=True)
        return link, token

    @property
    def is_open(self) -> bool:
        """Whether the link is neither expired nor revoked."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    def remember(self, request: HttpRequest, response: HttpResponse) -> None:
        """Add the link to the cookie of this browser, which holds the ten most recent ones."""
        pks = [*(pk for pk in self.remembered(request) if pk != self.pk), self.pk]
        name = self._cookie()
        response.set_cookie(
            name,
            signing.dumps(pks[-_MAX_LINKS_PER_COOKIE:], salt=name, compress=True),
            max_age=_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )

    @classmethod
    def remembered(cls, request: HttpRequest) -> list[int]:
        """Return the keys in the cookie of this browser; the caller checks that they are open."""
        name = cls._cookie()
        try:
            pks = signing.loads(request.COOKIES.get(name, ""), salt=name, max_age=_COOKIE_AGE)
        except signing.BadSignature:
            return []
        return [pk for pk in pks if isinstance(pk, int)] if isinstance(pks, list) else []

    @classmethod
    def forget(cls, response: HttpResponse) -> None:
        """Delete the cookie, which signs this browser out of all objects of this kind."""
        response.delete_cookie(cls._cookie(), samesite="Lax")

    @classmethod
    def _cookie(cls) -> str:
        prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
        return prefix + cls.cookie_name + settings.COOKIE_SUFFIX


class LinkRequest(models.Model):
    """An address that asked for a new link; the worker answers by letter and deletes it."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="link_requests")
    page = models.CharField(max_length=40)  # name of the URL on which it was asked
    email = models.EmailField(max_length=254)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Request for a new link, {self.edition}"
