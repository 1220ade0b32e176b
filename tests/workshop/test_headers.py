"""Security headers and cookies."""

import json

import pytest

from tests.factories import make_current_edition, make_user
from tests.workshop.commands import manage

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
ANSWERS = {
    "/": 200,
    "/privacy/": 200,
    "/nowhere/": 404,
    "/admin": 301,
    "/admin/": 302,
    "/accounts/login/": 200,
    "/media/nothing.webp": 404,
    "/invitations/unknown/": 404,
    "/robots.txt": 200,
    "/livez": 200,
    "/healthz": 200,
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ANSWERS)
def test_every_response_has_the_security_headers(client, path):
    make_current_edition()

    response = client.get(path)

    assert response.status_code == ANSWERS[path]
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    # The address of a private page is secret: only the host is sent.
    is_private = path.startswith("/invitations/")
    assert response["Referrer-Policy"] == ("strict-origin" if is_private else "same-origin")
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_a_refused_form_has_the_policy():
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/accounts/login/")

    assert response.status_code == 403
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY


@pytest.mark.django_db
def test_the_admin_has_the_policy(as_chair):
    response = as_chair.get("/admin/")

    assert response.status_code == 200
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY


def settings_of(tmp_path, **variables: str) -> dict:
    """Settings of cookies and transport with these environment variables."""
    names = (
        *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"),
        *("SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "CSRF_COOKIE_NAME"),
        *("CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG"),
    )
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
    )
    result = manage(tmp_path, "shell", "--no-imports", "-c", code, **variables)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_cookies_are_bound_to_the_host_with_https(tmp_path):
    assert settings_of(
        tmp_path, SITE_URL="https://workshop.example.org", SECRET_KEY="k3y-" * 15
    ) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        # Required by the prefix (RFC 6265bis, 4.1.3.2).
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
        "DEBUG": False,
    }


def test_cookies_have_plain_names_on_a_local_run(tmp_path):
    assert settings_of(tmp_path) == {
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_SECURE": False,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "CSRF_COOKIE_NAME": "csrf",
        "CSRF_COOKIE_SECURE": False,
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
        "DEBUG": False,
    }


@pytest.mark.django_db
def test_a_private_link_is_in_no_cookie(as_chair):
    editor = make_user("Editor")

    as_chair.post(f"/admin/accounts/user/{editor.pk}/password-link/")

    assert set(as_chair.cookies) <= {"session", "csrf"}
    assert "/password/reset/key/" in as_chair.get("/admin/").content.decode()


def test_the_redirect_to_https_ignores_the_port_of_the_request(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/privacy/", headers={"host": "localhost:9"})

    assert response.status_code == 301
    assert response["Location"] == f"https://localhost:{settings.PORT}/privacy/"
