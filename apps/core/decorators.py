"""View decorators: allowed methods, private pages, public pages, text given back by error pages."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from apps.core.text import is_text

_View = Callable[..., HttpResponseBase]
_ViewT = TypeVar("_ViewT", bound=_View)

# For a page with a form that is sent to its own address.
require_GET_POST = require_http_methods(["GET", "HEAD", "POST"])  # noqa: N816  # named like Django's own


def private_page(view: _View) -> _View:
    """Keep the response out of caches and search engines, and its address from other sites."""

    @wraps(view)
    def private_view(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        # Not "no-referrer": browsers then send a form with "Origin: null", which Django's CSRF
        # protection refuses. "strict-origin" tells the host and no path.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return private_view


def gives_back(*fields: str) -> Callable[[_ViewT], _ViewT]:
    """Name form fields whose text an error page repeats if it could not be saved.

    "question_*" names all that begin so. Fields that no view names are never repeated.
    """

    def decorate(view: _ViewT) -> _ViewT:
        view.gives_back = fields  # type: ignore[attr-defined]  # as public_page below
        return view

    return decorate


def is_given_back(view: object, name: str, value: str) -> bool:
    """Whether `view` names this field, and its value is a text: with "*" more than one word."""
    fields: tuple[str, ...] = getattr(view, "gives_back", ())
    is_named = any(fnmatchcase(name, field) for field in fields)
    return is_named and (is_text(value) or (bool(value.strip()) and "*" not in fields))


def takes_files(view: _ViewT) -> _ViewT:
    """Let a public view get more than LARGEST_PUBLIC_FORM bytes."""
    return takes_files_if(lambda **kwargs: True)(view)


def takes_files_if(condition: Callable[..., bool]) -> Callable[[_ViewT], _ViewT]:
    """As `takes_files`, where `condition` is true for the arguments in the address."""

    def decorate(view: _ViewT) -> _ViewT:
        view.takes_files = condition  # type: ignore[attr-defined]  # as public_page below
        return view

    return decorate


def shows_refused_form(show: _View) -> Callable[[_ViewT], _ViewT]:
    """Let `show` answer a form that was refused for its CSRF token. It must save nothing."""

    def decorate(view: _ViewT) -> _ViewT:
        view.show_refused_form = show  # type: ignore[attr-defined]  # as public_page below
        return view

    return decorate


def shows_unsent_form(view: _ViewT) -> _ViewT:
    """Mark a view that can show what was sent to it while its user was signed out.

    It gets such a form as a POST request with `request.unsent_form`, and does not save it.
    """
    view.shows_unsent_form = True  # type: ignore[attr-defined]  # as public_page below
    return view


def public_page(*parameters: str) -> Callable[[_View], _View]:
    """Let the page cache keep a page, which is the same for everyone who is not signed in.

    It is kept for each value of these query `parameters`, and not kept with any other.
    """

    def decorate(view: _View) -> _View:
        @wraps(view)
        def public_view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):  # browsers revalidate each time
                response["Cache-Control"] = "private, no-cache" if request.COOKIES else "no-cache"
            return response

        public_view.public_page = frozenset(parameters)  # type: ignore[attr-defined]
        return public_view

    return decorate
