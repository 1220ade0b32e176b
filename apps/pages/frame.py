"""The frame every page of an edition stands in: who may see it, header, footer, banner."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from apps.core.markdown import plain_text
from apps.editions.models import Edition
from apps.pages.models import Page, Section
from apps.people.models import Membership
from apps.topics.models import Topic


class Link(NamedTuple):
    title: str
    url: str


def find_edition(request: HttpRequest, *conditions: Q, **which) -> Edition:
    """The edition, told whether it has people and topics to link to; 404 for what the user may not see."""
    editions = (
        Edition.objects.visible_to(request.user)
        .select_related("call")
        .annotate(
            has_people=Exists(Membership.objects.filter(group__edition=OuterRef("pk"))),
            has_topics=Exists(Topic.objects.filter(edition=OuterRef("pk"))),
            introduction=Section.objects.filter(edition=OuterRef("pk"), is_shown=True)
            .exclude(body="")
            .values("body")[:1],
        )
    )
    return get_object_or_404(editions, *conditions, **which)


def render_page(
    request: HttpRequest,
    edition: Edition,
    template: str,
    *,
    here: str,
    description: str = "",
    **context,
) -> HttpResponse:
    """A page of an edition in its frame: header, footer, banner, and what machines read of it."""
    pages = list(Page.objects.published().filter(edition=edition))
    for page in pages:
        page.edition = edition
    editions = context.pop("editions", None) or list(Edition.objects.public())
    introduction = getattr(edition, "introduction", None) or ""  # annotated by find_edition
    overview = edition.summary or plain_text(introduction) or edition.title
    response = render(
        request,
        template,
        {
            "edition": edition,
            "editions": editions,
            "current": next((other for other in editions if other.is_current), None),
            "navigation": _navigation(edition, pages),
            "footer_pages": [page for page in pages if not page.is_in_navigation],
            "here": here,
            "canonical_url": settings.SITE_URL + here,
            "edition_url": settings.SITE_URL + edition.get_absolute_url(),
            "card_url": settings.SITE_URL + reverse("pages:share-card", args=[edition.slug]),
            "edition_description": overview,
            "description": description or overview,
            **context,
        },
    )
    if edition.is_draft:
        add_never_cache_headers(response)
    return response


def _navigation(edition: Edition, pages: list[Page]) -> list[Link]:
    links = [Link("Home", edition.get_absolute_url())]
    if edition.has_topics:  # type: ignore[attr-defined]  # annotated by find_edition
        links.append(Link("Topics", reverse("pages:topics", args=[edition.slug])))
    if edition.has_people:  # type: ignore[attr-defined]  # annotated by find_edition
        links.append(Link("People", reverse("pages:people", args=[edition.slug])))
    return links + [
        Link(page.title, page.get_absolute_url()) for page in pages if page.is_in_navigation
    ]
