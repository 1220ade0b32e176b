"""The news of an edition as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from apps.core.markdown import render
from apps.core.xml import XmlWriter
from apps.editions.models import Edition
from apps.news.models import NewsItem

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NEWEST = 50
_LINK = re.compile(r'(<a href=")([^"]*)"')


def atom_feed(edition: Edition, items: Sequence[NewsItem], *, updated_at: datetime) -> bytes:
    """The feed of `items`, latest first, each of `edition`; `updated_at` is for a feed without any.

    Ids are those kept with each item and the feed's own address; every link is written in full.
    """
    out = StringIO()
    xml = XmlWriter(out)
    own = settings.SITE_URL + reverse("news:atom", args=[edition.slug])
    page = settings.SITE_URL + reverse("pages:news", args=[edition.slug])
    xml.startDocument()
    xml.begin("feed", **{"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en-GB"})
    xml.text("id", own)
    xml.text("title", f"News: {edition.name}")
    xml.text("updated", _moment(max((item.updated_at for item in items), default=updated_at)))
    xml.text("link", "", rel="self", type="application/atom+xml", href=own)
    xml.text("link", "", rel="alternate", type="text/html", href=page)
    xml.begin("author")
    xml.text("name", edition.name)
    xml.endElement("author")
    for item in items:
        _write_entry(xml, item)
    xml.endElement("feed")
    return out.getvalue().encode()


def _write_entry(xml: XmlWriter, item: NewsItem) -> None:
    address = settings.SITE_URL + item.get_absolute_url()
    xml.begin("entry")
    xml.text("id", item.uuid.urn)
    xml.text("title", item.shown_title)
    xml.text("updated", _moment(item.updated_at))
    if item.published_at:
        xml.text("published", _moment(item.published_at))
    xml.text("link", "", rel="alternate", type="text/html", href=address)
    xml.text("content", _with_whole_links(render(item.body), address), type="html")
    xml.endElement("entry")


def _with_whole_links(html: str, base: str) -> str:
    """`html` with its links as a reader elsewhere needs them; unreadable ones stay as they are."""

    def whole(link: re.Match[str]) -> str:
        try:
            return f'{link[1]}{urljoin(base, link[2])}"'
        except ValueError:
            return link[0]

    return _LINK.sub(whole, html)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
