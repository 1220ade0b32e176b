"""Signed token of one page with the form: when it was first shown, and a key to recognise it by."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.editions.models import Edition
from apps.interest.services import fingerprint

MAX_AGE = timedelta(hours=24)
# People need longer to fill in the form; programs do not.
MIN_TYPING_TIME = timedelta(seconds=3)
_SALT = "interest.form_token"


@dataclass(frozen=True)
class FormToken:
    """The first view of a page with the form; the random `nonce` identifies the page."""

    nonce: str
    issued_at: datetime
    is_test: bool
    signed: str

    @property
    def is_too_quick(self) -> bool:
        return timezone.now() - self.issued_at < MIN_TYPING_TIME

    def browser_key(self, edition: Edition, email: str, title: str) -> str:
        """Key that only this page can have sent, for the same edition, address and title.

        It opens the submission, so it is an HMAC with the site's secret and is on no page.
        """
        values = [self.nonce, fingerprint(edition, email, title), str(self.is_test)]
        return salted_hmac("interest.browser", "\n".join(values), algorithm="sha256").hexdigest()


def issue_token(edition: Edition, *, is_test: bool) -> FormToken:
    """A token for a page that is shown for the first time now."""
    nonce, now = secrets.token_urlsafe(16), timezone.now()
    signed = signing.Signer(salt=_SALT).sign_object([edition.pk, nonce, is_test, now.timestamp()])
    return FormToken(nonce, now, is_test, signed)


def read_token(edition: Edition, signed: str) -> FormToken | None:
    """The token in the sent form; None if it is forged, of another edition or too old."""
    try:
        pk, nonce, is_test, timestamp = signing.Signer(salt=_SALT).unsign_object(signed)
    except signing.BadSignature:
        return None
    token = FormToken(nonce, datetime.fromtimestamp(timestamp, tz=UTC), is_test, signed)
    is_valid = pk == edition.pk and timezone.now() - token.issued_at <= MAX_AGE
    return token if is_valid else None
