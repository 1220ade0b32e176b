"""Forms sent to the desk after the session had ended, kept until the same person signs in again.

A form goes into the new session of that browser, on the server. A signed cookie names the account
that used the desk in this browser last; the form belongs to it, since a new sign-in replaces the
CSRF token of pages opened before. Anyone else who signs in removes it unseen.
"""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict

_KEY = "unsent_forms"
_SALT = "accounts.unsent_forms"
_COOKIE_AGE = 365 * 24 * 3600  # seconds
_KEPT_FOR = 24 * 3600  # seconds
_MOST_FORMS = 5  # of one browser; the oldest is dropped
_MOST_CHARACTERS = 1_000_000
DISCARD = "_discard_unsent_form"  # name of a button

_Form = dict[str, Any]  # user, path, data, files, at


def remember_user(request: HttpRequest, response: HttpResponseBase) -> None:
    """Name the signed-in user in a cookie of the desk, which does not sign in."""
    if _user_of_browser(request) != request.user.pk:
        response.set_signed_cookie(
            settings.DESK_COOKIE_NAME,
            str(request.user.pk),
            salt=_SALT,
            max_age=_COOKIE_AGE,
            path=settings.DESK_COOKIE_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _user_of_browser(request: HttpRequest) -> int | None:
    value = request.get_signed_cookie(
        settings.DESK_COOKIE_NAME, default="", salt=_SALT, max_age=_COOKIE_AGE
    )
    return int(value) if value and value.isdecimal() else None


def keep(request: HttpRequest) -> None:
    """Keep what a signed-out browser sent, if someone used the desk in it; no uploaded files."""
    user = _user_of_browser(request)
    # Requests of scripts have no page that could be shown again.
    is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    encoded = data.urlencode()
    if user is None or not is_page or len(encoded) > _MOST_CHARACTERS:
        return
    path = request.get_full_path()
    files = [file.name for files in request.FILES.lists() for file in files[1]]
    form = {"user": user, "path": path, "data": encoded, "files": files, "at": time.time()}
    others = [other for other in _forms(request) if other["path"] != path]
    request.session[_KEY] = [*others, form][-_MOST_FORMS:]


def find(request: HttpRequest) -> tuple[QueryDict, list[str]] | None:
    """The form that the user sent to this address while signed out: data and names of files."""
    for form in _forms(request):
        if form["path"] == request.get_full_path() and form["user"] == request.user.pk:
            return QueryDict(form["data"]), form["files"]
    return None


def present(request: HttpRequest, data: QueryDict, files: list[str]) -> None:
    """Have a GET request show the form as if it had just been sent, without saving it.

    The view's form has to refuse it while `request.unsent_form` is set.
    """
    _ = request.FILES  # read while it is a GET request: there is no body to parse
    request.method, request.POST = "POST", QueryDict(data.urlencode())
    request.unsent_form = {"files": files, "discard": DISCARD}  # type: ignore[attr-defined]


def discard(request: HttpRequest) -> None:
    """Forget the form of this address: it was sent again, or the user does not want it."""
    if _KEY in request.session:
        path = request.get_full_path()
        request.session[_KEY] = [form for form in _forms(request) if form["path"] != path]


def discard_those_of_others(*, request: HttpRequest, user: Any, **signal: Any) -> None:
    """Forget forms of all accounts but the one that signs in (a receiver of user_logged_in)."""
    if request is not None and _KEY in request.session:
        own = [form for form in _forms(request) if form["user"] == user.pk]
        request.session[_KEY] = own


def are_there_any(request: HttpRequest) -> bool:
    """Whether a form waits for a sign-in."""
    return bool(_forms(request))


def _forms(request: HttpRequest) -> list[_Form]:
    forms: list[_Form] = request.session.get(_KEY, [])
    return [form for form in forms if time.time() - form["at"] < _KEPT_FOR]
