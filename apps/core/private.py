"""Pages that are for one person alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase

_View = Callable[..., HttpResponseBase]


def private_page(view: _View) -> _View:
    """Keeps what `view` answers out of caches and search engines, and its address from other sites."""

    @wraps(view)
    def kept(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        # Not "no-referrer": browsers then send a form with "Origin: null", which our own
        # protection against forged forms refuses. This one tells the host and no path.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return kept
