"""Security headers and cookies."""

import json
from hashlib import sha256

import pytest
from django.test import Client

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
def test_a_refused_form_and_the_admin_have_the_policy(as_chair):
    refused = Client(enforce_csrf_checks=True).post("/accounts/login/")
    admin = as_chair.get("/admin/")

    assert (refused.status_code, admin.status_code) == (403, 200)
    for response in (refused, admin):
        assert set(response["Content-Security-Policy"].split("; ")) == POLICY


@pytest.mark.parametrize("is_https", [True, False])
def test_cookies_are_bound_to_the_host_with_https(tmp_path, is_https):
    variables = {"SITE_URL": "https://workshop.example.org", "SECRET_KEY": "k3y-" * 15}
    prefix = "__Host-" if is_https else ""
    # Named for the installation: browsers send cookies of localhost to every port.
    suffix = "" if is_https else "-" + sha256(str(tmp_path.resolve()).encode()).hexdigest()[:8]
    expected = {
        "SESSION_COOKIE_NAME": f"{prefix}session{suffix}",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        # Required by the prefix (RFC 6265bis, 4.1.3.2).
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "CSRF_COOKIE_NAME": f"{prefix}csrf{suffix}",
        "DESK_COOKIE_NAME": f"{'__Secure-' if is_https else ''}desk{suffix}",
        "CSRF_COOKIE_SECURE": is_https,
        "SECURE_SSL_REDIRECT": is_https,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600 if is_https else 0,
        "DEBUG": False,
    }
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {[*expected]}}}))"
    )

    result = manage(
        tmp_path, "shell", "--no-imports", "-c", code, **(variables if is_https else {})
    )

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == expected


@pytest.mark.parametrize(
    ("setting", "covers_subdomains", "may_be_preloaded"),
    [("", False, False), ("subdomains", True, False), ("preload", True, True)],
)
def test_only_a_setting_extends_hsts_beyond_this_host(
    tmp_path, setting, covers_subdomains, may_be_preloaded
):
    code = (
        "from django.conf import settings as s; "
        "print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    )
    variables = {"SITE_URL": "https://workshop.example.org", "SECRET_KEY": "k3y-" * 15}

    result = manage(tmp_path, "shell", "--no-imports", "-c", code, HSTS=setting, **variables)

    assert result.stdout.split() == [str(covers_subdomains), str(may_be_preloaded)]


def test_two_installations_on_one_host_have_different_cookies(tmp_path):
    code = "from django.conf import settings; print(settings.SESSION_COOKIE_NAME)"

    names = {
        manage(tmp_path / folder, "shell", "--no-imports", "-c", code).stdout
        for folder in ("run", "demo", "run")
    }

    assert len(names) == 2


@pytest.mark.django_db
def test_a_private_link_is_in_no_cookie(as_chair):
    editor = make_user("Editor")

    as_chair.post(f"/admin/accounts/user/{editor.pk}/password-link/")

    assert len(as_chair.cookies) == 2
    assert "/password/reset/key/" in as_chair.get("/admin/").content.decode()


def test_the_redirect_to_https_ignores_the_port_of_the_request(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/privacy/", headers={"host": "localhost:9"})

    assert response.status_code == 301
    assert response["Location"] == f"https://localhost:{settings.PORT}/privacy/"
