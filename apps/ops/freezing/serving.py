"""Middleware that answers the public addresses of a frozen edition from its files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from apps.core.frozen import frozen_folder, frozen_slugs, is_freezing, is_frozen
from apps.editions.models import Edition, sees_drafts
from apps.ops.freezing.copies import MANIFEST
from apps.ops.freezing.crawling import is_copied, known_query

_ADDRESS = re.compile(r"/([-\w]+)/.*", re.ASCII)
_INDEX = "index.html"
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_ASSET = "public, max-age=86400"  # the copy may be made again with other files
_TEXTS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}


class FrozenEditionsMiddleware:
    """Answers from the copy of a frozen edition, without the database.

    Private pages, which no copy has, go on to their views. A public page that is not in the copy
    is not found; organisers see it, to prepare the next copy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _answer(request, request.path_info) or self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list, kwargs: dict
    ) -> HttpResponseBase | None:
        if request.method not in {"GET", "HEAD"} or is_freezing():
            return None
        match = request.resolver_match
        if match and match.view_name == "pages:home" and frozen_slugs():
            home = Edition.objects.current().first()
            return _answer(request, home.get_absolute_url()) if home else None
        slug = kwargs.get("edition")
        is_missing = slug and is_copied(request.path_info) and is_frozen(slug)
        if is_missing and not sees_drafts(request.user):
            raise Http404
        return None


def _answer(request: HttpRequest, address: str) -> HttpResponseBase | None:
    """The file for an address, or a redirect to it; None if the edition is not frozen, or has none."""
    match = _ADDRESS.fullmatch(address)
    if request.method not in {"GET", "HEAD"} or match is None or is_freezing():
        return None
    folder = frozen_folder(match[1])
    try:
        if not folder.is_dir():
            return None
        if address.endswith(f"/{_INDEX}") and _file(folder, address):
            return _redirect(address.removesuffix(_INDEX))
        found = _find(folder, address, request.META.get("QUERY_STRING", ""))
        return _send(request, *found) if found else None
    except OSError:  # thawed, or replaced by a new copy, a moment ago; or a name that is too long
        return None


def _redirect(address: str) -> HttpResponse:
    headers = {"Location": quote(address), "Cache-Control": "no-cache"}
    return HttpResponse(status=301, headers=headers)


def _find(folder: Path, address: str, query: str) -> tuple[Path, dict[str, str]] | None:
    """The file for an address, and its headers."""
    if address.startswith(f"/{folder.name}/assets/"):
        path = _file(folder, address)
        content_type = {**_TEXTS, **_FILES}.get(path.suffix) if path else None
        if path and content_type:
            return path, {"Content-Type": content_type, "Cache-Control": _ASSET}
        return None
    if address.endswith("/"):
        part = known_query(address, query)
        for name in [f"{address}{part}/{_INDEX}"] * bool(part) + [f"{address}{_INDEX}"]:
            if path := _file(folder, name):
                return path, _HTML
    path = None if address.endswith("/") else _file(folder, address)
    manifest = json.loads((folder / MANIFEST).read_text())
    name = address[1:] if path else manifest["renamed"].get(address, "")
    headers = manifest["headers"].get(name)
    path = path or _file(folder, f"/{name}")
    return (path, headers) if path and headers else None


def _file(folder: Path, address: str) -> Path | None:
    """The file at an address within the copy; None if there is none."""
    try:
        path = (folder / address[1:]).resolve()
    except ValueError:  # a null character
        return None
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _send(request: HttpRequest, path: Path, headers: dict[str, str]) -> HttpResponseBase:
    """The file; 304 for a browser that has it already (RFC 9110, 13)."""
    stat = path.stat()
    etag, changed_at = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"', int(stat.st_mtime)
    response: HttpResponseBase | None = get_conditional_response(request, etag, changed_at)
    if response is None and path.suffix in _FILES:
        response = FileResponse(path.open("rb"), content_type=headers["Content-Type"])
    elif response is None:
        response = HttpResponse(path.read_bytes())
    for name, value in headers.items():
        response[name] = value
    response["ETag"], response["Last-Modified"] = etag, http_date(changed_at)
    if "Cache-Control" not in headers:  # browsers revalidate each time
        response["Cache-Control"] = "private, no-cache" if request.COOKIES else "no-cache"
    return response
