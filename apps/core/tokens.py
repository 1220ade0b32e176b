"""Secret tokens in links: random, and stored as a hash only."""

import hashlib
import secrets

TOKEN_BYTES = 24  # 192 bits; OWASP ASVS 5.0, 7.2.3 asks for at least 128


def new_token() -> str:
    """Return a random token for a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 digest that is stored, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
