"""Pages over all editions: the editions with a search in all of them, and a person's years."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.editions.models import Edition, sees_drafts
from apps.pages.all_editions import list_editions, search_editions
from apps.pages.person_years import list_appearances
from apps.pages.programme_search import LONGEST_SEARCH
from apps.people.links import named_links
from apps.people.models import Person

_MATCHES_PER_PAGE = 50


@public_page()
@require_safe
def all_editions(request: HttpRequest) -> HttpResponse:
    """All public editions, or what a visitor searches for in their programmes and awards."""
    words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    editions = list(Edition.objects.public())
    context: dict[str, object] = {"words": words, "editions": editions}
    if words:
        matches = Paginator(search_editions(editions, words), _MATCHES_PER_PAGE)
        context["page"] = matches.get_page(request.GET.get("page"))
    else:
        context["listed"] = list_editions(editions)
    context["canonical_url"] = settings.SITE_URL + reverse("pages:all-editions")
    return render(request, "pages/all_editions.html", context)


@public_page()
@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """What a person did in all public editions, with the facts that the latest of them shows.

    404 without their agreement. While only drafts name them, the page is for those who see drafts.
    """
    row = get_object_or_404(Person, slug=slug, shows_years=True)
    appearances = list_appearances([row])
    if not appearances and not sees_drafts(request.user):
        raise Http404
    latest = appearances[0].edition if appearances else None
    shown = row.shown_in(latest) if latest else None
    return render(
        request,
        "pages/person.html",
        {
            "name": row.name,
            "shown": shown,
            "latest": latest,
            "links": [*named_links(shown.link), *shown.named_links] if shown else [],
            "appearances": appearances,
            "canonical_url": settings.SITE_URL + row.years_url,
        },
    )
