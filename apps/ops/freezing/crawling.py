"""A crawl of the public pages, as an anonymous visitor sees them, into a folder of files."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from apps.core.page_cache import kept_parameters
from apps.ops.freezing.links import (
    absolute_links,
    change_links,
    join,
    links_in,
    relative,
    style_links,
)

# Public, but not kept by the page cache.
_ALSO_PUBLIC = {"interest:call", "pages:slides", "pages:attachment", "pages:download", "media"}
# They depend on the clock, on a choice of the visitor, or on the running site.
_LEFT_OUT = {
    *("pages:programme-now", "pages:screen", "pages:my-programme", "programme:my-calendar"),
    *("pages:robots", "pages:sitemap", "pages:security-txt"),
}
_FEEDS = {
    "pages:edition-home": (
        *("programme:calendar", "programme:dates-calendar", "programme:bibtex"),
        *("programme:schedule-xml", "programme:schedule-json", "pages:news-atom"),
        "interest:call",
    ),
    "pages:session": ("programme:session-calendar",),
    "pages:contribution": ("programme:contribution-calendar", "programme:contribution-bibtex"),
}
_LISTS = (
    *("pages:edition-home", "pages:people", "pages:topics", "pages:awards", "pages:news"),
    *("pages:code-of-conduct", "pages:programme", "pages:presenters", "pages:speakers"),
    *("pages:papers", "pages:talks", "pages:posters", "pages:share-card"),
)
_KEPT_HEADERS = (
    *("Content-Type", "Content-Disposition", "Cache-Control"),
    *("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"),
)
_PACKED = {".pdf", ".zip"}
_LONGEST_QUERY = 100
_MOST_REDIRECTS = 3
OUTSIDE = "outside"  # a public page that is not part of the copy


class FreezeFailed(Exception):
    """A page cannot be copied; the message is a sentence."""


class Crawler:
    """Copies the site, or one edition, into an empty folder.

    `files` are the names of the files by the addresses of the site; `dead_links` are links that
    lead nowhere on the site, with a page that has them: their words stay as text.
    """

    def __init__(
        self, folder: Path, *, live_url: str, edition: str = "", is_served_here: bool = False
    ) -> None:
        self.folder, self.edition, self.is_served_here = folder, edition, is_served_here
        self.files: dict[str, str] = {}
        self.dead_links: dict[str, str] = {}
        self.sums: dict[str, str] = {}
        self.types: dict[str, str] = {}  # content types by names, but of static files
        self.renamed: dict[str, str] = {}  # files by addresses that end in "/" and are no page
        self.headers: dict[str, dict[str, str]] = {}  # of files that are no pages
        self._moved: dict[str, str] = {}
        self._site_urls = list(dict.fromkeys([settings.SITE_URL, live_url]))
        self._html: list[str] = []  # addresses
        live = urlsplit(live_url)
        self._is_secure = live.scheme == "https"
        self._client = Client(
            raise_request_exception=False,
            SERVER_NAME=live.hostname or "",
            headers={"host": live.netloc, "x-forwarded-proto": live.scheme},
        )

    def run(self) -> None:
        """Copy all pages, then change their links so that they lead to the files."""
        start = [] if self.edition else ["/"]
        if self.is_served_here:  # pages without a link to them were public, too
            start = [reverse(name, args=[self.edition]) for name in _LISTS]
        queue = deque([*start, *self.listed_pages()])
        while queue:
            address = queue.popleft()
            if address not in self.files:
                for reference in [*self._copy(address), *_feeds_of(address)]:
                    found = self._address(address, reference)
                    if found and found not in self.files:
                        queue.append(found)
        for address in self._html:
            name = self.files[address]
            html = (self.folder / name).read_bytes().decode()
            self.write(name, self.with_local_links(html, address, name).encode())

    def listed_pages(self) -> list[str]:
        """Addresses of the live site's sitemap that are part of the copy."""
        listed = self._get(reverse("pages:sitemap"))[1].decode()
        paths = [self._path_here(url) or "" for url in absolute_links(listed, settings.SITE_URL)]
        return [path for path in paths if self._is_inside(path)]

    def missing_page(self) -> str:
        """The page for addresses that do not exist, with links that work from any of them."""
        html = self._get("/404.html")[1].decode()
        base = urlsplit(settings.SITE_URL).path
        return self.with_local_links(html, "/404.html", "404.html", base=f"{base}/")

    def write(self, name: str, body: bytes) -> None:
        """Write a file of the copy, and note its SHA-256."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self.sums[name] = hashlib.sha256(body).hexdigest()

    def with_local_links(self, html: str, address: str, name: str, *, base: str = "") -> str:
        """`html` with links to the files of the copy: relative ones, or below `base`."""

        def change(reference: str) -> str | None:
            if not reference or reference.startswith("#"):
                return reference
            found = self._address(address, reference)
            if found is None:
                return reference
            if found == "/" and self.edition and not address.startswith(f"/{self.edition}/"):
                found = reverse("pages:edition-home", args=[self.edition])
            fragment = join(address, reference)[1]
            target = self._file_of(found)
            if target == OUTSIDE:
                site_url = "" if self.is_served_here else settings.SITE_URL
                return site_url + found + (f"#{fragment}" if fragment else "")
            if not target:
                self.dead_links.setdefault(reference, address)
                return None
            if self.is_served_here:
                return self._address_here(found) + (f"#{fragment}" if fragment else "")
            if base:
                return base + quote(target, safe="/=")
            return relative(name, target, fragment)

        return change_links(html, change)

    def _path_here(self, url: str) -> str | None:
        """What follows the address of the site; None for other sites."""
        for site_url in self._site_urls:
            rest = url.removeprefix(site_url)
            if rest != url and rest[:1] in {"", "/", "?"}:
                return rest or "/"
            host = urlsplit(site_url).netloc
            if url.startswith(f"webcal://{host}/"):  # a calendar to subscribe to
                return url.removeprefix(f"webcal://{host}")
        return None

    def _address(self, page: str, reference: str) -> str | None:
        """The address of a public page of this site; None for other sites and `mailto:`.

        It has only the parameters that the page has, in one order.
        """
        here = self._path_here(reference)
        url = join(page, reference if here is None else here)[0]
        parts = urlsplit(url)
        if not url or parts.scheme or parts.netloc:
            return None
        path = unquote(parts.path)
        if not path.endswith("/") and not _find_view(path) and _find_view(f"{path}/"):
            path += "/"
        query = known_query(path, parts.query)
        return path + (f"?{query}" if query else "")

    def _is_inside(self, path: str) -> bool:
        shared = set()
        if not self.is_served_here:
            shared = {reverse("pages:privacy"), reverse("pages:accessibility")}
        return not self.edition or path in shared or path.startswith(f"/{self.edition}/")

    def _copy(self, address: str) -> Iterator[str]:
        """Write the file for an address; give the addresses it refers to."""
        path = address.partition("?")[0]
        self.files[address] = ""
        if path.startswith(settings.STATIC_URL):
            yield from self._copy_static(path)
        elif not is_copied(path):
            return
        elif not self._is_inside(path) and not path.startswith(settings.MEDIA_URL):
            self.files[address] = OUTSIDE if self._get(address)[0].status_code == 200 else ""
        else:
            yield from self._copy_page(address)

    def _copy_page(self, address: str) -> Iterator[str]:
        path = address.partition("?")[0]
        response, body = self._get(address)
        if response.status_code in {301, 302} and (
            target := self._address(address, response["Location"])
        ):
            self._moved[address] = target
            yield target
        if response.status_code != 200:
            return
        content_type = response["Content-Type"].partition(";")[0]
        name = self._name(address, response, content_type)
        self.files[address] = name
        self.types[name] = response["Content-Type"]
        self.write(name, body)
        if content_type != "text/html" and not path.startswith(settings.MEDIA_URL):
            self.headers[name] = {key: response[key] for key in _KEPT_HEADERS if key in response}
        if content_type == "text/html":
            self._html.append(address)
            yield from links_in(body.decode())
        if content_type.startswith(("text/", "application/")) and name[-4:] not in _PACKED:
            yield from absolute_links(body.decode(), settings.SITE_URL)

    def _copy_static(self, path: str) -> Iterator[str]:
        name = unquote(path.removeprefix(settings.STATIC_URL))
        body = read_static(name)
        if body is None:
            return
        self.files[path] = self._asset(path)
        self.write(self._asset(path), body)
        if name.endswith(".css"):
            yield from style_links(body.decode())

    def _name(self, address: str, response: HttpResponseBase, content_type: str) -> str:
        """The file for an address: of a page its folder's `index.html`, else as its last part."""
        path, _, query = address.partition("?")
        if path.startswith(settings.MEDIA_URL):
            return self._asset(path)
        folder = path[1:] + (f"{query}/" if query else "")
        if not path.endswith("/"):
            return path[1:]
        if content_type == "text/html":
            return f"{folder}index.html"
        header = Message()
        header["Content-Disposition"] = response.get("Content-Disposition", "")
        self.renamed[path] = folder + Path(header.get_filename() or "file").name
        return self.renamed[path]

    def _asset(self, path: str) -> str:
        """The name of a static file or a picture: its address, within the edition if it is alone."""
        return f"{self.edition}/assets{path}" if self.edition else path[1:]

    def _file_of(self, address: str) -> str:
        """The file that stands for an address, redirects included; "" for none."""
        for _ in range(_MOST_REDIRECTS):
            address = self._moved.get(address, address)
        return self.files.get(address, "")

    def _address_here(self, address: str) -> str:
        """The address that a copy answers here: that of a page stays as it is."""
        for _ in range(_MOST_REDIRECTS):
            address = self._moved.get(address, address)
        path, _, query = address.partition("?")
        if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
            path = f"/{self.files[address]}"
        return quote(path) + (f"?{query}" if query else "")

    def _get(self, address: str) -> tuple[HttpResponseBase, bytes]:
        """What an anonymous visitor gets. Raises FreezeFailed for a server error."""
        path, _, query = address.partition("?")
        response = self._client.get(quote(path), QUERY_STRING=query, secure=self._is_secure)
        is_needed = path == reverse("pages:sitemap") and response.status_code != 200
        if is_needed or response.status_code >= 500:
            raise FreezeFailed(f"The page {address} cannot be made: the log has the error.")
        body = b"".join(response)  # the client closes it
        return response, body


def read_static(name: str) -> bytes | None:
    """A static file by its name as in its address, collected or not; None if there is none."""
    with suppress(OSError, SuspiciousFileOperation), staticfiles_storage.open(name) as file:
        return bytes(file.read())
    with suppress(SuspiciousFileOperation):
        if path := finders.find(name):
            return Path(path).read_bytes()
    return None


def _feeds_of(address: str) -> list[str]:
    """Feeds, calendars and the call beside a page, which past editions do not link to."""
    match = _find_view(address.partition("?")[0])
    names = _FEEDS.get(match.view_name, ()) if match else ()
    return [reverse(name, kwargs=match.kwargs) for name in names] if match else []


def known_query(path: str, query: str) -> str:
    """The parameters that the page at `path` has, in one order; "" if they are too long."""
    known = kept_parameters(path) or ()
    text = urlencode(sorted(pair for pair in parse_qsl(query) if pair[0] in known))
    return text if len(text) <= _LONGEST_QUERY else ""


def is_copied(path: str) -> bool:
    """Whether a copy has the page, as long as a visitor gets it."""
    match = _find_view(path)
    if match is None:
        return False
    is_kept = kept_parameters(path) is not None
    return (is_kept or match.view_name in _ALSO_PUBLIC) and match.view_name not in _LEFT_OUT


@lru_cache(maxsize=4096)
def _find_view(path: str) -> ResolverMatch | None:
    """Cached, since every page links to the same ones."""
    with suppress(Resolver404):
        return resolve(path)
    return None
