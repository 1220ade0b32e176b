"""Atom feed of an edition's news (RFC 4287)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.core.feeds import feed_response, xml_text
from apps.core.inline_markup import plain_title
from apps.core.markdown import render
from apps.editions.models import Edition
from apps.news.models import last_change

_CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_MOST_ITEMS = 50
_LINK = re.compile(r'(<(?:a href|img src)=")([^"]*)"')
_SOURCE = re.compile(r"<source [^>]*>")


class NewsFeed(Atom1Feed):
    """An Atom feed whose time of update is `updated_at`, also without items."""

    def latest_post_date(self) -> datetime:
        return self.feed["updated_at"]


@public_page()
@require_safe
def atom(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The newest news items of an edition. Entry ids are the items' UUIDs; all links are absolute."""
    row = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition)
    changed_at = last_change(row)
    items = list(row.news.published()[:_MOST_ITEMS])
    feed_url = settings.SITE_URL + reverse("pages:news-atom", args=[row.slug])
    feed = NewsFeed(
        title=xml_text(gettext("News: %(edition)s") % {"edition": row.name}),
        link=settings.SITE_URL + reverse("pages:news", args=[row.slug]),
        description="",
        language=row.language_code,
        author_name=xml_text(row.name),
        feed_url=feed_url,
        feed_guid=feed_url,
        updated_at=max(
            (item.updated_at for item in items),
            default=changed_at or datetime(row.year, 1, 1, tzinfo=UTC),
        ),
    )
    for item in items:
        url = settings.SITE_URL + item.get_absolute_url()
        feed.add_item(
            title=xml_text(plain_title(item.shown_title)),
            link=url,
            description=xml_text(
                _with_absolute_links(render(item.body, files=row.files_in(item.body)), url)
            ),
            unique_id=item.uuid.urn,
            pubdate=item.published_at,
            updateddate=item.updated_at,
        )
    return feed_response(
        request,
        feed.writeString("utf-8").encode(),
        content_type=_CONTENT_TYPE,
        changed_at=changed_at,
        is_public=not row.is_draft,
    )


def _with_absolute_links(html: str, base: str) -> str:
    """`html` with absolute links and one format of pictures; invalid addresses stay as they are."""

    def make_absolute(link: re.Match[str]) -> str:
        try:
            return f'{link[1]}{urljoin(base, link[2])}"'
        except ValueError:
            return link[0]

    return _LINK.sub(make_absolute, _SOURCE.sub("", html))
