"""What search engines are told of, and what they are asked to leave alone."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.page_cache import public_page
from apps.editions.models import Edition
from apps.news.models import NewsItem
from apps.pages.frame import list_pages_of, watch_news_of, with_list_pages
from apps.pages.models import Page
from apps.programme.models import Contribution, ProgrammeRelease, Session


def _public_paths() -> list[str]:
    now = timezone.now()
    editions = with_list_pages(Edition.objects.public(), now)
    news = NewsItem.objects.published(now).filter(edition__in=editions).select_related("edition")
    pages = Page.objects.published().filter(edition__in=editions).select_related("edition")
    talks = Contribution.objects.published().filter(edition__in=editions).select_related("edition")
    rows: list[Page | NewsItem | Contribution] = [*pages, *news]
    rows += talks.order_by("edition", "pk")
    paths = [reverse("pages:privacy"), reverse("pages:accessibility")]
    for edition in editions:
        watch_news_of(edition)
        paths.append(edition.get_absolute_url())
        paths += [link.url for link in list_pages_of(edition)]
        if edition.code_of_conduct:
            paths.append(reverse("pages:code-of-conduct", args=[edition.slug]))
    paths += [row.get_absolute_url() for row in rows]
    return paths + list(_session_paths(editions))


def _session_paths(editions: QuerySet[Edition]) -> Iterator[str]:
    """The pages of published sessions in which somebody speaks or shows something; one query."""
    later = ProgrammeRelease.objects.filter(
        edition=OuterRef("edition"), number__gt=OuterRef("number")
    )
    latest = ProgrammeRelease.objects.filter(~Exists(later), edition__in=editions)
    for release in latest.select_related("edition"):
        for session in release.plan:
            if session["kind"] not in {Session.Kind.BREAK, Session.Kind.LUNCH}:
                yield reverse("pages:session", args=[release.edition.slug, session["slug"]])


@public_page()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page that has something to say (sitemaps.org, protocol 0.9)."""
    addresses = [settings.SITE_URL + path for path in _public_paths()]
    return render(
        request, "pages/sitemap.xml", {"addresses": addresses}, content_type="application/xml"
    )


@public_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """RFC 9309: everything but the organisers' side may be read."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /invitations/",
        f"Sitemap: {settings.SITE_URL}{reverse('pages:sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
