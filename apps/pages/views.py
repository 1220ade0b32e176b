"""Public pages outside the programme, and the frame that all pages of an edition share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.core.decorators import public_page
from apps.core.files import file_response
from apps.core.markdown import plain_text
from apps.editions.middleware import activate_language_of, sets_language
from apps.editions.models import Download, Edition, sees_drafts
from apps.news.models import NewsItem
from apps.pages.home import get_home_context
from apps.pages.models import Page
from apps.pages.navigation import list_navigation, needs_button
from apps.pages.person_years import list_appearances
from apps.pages.programme import find_placements, list_panels
from apps.pages.selectors import (
    editions_for_pages,
    editions_with_list_pages,
    find_edition,
    list_page_links,
    portraits_of,
    share_rows,
)
from apps.pages.site_pages import translate_page
from apps.people.models import Person
from apps.programme.models import Contribution, ProgrammeRelease, Session
from apps.programme.releases import published_timetable

_OTHER_NEWS = 5  # beside an announcement


def edition_page(*parameters: str) -> Callable[[Callable], Callable]:
    """Decorate the view of a public page: GET only, in the page cache, given its edition.

    Raises Http404 if the user may not see the edition. `parameters` as for `public_page`.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable:
        @sets_language
        @public_page(*parameters)
        @require_safe
        @wraps(view)
        def edition_view(request: HttpRequest, edition: str, **kwargs: str) -> HttpResponse:
            return view(request, find_edition(request, edition), **kwargs)

        return edition_view

    return decorate


def render_page(
    request: HttpRequest,
    edition: Edition,
    template: str,
    *,
    here: str = "",
    description: str = "",
    is_preview: bool = False,
    **context: Any,
) -> HttpResponse:
    """Render a page of an edition from `find_edition` with header, footer, banner and metadata.

    `here` is the canonical path if it is not the requested one. `is_preview` marks a page of a
    public edition that only organisers can see; drafts are always previews.
    """
    here = here or request.path
    pages = list(edition.pages.published())
    editions = context.pop("editions", None) or list(Edition.objects.public())
    introduction = getattr(edition, "introduction", None) or ""  # annotated by find_edition
    overview = edition.summary or plain_text(introduction) or edition.title
    is_preview = is_preview or edition.is_draft
    current = next((other for other in editions if other.is_current), None)
    navigation = list_navigation(edition, pages, here=here)
    response = render(
        request,
        template,
        {
            "edition": edition,
            "editions": editions,
            "current": current,
            "is_replaced": current is not None and edition.is_replaced_by(current),
            "navigation": navigation,
            "is_behind_button": needs_button(navigation),
            "footer_pages": [page for page in pages if not page.is_in_navigation],
            "here": here,
            "is_preview": is_preview,
            "canonical_url": settings.SITE_URL + here,
            "edition_url": settings.SITE_URL + edition.get_absolute_url(),
            "card_url": settings.SITE_URL + reverse("pages:share-card", args=[edition.slug]),
            "edition_description": overview,
            "description": description or overview,
            **context,
        },
    )
    if is_preview:
        add_never_cache_headers(response)
    return response


@sets_language
@public_page()
@require_safe
def current_home(request: HttpRequest) -> HttpResponse:
    """Home page of the current edition, or a notice while there is none."""
    edition = editions_for_pages().public().current().first()
    activate_language_of(edition)
    if edition is None:
        return render(request, "pages/nothing_yet.html", {"editions": Edition.objects.public()})
    return _render_home(request, edition)


@edition_page()
def edition_home(request: HttpRequest, edition: Edition) -> HttpResponse:
    return _render_home(request, edition)


def _render_home(request: HttpRequest, edition: Edition) -> HttpResponse:
    editions = list(Edition.objects.public())
    return render_page(
        request,
        edition,
        "pages/home.html",
        here=edition.get_absolute_url(),
        editions=editions,
        **get_home_context(edition, editions),
    )


@edition_page()
def people(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Groups of the edition, then its panels."""
    groups = [group for group in edition.groups.with_members() if group.memberships.all()]
    timetable = published_timetable(edition, with_texts=False)
    return render_page(
        request,
        edition,
        "pages/people.html",
        description=gettext("The people of %(edition)s.") % {"edition": edition.title},
        rows=share_rows(groups, portraits_of),
        members=[one for group in groups for one in group.memberships.all()],
        panels=list_panels(edition, find_placements(timetable, edition)),
    )


@edition_page()
def topics(request: HttpRequest, edition: Edition) -> HttpResponse:
    return render_page(
        request,
        edition,
        "pages/topics.html",
        description=gettext("Research topics of %(edition)s.") % {"edition": edition.title},
        topics=edition.topics.all(),
    )


@edition_page()
def awards(request: HttpRequest, edition: Edition) -> HttpResponse:
    return render_page(
        request,
        edition,
        "pages/awards.html",
        description=gettext("Awards of %(edition)s.") % {"edition": edition.title},
        awards=edition.awards.published().with_public_recipients(),
    )


@edition_page()
def news(request: HttpRequest, edition: Edition) -> HttpResponse:
    return render_page(
        request,
        edition,
        "pages/news.html",
        description=gettext("News of %(edition)s.") % {"edition": edition.title},
        items=edition.news.published(),
    )


@edition_page()
def news_item(request: HttpRequest, edition: Edition, slug: str) -> HttpResponse:
    """A news item; one that is not public yet for users who may see drafts."""
    items = edition.news.all() if sees_drafts(request.user) else edition.news.published()
    item = get_object_or_404(items, slug=slug)
    return render_page(
        request,
        edition,
        "pages/news_item.html",
        description=plain_text(item.body),
        is_preview=not item.is_visible,
        item=item,
        others=edition.news.published().exclude(pk=item.pk)[:_OTHER_NEWS],
    )


@edition_page()
def code_of_conduct(request: HttpRequest, edition: Edition) -> HttpResponse:
    if not edition.code_of_conduct:
        raise Http404("This edition has no code of conduct.")
    return render_page(
        request,
        edition,
        "pages/page_detail.html",
        description=plain_text(edition.code_of_conduct),
        heading=gettext("Code of conduct"),
        body=edition.code_of_conduct,
    )


@edition_page()
def page_detail(request: HttpRequest, edition: Edition, slug: str) -> HttpResponse:
    """A free page; an unpublished one for users who may see drafts."""
    pages = edition.pages.all() if sees_drafts(request.user) else edition.pages.published()
    page = get_object_or_404(pages, slug=slug)
    return render_page(
        request,
        edition,
        "pages/page_detail.html",
        description=plain_text(page.body),
        is_preview=not page.is_published,
        heading=page.title,
        body=page.body,
    )


@require_safe
def download(request: HttpRequest, edition: str, name: str) -> HttpResponseBase:
    """A file of an edition that its texts link to."""
    editions = Edition.objects.visible_to(request.user)
    row = get_object_or_404(
        Download.objects.select_related("edition"),
        edition=get_object_or_404(editions, slug=edition),
        name=name,
    )
    return file_response(
        request,
        row.file,
        filename=row.name,
        content_type=row.content_type,
        is_public=not row.edition.is_draft,
    )


@public_page()
@require_safe
def site_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the whole site: privacy, accessibility."""
    page = get_object_or_404(Page, edition=None, slug=slug)
    title, body = translate_page(slug, page.title, page.body)
    return render(
        request,
        "pages/site_page.html",
        {
            "title": title,
            "body": body,
            "description": plain_text(body),
            "canonical_url": settings.SITE_URL + page.get_absolute_url(),
        },
    )


@public_page()
@require_safe
def share_card(request: HttpRequest, edition: str) -> HttpResponse:
    """Preview image of an edition's pages for shared links."""
    from apps.pages.share_card import draw_card  # 1 MB of font machinery that few processes need

    row = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition)
    card = draw_card(title=row.title, name=row.name, year=row.year, hue=row.hue)
    response = HttpResponse(card, content_type="image/png")
    if row.is_draft:
        add_never_cache_headers(response)
    else:
        response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect for programs that do not read the icon's address from a page."""
    return redirect(static("images/favicon.ico"))


@public_page()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Addresses of all public pages that have content (sitemaps.org, protocol 0.9)."""
    urls = [settings.SITE_URL + path for path in _list_public_paths()]
    return render(request, "pages/sitemap.xml", {"urls": urls}, content_type="application/xml")


def _list_public_paths() -> Iterator[str]:
    yield reverse("pages:privacy")
    yield reverse("pages:accessibility")
    yield reverse("pages:all-editions")
    if people := list(Person.objects.filter(shows_years=True)):
        named = {appearance.person for appearance in list_appearances(people)}
        yield from (person.years_url for person in people if person.pk in named)
    editions = editions_with_list_pages().public()
    for edition in editions:
        yield edition.get_absolute_url()
        yield from (link.url for link in list_page_links(edition))
        if getattr(edition, "has_programme", False):
            yield reverse("pages:presenters", args=[edition.slug])
        if edition.code_of_conduct:
            yield reverse("pages:code-of-conduct", args=[edition.slug])
    contributions = Contribution.objects.published().with_content()
    contributions = contributions.order_by("edition", "pk")
    for rows in (Page.objects.published(), NewsItem.objects.published(), contributions):
        for row in rows.filter(edition__in=editions).select_related("edition"):
            yield row.get_absolute_url()
    yield from _list_session_paths(editions)


def _list_session_paths(editions: QuerySet[Edition]) -> Iterator[str]:
    """Pages of published sessions other than breaks; one query."""
    for release in ProgrammeRelease.objects.latest_of(editions).select_related("edition"):
        for session in release.plan:
            if session["kind"] not in {Session.Kind.BREAK, Session.Kind.LUNCH}:
                yield reverse("pages:session", args=[release.edition.slug, session["slug"]])


@public_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Rules for crawlers (RFC 9309): all but the organisers' pages."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /invitations/",
        f"Sitemap: {settings.SITE_URL}{reverse('pages:sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_page()
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report security faults (RFC 9116); 404 while SECURITY_CONTACT is not set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    # The address is a setting of the running site, so it is valid for as long as the site says so.
    expires = (timezone.now() + timedelta(days=30)).replace(microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('pages:security-txt')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
