"""The public site, composed out of everything below."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from apps.core.markdown import plain_text
from apps.editions.models import Edition, sees_drafts
from apps.pages.home import Home
from apps.pages.models import Page, Section
from apps.pages.share_card import draw_card
from apps.people.models import Group, Membership
from apps.topics.models import Topic


class Link(NamedTuple):
    title: str
    url: str


def _find_edition(request: HttpRequest, *conditions: Q, **which) -> Edition:
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


def _render(
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
    introduction = getattr(edition, "introduction", None) or ""  # annotated by _find_edition
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
    if edition.has_topics:  # type: ignore[attr-defined]  # annotated by _find_edition
        links.append(Link("Topics", reverse("pages:topics", args=[edition.slug])))
    if edition.has_people:  # type: ignore[attr-defined]  # annotated by _find_edition
        links.append(Link("People", reverse("pages:people", args=[edition.slug])))
    return links + [
        Link(page.title, page.get_absolute_url()) for page in pages if page.is_in_navigation
    ]


def _home(request: HttpRequest, edition: Edition) -> HttpResponse:
    editions = list(Edition.objects.public())
    home = Home(edition, editions)
    return _render(
        request,
        edition,
        "pages/home.html",
        here=edition.get_absolute_url(),
        editions=editions,
        home=home,
    )


@require_safe
def current_home(request: HttpRequest) -> HttpResponse:
    """The current edition's home page, or a calm word while there is none."""
    try:
        edition = _find_edition(request, is_current=True)
    except Http404:
        editions = Edition.objects.public()
        return render(request, "pages/nothing_yet.html", {"editions": editions})
    return _home(request, edition)


@require_safe
def edition_home(request: HttpRequest, edition: str) -> HttpResponse:
    return _home(request, _find_edition(request, slug=edition))


@require_safe
def people(request: HttpRequest, edition: str) -> HttpResponse:
    found = _find_edition(request, slug=edition)
    groups = Group.objects.for_edition(found).with_members()
    return _render(
        request,
        found,
        "pages/people.html",
        here=reverse("pages:people", args=[found.slug]),
        description=f"The people behind {found.title}.",
        groups=[group for group in groups if group.memberships.all()],
    )


@require_safe
def topics(request: HttpRequest, edition: str) -> HttpResponse:
    found = _find_edition(request, slug=edition)
    return _render(
        request,
        found,
        "pages/topics.html",
        here=reverse("pages:topics", args=[found.slug]),
        description=f"What {found.title} is about.",
        topics=Topic.objects.for_edition(found),
    )


@require_safe
def code_of_conduct(request: HttpRequest, edition: str) -> HttpResponse:
    found = _find_edition(request, ~Q(code_of_conduct=""), slug=edition)
    return _render(
        request,
        found,
        "pages/page_detail.html",
        here=reverse("pages:code-of-conduct", args=[found.slug]),
        description=plain_text(found.code_of_conduct),
        heading="Code of conduct",
        body=found.code_of_conduct,
    )


@require_safe
def page_detail(request: HttpRequest, edition: str, slug: str) -> HttpResponse:
    """A free page. While it is not published, only those who may edit it see it."""
    found = _find_edition(request, slug=edition)
    pages = Page.objects.filter(edition=found)
    if not sees_drafts(request.user):
        pages = pages.published()
    page = get_object_or_404(pages, slug=slug)
    page.edition = found
    response = _render(
        request,
        found,
        "pages/page_detail.html",
        here=page.get_absolute_url(),
        description=plain_text(page.body),
        heading=page.title,
        body=page.body,
    )
    if not page.is_published:
        add_never_cache_headers(response)
    return response


@require_safe
def site_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the whole site: privacy, accessibility."""
    page = get_object_or_404(Page, edition=None, slug=slug)
    return render(
        request,
        "pages/site_page.html",
        {
            "page": page,
            "description": plain_text(page.body),
            "canonical_url": settings.SITE_URL + page.get_absolute_url(),
        },
    )


@require_safe
def share_card(request: HttpRequest, edition: str) -> HttpResponse:
    """The picture that stands beside a shared link."""
    found = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition)
    response = HttpResponse(
        draw_card(title=found.title, name=found.name, year=found.year, hue=found.hue),
        content_type="image/png",
    )
    if found.is_draft:
        add_never_cache_headers(response)
    else:
        response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For programs that ask for the icon without reading the page first."""
    return redirect(static("images/favicon.ico"))
