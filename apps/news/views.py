"""The feed. The pages stand in the frame of the public site, so `pages` has them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.clock import changes_at
from apps.core.feeds import feed_response
from apps.core.page_cache import public_page
from apps.editions.models import Edition
from apps.news.atom import CONTENT_TYPE, NEWEST, atom_feed
from apps.news.models import NewsItem, last_change


@public_page()
@require_safe
def atom(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The newest of an edition's news, for programs that watch it."""
    found = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition)
    now = timezone.now()
    items = list(NewsItem.objects.for_edition(found).published(now)[:NEWEST])
    for item in items:
        item.edition = found
    to_come = NewsItem.objects.for_edition(found).to_come(now)
    changes_at(item.published_at for item in to_come if item.published_at)
    changed_at = last_change(found)
    body = atom_feed(found, items, updated_at=changed_at or datetime(found.year, 1, 1, tzinfo=UTC))
    return feed_response(
        request,
        body,
        content_type=CONTENT_TYPE,
        changed_at=changed_at,
        is_public=not found.is_draft,
    )
