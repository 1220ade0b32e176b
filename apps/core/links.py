"""The private link: how somebody without an account comes to what is theirs.

A GET of the link shows a page and changes nothing, since mail scanners open links; a POST from
that page trades the token for a cookie of this browser and a clean address. Only a hash is stored.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

TOKEN_BYTES = 24  # 192 bits; at least 128 are asked for (OWASP ASVS 5.0, 7.2.3)
_COOKIE_AGE = 90 * 24 * 3600  # seconds


def hash_token(token: str) -> str:
    """What is stored of a token, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


class PrivateLinkQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those that still work."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def for_token(self, token: str) -> Self:
        """The one with this token, if any; also one that no longer works."""
        return self.filter(token_hash=hash_token(token))


class PrivateLink(models.Model):
    """A link to one thing; the concrete model adds the foreign key to it and `cookie_name`."""

    cookie_name = ""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PrivateLinkQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def mint(cls, *, expires_at: datetime, **what) -> tuple[Self, str]:
        """A new link to `what` and its token, which is told here once and never again."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        link = cls(token_hash=hash_token(token), expires_at=expires_at, **what)
        link.save(force_insert=True)
        return link, token

    @property
    def is_open(self) -> bool:
        """Whether it still works."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    def remember(self, request: HttpRequest, response: HttpResponse) -> None:
        """Signs this browser in to what the link leads to, beside what it is signed in to already."""
        others = [pk for pk in self.remembered(request) if pk != self.pk]
        pks = [*others[-9:], self.pk]
        response.set_cookie(
            self._cookie(),
            signing.dumps(pks, salt=self._cookie(), compress=True),
            max_age=_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )

    @classmethod
    def remembered(cls, request: HttpRequest) -> list[int]:
        """The keys of the links this browser was signed in with; each is still to be checked."""
        try:
            pks = signing.loads(
                request.COOKIES.get(cls._cookie(), ""), salt=cls._cookie(), max_age=_COOKIE_AGE
            )
        except signing.BadSignature:
            return []
        return [pk for pk in pks if isinstance(pk, int)] if isinstance(pks, list) else []

    @classmethod
    def forget(cls, response: HttpResponse) -> None:
        """Signs this browser out of everything such links lead to."""
        response.delete_cookie(cls._cookie(), samesite="Lax")

    @classmethod
    def _cookie(cls) -> str:
        prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
        return prefix + cls.cookie_name
