"""What every page of an edition stands in: who may see it, header, footer, and what machines read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from apps.awards.models import Award
from apps.core.markdown import plain_text
from apps.editions.models import Edition
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Membership
from apps.programme.models import Contribution, Contributor, ProgrammeRelease
from apps.topics.models import Topic


class Link(NamedTuple):
    title: str
    url: str


class ListPage(NamedTuple):
    """A page that an edition has in its header, and the sitemap knows, once `rows` has some."""

    name: str  # of its address, "pages:<name>"
    title: str
    # Of the edition that is `OuterRef("pk")`; asked for anew each time, since news come due.
    rows: Callable[[], QuerySet]

    @property
    def flag(self) -> str:
        """What an edition is told of it."""
        return f"has_{self.name}"


_OF_EDITION = OuterRef("pk")
LIST_PAGES = (
    ListPage(
        "programme",
        "Programme",
        lambda: ProgrammeRelease.objects.filter(edition=_OF_EDITION),
    ),
    ListPage(
        "speakers",
        "Speakers",
        lambda: Contributor.objects.filter(
            contribution__edition=_OF_EDITION,
            contribution__is_published=True,
            contribution__kind__in=[Contribution.Kind.KEYNOTE, Contribution.Kind.INVITED],
        ),
    ),
    ListPage(
        "posters",
        "Posters",
        lambda: Contribution.objects.published().filter(
            edition=_OF_EDITION, kind=Contribution.Kind.POSTER
        ),
    ),
    ListPage("topics", "Topics", lambda: Topic.objects.filter(edition=_OF_EDITION)),
    ListPage("people", "People", lambda: Membership.objects.filter(group__edition=_OF_EDITION)),
    ListPage("awards", "Awards", lambda: Award.objects.published().filter(edition=_OF_EDITION)),
    ListPage("news", "News", lambda: NewsItem.objects.published().filter(edition=_OF_EDITION)),
)


def with_list_pages(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Tells each edition which of the list pages it has, in the same query."""
    return editions.annotate(**{page.flag: Exists(page.rows()) for page in LIST_PAGES})


def list_pages_of(edition: Edition) -> list[Link]:
    """The list pages of an edition that `with_list_pages` has been told of."""
    return [
        Link(page.title, reverse(f"pages:{page.name}", args=[edition.slug]))
        for page in LIST_PAGES
        if getattr(edition, page.flag)
    ]


def find_edition(request: HttpRequest, *conditions: Q, **which) -> Edition:
    """The edition, told which pages it has to link to; 404 for what the user may not see."""
    editions = (
        with_list_pages(Edition.objects.visible_to(request.user))
        .select_related("call")
        .annotate(
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
    is_preview: bool = False,
    **context,
) -> HttpResponse:
    """A page of an edition in its frame: header, footer, banner, and what machines read of it.

    `is_preview` says that only organisers see what is on it; of a draft edition that is so anyway.
    """
    pages = list(Page.objects.published().filter(edition=edition))
    for page in pages:
        page.edition = edition
    editions = context.pop("editions", None) or list(Edition.objects.public())
    introduction = getattr(edition, "introduction", None) or ""  # annotated by find_edition
    overview = edition.summary or plain_text(introduction) or edition.title
    is_preview = is_preview or edition.is_draft
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


def _navigation(edition: Edition, pages: list[Page]) -> list[Link]:
    return [
        Link("Home", edition.get_absolute_url()),
        *list_pages_of(edition),
        *(Link(page.title, page.get_absolute_url()) for page in pages if page.is_in_navigation),
    ]
