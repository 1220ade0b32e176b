"""Feeds for programs: conditional responses, the time of the last change, text that XML allows."""

from __future__ import annotations

import hashlib
import re
from calendar import timegm
from datetime import datetime, timedelta

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import http_date

from apps.core.frozen import is_freezing

# Characters that XML excludes, even as references (XML 1.0, 2.2).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_response(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str,
    changed_at: datetime | None,
    is_public: bool = True,
) -> HttpResponseBase:
    """`body` with ETag and Last-Modified, or 304 if the program has it already (RFC 9110, 13).

    `changed_at` is the time of the last change, a removal included; None if it is not known.
    Scripts of any site may read a public feed (CORS); one that is not public is never cached.
    """
    etag = f'"{_digest(body)}"'
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
        answer["Cache-Control"] = "no-cache"
    else:
        add_never_cache_headers(answer)
    return answer


def unchanged_since(name: str, body: bytes) -> datetime:
    """Time since which this process has known the feed `name` to be `body`.

    For feeds made of many rows, whose last change no column tells. Each new body is at least a
    second later than the one before, which is the precision of Last-Modified.
    """
    if is_freezing():  # a copy has other links than the pages that visitors get
        return timezone.now()
    cache = caches["process"]  # so that a GET writes nothing to the database
    key, digest = f"feed:{name}", _digest(body)
    last_digest, since = cache.get(key, ("", None))
    if since is None or last_digest != digest:
        earliest = since + timedelta(seconds=1) if since else timezone.now()
        since = max(timezone.now(), earliest)
        cache.set(key, (digest, since), timeout=None)
    return since


def xml_text(text: str) -> str:
    """`text` without the characters that XML excludes."""
    return _NOT_XML.sub("", text)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
