"""Addresses in HTML, style sheets and feeds, and links between the files of a copy."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from urllib.parse import quote, urldefrag, urljoin

# Start tags, and the attributes of theirs that are addresses. Texts contain no "<" (templates escape it).
_TAG = re.compile(r"""<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(r'\s(href|src|srcset|poster)="([^"]*)"')
_STYLE_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
_KEPT = re.compile(r'\srel="canonical"')

# Returns an address instead of the given one; None for a link that is taken off.
Change = Callable[[str], str | None]


def links_in(html: str) -> Iterator[str]:
    """The addresses in the attributes of all tags."""
    found: list[str] = []

    def note(address: str) -> str:
        found.append(address)
        return address

    change_links(html, note)
    return iter(found)


def change_links(html: str, change: Change) -> str:
    """`html` with changed addresses in its tags, but for the canonical one; texts stay as they are."""

    def change_attribute(match: re.Match[str]) -> str:
        name, value = match[1], unescape(match[2])
        if name == "srcset":
            candidates = (candidate.strip().partition(" ") for candidate in value.split(","))
            changed = [(change(url), size) for url, _, size in candidates]
            new = ", ".join(f"{url} {size}".strip() for url, size in changed if url)
        else:
            new = change(value) or ""
        return f' {name}="{escape(new)}"' if new else ""

    def change_tag(match: re.Match[str]) -> str:
        tag = match[0]
        return tag if _KEPT.search(tag) else _ATTRIBUTE.sub(change_attribute, tag)

    return _TAG.sub(change_tag, html)


def style_links(css: str) -> list[str]:
    """The addresses in a style sheet."""
    return [url for url in _STYLE_URL.findall(css) if not url.startswith("data:")]


def absolute_links(text: str, site_url: str) -> list[str]:
    """The addresses of the site in a feed, a calendar or the metadata of a page."""
    unfolded = text.replace("\r\n ", "")  # lines of calendars (RFC 5545, 3.1)
    return re.findall(rf"{re.escape(site_url)}/[^\s\"'<>\\]*", unescape(unfolded))


def join(page: str, reference: str) -> tuple[str, str]:
    """The address that a page refers to, and the fragment; "" for one that cannot be read."""
    try:
        address, fragment = urldefrag(urljoin(page, reference))
    except ValueError:
        return "", ""
    return address, fragment


def relative(source: str, target: str, fragment: str = "") -> str:
    """The link from one file of a copy to another."""
    link = quote(posixpath.relpath(target, posixpath.dirname(source) or "."), safe="/=")
    if fragment:
        return f"#{fragment}" if source == target else f"{link}#{fragment}"
    return link
