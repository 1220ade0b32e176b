"""The public site, composed out of everything below."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from apps.awards.shown import shown_awards
from apps.core.markdown import plain_text
from apps.core.page_cache import public_page
from apps.editions.models import Edition, sees_drafts
from apps.pages.frame import find_current_edition, find_edition, public_editions, render_page
from apps.pages.home import Home
from apps.pages.models import Page
from apps.pages.share_card import draw_card
from apps.people.models import Group
from apps.topics.models import Topic


def _home(request: HttpRequest, edition: Edition) -> HttpResponse:
    editions = public_editions()
    home = Home(edition, editions)
    return render_page(
        request,
        edition,
        "pages/home.html",
        here=edition.get_absolute_url(),
        editions=editions,
        home=home,
    )


@public_page()
@require_safe
def current_home(request: HttpRequest) -> HttpResponse:
    """The current edition's home page, or a calm word while there is none."""
    try:
        edition = find_current_edition()
    except Http404:
        editions = public_editions()
        return render(request, "pages/nothing_yet.html", {"editions": editions})
    return _home(request, edition)


@public_page()
@require_safe
def edition_home(request: HttpRequest, edition: str) -> HttpResponse:
    return _home(request, find_edition(request, edition))


@public_page()
@require_safe
def people(request: HttpRequest, edition: str) -> HttpResponse:
    found = find_edition(request, edition)
    groups = Group.objects.for_edition(found).with_members()
    return render_page(
        request,
        found,
        "pages/people.html",
        here=reverse("pages:people", args=[found.slug]),
        description=f"The people behind {found.title}.",
        groups=[group for group in groups if group.memberships.all()],
    )


@public_page()
@require_safe
def topics(request: HttpRequest, edition: str) -> HttpResponse:
    found = find_edition(request, edition)
    return render_page(
        request,
        found,
        "pages/topics.html",
        here=reverse("pages:topics", args=[found.slug]),
        description=f"What {found.title} is about.",
        topics=Topic.objects.for_edition(found),
    )


@public_page()
@require_safe
def awards(request: HttpRequest, edition: str) -> HttpResponse:
    found = find_edition(request, edition)
    return render_page(
        request,
        found,
        "pages/awards.html",
        here=reverse("pages:awards", args=[found.slug]),
        description=f"What was honoured at {found.title}.",
        awards=shown_awards(found),
    )


@public_page()
@require_safe
def code_of_conduct(request: HttpRequest, edition: str) -> HttpResponse:
    found = find_edition(request, edition)
    if not found.code_of_conduct:
        raise Http404("This edition has no code of conduct.")
    return render_page(
        request,
        found,
        "pages/page_detail.html",
        here=reverse("pages:code-of-conduct", args=[found.slug]),
        description=plain_text(found.code_of_conduct),
        heading="Code of conduct",
        body=found.code_of_conduct,
    )


@public_page()
@require_safe
def page_detail(request: HttpRequest, edition: str, slug: str) -> HttpResponse:
    """A free page. While it is not published, only those who may edit it see it."""
    found = find_edition(request, edition)
    pages = Page.objects.filter(edition=found)
    if not sees_drafts(request.user):
        pages = pages.published()
    page = get_object_or_404(pages, slug=slug)
    page.edition = found
    return render_page(
        request,
        found,
        "pages/page_detail.html",
        here=page.get_absolute_url(),
        description=plain_text(page.body),
        is_preview=not page.is_published,
        heading=page.title,
        body=page.body,
    )


@public_page()
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


@public_page()
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
