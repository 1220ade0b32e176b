"""The news of an edition: all of them, and each at its own address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.markdown import plain_text
from apps.core.page_cache import public_page
from apps.editions.models import sees_drafts
from apps.news.models import NewsItem
from apps.pages.frame import find_edition, render_page


@public_page()
@require_safe
def news(request: HttpRequest, edition: str) -> HttpResponse:
    found = find_edition(request, edition)
    items = list(NewsItem.objects.for_edition(found).published())
    for item in items:
        item.edition = found
    return render_page(
        request,
        found,
        "pages/news.html",
        here=reverse("pages:news", args=[found.slug]),
        description=f"What the organisers of {found.title} announce.",
        items=items,
    )


@public_page()
@require_safe
def news_item(request: HttpRequest, edition: str, slug: str) -> HttpResponse:
    """One announcement. While nobody may see it, those who may edit it do."""
    found = find_edition(request, edition)
    items = NewsItem.objects.for_edition(found)
    if not sees_drafts(request.user):
        items = items.published()
    item = get_object_or_404(items, slug=slug)
    item.edition = found
    return render_page(
        request,
        found,
        "pages/news_item.html",
        here=item.get_absolute_url(),
        description=plain_text(item.body),
        is_preview=not item.is_visible,
        item=item,
    )
