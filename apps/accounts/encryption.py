"""Encryption of second factors in the database: secrets of authenticator apps, recovery codes."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

# Keys of secrets in the data of allauth's Authenticator: of apps and of recovery codes.
_SECRETS = ("secret", "seed")


class SecretUnreadable(ValidationError):
    """A secret was encrypted with another SECRET_KEY. Forms show it at the code; of recovery codes
    AccountPagesMiddleware says so, and that new ones can be made."""

    def __init__(self) -> None:
        super().__init__(
            "Codes cannot be checked, because the secret key of this server has changed. Use a "
            "passkey, or ask the person who runs the server to restore your codes."
        )


def _fernet(secret_key: str) -> Fernet:
    key = salted_hmac("accounts.second_factor", "", secret=secret_key, algorithm="sha256")
    return Fernet(urlsafe_b64encode(key.digest()))


def encrypt(text: str) -> str:
    """Encrypt with a key derived from SECRET_KEY."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, secret_key: str = "") -> str:
    """Decrypt with a key derived from `secret_key`, else SECRET_KEY.

    Raises SecretUnreadable if it was encrypted with another key. There is no fallback to the stored
    text or to "": a code for an empty secret could be computed by anyone.
    """
    try:
        return _fernet(secret_key or settings.SECRET_KEY).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def is_readable(data: dict[str, Any]) -> bool:
    """Whether the secrets in the data of an Authenticator are encrypted with SECRET_KEY."""
    try:
        with_secrets(data, decrypt)
    except SecretUnreadable:
        return False
    return True


def with_secrets(data: dict[str, Any], convert: Callable[[str], str]) -> dict[str, Any]:
    """The data of an Authenticator with each of its secrets converted."""
    return {key: convert(value) if key in _SECRETS else value for key, value in data.items()}
