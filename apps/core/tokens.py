"""Tokens: secrets in links, and hashes for optimistic locking."""

import hashlib
import json
import secrets
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

TOKEN_BYTES = 24  # 192 bits; OWASP ASVS 5.0, 7.2.3 asks for at least 128


def new_token() -> str:
    """Return a random token for a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 digest that is stored, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def version_token(*values: Any) -> str:
    """Return 20 hexadecimal digits that differ as soon as one of `values` differs.

    A form carries the token of what it showed, and a save compares it.

    `values` are plain data: None, booleans, numbers, strings, dates, lists, tuples and dicts with
    string keys. A caller puts in everything that its form shows or overwrites.
    """
    content = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:20]
