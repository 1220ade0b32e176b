"""Atom feed of an edition's news (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.core.feeds import XmlWriter, feed_response
from apps.core.markdown import render
from apps.editions.models import Edition
from apps.news.models import NewsItem, last_change

_CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_MOST_ITEMS = 50
_LINK = re.compile(r'(<a href=")([^"]*)"')


@public_page()
@require_safe
def atom(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The newest news items of an edition."""
    row = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition)
    changed_at = last_change(row)
    items = list(row.news.published()[:_MOST_ITEMS])
    updated_at = changed_at or datetime(row.year, 1, 1, tzinfo=UTC)
    body = atom_feed(row, items, updated_at=updated_at)
    return feed_response(
        request,
        body,
        content_type=_CONTENT_TYPE,
        changed_at=changed_at,
        is_public=not row.is_draft,
    )


def atom_feed(edition: Edition, items: Sequence[NewsItem], *, updated_at: datetime) -> bytes:
    """XML of `items` of `edition`, latest first; `updated_at` is used when there are no items.

    Entry ids are the items' UUIDs, the feed's id is its own address. All links are absolute.
    """
    out = StringIO()
    xml = XmlWriter(out)
    feed_url = settings.SITE_URL + reverse("pages:news-atom", args=[edition.slug])
    page_url = settings.SITE_URL + reverse("pages:news", args=[edition.slug])
    xml.startDocument()
    xml.begin("feed", **{"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en-GB"})
    xml.text("id", feed_url)
    xml.text("title", f"News: {edition.name}")
    xml.text("updated", _timestamp(max((item.updated_at for item in items), default=updated_at)))
    xml.text("link", "", rel="self", type="application/atom+xml", href=feed_url)
    xml.text("link", "", rel="alternate", type="text/html", href=page_url)
    xml.begin("author")
    xml.text("name", edition.name)
    xml.endElement("author")
    for item in items:
        _write_entry(xml, item)
    xml.endElement("feed")
    return out.getvalue().encode()


def _write_entry(xml: XmlWriter, item: NewsItem) -> None:
    url = settings.SITE_URL + item.get_absolute_url()
    xml.begin("entry")
    xml.text("id", item.uuid.urn)
    xml.text("title", item.shown_title)
    xml.text("updated", _timestamp(item.updated_at))
    if item.published_at:
        xml.text("published", _timestamp(item.published_at))
    xml.text("link", "", rel="alternate", type="text/html", href=url)
    xml.text("content", _with_absolute_links(render(item.body), url), type="html")
    xml.endElement("entry")


def _with_absolute_links(html: str, base: str) -> str:
    """`html` with absolute links; invalid addresses stay as they are."""

    def make_absolute(link: re.Match[str]) -> str:
        try:
            return f'{link[1]}{urljoin(base, link[2])}"'
        except ValueError:
            return link[0]

    return _LINK.sub(make_absolute, html)


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
