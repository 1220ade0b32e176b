"""One sending of the form: when its page was first seen, and what that makes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.editions.models import Edition
from apps.interest.services import fingerprint

LASTS = timedelta(hours=24)
# Nobody fills the form in faster; a program does.
LEAST = timedelta(seconds=3)
_SALT = "interest.begun"


@dataclass(frozen=True)
class Begun:
    """A page with the form, from its first view on. Its `nonce` tells it from every other one."""

    nonce: str
    at: datetime
    is_rehearsal: bool
    signature: str

    @property
    def is_too_quick(self) -> bool:
        return timezone.now() - self.at < LEAST

    def browser_key(self, edition: Edition, email: str, title: str) -> str:
        """What only this page can know of having sent this; it opens what was sent, so it is
        made with the site's secret and stands on no page."""
        words = [self.nonce, fingerprint(edition, email, title), str(self.is_rehearsal)]
        return salted_hmac("interest.browser", "\n".join(words), algorithm="sha256").hexdigest()


def begin(edition: Edition, *, is_rehearsal: bool) -> Begun:
    """A page seen for the first time now."""
    nonce, now = secrets.token_urlsafe(16), timezone.now()
    signature = signing.Signer(salt=_SALT).sign_object(
        [edition.pk, nonce, is_rehearsal, now.timestamp()]
    )
    return Begun(nonce, now, is_rehearsal, signature)


def read(edition: Edition, signature: str) -> Begun | None:
    """The page a form says it was sent from; None if forged, of another edition, or a day old."""
    try:
        pk, nonce, is_rehearsal, stamp = signing.Signer(salt=_SALT).unsign_object(signature)
    except signing.BadSignature:
        return None
    begun = Begun(nonce, datetime.fromtimestamp(stamp, tz=UTC), is_rehearsal, signature)
    is_fresh = timezone.now() - begun.at <= LASTS
    return begun if pk == edition.pk and is_fresh else None
