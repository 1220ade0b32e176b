"""Signing in and invitations, for the tests of accounts."""

from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import invitation_path, invite

PASSWORD = "correct horse battery"
NEW_PASSWORD = {"password1": "quite other words", "password2": "quite other words"}


def sign_in(client: Client, email: str, password: str = PASSWORD, query: str = "", **headers):
    """POST the sign-in form."""
    data = {"login": email, "password": password}
    return client.post(f"/accounts/login/{query}", data, **headers)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_of(link: str | None) -> str:
    """The token at the end of an invitation's path or URL."""
    return str(link).rstrip("/").rsplit("/", 1)[1]


def invited_path(role: str = "Editor", email: str = "new@example.org") -> str:
    """The path of a new invitation."""
    _, link = invite(email=email, role=role, by=None)
    return invitation_path(token_of(link))
