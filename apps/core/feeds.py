"""What programs fetch again and again: calendars, schedules, news."""

from __future__ import annotations

import hashlib
from calendar import timegm
from datetime import datetime, timedelta

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import http_date


def feed_response(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str,
    changed_at: datetime | None,
    is_public: bool = True,
) -> HttpResponseBase:
    """`body` with its ETag and Last-Modified, or 304 for who has it already (RFC 9110, 13).

    `changed_at` is when anything of it last changed, a removal included; None if that is not
    known. Pages of any site may read a public feed with a script (CORS); nobody keeps one that is
    not public.
    """
    etag = f'"{_hash_of(body)}"'
    seconds = timegm(changed_at.utctimetuple()) if changed_at else None
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag
    if seconds is not None:
        response["Last-Modified"] = http_date(seconds)
    answer = get_conditional_response(request, etag, seconds, response)
    if answer is None:
        raise TypeError("A response was given, so there is an answer.")
    if is_public:
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "ETag"
        answer["Cache-Control"] = "no-cache"  # kept by anybody, and asked about each time
    else:
        add_never_cache_headers(answer)
    return answer


def given_since(name: str, body: bytes) -> datetime:
    """Since when the feed called `name` has been `body`, as far as anybody has asked for it.

    For what is put together of many rows, whose last change nobody can name: it also knows of
    what was taken away. Each new body is at least a second later than the one before, which is
    as fine as Last-Modified tells them apart.
    """
    # Per process, so that a GET writes nothing to the database.
    cache = caches["process"]
    key, seen = f"feed:{name}", _hash_of(body)
    known, since = cache.get(key, ("", None))
    if since is None or known != seen:
        earliest = since + timedelta(seconds=1) if since else timezone.now()
        since = max(timezone.now(), earliest)
        cache.set(key, (seen, since), timeout=None)
    return since


def _hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
